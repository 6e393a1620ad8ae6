"""ChangeCounter against an oracle that looks at every event that has arrived."""

import random
from itertools import pairwise

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

from tidegate.windows import changes
from tidegate.windows.changes import ChangeCounter
from tidegate.windows.route import ALWAYS

plain = interpreted("changes", needs=("arena", "slot_blocks"))

LATENESS = 12
WINDOWS = [5, 20, 60]
# fields: key, value, gate
LAYOUT = Layout(scalars=3, lists=0, outputs=4)
OUTS = [LAYOUT.first_output + k for k in range(3)]
KINDS = 4
# event types: update and read, read only, gated, not routed; then a further reading of those of type 0
ROUTES = {
    0: {"key": 0, "value": 1, "outs": OUTS},
    1: {"key": 0, "value": 1, "update": False, "outs": OUTS},
    2: {"key": 0, "value": 1, "gate": (2, True), "outs": [-1, OUTS[1], -1]},
    KINDS: {"key": 2, "outs": [-1, LAYOUT.first_output + 3, -1]},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
VALUE = st.sampled_from([1.0, 1.0, 2.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
STREAMS = streams((KEY, VALUE, TRUTH), kinds=KINDS, lateness=LATENESS, step=15)


def make(module=changes):
    def build():
        kernel = module.ChangeCounter(KINDS + 1, WINDOWS, lateness=LATENESS)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def oracle(events):
    slots = {}
    for i, e in enumerate(events):
        row = dict.fromkeys(range(OUTS[0], OUTS[0] + LAYOUT.outputs), 12345.0)
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, i, slots, **ROUTES[kind]))
        yield [row[col] for col in sorted(row)]


def outputs(e, i, slots, key, outs, value=None, update=True, gate=ALWAYS):
    k = e.cells[key]
    if value and update and k >= 0 and is_open(gate, e.cells) and e.cells[value] == e.cells[value]:
        slots.setdefault(k, []).append((e.ts, i, e.cells[value]))
    seen = sorted(r for r in slots.get(k, ()) if r[0] <= e.ts)
    changed = [b[0] for a, b in pairwise(seen) if a[2] != b[2]]
    for w, col in zip(WINDOWS, outs, strict=True):
        if col >= 0:
            yield col, sum(t > e.ts - w for t in changed) if k >= -1 else NAN


def check(events, size, upkeep, module=changes):
    same(feed(make(module), events, LAYOUT, size, upkeep), oracle(events))


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_every_count_is_that_of_the_full_history(events, size, upkeep):
    check(events, size, upkeep)


@settings(deadline=None, max_examples=30)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, size, upkeep):
    a = feed(make(), events, LAYOUT, size, upkeep)
    b = feed(make(plain), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


def long_stream(seed, n, late, pace, slots):
    rng = random.Random(seed)
    newest = 1000
    events = []
    for _ in range(n):
        newest += rng.choice(pace)
        ts = newest - (min(LATENESS, rng.randrange(2 * LATENESS)) if rng.random() < late else 0)
        key = rng.choice([0.0, 0.0, 0.0, float(rng.randrange(slots)), NAN])
        value = rng.choice([1.0, 1.0, 1.0, 2.0, NULL, NAN])
        events.append(Event(rng.randrange(KINDS), ts, (key, value, rng.choice([1.0, 1.0, 0.0, NAN]))))
    return events


@pytest.mark.parametrize(
    "pace", [[0, 0, 0, 1], [0, 1, 2, 30], [0, 2, 3, 5, 7, 11]], ids=["hot", "busy", "sparse"]
)
@pytest.mark.parametrize("seed", range(4))
def test_a_long_stream_is_exact(seed, pace):
    events = long_stream(seed, 1500, [0.0, 0.05, 0.6, 0.6][seed], pace, slots=[200, 2, 2, 1][seed])
    check(events, [512, 7, 1, 1][seed], Upkeep(seed, [0.3, 1.0][seed % 2], 0.1, 0.0))


def test_a_late_record_is_a_change_and_makes_its_successor_one():
    rows = [(10, 1.0), (30, 1.0), (20, 2.0), (31, 1.0), (29, 1.0)]
    events = [Event(0, ts, (0.0, value, NAN)) for ts, value in rows]
    # 1@10 1@30: none | late 2@20: itself | at 31: 2@20 and 1@30 | late 1@29: 2@20 and itself
    assert feed(make(), events, LAYOUT)[:, 2].tolist() == [0, 0, 1, 2, 2]


def test_the_record_before_may_be_older_than_every_window():
    events = [Event(0, ts, (0.0, value, NAN)) for ts, value in [(10, 1.0), (10_000, 2.0), (20_000, 2.0)]]
    assert feed(make(), events, LAYOUT, 1, Upkeep(sweep=1.0))[:, 0].tolist() == [0, 1, 0]


def test_a_value_that_stays_takes_no_room():
    kernel = ChangeCounter(1, [60_000], lateness=1000)
    kernel.route(0, key=0, value=1)
    layout = Layout(2, 0, 0)
    chunk = layout.chunk(5000)
    kernel.bind(chunk)
    layout.load(chunk, [Event(0, 1000 + 10 * i, (0.0, 7.0)) for i in range(5000)])
    kernel.step(5000)
    assert kernel.nbytes() < 24 * 4 * 100 + 10_000


def test_a_forgotten_slot_starts_anew():
    kernel, chunk = make()(), LAYOUT.chunk(100)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, [Event(0, 1000, (0.0, float(i), NAN)) for i in range(100)])
        kernel.step(100)
        assert chunk.cols[OUTS[0]].tolist() == list(range(100))
        assert kernel.live(1000).tolist() == [1]
        kernel.forget(0)
    assert kernel.live(1000).tolist() == [0]


def test_values_held_are_those_of_all_slots():
    for module in (changes, plain):
        kernel, chunk = make(module)(), LAYOUT.chunk(100)
        kernel.bind(chunk)
        assert kernel.values_held(0).tolist() == []
        rows = [(float(i % 3), float(i)) for i in range(99)] + [(70.0, NULL)]
        LAYOUT.load(chunk, [Event(0, 1000 + i // 50, (slot, x, NAN)) for i, (slot, x) in enumerate(rows)])
        kernel.step(100)
        assert sorted(kernel.values_held(0)) == [NULL, *map(float, range(99))]
        kernel.sweep(10**6, 200)  # of each slot the last one stays
        kernel.forget(1)
        assert sorted(kernel.values_held(0)) == [NULL, 96.0, 98.0]
