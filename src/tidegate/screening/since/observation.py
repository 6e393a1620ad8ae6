"""The observation list: accounts at low risk are watched for a month, and what comes of it (sops.handle-low-risk-1-month)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import tidegate as tg
from tidegate.screening.since.calendar_months import months_after
from tidegate.screening.tiers import LOW, SECURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.outputs.outcome import Outcome, Outcomes
    from tidegate.screening.since.earlier import Earlier

OBSERVATION = "observation"  # the label of those who are watched
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

    def is_over(self, place: int) -> bool:
        """Whether the month of the account at a place of the pool is over."""
        watch = self.watches.get(place)
        return watch is not None and watch.over

    def watched(self, size: int) -> NDArray[np.bool_]:
        """Return which of `size` accounts are watched and not over with it."""
        found = np.zeros(size, np.bool_)
        found[[watch.place for watch in self if not watch.over]] = True
        return found

    def counts(self) -> dict[str, int]:
        """Return how many are watched, for how many the month is over, and what became of the others."""
        over = sum(watch.over for watch in self)
        return {WATCHED: len(self.watches) - over, OVER.replace(" ", "_"): over, **self.became}


def observation(
    numbers: Sequence[str],
    outcomes: Outcomes,
    at_ms: int,
    earlier: Earlier | None,
    reported_at: NDArray[np.float64] | None = None,
) -> Observation:
    """Return who is to be watched: every account at low risk, since it first was without interruption and without a new sign.

    A check that holds and did not hold at the screening before is a new sign: then the month begins anew. So it does when somebody
    reports an anomaly (`reported_at`, NaN: nobody did), which has a secure account watched too (sops.feedback-channel). Who was
    watched and is at high risk leaves the list, and so does who is secure once the month after a report is over.
    """
    reported = {} if reported_at is None else dict(_known(reported_at))
    watches = {}
    for place in outcomes.places_in(LOW):
        since = max(_since(numbers[place], outcomes[place], at_ms, earlier), reported.get(place, 0))
        watches[place] = _watch(place, since, at_ms)
    for place, since in _secure_but_reported(numbers, outcomes, earlier, reported):
        if not (watch := _watch(place, since, at_ms)).over:
            watches[place] = watch
    return Observation(watches, _became(numbers, outcomes, earlier))


def _watch(place: int, since_ms: int, at_ms: int) -> Watch:
    decide = months_after(since_ms, int(Figures.months.default))
    return Watch(place, since_ms, decide, over=at_ms >= decide)


def _known(reported_at: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    for place in np.flatnonzero(~np.isnan(reported_at)).tolist():
        yield place, int(reported_at[place])


def _secure_but_reported(
    numbers: Sequence[str], outcomes: Outcomes, earlier: Earlier | None, reported: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield the secure accounts of which an anomaly was reported, now or before the last screening, and when."""
    since = {place: at for place, at in reported.items() if outcomes[place].tier == SECURE}
    if earlier is not None:
        carried = {n for n in earlier.observed if earlier.accounts[n].tier == SECURE}
        for place in outcomes.places_in(SECURE) if carried else ():
            if numbers[place] in carried:
                since[place] = max(since.get(place, 0), earlier.observed[numbers[place]])
    yield from since.items()


def _since(number: str, outcome: Outcome, at_ms: int, earlier: Earlier | None) -> int:
    was = None if earlier is None else earlier.accounts.get(number)
    if earlier is None or was is None or was.tier != LOW or not outcome.holds <= was.holds:
        return at_ms
    return earlier.observed.get(number, earlier.at_ms)


def _became(numbers: Sequence[str], outcomes: Outcomes, earlier: Earlier | None) -> dict[str, int]:
    """Return what became of those who were at low risk."""
    became = {"became_secure": 0, "became_high": 0, "left_the_pool": 0}
    if earlier is None:
        return became
    now = dict(zip(numbers, outcomes, strict=True))
    for number, was in earlier.accounts.items():
        if was.tier == LOW and (outcome := now.get(number)) is None:
            became["left_the_pool"] += 1
        elif was.tier == LOW and outcome is not None and outcome.tier != LOW:
            became[f"became_{outcome.tier}"] += 1
    return became
