"""The observation list: accounts at low risk are watched for a month, and what comes of it (sops.handle-low-risk-1-month)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tidegate as tg
from tidegate.screening.calendar_months import months_after
from tidegate.screening.tiers import LOW

if TYPE_CHECKING:
    from tidegate.screening.earlier import Earlier
    from tidegate.screening.outcome import Outcome

WATCHED, OVER = "observed", "month over"


class Figures:
    """How long an account is observed."""

    months = tg.Parameter(
        1, low=1, high=12, unit="months", why="the next month is followed", source="sops.handle-low-risk-1-month"
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watch:
    """One account under observation: `place` in the pool, since when, and when is decided, in ms. `over`: it may go back to normal use."""

    place: int
    since_ms: int
    decide_ms: int
    over: bool

    @property
    def status(self) -> str:
        """Say whether the month is over."""
        return OVER if self.over else WATCHED


@dataclass(frozen=True)
class Observation:
    """Who is watched, and what became of those who were at the screening before (all 0 without one)."""

    watches: Mapping[int, Watch]
    became: Mapping[str, int]

    def __iter__(self) -> Iterator[Watch]:
        return iter(self.watches.values())

    def counts(self) -> dict[str, int]:
        """Return how many are watched, for how many the month is over, and what became of the others."""
        over = sum(watch.over for watch in self)
        return {WATCHED: len(self.watches) - over, OVER.replace(" ", "_"): over, **self.became}


def observation(
    numbers: Sequence[str], outcomes: Sequence[Outcome], at_ms: int, earlier: Earlier | None
) -> Observation:
    """Return who is to be watched: every account at low risk, since it first was without interruption and without a new sign.

    A check that holds and did not hold at the screening before is a new sign: then the month begins anew. Who was watched then and
    is at low risk no longer leaves the list.
    """
    before = {} if earlier is None else earlier.accounts
    watches: dict[int, Watch] = {}
    became = {"became_secure": 0, "became_high": 0, "left_the_pool": 0}
    left = {number for number, outcome in before.items() if outcome.tier == LOW}
    for place, (number, outcome) in enumerate(zip(numbers, outcomes, strict=True)):
        was = before.get(number)
        if was is not None and was.tier == LOW:
            left.discard(number)
            if outcome.tier != LOW:
                became[f"became_{outcome.tier}"] += 1
        if outcome.tier == LOW:
            since = at_ms
            if earlier is not None and was is not None and was.tier == LOW and was.holds >= outcome.holds:
                since = earlier.observed.get(number, earlier.at_ms)
            decide = months_after(since, int(Figures.months.default))
            watches[place] = Watch(place, since, decide, over=at_ms >= decide)
    became["left_the_pool"] = len(left)
    return Observation(watches, became)
