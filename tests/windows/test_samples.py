"""Samples against an oracle that looks at every event that has arrived."""

import random
from collections import Counter, defaultdict
from fractions import Fraction
from statistics import median

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

from tidegate.windows import samples
from tidegate.windows.route import ALWAYS
from tidegate.windows.samples import CAPPED, HIGHEST, MEDIAN, SERIES, STEADY, TOP

plain = interpreted("samples", needs=("arena", "slot_blocks"))

LATENESS = 12
WINDOWS = [5, 20, 60]
CAP, TOLERANCE, LEAST = 3, 0.1, 4
FOLDS = [MEDIAN, HIGHEST, CAPPED, STEADY, TOP]
# fields: key, value, member, gate
LAYOUT = Layout(scalars=4, lists=0, outputs=7)
FIRST = LAYOUT.first_output
OUTS = [(FIRST + 2 * k, FIRST + 2 * k + 1) for k in range(3)]
KINDS = 4
# event types: update and read, read only, gated, not routed; then a further reading of those of type 0
ROUTES = {
    0: {"key": 0, "value": 1, "member": 2, "outs": OUTS},
    1: {"key": 0, "value": 1, "member": 2, "update": False, "outs": OUTS},
    2: {"key": 0, "value": 1, "member": 2, "gate": (3, True), "outs": [OUTS[0], (-1, -1), (-1, -1)]},
    KINDS: {"key": 2, "update": False, "outs": [(FIRST + 6, -1), (-1, -1), (-1, -1)]},
}
CHAIN = {0: KINDS}

KEY = st.sampled_from([-1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 70.0, NAN, NULL])
VALUE = st.sampled_from([-2.0, 1.0, 1.0, 2.0, 7.0, NAN, NULL])
TRUTH = st.sampled_from([1.0, 1.0, 0.0, NAN, NULL])
STREAMS = streams((KEY, VALUE, KEY, TRUTH), kinds=KINDS, lateness=LATENESS, step=15)


def windows_of(fold):
    return WINDOWS if fold in (MEDIAN, CAPPED, TOP) else [1 << 60]


def make(fold, module=samples):
    n = len(windows_of(fold))

    def build():
        kernel = module.Samples(
            KINDS + 1, fold, WINDOWS, cap=CAP, least=LEAST, tolerance=TOLERANCE, lateness=LATENESS
        )
        for kind, route in ROUTES.items():
            kernel.route(kind, **route | {"outs": route["outs"][:n]})
        for kind, then in CHAIN.items():
            kernel.chain(kind, then)
        return kernel

    return build


def oracle(events, fold):
    slots = defaultdict(list)
    for i, e in enumerate(events):
        row = dict.fromkeys(range(FIRST, FIRST + LAYOUT.outputs), 12345.0)
        for kind in (e.kind, CHAIN.get(e.kind)):
            if kind in ROUTES:
                row.update(outputs(e, i, slots, fold, **ROUTES[kind]))
        yield [row[col] for col in sorted(row)]


def outputs(e, i, slots, fold, key, outs, value=None, member=None, update=True, gate=ALWAYS):
    k = e.cells[key]
    if value and update and k >= 0 and is_open(gate, e.cells):
        v, who = e.cells[value], e.cells[member]
        if abs(v) < 99 and who >= 0:
            slots[k].append((e.ts, i, v, who))
    seen = sorted(r for r in slots[k] if r[0] <= e.ts) if k == k else []
    for w, (first, second) in zip(windows_of(fold), outs, strict=False):
        inside = [r for r in seen if r[0] > e.ts - w]
        known = k >= -1
        if fold == STEADY:
            figures = steady([r[0] for r in inside]) if known else (NAN, NAN)
        else:
            figure = (
                {MEDIAN: middle, HIGHEST: highest, CAPPED: capped, TOP: top}[fold](inside) if known else NAN
            )
            nothing = 12345.0 if k >= 0 else 0.0 if fold in (CAPPED, TOP) and k == -1 else NAN
            figures = (figure, nothing)
        if first >= 0:
            yield first, figures[0]
        if second >= 0:
            yield second, figures[1]


def middle(records):
    return median(r[2] for r in records) if records else NAN


def highest(records):
    return max((r[2] for r in records), default=NAN)


def top(records):
    counts = Counter(r[3] for r in records[-SERIES:])
    return sum(n for _, n in counts.most_common(CAP)) if len(records) >= LEAST else 0


def capped(records):
    of_member = defaultdict(int)
    for r in records:
        of_member[r[3]] += int(r[2])
    return sum(min(CAP, total) for total in of_member.values())


def steady(times):
    times = times[-SERIES:]
    for first in range(len(times)):
        gaps = [Fraction(b - a) for a, b in zip(times[first:], times[first + 1 :], strict=False)]
        mean = sum(gaps) / len(gaps) if gaps else 0
        spread = sum((g - mean) ** 2 for g in gaps) / len(gaps) if gaps else 0
        if spread <= (Fraction(1, 100) + Fraction(1, 10**9)) * mean**2:
            return times[-1] - times[first], len(times) - first
    return 0, 0


def check(events, fold, size, upkeep, module=samples):
    same(feed(make(fold, module), events, LAYOUT, size, upkeep), oracle(events, fold))


@pytest.mark.parametrize("fold", FOLDS)
@settings(deadline=None, max_examples=60)
@given(STREAMS, sizes(), upkeeps())
def test_every_figure_is_that_of_the_full_history(fold, events, size, upkeep):
    check(events, fold, size, upkeep)


@pytest.mark.parametrize("fold", FOLDS)
@settings(deadline=None, max_examples=20)
@given(STREAMS, sizes(), upkeeps())
def test_compiled_and_interpreted_agree_bit_for_bit(fold, events, size, upkeep):
    a = feed(make(fold), events, LAYOUT, size, upkeep)
    b = feed(make(fold, plain), events, LAYOUT, size, upkeep)
    assert a.tobytes() == b.tobytes()


def long_stream(seed, n, late, pace, slots):
    rng = random.Random(seed)
    newest = 1000
    events = []
    for _ in range(n):
        newest += rng.choice(pace)
        ts = newest - (min(LATENESS, rng.randrange(2 * LATENESS)) if rng.random() < late else 0)
        key = rng.choice([0.0, 0.0, 0.0, float(rng.randrange(slots)), NAN])
        cells = (
            key,
            rng.choice([1.0, 5.0, 2.0, NULL, NAN]),
            float(rng.randrange(9)),
            rng.choice([1.0, 0.0, NAN]),
        )
        events.append(Event(rng.randrange(KINDS), ts, cells))
    return events


@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize("pace", [[0, 0, 0, 1], [0, 1, 2, 30], [4, 4, 5]], ids=["hot", "busy", "steady"])
@pytest.mark.parametrize("seed", range(3))
def test_a_long_stream_is_exact(seed, pace, fold):
    n = 400 if fold == STEADY else 1500
    events = long_stream(seed, n, [0.0, 0.05, 0.6][seed], pace, slots=[200, 2, 1][seed])
    check(events, fold, [512, 7, 1][seed], Upkeep(seed, [0.3, 1.0][seed % 2], 0.1, 0.3))


def one(ts, value=1.0, member=1.0):
    return Event(0, ts, (0.0, value, member, NAN))


def test_a_late_sample_is_seen_by_later_events_only():
    events = [one(10, 4.0), one(20, 8.0), one(15, 6.0), one(21, 1.0)]
    assert feed(make(MEDIAN), events, LAYOUT)[:, 4].tolist() == [4, 6, 5, 5]
    assert feed(make(HIGHEST), events, LAYOUT)[:, 0].tolist() == [4, 8, 6, 8]


def test_what_a_member_brings_beyond_the_cap_counts_again_once_older_ones_have_left():
    events = [one(0, 2.0), one(4, 2.0), one(5, 1.0), one(6, 2.0, 9.0)]
    # 2 | 2 + 2, capped | the first has left: 2 + 1 | and 2 of another
    assert feed(make(CAPPED), events, LAYOUT)[:, 0].tolist() == [2, 3, 3, 5]


def test_gaps_of_90_and_110_have_a_coefficient_of_variation_of_a_tenth():
    def series(*times):
        return feed(make(STEADY), [one(t) for t in times], LAYOUT)[-1, :2].tolist()

    assert series(0, 90, 200) == [200, 3]
    assert series(0, 89, 200) == [111, 2]


def test_a_steady_series_has_so_many_samples_and_no_more():
    events = [one(1000 + 10 * i) for i in range(SERIES + 100)]
    got = feed(make(STEADY), events, LAYOUT, 512, Upkeep(sweep=1.0))
    assert got[-1, :2].tolist() == [10 * (SERIES - 1), SERIES]


@pytest.mark.parametrize("fold", [HIGHEST, STEADY])
def test_what_is_kept_for_good_takes_a_bounded_place(fold):
    kernel, chunk = make(fold)(), LAYOUT.chunk(5000)
    kernel.bind(chunk)
    for start in range(0, 20_000, 5000):
        LAYOUT.load(chunk, [one(1000 + 10 * (start + i), float(start + i)) for i in range(5000)])
        kernel.step(5000)
        kernel.sweep(1000 + 10 * (start + 5000), 10)
    assert kernel.nbytes() < 25 * 4 * SERIES + 10_000


@pytest.mark.parametrize("module", [samples, plain], ids=["compiled", "interpreted"])
def test_memory_of_entities_gone_quiet_is_given_back_and_what_stays_is_kept(module):
    kernel, chunk = make(MEDIAN, module)(), LAYOUT.chunk(500)
    kernel.bind(chunk)
    for i in range(5):
        LAYOUT.load(chunk, [Event(0, 1000 + i, (float(slot), float(i), 1.0, NAN)) for slot in range(500)])
        kernel.step(500)
    busy = kernel.nbytes()
    late = 1000 + WINDOWS[-1] + LATENESS
    LAYOUT.load(chunk, [Event(0, late + i, (499.0, 10.0 + i, 1.0, NAN)) for i in range(4)])
    kernel.step(4)
    for _ in range(4):
        kernel.sweep(late + 4, 500)
    assert kernel.nbytes() < 500 * 16 + 2000 < busy
    LAYOUT.load(chunk, [Event(1, late + 4, (499.0, NAN, NAN, NAN))])
    kernel.step(1)
    assert chunk.cols[FIRST + 4, 0] == 11.5  # 10, 11, 12, 13: as many as before


def test_a_forgotten_slot_starts_anew():
    kernel, chunk = make(CAPPED)(), LAYOUT.chunk(100)
    kernel.bind(chunk)
    for _ in range(2):
        LAYOUT.load(chunk, [one(1000, 1.0, float(i)) for i in range(100)])
        kernel.step(100)
        assert chunk.cols[OUTS[0][0]].tolist() == list(range(1, 101))
        assert kernel.live(1000).tolist() == [1]
        assert kernel.members(1000).tolist() == list(range(100))
        kernel.forget(0)
    assert kernel.live(1000).tolist() == [0]
