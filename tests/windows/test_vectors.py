"""Vectors against an oracle that looks at every event that has arrived."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.traffic import NAN, NULL, Event, Layout, feed, is_open, same, sizes, streams, upkeeps

from tidegate.windows.route import ALWAYS
from tidegate.windows.vectors import Vectors

LATENESS = 12
# fields: key, gate, other key, vector, other vector
LAYOUT = Layout(scalars=3, lists=2, outputs=2)
OWN, OTHER = LAYOUT.list_column(3), LAYOUT.list_column(4)
OUT = LAYOUT.first_output
KINDS = 4
# event types: update and compare with another key, compare only, gated and with a list, not routed; then a further reading
ROUTES = {
    0: {"key": 0, "vector": OWN, "to_key": 2, "out": OUT},
    1: {"key": 0, "update": False, "to_vector": OTHER, "out": OUT},
    2: {"key": 0, "vector": OWN, "gate": (1, True), "to_vector": OTHER, "out": OUT},
    KINDS: {"key": 2, "update": False, "to_key": 0, "out": OUT + 1},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
VECTOR = st.sampled_from([[1.0, 0.0], [3.0, 4.0], [-1.0, 2.0], [0.0, 0.0], [1.0], [], NAN, NULL])
STREAMS = streams((KEY, TRUTH, KEY, VECTOR, VECTOR), kinds=KINDS, lateness=LATENESS, step=15)


def make():
    kernel = Vectors(KINDS + 1, lateness=LATENESS)
    for kind, route in ROUTES.items():
        kernel.route(kind, **route)
    for kind, then in CHAIN.items():
        kernel.chain(kind, then)
    return kernel


def oracle(events):
    seen = []
    for i, e in enumerate(events):
        row = {OUT: 12345.0, OUT + 1: 12345.0}
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, i, seen, **ROUTES[kind]))
        yield [row[col] for col in sorted(row)]


def outputs(e, i, seen, key, out, vector=None, update=True, gate=ALWAYS, to_key=None, to_vector=None):
    given = e.cells[3]
    if vector and update and e.cells[key] >= 0 and is_open(gate, e.cells) and isinstance(given, list):
        seen.append((e.ts, i, e.cells[key], given))

    def newest(k):
        return max((r for r in seen if r[2] == k and r[0] <= e.ts), default=(0, 0, 0, None))[3]

    other = newest(e.cells[to_key]) if to_key is not None else e.cells[4]
    yield out, angle(newest(e.cells[key]), other)


def angle(a, b):
    if not isinstance(a, list) or not isinstance(b, list) or len(a) != len(b) or not any(a) or not any(b):
        return NAN
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    return round(sum(x * y for x, y in zip(a, b, strict=True)) / lengths, 9)


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_every_likeness_is_that_of_the_newest_vectors(events, size, upkeep):
    same(feed(make, events, LAYOUT, size, upkeep), oracle(events))


def test_a_late_vector_is_that_of_its_own_time():
    def profile(ts, vector):
        return Event(2, ts, (0.0, 1.0, NAN, vector, [1.0, 0.0]))

    events = [profile(10, [1.0, 0.0]), profile(20, [0.0, 1.0]), profile(15, [3.0, 4.0]), profile(19, NAN)]
    assert feed(make, events, LAYOUT)[:, 0].tolist() == [1.0, 0.0, 0.6, 0.6]


def test_versions_that_no_event_to_come_can_see_are_let_go():
    kernel, chunk = make(), LAYOUT.chunk(100)
    kernel.bind(chunk)
    events = [Event(0, 1000 + 10 * i, (0.0, 1.0, NAN, [1.0, float(i)], NAN)) for i in range(100)]
    if LAYOUT.load(chunk, events):
        kernel.bind(chunk)
    kernel.step(100)
    assert len(kernel.state()["versions"]) <= 1 + LATENESS // 10 + 1
    assert kernel.live(0).tolist() == [1]
    kernel.forget(0)
    assert kernel.live(0).tolist() == []


@pytest.mark.parametrize("cells", [(NAN,), (NULL,), (-1.0,)])
def test_of_nobody_nothing_is_alike(cells):
    events = [Event(1, 10, (*cells, 1.0, NAN, NAN, [1.0, 0.0]))]
    assert math.isnan(feed(make, events, LAYOUT)[0, 0])
