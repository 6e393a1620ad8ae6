"""Verdicts against the truth: confusion with a third verdict, precision, recall, and how sure so many cases make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from tidegate.screening.since.change_of_share import wilson

VERDICTS = ("true", "false", "unknown")


class Share(NamedTuple):
    """So many of so many, with the 95 % interval of Wilson (1927); of none nothing is known: 0 to 1."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of none."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies, in 95 of 100 such samples."""
        if not self.whole:
            return 0.0, 1.0
        _, low, high = wilson(self.part, self.whole)
        return low, high

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        low, high = self.interval
        return f"{percent(self.value)} ({percent(low, unit=False)} to {percent(high, unit=False)})"


@dataclass
class Confusion:
    """How often each verdict met each truth. Who is unknown is not flagged."""

    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, bool]]) -> Confusion:
        """Return the confusion of pairs of a verdict and the truth."""
        return cls(Counter(pairs))

    def all_of(self, *, truth: bool) -> int:
        """Return how many accounts the truth holds, or does not hold, of."""
        return sum(self.counts[verdict, truth] for verdict in VERDICTS)

    @property
    def flagged(self) -> int:
        """How many verdicts are true."""
        return self.counts["true", True] + self.counts["true", False]

    @property
    def precision(self) -> Share:
        """Of those flagged, the share that is rightly so."""
        return Share(self.counts["true", True], self.flagged)

    @property
    def recall(self) -> Share:
        """Of those of whom it holds, the share that is flagged."""
        return Share(self.counts["true", True], self.all_of(truth=True))

    @property
    def false_alarms(self) -> Share:
        """Of those of whom it does not hold, the share that is flagged."""
        return Share(self.counts["true", False], self.all_of(truth=False))

    @property
    def accuracy(self) -> Share:
        """The share of verdicts that are right, where unknown counts as false."""
        right = self.counts["true", True] + self.all_of(truth=False) - self.counts["true", False]
        return Share(right, sum(self.counts.values()))

    def precision_at(self, prevalence: float) -> float | None:
        """Return the precision where the truth holds of another share of a pool; None where nothing is flagged."""
        hits = (self.recall.value or 0) * prevalence
        alarms = (self.false_alarms.value or 0) * (1 - prevalence)
        return hits / (hits + alarms) if hits + alarms else None


def percent(share: float | None, *, unit: bool = True) -> str:
    """Return a share as per cent; what is not nothing never reads 0, what is not all never 100.

    >>> percent(0.5), percent(0.004), percent(0.998), percent(None)
    ('50 %', '0.4 %', '99.8 %', '-')
    """
    if share is None:
        return "-"
    text = f"{100 * share:.0f}" if share in (0, 1) or 0.01 <= share <= 0.99 else f"{100 * share:.1f}"  # noqa: PLR2004
    return f"{text} %" if unit else text
