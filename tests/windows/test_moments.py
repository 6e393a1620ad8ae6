"""Moments that lists tell, against an oracle that looks at every event that has arrived."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.windows.traffic import NAN, NULL, Layout, feed, is_open, same, sizes, streams, upkeeps

from tidegate.windows.moments import Moments
from tidegate.windows.route import ALWAYS

LATENESS = 12
WINDOWS = (5, 40)
# fields: key, gate, other key, list of moments
LAYOUT = Layout(scalars=3, lists=1, outputs=4)
LIST = LAYOUT.list_column(3)
OUT = LAYOUT.first_output
KINDS = 4
# event types: update and read, read only one of the windows, gated, not routed; then a further reading by another key
ROUTES = {
    0: {"key": 0, "moments": LIST, "outs": (OUT, OUT + 1)},
    1: {"key": 0, "update": False, "outs": (-1, OUT + 1)},
    2: {"key": 0, "moments": LIST, "gate": (1, True), "outs": ()},
    KINDS: {"key": 2, "update": False, "outs": (OUT + 2, OUT + 3)},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
TOLD = st.one_of(st.sampled_from([NAN, NULL]), st.lists(st.integers(0, 300).map(float), max_size=6))
STREAMS = streams((KEY, TRUTH, KEY, TOLD), kinds=KINDS, lateness=LATENESS, step=15)


def make():
    kernel = Moments(KINDS + 1, WINDOWS, lateness=LATENESS)
    for kind, route in ROUTES.items():
        kernel.route(kind, **route)
    for kind, then in CHAIN.items():
        kernel.chain(kind, then)
    return kernel


def oracle(events):
    seen = []
    for i, e in enumerate(events):
        row = dict.fromkeys(range(OUT, OUT + 4), 12345.0)
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, i, seen, **ROUTES[kind]))
        yield [row[col] for col in sorted(row)]


def outputs(e, i, seen, key, outs, moments=None, update=True, gate=ALWAYS):
    told = e.cells[3]
    if moments and update and e.cells[key] >= 0 and is_open(gate, e.cells) and told == told:
        seen.append((e.ts, i, e.cells[key], told if isinstance(told, list) else []))
    newest = max((r for r in seen if r[2] == e.cells[key] and r[0] <= e.ts), default=None)
    for width, out in zip(WINDOWS, outs, strict=False):
        if out >= 0:
            yield out, NAN if newest is None else float(sum(e.ts - width < t <= e.ts for t in newest[3]))


@settings(deadline=None)
@given(STREAMS, sizes(), upkeeps())
def test_every_count_is_that_of_the_newest_list(events, size, upkeep):
    same(feed(make, events, LAYOUT, size, upkeep), oracle(events))


def test_another_list_is_no_gate():
    with pytest.raises(TypeError, match="vector"):
        Moments(1, WINDOWS, lateness=LATENESS).route(0, key=0, vector=1)
