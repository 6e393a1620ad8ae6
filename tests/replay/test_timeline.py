"""Decisions over time: exact counts in a fixed number of buckets, whatever the batches and the order."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine import decision
from tidegate.replay.timeline import BUCKETS_MAX, DAY_MS, LEVELS, VERDICTS, WIDTHS_MS, TimelineAccumulator

RULES = ("msg.burst", "link.spam", "report.wave")
NONE = np.empty(0, dtype=np.int64)

decisions = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 3_000_000), st.integers(0, 2**42 - 1)),
        st.integers(0, 3),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=60,
)


def counted(batches):
    seen = TimelineAccumulator(RULES)
    for batch in batches:
        ts, verdict, units = (np.array(column, dtype=np.int64) for column in zip(*batch, strict=True))
        seen.add(ts, verdict, units / 10_000, NONE)
    return seen.timeline()


def by_hand(decided, width_ms, start_ms, buckets):
    verdicts = np.zeros((buckets, 4), dtype=np.int64)
    scores = np.zeros((buckets, LEVELS), dtype=np.int64)
    for ts, verdict, units in decided:
        bucket = (ts - start_ms) // width_ms
        verdicts[bucket, verdict] += 1
        scores[bucket, -(-units // 100)] += 1
    return verdicts, scores


@settings(max_examples=150, deadline=None)
@given(decisions, st.integers(1, 60))
def test_counts_are_those_of_a_plain_histogram_in_the_narrowest_width_that_fits(decided, size):
    timeline = counted([decided[at : at + size] for at in range(0, len(decided), size)])
    times = [ts for ts, _, _ in decided]
    width = next(w for w in WIDTHS_MS if max(times) // w - min(times) // w < BUCKETS_MAX)
    assert timeline.width_ms == width
    assert timeline.start_ms == min(times) // width * width
    assert timeline.buckets == max(times) // width - min(times) // width + 1
    verdicts, scores = by_hand(decided, width, timeline.start_ms, timeline.buckets)
    assert (timeline.verdicts == verdicts).all()
    assert (timeline.scores == scores).all()


@settings(max_examples=60, deadline=None)
@given(decisions, st.randoms(use_true_random=False))
def test_the_order_of_decisions_does_not_matter(decided, random):
    mixed = decided.copy()
    random.shuffle(mixed)
    one, two = counted([[each] for each in decided]), counted([mixed])
    assert (one.start_ms, one.width_ms) == (two.start_ms, two.width_ms)
    assert (one.verdicts == two.verdicts).all()


def test_verdict_codes_are_those_of_decisions():
    assert VERDICTS == decision.VERDICTS


def test_every_width_divides_the_next_and_the_last_reaches_over_all_times():
    assert all(wide % narrow == 0 for narrow, wide in pairwise(WIDTHS_MS))
    assert 2**42 // WIDTHS_MS[-1] < BUCKETS_MAX


def test_a_week_is_counted_by_the_hour():
    seen = TimelineAccumulator(RULES)
    seen.add(np.array([0, 7 * DAY_MS - 1]), np.zeros(2, int), np.zeros(2), NONE)
    assert (seen.timeline().width_ms, seen.timeline().buckets) == (3_600_000, 168)


@pytest.mark.parametrize(
    ("score", "level"),
    [(0.0, 0), (0.0001, 1), (0.01, 1), (0.0101, 2), (0.85, 85), (0.8501, 86), (0.99, 99), (1.0, 100)],
)
def test_a_score_counts_in_the_level_that_includes_its_upper_end(score, level):
    seen = TimelineAccumulator(RULES)
    seen.add(np.array([0]), np.array([0]), np.array([score]), NONE)
    assert np.flatnonzero(seen.timeline().scores[0]).tolist() == [level]


def test_rules_are_ranked_by_how_often_they_fired_and_silent_ones_left_out():
    seen = TimelineAccumulator(RULES)
    seen.add(np.array([5]), np.array([3]), np.array([0.9]), np.array([2, 2]))
    seen.add(np.array([6]), np.array([0]), np.array([0.0]), np.array([2, 0]))
    assert seen.timeline().fired == (("report.wave", 3), ("msg.burst", 1))


def test_no_decisions_make_an_empty_timeline():
    seen = TimelineAccumulator(RULES)
    seen.add(NONE, NONE, np.empty(0), NONE)
    assert (seen.timeline().buckets, seen.timeline().decisions, seen.timeline().fired) == (0, 0, ())


def test_a_timeline_already_taken_does_not_change():
    seen = TimelineAccumulator(RULES)
    seen.add(np.array([0]), np.array([1]), np.array([0.5]), NONE)
    taken = seen.timeline()
    seen.add(np.array([0]), np.array([1]), np.array([0.5]), NONE)
    assert (taken.decisions, seen.timeline().decisions) == (1, 2)


def test_a_coarser_timeline_has_the_same_decisions_in_fewer_buckets():
    seen = TimelineAccumulator(RULES)
    rng = np.random.default_rng(1)
    seen.add(rng.integers(0, 200_000, 500), rng.integers(0, 4, 500), rng.random(500), NONE)
    fine = seen.timeline()
    coarse = fine.coarser(70)
    assert (coarse.buckets, coarse.width_ms) == (67, 3_000)
    assert (coarse.verdicts.sum(axis=0) == fine.verdicts.sum(axis=0)).all()
    assert (coarse.scores.sum(axis=0) == fine.scores.sum(axis=0)).all()
    assert fine.coarser(240) is fine
