"""Decisions over time, small enough to draw: counts by verdict and by score in at most 240 buckets.

How long a replay lasts is known only at its end, so buckets begin a second wide and grow: when a time does not fit,
neighbours are merged into the next width of a ladder whose every rung divides the next. Merging adds exact counts on a
grid that starts at the epoch, so the result depends on the decisions alone, not on how they were batched or ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUCKETS_MAX = 240  # a picture column each; two thousand bytes of counts per bucket
VERDICTS = ("allow", "throttle", "challenge", "deny")  # the position is the verdict code
LEVELS = (
    101  # of the score: exactly 0, then steps of 0.01 that include their upper end: (0, 0.01], ... (0.99, 1]
)
SCORE_UNITS = (
    10_000  # scores have four digits; levels are taken from whole units, so 0.85 is never above 0.85
)
UNITS_PER_LEVEL = SCORE_UNITS // (LEVELS - 1)
SECOND_MS = 1_000
DAY_MS = 86_400 * SECOND_MS
WIDTHS_MS = tuple(
    [SECOND_MS * seconds for seconds in (1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200)]
    + [
        DAY_MS << doublings for doublings in range(9)
    ]  # 256 days: 168 years in 240 buckets, more than times can span
)


@dataclass(frozen=True)
class Timeline:
    """Decisions in ``n`` buckets of ``width_ms``, the first beginning at ``start_ms`` (UTC, ms since the epoch).

    ``verdicts`` is int64[n, 4] in the order of ``VERDICTS``; ``scores`` int64[n, 101] by level (see ``LEVELS``);
    ``fired`` how often each rule fired, the most frequent first, rules that never fired left out.
    """

    start_ms: int
    width_ms: int
    verdicts: NDArray[np.int64]
    scores: NDArray[np.int64]
    fired: tuple[tuple[str, int], ...]

    @property
    def buckets(self) -> int:
        """Number of buckets, 0 when there was no decision."""
        return len(self.verdicts)

    @property
    def decisions(self) -> int:
        """Number of decisions in all buckets."""
        return int(self.verdicts.sum())

    @property
    def edges_ms(self) -> NDArray[np.int64]:
        """The ``n + 1`` bounds of the buckets."""
        return self.start_ms + self.width_ms * np.arange(self.buckets + 1, dtype=np.int64)

    def coarser(self, buckets: int) -> Timeline:
        """Return the timeline with neighbours merged so that at most ``buckets`` remain; the width is a multiple."""
        step = max(1, -(-self.buckets // buckets))
        if step == 1:
            return self
        starts = np.arange(0, self.buckets, step)
        return Timeline(
            self.start_ms,
            self.width_ms * step,
            np.add.reduceat(self.verdicts, starts, axis=0),
            np.add.reduceat(self.scores, starts, axis=0),
            self.fired,
        )


class TimelineAccumulator:
    """Builds a Timeline from batches of decisions; memory is constant (a quarter of a megabyte).

    ``rules`` are the names behind the rule numbers given to ``add``.

    >>> seen = TimelineAccumulator(["msg.burst"])
    >>> seen.add(np.array([0, 1500]), np.array([0, 3]), np.array([0.0, 0.72]), np.array([0]))
    >>> seen.timeline().verdicts.tolist()
    [[1, 0, 0, 0], [0, 0, 0, 1]]
    """

    def __init__(self, rules: Sequence[str]) -> None:
        self._rules = tuple(rules)
        self._fired = np.zeros(len(self._rules), dtype=np.int64)
        self._verdicts = np.zeros((BUCKETS_MAX, len(VERDICTS)), dtype=np.int64)
        self._scores = np.zeros((BUCKETS_MAX, LEVELS), dtype=np.int64)
        self._rung = 0
        self._first = 0  # number of the first bucket, counted from the epoch
        self._span: tuple[int, int] | None = None  # first and last time seen

    def add(
        self,
        ts_ms: NDArray[np.integer],
        verdicts: NDArray[np.integer],
        scores: NDArray[np.floating],
        fired: NDArray[np.integer],
    ) -> None:
        """Count a batch of decisions: one time, verdict code and score each.

        ``fired`` holds the number of a rule for every time one fired in the batch: its length is that of all
        firings, not of the batch. Times may come in any order; scores lie in 0..1.
        """
        assert len(ts_ms) == len(verdicts) == len(scores), "a decision has a time, a verdict and a score"
        self._fired += np.bincount(fired, minlength=len(self._rules))
        if not len(ts_ms):
            return
        self._make_room(int(ts_ms.min()), int(ts_ms.max()))
        bucket = ts_ms.astype(np.int64) // WIDTHS_MS[self._rung] - self._first
        _count(self._verdicts, bucket, verdicts.astype(np.int64))
        _count(self._scores, bucket, _levels(scores))

    def timeline(self) -> Timeline:
        """Return what has been counted so far, from the first bucket with a decision to the last."""
        width_ms = WIDTHS_MS[self._rung]
        used = 0 if self._span is None else self._span[1] // width_ms - self._first + 1
        ranked = sorted(
            zip(self._rules, self._fired.tolist(), strict=True), key=lambda rule: (-rule[1], rule[0])
        )
        return Timeline(
            start_ms=self._first * width_ms,
            width_ms=width_ms,
            verdicts=self._verdicts[:used].copy(),
            scores=self._scores[:used].copy(),
            fired=tuple((name, count) for name, count in ranked if count),
        )

    def _make_room(self, earliest_ms: int, latest_ms: int) -> None:
        """Widen or move the buckets until they reach from the earliest to the latest time seen."""
        if self._span is not None:
            earliest_ms, latest_ms = min(earliest_ms, self._span[0]), max(latest_ms, self._span[1])
        rung = self._rung
        while latest_ms // WIDTHS_MS[rung] - earliest_ms // WIDTHS_MS[rung] >= BUCKETS_MAX:
            rung += 1
        first = earliest_ms // WIDTHS_MS[rung]
        if self._span is not None and (rung, first) != (self._rung, self._first):
            begins_ms = (self._first + np.arange(BUCKETS_MAX, dtype=np.int64)) * WIDTHS_MS[self._rung]
            place = begins_ms // WIDTHS_MS[rung] - first
            self._verdicts = _moved(self._verdicts, place)
            self._scores = _moved(self._scores, place)
        self._rung, self._first, self._span = rung, first, (earliest_ms, latest_ms)


def _levels(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    units = np.rint(scores * SCORE_UNITS).astype(np.int64)
    levels: NDArray[np.int64] = np.clip(-(-units // UNITS_PER_LEVEL), 0, LEVELS - 1)
    return levels


def _count(table: NDArray[np.int64], row: NDArray[np.int64], column: NDArray[np.int64]) -> None:
    cells = np.bincount(row * table.shape[1] + column, minlength=table.size)
    table += cells.reshape(table.shape)


def _moved(table: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the table with row i added to row ``place[i]``; rows that fall behind the last are empty ones."""
    result = np.zeros_like(table)
    inside = place < BUCKETS_MAX
    assert not table[~inside].any(), "counted decisions keep their place"
    np.add.at(result, place[inside], table[inside])
    return result
