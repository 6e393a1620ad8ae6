"""Latest against an oracle that looks at every event that has arrived."""

import random
from itertools import pairwise

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

from tidegate.windows import latest
from tidegate.windows.latest import NONE, REGULAR, RUN, Latest
from tidegate.windows.route import ALWAYS

plain = interpreted("latest", needs=("pages", "past", "records"))

LATENESS = 12
LOW, HIGH = 3, 9
# fields: key, gate, flag, two values, list of keys
LAYOUT = Layout(scalars=5, lists=1, outputs=9)
KEYS = LAYOUT.list_column(5)
NAMES = ("ts", "value0", "value1", "first", "run", "start", "length", "seen")
OUTS = {name: LAYOUT.first_output + j for j, name in enumerate(NAMES)}
# event types: update and read, read only, update only if its gate says so, several keys, not routed
ROUTES = {
    0: {"key": 0, "inputs": [3, 4], "flag": 2, "outs": OUTS},
    1: {"key": 0, "update": False, "outs": OUTS},
    2: {"key": 0, "gate": (1, True), "inputs": [4, -1], "flag": 1, "outs": {"ts": OUTS["ts"]}},
    3: {"key": KEYS, "key_many": True, "gate": (1, False), "inputs": [3, 4], "flag": 2, "outs": OUTS},
}
# a further reading of events of type 0 and 3, by another key
CHAIN = {0: 5, 3: 5}
ROUTES[5] = {"key": 2, "update": False, "outs": {"ts": LAYOUT.first_output + 8}}
HOT = 3.0

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
VALUE = st.sampled_from([1.0, 2.0, NAN, NULL])
LIST = st.one_of(st.just(NAN), st.lists(KEY, max_size=5), st.just([1.0, 2.0] * 15))
STREAMS = streams((KEY, TRUTH, TRUTH, VALUE, VALUE, LIST), kinds=5, lateness=LATENESS, step=10)
SHAPES = st.tuples(st.sampled_from([NONE, RUN, REGULAR]), st.sampled_from([None, 5, 20]))


def make(fold, keep, module=latest):
    def build():
        kernel = module.Latest(6, 2, fold, LOW, HIGH, keep, lateness=LATENESS)
        for kind, route in ROUTES.items():
            kernel.route(kind, **route)
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def of_one_slot(records, t, own, fold, keep):
    """Outputs for one slot: `records` (ts, arrival, flagged, values) before the event, `own` its record or None."""
    keep = 1 << 60 if keep is None else keep
    records = sorted(r for r in records if r[0] <= t)
    last = records[-1] if records and records[-1][0] > t - keep else None
    chain = [] if last is None else chain_of(records, keep)
    run = 0
    for r in reversed(chain):
        if not r[2]:
            break
        run += 1
    out = {"ts": last[0] if last else NULL, "value0": last[3][0] if last else NAN}
    out |= {"value1": last[3][1] if last else NAN, "run": run if fold == RUN else 0}
    chain = [*chain, own] if own else chain
    out["first"] = chain[0][0] if chain else NULL
    out["seen"] = len(chain) > 0
    series = series_of(chain)
    out["start"] = series[0][0] if series else NULL
    out["length"] = len(series)
    return out


def chain_of(records, keep):
    start = 0
    for j, (a, b) in enumerate(pairwise(records)):
        if b[0] - a[0] >= keep:
            start = j + 1
    return records[start:]


def series_of(records):
    start = 0
    for j, (a, b) in enumerate(pairwise(records)):
        if not LOW <= b[0] - a[0] <= HIGH:
            start = j + 1
    return records[start:]


def oracle(events, fold, keep):
    slots = {}
    for i, e in enumerate(events):
        row = dict.fromkeys(range(LAYOUT.first_output, LAYOUT.first_output + LAYOUT.outputs), 12345.0)
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, i, slots, fold, keep, **ROUTES[kind]))
        if fold != REGULAR:  # what the fold does not keep is not promised
            del row[OUTS["start"]], row[OUTS["length"]]
        if fold != RUN:
            del row[OUTS["run"]]
        yield [row[col] for col in sorted(row)]


def outputs(e, i, slots, fold, keep, key, outs, key_many=False, update=True, gate=ALWAYS, inputs=(), flag=-1):
    keys = e.cells[5] if key_many else e.cells[key]
    if not key_many:
        keys = [keys] if keys >= 0 else [] if keys == -1 else NAN  # -1: a pair never seen has no state
    seen = []
    for k in sorted({k for k in keys if k >= 0}) if isinstance(keys, list) else ():
        own = None
        if update and is_open(gate, e.cells):
            own = (e.ts, i, e.cells[flag] == 1.0, [e.cells[c] if c >= 0 else NAN for c in inputs])
        seen.append(of_one_slot(slots.get(k, []), e.ts, own, fold, keep))
        if own:
            slots.setdefault(k, []).append(own)
    for name, col in outs.items():
        if name == "seen" and isinstance(keys, list):
            yield col, sum(s["seen"] for s in seen)
            continue
        known = [s[name] for s in seen if s[name] == s[name]]
        nothing = 0.0 if name in {"run", "length", "seen"} else NAN if "value" in name else NULL
        yield col, max(known, default=nothing if isinstance(keys, list) and not seen else NAN)


def check(events, fold, keep, size, upkeep, module=latest):
    got = feed(make(fold, keep, module), events, LAYOUT, size, upkeep)
    wanted = list(oracle(events, fold, keep))
    dropped = [] if fold == REGULAR else ["start", "length"]
    dropped += [] if fold == RUN else ["run"]
    same(np.delete(got, [OUTS[name] - LAYOUT.first_output for name in dropped], axis=1), wanted)


@settings(deadline=None)
@given(STREAMS, SHAPES, sizes(), upkeeps())
def test_every_output_is_that_of_the_full_history(events, shape, size, upkeep):
    check(events, *shape, size, upkeep)


@settings(deadline=None, max_examples=30)
@given(STREAMS, SHAPES, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(events, shape, size, upkeep):
    a = feed(make(*shape), events, LAYOUT, size, upkeep)
    b = feed(make(*shape, plain), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


def long_stream(seed, n, late, pace, slots):
    rng = random.Random(seed)
    newest = 1000
    events = []
    for _ in range(n):
        newest += rng.choice(pace)
        ts = newest - (min(LATENESS, rng.randrange(2 * LATENESS)) if rng.random() < late else 0)
        key = rng.choice([HOT, HOT, HOT, rng.randrange(slots), NAN])
        truths = [rng.choice([1.0, 1.0, 0.0, NAN]) for _ in range(2)]
        many = rng.choices([1.0, 1.0, key, NAN], k=rng.choice([2, 2, 20]))
        events.append(Event(rng.randrange(5), ts, (key, *truths, rng.random(), NULL, many)))
    return events


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", [(NONE, None), (RUN, 40), (REGULAR, None)])
def test_a_long_stream_with_a_hot_slot_is_exact(seed, shape):
    events = long_stream(seed, 1500, [0.0, 0.05, 0.6][seed % 3], [0, 0, 0, 1, 1, 2, 30], slots=200)
    check(events, *shape, [1, 7, 512][seed // 2], Upkeep(seed, 0.3, 0.2, 0.3))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(NONE, None), (NONE, 9), (RUN, 5), (REGULAR, 14)])
def test_few_events_within_the_lateness_are_let_go_no_sooner_than_they_may(seed, shape):
    events = long_stream(seed, 1500, 0.5, [0, 2, 3, 4, 5, 7, 11], slots=2)
    check(events, *shape, 1, Upkeep(seed, 1.0, 0.1, 1.0))


@settings(deadline=None)
@given(STREAMS, SHAPES, upkeeps())
def test_chunk_size_and_upkeep_change_nothing(events, shape, upkeep):
    plain = feed(make(*shape), events, LAYOUT, 512)
    assert plain.tobytes() == feed(make(*shape), events, LAYOUT, 3, upkeep).tobytes()


def test_a_late_event_sees_only_its_past():
    # ts 10  v=1 | ts 20  v=2 | late at 15: sees 10 | at 21: sees 20
    rows = [(10, 1.0), (20, 2.0), (15, 3.0), (21, 4.0), (19, 5.0)]
    events = [Event(0, ts, (0.0, 1.0, 1.0, v, v, NAN)) for ts, v in rows]
    got = feed(make(NONE, None), events, LAYOUT)
    assert got[:, 0].tolist() == [NULL, 10, 10, 20, 15]
    assert got[1:, 1].tolist() == [1, 1, 2, 3]


def test_a_record_exactly_keep_ms_old_is_as_never_seen():
    events = [Event(0, ts, (0.0, 1.0, 1.0, 1.0, 1.0, NAN)) for ts in (100, 119, 139)]
    got = feed(make(NONE, 20), events, LAYOUT)
    assert got[:, 0].tolist() == [NULL, 100, NULL]
    assert got[:, 3].tolist() == [100, 100, 139]


def test_a_series_ends_at_the_first_gap_out_of_bounds():
    #          gap: 5   9    10 (too long)   4    2 (too short)
    times = [10, 15, 24, 34, 38, 40]
    events = [Event(0, ts, (0.0, 1.0, 1.0, 1.0, 1.0, NAN)) for ts in times]
    got = feed(make(REGULAR, None), events, LAYOUT)
    assert got[:, 5].tolist() == [10, 10, 10, 34, 34, 40]
    assert got[:, 6].tolist() == [1, 2, 3, 1, 2, 1]


def test_a_forgotten_slot_starts_anew():
    layout_event = [Event(0, 10, (0.0, 1.0, 1.0, 7.0, 7.0, NAN))]
    kernel, chunk = make(RUN, None)(), LAYOUT.chunk(1)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, layout_event)
        kernel.step(1)
        kernel.forget(0)
        assert chunk.cols[OUTS["ts"], 0] == NULL
    assert not kernel.live(10).any()


def test_a_single_record_takes_8_bytes_and_its_values():
    kernel = Latest(1, 2, lateness=300_000)
    kernel.route(0, key=0, inputs=[1, 2])
    layout = Layout(3, 0, 0)
    chunk = layout.chunk(20_000)
    kernel.bind(chunk)
    layout.load(chunk, [Event(0, 1000 + i, (float(i), 1.0, 2.0)) for i in range(20_000)])
    kernel.step(20_000)
    assert kernel.nbytes() / 20_000 < 8 + 8 * 2 + 1


def test_records_replaced_longer_ago_than_the_lateness_are_let_go():
    events = [Event(0, 1000 + i, (float(i % 2), 1.0, 1.0, 1.0, 1.0, NAN)) for i in range(5000)]
    kernel, chunk = make(RUN, None)(), LAYOUT.chunk(5000)
    kernel.bind(chunk)
    LAYOUT.load(chunk, events)
    kernel.step(5000)
    assert len(kernel.state()["past"]) <= LATENESS
    assert kernel.nbytes() < 10_000


def test_values_held_are_those_an_event_to_come_may_see():
    for module in (latest, plain):
        kernel, chunk = make(NONE, None, module)(), LAYOUT.chunk(3)
        kernel.bind(chunk)
        rows = [(20, 2.0), (30, 1.0), (25, 3.0)]
        LAYOUT.load(chunk, [Event(0, ts, (0.0, 1.0, 1.0, value, 7.0, NAN)) for ts, value in rows])
        kernel.step(3)
        held = []
        for now in (30, 29 + LATENESS, 30 + LATENESS):
            kernel.sweep(now, 9)
            held.append(sorted(kernel.values_held(0)))
        assert held == [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0]]  # 2 and 3 stood until 30
        assert set(kernel.values_held(1)) == {7.0}
        kernel.forget(0)
        assert kernel.values_held(0).tolist() == []
