"""Members of the newest events against an oracle that looks at every event that has arrived."""

import random
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted
from tests.windows.traffic import (
    NAN,
    NULL,
    Event,
    Layout,
    Upkeep,
    feed,
    is_open,
    same,
    sizes,
    streams,
    upkeeps,
)

from tidegate.windows import recent
from tidegate.windows.recent import WINDOW_MAX_MS
from tidegate.windows.route import ALWAYS

plain = interpreted("recent", needs=("arena", "slot_blocks"))

LATENESS, WINDOW, MOST, LEAST = 12, 60, 5, 2
ROOM = 2 * MOST * 512  # of lists: two readings per event
# fields: key, member, gate
LAYOUT = Layout(scalars=3, lists=0, outputs=4)
FIRST = LAYOUT.first_output
KINDS = 4
# event types: update and read, read only, gated and not read, not routed; then a further reading of those of type 0
ROUTES = {
    0: {"key": 0, "member": 1, "out": FIRST, "region": 1},
    1: {"key": 0, "member": 1, "update": False, "out": FIRST, "region": 1},
    2: {"key": 0, "member": 1, "gate": (2, True)},
    KINDS: {"key": 1, "update": False, "out": FIRST + 2, "region": 1},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
STREAMS = streams((KEY, KEY, TRUTH), kinds=KINDS, lateness=LATENESS, step=15)


class Written:
    """A kernel whose lists are compared: in place of its offset, a list is written as one number."""

    def __init__(self, kernel):
        self.kernel = kernel

    def __getattr__(self, name):
        return getattr(self.kernel, name)

    def bind(self, chunk):
        self.chunk = chunk
        chunk.item_room, chunk.items = ROOM, np.zeros(2 * ROOM)
        self.kernel.bind(chunk)

    def step(self, n):
        self.kernel.step(n)
        for p in range(n):
            kind = int(self.chunk.kind[p])
            for out in [ROUTES[k]["out"] for k in (kind, CHAIN.get(kind)) if "out" in ROUTES.get(k, {})]:
                at, length = self.chunk.cols[out : out + 2, p].tolist()
                if at == at:
                    self.chunk.cols[out, p] = as_number(self.chunk.items[int(at) : int(at + length)].tolist())


def as_number(members):
    return sum((1 + m) * 100.0**place for place, m in enumerate(members))


def make(module=recent, **changed):
    figures = {"window": WINDOW, "most": MOST, "least": LEAST, "lateness": LATENESS} | changed

    def build():
        kernel = module.RecentMembers(KINDS + 1, **figures)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return Written(kernel)

    return build


def oracle(events, window=WINDOW):
    slots = defaultdict(list)
    for i, e in enumerate(events):
        row = [12345.0] * LAYOUT.outputs
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                found = outputs(e, i, slots, window, **ROUTES[kind])
                if found is not None:
                    at = ROUTES[kind]["out"] - FIRST
                    row[at : at + 2] = found
        yield row


def outputs(e, i, slots, window, key, member=None, update=True, gate=ALWAYS, out=None, region=0):
    k = e.cells[key]
    if member and update and k >= 0 and e.cells[member] >= 0 and is_open(gate, e.cells):
        slots[k].append((e.ts, i, e.cells[member]))
    if out is None:
        return None
    if not k >= -1:
        return NAN, NAN
    seen = sorted(r for r in slots[k] if e.ts - window < r[0] <= e.ts)[-MOST:]
    members = list(dict.fromkeys(r[2] for r in reversed(seen))) if len(seen) >= LEAST else []
    return as_number(members), len(members)


@settings(deadline=None, max_examples=100)
@given(STREAMS, sizes(), upkeeps())
def test_every_list_is_that_of_the_full_history(events, size, upkeep):
    same(feed(make(), events, LAYOUT, size, upkeep), oracle(events))


@settings(deadline=None, max_examples=30)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, size, upkeep):
    a = feed(make(), events, LAYOUT, size, upkeep)
    b = feed(make(plain), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("pace", [[0, 0, 0, 1], [0, 1, 2, 30], [4, 4, 5]], ids=["hot", "busy", "steady"])
@pytest.mark.parametrize("seed", range(3))
def test_a_long_stream_is_exact(seed, pace):
    rng, newest, events = random.Random(seed), 1000, []
    for _ in range(2000):
        newest += rng.choice(pace)
        late = min(LATENESS, rng.randrange(2 * LATENESS)) if rng.random() < [0, 0.05, 0.6][seed] else 0
        key = rng.choice([0.0, 0.0, float(rng.randrange([200, 2, 1][seed])), NAN])
        cells = (key, float(rng.randrange(9)), rng.choice([1.0, 0.0, NAN]))
        events.append(Event(rng.randrange(KINDS), newest - late, cells))
    upkeep = Upkeep(seed, [0.3, 1.0][seed % 2], 0.1, 0.3)
    same(feed(make(), events, LAYOUT, [512, 7, 1][seed], upkeep), oracle(events))


@pytest.mark.parametrize("module", [recent, plain], ids=["compiled", "interpreted"])
def test_moments_that_half_a_word_cannot_tell_apart_are_told_apart(module):
    """Of times 2**32 ms apart only the low halves are kept, and those are the same."""
    window = WINDOW_MAX_MS - LATENESS - 1
    steps = [0, 1, window - 1, window, window + 1, WINDOW_MAX_MS - 1, WINDOW_MAX_MS, 3 * WINDOW_MAX_MS + 5]
    for gap in steps:
        times = [1_772_000_000_000, 1_772_000_000_003]
        times += [
            times[-1] + gap,
            times[-1] + gap + 2,
            times[-1] + gap + 2 - LATENESS,
            times[-1] + 2 * gap + 3,
        ]
        late_ones = [t for t in times if t >= times[1]]
        events = [Event(0, t, (0.0, float(m), NAN)) for m, t in enumerate([times[0], *late_ones])]
        same(feed(make(module, window=window), events, LAYOUT, 1), oracle(events, window))


def test_a_window_that_half_a_word_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="at most"):
        make(window=WINDOW_MAX_MS - LATENESS)()


def test_lists_for_which_there_is_no_room_are_refused():
    kernel, chunk = make(most=ROOM)(), LAYOUT.chunk(2 * MOST * 512)
    kernel.bind(chunk)
    LAYOUT.load(chunk, [Event(0, 1000, (0.0, float(m), NAN)) for m in range(chunk.rows)])
    with pytest.raises(IndexError, match="no room"):
        kernel.step(chunk.rows)


def test_a_slot_takes_a_bounded_place():
    kernel, chunk = make(window=10**9)(), LAYOUT.chunk(5000)
    kernel.bind(chunk)
    for start in range(0, 20_000, 5000):
        LAYOUT.load(chunk, [Event(2, 1000 + 10 * (start + i), (0.0, float(i), 1.0)) for i in range(5000)])
        kernel.step(5000)
    assert kernel.nbytes() < 2000


@pytest.mark.parametrize("module", [recent, plain], ids=["compiled", "interpreted"])
def test_memory_of_entities_gone_quiet_is_given_back_and_what_stays_is_kept(module):
    kernel, chunk = make(module)(), LAYOUT.chunk(500)
    kernel.bind(chunk)
    for i in range(5):
        LAYOUT.load(chunk, [Event(2, 1000 + i, (float(slot), float(i), 1.0)) for slot in range(500)])
        kernel.step(500)
    busy = kernel.nbytes()
    late = 1000 + WINDOW + LATENESS
    LAYOUT.load(chunk, [Event(2, late + i, (499.0, 10.0 + i, 1.0)) for i in range(4)])
    kernel.step(4)
    for _ in range(4):
        kernel.sweep(late + 4, 500)
    assert kernel.nbytes() < 500 * 16 + 2000 < busy
    LAYOUT.load(chunk, [Event(1, late + 4, (499.0, NAN, NAN))])
    kernel.step(1)
    assert chunk.cols[FIRST, 0] == as_number([13.0, 12.0, 11.0, 10.0])


def test_a_forgotten_slot_starts_anew():
    kernel, chunk = make()(), LAYOUT.chunk(3)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, [Event(0, 1000, (0.0, float(i), NAN)) for i in range(3)])
        kernel.step(3)
        assert chunk.cols[FIRST + 1, :3].tolist() == [0, 2, 3]
        assert kernel.live(1000).tolist() == [1]
        assert kernel.members(1000).tolist() == [0, 1, 2]
        kernel.forget(0)
    assert kernel.live(1000).tolist() == [0]
