"""DistinctWindow with windows that begin at a moment, such as midnight, against an oracle that looks at every event that has arrived."""

import math
import random
from dataclasses import replace

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

plain = interpreted("distinct", needs=("arena", "pages", "start", "blocks", "past", "recency", "membership"))

LATENESS, HORIZON, DAY = 12, 50, 40
# fields: key, member, gate, midnight, another start, list of keys
LAYOUT = Layout(scalars=5, lists=1, outputs=3)
MIDNIGHT, MOMENT, KEYS = 3, 4, LAYOUT.list_column(5)
OUTS = [LAYOUT.first_output + k for k in range(3)]
STARTS = [MIDNIGHT, MOMENT]
# event types: update and read, read only, one start not told, several keys, gated and silent, not routed
ROUTES = {
    0: {"key": 0, "member": 1, "outs": OUTS, "start_cols": STARTS},
    1: {"key": 0, "member": 1, "update": False, "outs": OUTS, "start_cols": STARTS},
    2: {"key": 0, "member": 1, "gate": (2, False), "outs": OUTS, "start_cols": [MIDNIGHT, -1]},
    3: {"key": KEYS, "key_many": True, "member": 1, "gate": (2, True), "outs": OUTS, "start_cols": STARTS},
    4: {"key": 0, "member": 1, "gate": (2, True)},
}
KINDS = 6
WINDOWS = {"beside a window": [20], "beside a wide one": [90], "alone": []}

# a start is drawn as how long it lies back; midnights as whether they are known
AGO = st.sampled_from([NAN, NULL, -3.0, 0.0, 0.5, 1.0, 4.0, 19.0, 20.0, 21.0, 49.0, 50.0, 51.0, 80.0])
KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
ID = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, float(2**31 - 1), NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
LIST = st.one_of(st.just(NAN), st.lists(KEY, max_size=4))
STREAMS = streams(
    (KEY, ID, TRUTH, st.sampled_from([0.0, 0.0, 0.0, NAN]), AGO, LIST),
    kinds=KINDS,
    lateness=LATENESS,
    step=15,
)


def timed(events):
    """The events with their starts as times."""
    return [
        replace(e, cells=(*e.cells[:3], e.ts // DAY * DAY + e.cells[3], e.ts - e.cells[4], e.cells[5]))
        if e.cells[4] != NULL
        else replace(e, cells=(*e.cells[:3], e.ts // DAY * DAY + e.cells[3], NULL, e.cells[5]))
        for e in events
    ]


def make(windows, module=distinct):
    def build():
        kernel = module.DistinctWindow(KINDS, windows, len(STARTS), HORIZON, lateness=LATENESS)
        for kind, route in ROUTES.items():
            outs = route.get("outs", [-1] * 3)
            kernel.route(kind, **route | {"outs": outs[:1] * len(windows) + outs[1:]})
        return kernel

    return build


def oracle(events, windows):
    seen = {}
    for e in events:
        row = [12345.0] * 3
        route = ROUTES.get(e.kind, {"key": 0, "update": False})
        many = route.get("key_many", False)
        named = e.cells[5] if many else [e.cells[0]]
        known = isinstance(named, list) and (many or named[0] >= -1)
        keys = [k for k in named if k >= 0] if known else []
        gate = route.get("gate")
        if route.get("update", True) and (gate is None or is_open(gate, e.cells)) and e.cells[1] >= 0:
            for k in set(keys):
                seen.setdefault(k, []).append((e.ts, e.cells[1]))
        if "outs" in route:
            told = [e.cells[c] if c >= 0 else NAN for c in route["start_cols"]]
            lows = [e.ts - w for w in windows] or [None]
            lows += [NAN if math.isnan(x) else max(e.ts - HORIZON, x - 0.25) for x in told]
            for at, low in enumerate(lows):
                if low is not None:
                    row[at] = most(seen, keys, low, e.ts) if known and not math.isnan(low) else NAN
        yield row


def most(seen, keys, low, ts):
    return max((len({m for at, m in seen.get(k, ()) if low < at <= ts}) for k in keys), default=0)


@pytest.mark.parametrize("windows", WINDOWS.values(), ids=WINDOWS)
@settings(deadline=None, max_examples=70)
@given(STREAMS, sizes(), upkeeps())
def test_every_count_is_that_of_the_full_history(windows, events, size, upkeep):
    events = timed(events)
    same(feed(make(windows), events, LAYOUT, size, upkeep), oracle(events, windows))


@settings(deadline=None, max_examples=30)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, size, upkeep):
    events = timed(events)
    a = feed(make([20]), events, LAYOUT, size, upkeep)
    assert a.tobytes() == feed(make([20], plain), events, LAYOUT, size, upkeep).tobytes()


@pytest.mark.parametrize("late", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("members", [3, 90, 500])
@pytest.mark.parametrize("windows", WINDOWS.values(), ids=WINDOWS)
def test_slots_of_every_form_are_exact(windows, members, late):
    """One member, blocks up to 64, lists: with quiet spells in which slots shrink and run empty."""
    rng = random.Random(members)
    newest, events = 1000, []
    for _ in range(900):
        newest += rng.choice([0, 0, 0, 0, 1, 1, 2]) if rng.random() < 0.997 else 100
        ts = newest - (rng.randrange(LATENESS + 1) if rng.random() < late else 0)
        key = rng.choice([0.0, 0.0, 0.0, float(rng.randrange(4))])
        cells = (
            key,
            float(rng.randrange(members)),
            rng.choice([1.0, 1.0, 0.0]),
            0.0,
            rng.choice([0.0, 7.5, 30.0, NULL]),
        )
        events.append(Event(rng.randrange(KINDS), ts, (*cells, [0.0, 1.0])))
    events = timed(events)
    same(feed(make(windows), events, LAYOUT, 7, Upkeep(members, 0.5, 0.2, 0.5)), oracle(events, windows))


def test_a_day_begins_with_its_midnight():
    events = [
        Event(0, ts, (0.0, m, 1.0, 1040.0, NULL, NAN)) for ts, m in [(1039, 1.0), (1040, 2.0), (1041, 1.0)]
    ]
    assert feed(make([]), events, LAYOUT)[:, 1].tolist() == [0, 1, 2]
