"""DistinctWindow against an oracle that looks at every event that has arrived."""

import random

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

from tidegate.windows import distinct
from tidegate.windows.distinct import DistinctWindow
from tidegate.windows.route import ALWAYS

plain = interpreted("distinct", needs=("arena", "pages", "start", "blocks", "past", "recency", "membership"))

LATENESS = 12
WINDOWS = [5, 20, 60]
# fields: key, member, gate, list of keys, list of members
LAYOUT = Layout(scalars=3, lists=2, outputs=4)
KEYS, MEMBERS = LAYOUT.list_column(3), LAYOUT.list_column(4)
OUTS = [LAYOUT.first_output + k for k in range(3)]
# event types: update and read, read only, gated and silent, several keys, several members, both, not routed
ROUTES = {
    0: {"key": 0, "member": 1, "outs": OUTS},
    1: {"key": 0, "member": 1, "update": False, "outs": OUTS},
    2: {"key": 0, "member": 1, "gate": (2, True)},
    3: {"key": KEYS, "key_many": True, "member": 1, "gate": (2, False), "outs": OUTS},
    4: {"key": 0, "member": MEMBERS, "member_many": True, "outs": [OUTS[0], -1, OUTS[2]]},
    5: {"key": KEYS, "key_many": True, "member": MEMBERS, "member_many": True, "outs": OUTS},
}
KINDS = 7
# a further reading of events of type 0 and 3, by another key
CHAIN = {0: KINDS, 3: KINDS}
ROUTES[KINDS] = {"key": 2, "update": False, "outs": [-1, LAYOUT.first_output + 3, -1]}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
ID = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, float(2**31 - 1), NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
IDS = st.one_of(st.just(NAN), st.just(NULL), st.lists(ID, max_size=5), st.just([float(i) for i in range(70)]))
LIST = st.one_of(st.just(NAN), st.lists(KEY, max_size=4))
STREAMS = streams((KEY, ID, TRUTH, LIST, IDS), kinds=KINDS, lateness=LATENESS, step=15)


def make(module=distinct):
    def build():
        kernel = module.DistinctWindow(KINDS + 1, WINDOWS, lateness=LATENESS)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def column(e, col):
    """The event's list at a list column, or its scalar as a list; NaN when it is not known."""
    if col >= LAYOUT.scalars:
        cell = e.cells[LAYOUT.scalars + (col - LAYOUT.scalars) // 2]
        return [x for x in cell if x >= 0] if isinstance(cell, list) else NAN
    x = e.cells[col]
    return [x] if x >= 0 else [] if x == -1 else NAN  # -1: a pair never seen has no state


def oracle(events):
    seen = {}
    for e in events:
        row = dict.fromkeys(range(OUTS[0], OUTS[0] + LAYOUT.outputs), 12345.0)
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, seen, **ROUTES[kind]))
        yield [row[col] for col in sorted(row)]


def outputs(e, seen, key, outs=(), member=None, update=True, gate=ALWAYS, **_):
    keys = column(e, key)
    if update and is_open(gate, e.cells) and isinstance(keys, list):
        members = column(e, member)
        for k in keys:
            seen.setdefault(k, []).extend((e.ts, m) for m in (members if isinstance(members, list) else ()))
    for w, col in zip(WINDOWS, outs, strict=False):
        if col >= 0:
            counts = [
                len({m for ts, m in seen.get(k, ()) if e.ts - w < ts <= e.ts})
                for k in (keys if isinstance(keys, list) else ())
            ]
            yield col, (max(counts, default=0) if isinstance(keys, list) else NAN)


def check(events, size, upkeep, module=distinct):
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


def long_stream(seed, n, late, pace, slots, members):
    """Traffic with quiet spells now and then, so that lists shrink to blocks and slots run empty."""
    rng = random.Random(seed)
    newest = 1000
    events = []
    for _ in range(n):
        newest += rng.choice(pace) if rng.random() < 0.997 else 100
        ts = newest - (min(LATENESS, rng.randrange(2 * LATENESS)) if rng.random() < late else 0)
        key = rng.choice([0.0, 0.0, 0.0, float(rng.randrange(slots)), NAN])
        member = float(rng.choice([rng.randrange(members), rng.randrange(5)]))
        some = [float(rng.randrange(members)) for _ in range(rng.choice([1, 2, 30]))]
        cells = (key, member, rng.choice([1.0, 1.0, 0.0, NAN]), rng.choices([0.0, 1.0, key], k=2), some)
        events.append(Event(rng.randrange(KINDS), ts, cells))
    return events


@pytest.mark.parametrize("seed", range(9))
def test_a_hot_slot_with_hundreds_of_members_is_exact(seed):
    late = [0.0, 0.05, 0.6][seed % 3]
    events = long_stream(seed, 1200, late, [0, 0, 0, 0, 1, 1, 2], slots=200, members=500)
    check(events, [1, 7, 512][seed // 3], Upkeep(seed, 0.3, 0.2, 0.3))


@pytest.mark.parametrize("seed", range(6))
def test_slots_around_the_bounds_of_their_forms_are_exact(seed):
    late = [0.0, 0.1, 0.6][seed % 3]
    events = long_stream(seed, 1500, late, [0, 0, 1, 1, 2, 3], slots=4, members=[3, 90][seed // 3])
    check(events, 5, Upkeep(seed, 1.0, 0.1, 1.0))


@pytest.mark.parametrize("seed", range(4))
def test_few_events_within_the_lateness_are_let_go_no_sooner_than_they_may(seed):
    events = long_stream(seed, 1500, 0.5, [0, 2, 3, 4, 5, 7, 11], slots=2, members=4)
    check(events, 1, Upkeep(seed, 1.0, 0.1, 1.0))


@settings(deadline=None)
@given(STREAMS, upkeeps())
def test_chunk_size_and_upkeep_change_nothing(events, upkeep):
    calm = feed(make(), events, LAYOUT, 512)
    assert calm.tobytes() == feed(make(), events, LAYOUT, 3, upkeep).tobytes()


def test_an_event_exactly_one_window_old_no_longer_counts():
    events = [Event(0, ts, (0.0, member, 1.0, NAN, NAN)) for ts, member in [(100, 1), (119, 2), (120, 3)]]
    assert feed(make(), events, LAYOUT)[:, 1].tolist() == [1, 2, 2]


def test_a_late_event_sees_only_its_past():
    # member 1 seen at 100 and again at 110; late at 104: its sight at 100 counts, that of member 2 at 108 does not
    rows = [(100, 1), (108, 2), (110, 1), (104, 3), (109, 2)]
    events = [Event(0, ts, (0.0, float(member), 1.0, NAN, NAN)) for ts, member in rows]
    assert feed(make(), events, LAYOUT)[:, :3].tolist() == [
        [1, 1, 1],
        [1, 2, 2],
        [2, 2, 2],
        [2, 2, 2],
        [1, 3, 3],
    ]


@pytest.mark.parametrize("n", [1, 3, 100])
@pytest.mark.parametrize("kind", [0, 1], ids=["update", "read"])
@pytest.mark.parametrize("upkeep", [Upkeep(), Upkeep(1, sweep=1.0), Upkeep(1, sweep=1.0, forget=1.0)])
def test_a_member_is_kept_to_the_last_event_that_may_see_it(n, kind, upkeep):
    # the widest window of the latest event allowed begins after   1000 | seen   1000 + 60 + 12 - 1 | 1000 + 60 + 12
    for newest, kept in [(1071, n), (1072, 0)]:
        events = [Event(0, 1000, (0.0, float(i), 1.0, NAN, NAN)) for i in range(n)]
        events += [Event(0, newest, (1.0, 0.0, 1.0, NAN, NAN))] * 3
        events.append(Event(kind, newest - LATENESS, (0.0, 500.0, 1.0, NAN, NAN)))
        assert feed(make(), events, LAYOUT, 1, upkeep)[-1, 2] == kept + (kind == 0)


def test_members_still_held_are_those_an_event_to_come_may_see():
    events = [Event(0, 1000 + i, (float(i % 3), float(i), 1.0, NAN, NAN)) for i in range(500)]
    kernel, chunk = make()(), LAYOUT.chunk(500)
    kernel.bind(chunk)
    LAYOUT.load(chunk, events)
    kernel.step(500)
    for now in (1499, 1510, 1499 + 71, 1499 + 72):
        held = [i for i in range(500) if 1000 + i > now - LATENESS - 60]
        assert kernel.members(now).tolist() == held
        assert np.flatnonzero(kernel.live(now)).tolist() == sorted({i % 3 for i in held})
    assert kernel.sweep(1499 + 72, 64) == 3
    assert kernel.state()["slot"].tolist() == [[0, 0, 0]] * 64  # nobody's


@pytest.mark.parametrize("n", [1, 40, 300])
def test_a_forgotten_slot_starts_anew(n):
    kernel, chunk = make()(), LAYOUT.chunk(n)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, [Event(0, 1000, (0.0, float(i), 1.0, NAN, NAN)) for i in range(n)])
        kernel.step(n)
        assert chunk.cols[OUTS[0], :].tolist() == list(range(1, n + 1))
        kernel.forget(0)
    assert kernel.members(1000).tolist() == []


def test_memory_follows_the_distinct_pairs_not_the_events():
    kernel = DistinctWindow(1, [3_600_000], lateness=1000)
    kernel.route(0, key=0, member=1)
    chunk = LAYOUT.chunk(1000)
    kernel.bind(chunk)
    sizes_seen = []
    for block in range(100):
        chunk.ts[:] = 1_000_000 + 10 * np.arange(1000 * block, 1000 * block + 1000)
        chunk.kind[:] = 0
        chunk.order[:] = np.arange(1000)
        chunk.cols[0] = 0
        chunk.cols[1] = np.arange(1000) % 200
        kernel.step(1000)
        sizes_seen.append(kernel.nbytes())
    assert sizes_seen[-1] == sizes_seen[2] < 60_000
