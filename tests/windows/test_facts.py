"""Facts against an oracle that looks at every event that has arrived."""

import random
from itertools import takewhile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.interpreted import interpreted
from tests.windows.traffic import NAN, NULL, Event, Layout, Upkeep, feed, same, sizes, streams, upkeeps

from tidegate.windows import facts
from tidegate.windows.chunk import Chunk
from tidegate.windows.facts import NONE, RUN, ZERO, Facts
from tidegate.windows.route import ALWAYS

plain = interpreted("facts", needs=("past",))

LATENESS = 12
# fields: key, other key, gate, two values, list of keys
LAYOUT = Layout(scalars=5, lists=1, outputs=8)
KEYS = LAYOUT.list_column(5)
OUT = LAYOUT.first_output
ALL = [(0, OUT), (1, OUT + 1), (2, OUT + 2), (3, OUT + 6, ZERO), (4, OUT + 7)]
FOLDS = {3: RUN, 4: RUN}
# event types: one that brings all and reads all, one that reads, one that brings by its gate, several keys, not routed
ROUTES = {
    0: {
        "key": 0,
        "inputs": [(0, ALWAYS, 3), (1, ALWAYS, 4), (2, 2, 4), (3, ALWAYS, 2), (4, 2, 3)],
        "outs": ALL,
    },
    1: {"key": 0, "outs": ALL},
    2: {"key": 1, "inputs": [(1, 2, 3), (3, 2, 4)], "outs": [(1, OUT + 1)]},
    3: {
        "key": KEYS,
        "key_many": True,
        "inputs": [(0, 2, 3), (2, ALWAYS, 4), (4, ALWAYS, 2)],
        "outs": [*ALL[:2], (2, OUT + 2, NONE), *ALL[3:]],
    },
    5: {"key": 1, "outs": [(2, OUT + 3), (0, OUT + 4, NONE)]},
}
# a further reading of events of type 0 and 3, by another key
CHAIN = {0: 5, 3: 5}
HOT = 3.0

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
VALUE = st.sampled_from([1.0, 2.0, 3.0, NAN, NULL])
LIST = st.one_of(st.just(NAN), st.lists(KEY, max_size=5), st.just([1.0, 2.0] * 15))
STREAMS = streams((KEY, KEY, TRUTH, VALUE, VALUE, LIST), kinds=5, lateness=LATENESS, step=10)


def make(module=facts):
    def build():
        kernel = module.Facts(6, 5, FOLDS, lateness=LATENESS)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def oracle(events):
    told = []  # (slot, fact, ts, arrival, value)
    for i, e in enumerate(events):
        row = [12345.0] * LAYOUT.outputs
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                for column, value in outputs(e, i, told, **ROUTES[kind]):
                    row[column - OUT] = value
        yield row


def outputs(e, i, told, key, outs, inputs=(), key_many=False):
    keys = e.cells[5] if key_many else [e.cells[key]]
    slots = sorted({k for k in keys if k >= 0}) if isinstance(keys, list) else []
    found = []
    named = (
        isinstance(keys, list) if key_many else e.cells[key] >= 0 or e.cells[key] == -1
    )  # -1: a pair never seen
    for fact, column, *null in outs:
        seen = [before(told, slot, fact, e.ts) for slot in slots]
        none = {NONE: NULL, ZERO: 0.0}[null[0]] if null and named else NAN
        found.append((column, max((x for x in seen if x == x), default=none)))
    for fact, gate, column in inputs:
        value = e.cells[column] if fact not in FOLDS else float(e.cells[column] == 1.0)
        if value == value and (gate == ALWAYS or e.cells[gate] == 1.0):
            told += [(slot, fact, e.ts, i, value) for slot in slots]
    return found


def before(told, slot, fact, ts):
    known = sorted((t, i, value) for s, f, t, i, value in told if s == slot and f == fact and t <= ts)
    if not known or fact not in FOLDS:
        return known[-1][2] if known else NAN
    return sum(1 for _ in takewhile(lambda k: k[2], reversed(known)))


def check(events, size, upkeep, module=facts):
    same(feed(make(module), events, LAYOUT, size, upkeep), oracle(events))


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_every_value_is_that_of_the_full_history(events, size, upkeep):
    check(events, size, upkeep)


@settings(deadline=None, max_examples=30)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, size, upkeep):
    a = feed(make(), events, LAYOUT, size, upkeep)
    b = feed(make(plain), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("seed", range(6))
def test_a_long_stream_with_a_hot_slot_is_exact(seed):
    rng = random.Random(seed)
    newest, events = 1000, []
    for _ in range(1500):
        newest += rng.choice([0, 0, 0, 1, 1, 2, 30])
        late = rng.random() < [0.0, 0.05, 0.6][seed % 3]
        ts = newest - (min(LATENESS, rng.randrange(2 * LATENESS)) if late else 0)
        key = rng.choice([HOT, HOT, HOT, rng.randrange(200), NAN])
        many = rng.choices([1.0, HOT, key, NAN], k=rng.choice([2, 2, 20]))
        values = [rng.choice([NAN, rng.random()]) for _ in range(2)]
        gate = rng.choice([1.0, 1.0, 0.0, NAN])
        events.append(Event(rng.randrange(5), ts, (key, rng.choice([HOT, 5.0]), gate, *values, many)))
    check(events, [1, 7, 512][seed // 2], Upkeep(seed, 0.3, 0.2, 0.3))


@settings(deadline=None)
@given(STREAMS, upkeeps())
def test_chunk_size_and_upkeep_change_nothing(events, upkeep):
    assert feed(make(), events, LAYOUT, 512).tobytes() == feed(make(), events, LAYOUT, 3, upkeep).tobytes()


def brought(ts, first, second):
    return Event(0, ts, (0.0, NAN, 1.0, first, second, NAN))


def test_a_late_event_does_not_see_what_came_after_and_does_not_hide_it():
    # fact 0: A at 10, C at 20; B comes late, for 15
    got = feed(make(), [brought(10, 1.0, NAN), brought(20, 3.0, NAN), brought(15, 2.0, NAN), brought(17, NAN, NAN),
                        brought(20, NAN, NAN)], LAYOUT)  # fmt: skip
    assert got[1:, 0].tolist() == [1.0, 1.0, 2.0, 3.0]


def test_a_late_value_stands_where_only_other_facts_are_newer():
    got = feed(make(), [brought(20, NAN, 7.0), brought(15, 2.0, NAN), brought(21, NAN, NAN)], LAYOUT)
    assert np.isnan(got[1, :2]).all()
    assert got[2, :3].tolist() == [2.0, 7.0, 7.0]


def test_what_is_not_known_changes_nothing_and_null_does():
    got = feed(make(), [brought(10, 1.0, 2.0), brought(11, NAN, NULL), brought(12, NAN, NAN)], LAYOUT)
    assert got[2, :3].tolist() == [1.0, NULL, NULL]


def flagged(ts, flag):
    return Event(0, ts, (0.0, NAN, flag, NAN, NAN, NAN))


def test_a_late_event_lengthens_the_run_it_comes_into_and_no_later_one():
    # a row that ended at 25, another since; one more comes late, for 22
    row = [flagged(20, 1.0), flagged(25, 0.0), flagged(28, 1.0), flagged(29, 1.0)]
    got = feed(make(), [*row, flagged(22, 1.0), flagged(24, NAN), flagged(30, 1.0)], LAYOUT)
    assert got[:, 6].tolist() == [0.0, 1.0, 0.0, 1.0, 1.0, 2.0, 2.0]


def test_a_late_event_that_is_not_flagged_cuts_a_run_in_two():
    run = [flagged(10 + i, 1.0) for i in range(6)]
    got = feed(make(), [*run, flagged(12, NAN), flagged(13, 1.0), flagged(16, 1.0)], LAYOUT)
    assert got[-3:, 6].tolist() == [3.0, 1.0, 4.0]


def test_a_forgotten_slot_starts_anew():
    kernel, chunk = make()(), LAYOUT.chunk(1)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, [brought(10, 7.0, 7.0)])
        kernel.step(1)
        assert kernel.live(10).tolist() == [1]
        kernel.forget(0)
        assert np.isnan(chunk.cols[OUT, 0])
    assert kernel.live(10).tolist() == [0]


def test_notes_of_changes_longer_ago_than_the_lateness_are_let_go():
    events = [brought(1000 + i, float(i), float(i)) for i in range(5000)]
    kernel, chunk = make()(), LAYOUT.chunk(5000)
    kernel.bind(chunk)
    LAYOUT.load(chunk, events)
    kernel.step(5000)
    assert len(kernel.state()["past"]) <= len(ALL) * LATENESS
    assert kernel.nbytes() < 10_000


def test_a_slot_takes_16_bytes_and_8_per_fact_that_has_a_value():
    kernel = Facts(1, 2, lateness=300_000)
    kernel.route(0, key=0, inputs=[(0, ALWAYS, 1), (1, ALWAYS, 2)])
    chunk = Layout(3, 0, 0).chunk(1000)
    kernel.bind(chunk)
    Layout(3, 0, 0).load(chunk, [Event(0, 1000 + i, (float(i % 500), 1.0, NAN)) for i in range(1000)])
    kernel.step(1000)
    kernel.sweep(10**9, 1)
    kernel.sweep(10**9, 1)
    assert len(kernel.state()["past"]) == 0
    assert kernel.state()["record"].nbytes == 500 * 24


def test_values_held_are_those_an_event_to_come_may_see():
    for module in (facts, plain):
        kernel, chunk = make(module)(), LAYOUT.chunk(3)
        kernel.bind(chunk)
        assert kernel.values_held(0).tolist() == []
        LAYOUT.load(chunk, [brought(20, 2.0, 7.0), brought(30, 1.0, 7.0), brought(25, 3.0, 7.0)])
        kernel.step(3)
        held = []
        for now in (30, 29 + LATENESS, 30 + LATENESS):
            kernel.sweep(now, 9)
            held.append(sorted(x for x in kernel.values_held(0) if x == x))
        assert held == [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0]]  # 2 and 3 stood until 30
        assert {x for x in kernel.values_held(1) if x == x} == {7.0}
        kernel.forget(0)
        assert kernel.values_held(0).tolist() == []


def test_what_is_never_said_takes_no_memory():
    chunk = Chunk(n_cols=3)
    rows = chunk.rows
    chunk.cols[0, :rows] = np.arange(rows)
    chunk.cols[1, :], chunk.cols[2, :] = 5.0, np.nan

    def told(facts):
        kernel = Facts(1, facts, lateness=0)
        inputs = [(fact, ALWAYS, 1 if fact == 7 else 2) for fact in range(facts)]
        kernel.route(0, key=0, inputs=inputs, outs=[(7, 2)])
        kernel.bind(chunk)
        kernel.step(rows)
        return kernel

    assert told(20).nbytes() == told(8).nbytes()
    kernel = told(20)
    chunk.cols[1, :], chunk.cols[2, :] = np.nan, 6.0
    again = Facts(1, 20, lateness=0)
    again.restore(kernel.state())
    again.route(0, key=0, inputs=[(3, ALWAYS, 2)], outs=[(7, 1)])
    again.bind(chunk)
    again.step(rows)
    assert set(chunk.cols[1, :rows].tolist()) == {5.0}
    assert set(again.values_held(3).tolist()) == {6.0}
    assert again.values_held(4).tolist() == []
    assert again.nbytes() == kernel.nbytes() + 8 * rows
