"""Whether a share changed by more than chance would: an interval for the difference of two shares of partly the same accounts."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

Z = 1.959964  # 95 % of a normal distribution lie within


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of how many, at two screenings; `both`: accounts that were in both, and had it never, only then, only now, always."""

    before: int
    before_of: int
    now: int
    now_of: int
    both: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ChangeOfShare:
    """A change in points of 1, with the ends of its 95 % interval; None where one of the pools was empty."""

    before: float
    now: float
    change: float
    interval: tuple[float, float] | None

    @property
    def word(self) -> str:
        """Say in plain words whether it is more than chance."""
        if self.interval is None:
            return "nothing to compare"
        low, high = self.interval
        if low > 0:
            return "rose, more than by chance"
        if high < 0:
            return "fell, more than by chance"
        return "no more than chance" if self.change else "the same"

    def data(self) -> dict[str, Any]:
        """Return it as plain data, shares with 4 digits."""
        ends = None if self.interval is None else [round(end, 4) for end in self.interval]
        return {
            "before": round(self.before, 4), "now": round(self.now, 4), "change": round(self.change, 4), "interval_95": ends,
            "word": self.word,
        }  # fmt: skip


def change_of_share(counts: Counts) -> ChangeOfShare:
    """Return how a share changed.

    The interval is Newcombe's for the difference of proportions (Statistics in Medicine 17, 1998, pages 873 and 2635, method 10 of both): the
    Wilson limits of both shares, added as squares, less what they have in common. In common is the correlation of the accounts that
    were in both screenings, as far as they make up both; with none it is the interval of two separate groups, with all of them that of
    pairs. It asks what would be seen if each account changed on its own.
    """
    if not counts.before_of or not counts.now_of:
        first, second = (
            part / whole if whole else 0.0
            for part, whole in ((counts.before, counts.before_of), (counts.now, counts.now_of))
        )
        return ChangeOfShare(first, second, second - first, None)
    p, p_low, p_high = wilson(counts.before, counts.before_of)
    q, q_low, q_high = wilson(counts.now, counts.now_of)
    common = _correlation(counts.both) * sum(counts.both) / sqrt(counts.before_of * counts.now_of)
    low = _added(q - q_low, p_high - p, common)
    high = _added(q_high - q, p - p_low, common)
    return ChangeOfShare(p, q, q - p, (max(q - p - low, -1.0), min(q - p + high, 1.0)))


def wilson(part: int, whole: int) -> tuple[float, float, float]:
    """Return a share with its 95 % limits (Wilson 1927).

    >>> tuple(round(x, 4) for x in wilson(0, 10))
    (0.0, 0.0, 0.2775)
    """
    share = part / whole
    centre = share + Z * Z / (2 * whole)
    spread = Z * sqrt(share * (1 - share) / whole + Z * Z / (4 * whole * whole))
    scale = 1 + Z * Z / whole
    return (
        share,
        (centre - spread) / scale if part else 0.0,
        (centre + spread) / scale if part < whole else 1.0,
    )


def _added(one: float, other: float, common: float) -> float:
    return sqrt(max(one * one + other * other - 2 * common * one * other, 0.0))


def _correlation(both: tuple[int, int, int, int]) -> float:
    """Return the correlation of having it then and having it now; 0 where one of the two never or always was.

    One that is above 0 is taken for a little less, as method 10 does: half of all accounts off the product's excess.
    """
    never, then, now, always = both
    product = (always + then) * (never + now) * (always + now) * (never + then)
    excess: float = always * never - then * now
    if excess > 0:
        excess = max(excess - sum(both) / 2, 0.0)
    return excess / sqrt(product) if product else 0.0
