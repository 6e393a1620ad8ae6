"""How long what was told of an account counts, and which counts where list and answers say different things.

An answer of the platform is one of its moment: when it is too old it is known no more, and is asked for again. A list that is
too old gives way to an answer that is not; where nobody answers, it stands. What happened once stays known, however long ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

import tidegate as tg
from tidegate.errors import UsageError
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_MS = 86_400_000
LIST, ANSWER, NOBODY = "list", "answer", "nobody"
PERISHABLE = (
    "interactions_90d", "has_avatar", "has_signature", "is_registered", "is_suspended", "is_reachable", "number_type",
)  # fmt: skip


class Figures:
    """How old an answer may be; `--answer-days`, or `answer_days` of an upload, says otherwise."""

    answer_days = tg.Parameter(
        31, low=1, high=3650, unit="days", why="a pool is screened each month: what was told for one screening serves that one",
        source="sops.monthly-screening", assumed=True,
    )  # fmt: skip


def answer_days_of(given: float | None) -> float:
    """Return how many days an answer counts. Raise UsageError where what was given is out of bounds."""
    figure = Figures.answer_days
    if given is None:
        return figure.default
    if not figure.low <= given <= figure.high:
        raise UsageError(
            f"`{given:g}` days", place="--answer-days", hint=f"from {figure.low:g} to {figure.high:g}"
        )
    return given


@dataclass(frozen=True)
class Freshness:
    """As of when is screened, how old an answer may be, in ms, and as of when the list is (None: as of the screening)."""

    at_ms: int
    answer_ms: int = int(Figures.answer_days.default * DAY_MS)
    list_at_ms: int | None = None

    @property
    def list_is_stale(self) -> bool:
        """Whether the list is older than an answer may be."""
        return self.list_at_ms is not None and self.at_ms - self.list_at_ms > self.answer_ms

    def expired(self, told_at: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which answers, by when they were given in ms, are too old."""
        found: NDArray[np.bool_] = self.at_ms - told_at > self.answer_ms
        return found

    def beats_list(self, told_at_ms: float) -> bool:
        """Whether an answer counts in place of what the list says: then it is also the newer of the two."""
        return self.list_is_stale and self.at_ms - told_at_ms <= self.answer_ms

    def why_answer(self) -> str:
        """Say why an answer counts in place of the list."""
        return f"the list is older than {self._days}"

    def why_no_answer(self) -> str:
        """Say why an answer does not count."""
        return f"the answer is older than {self._days}"

    @property
    def _days(self) -> str:
        return f"{self.answer_ms / DAY_MS:g} days"

    def data(self) -> dict[str, Any]:
        """Return it as the summary has it."""
        listed = None if self.list_at_ms is None else format_rfc3339(self.list_at_ms)
        return {"days": self.answer_ms / DAY_MS, "list_of": listed, "list_is_stale": self.list_is_stale}


@dataclass(frozen=True)
class Weighed:
    """A choice between list and answer that was the same for several accounts: their places, ascending, and when each was answered.

    `counts` is who counts: `LIST`, `ANSWER` or `NOBODY`.
    """

    fact: str
    counts: str
    why: str
    places: NDArray[np.int64]
    answered_at: NDArray[np.int64]


@dataclass
class Choices:
    """What was chosen between list and answers, fact by fact; `stale` are the accounts of which a stale list's value stands."""

    freshness: Freshness
    weighed: list[Weighed] = field(default_factory=list)
    stale: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    def between(
        self,
        fact: str,
        own: NDArray[np.float64] | None,
        told: NDArray[np.float64],
        told_at: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return what counts of a fact: what the list says (`own`, None: nothing) or the latest answer; NaN is not known."""
        if fact not in PERISHABLE:
            return told if own is None else np.where(np.isnan(own), told, own)
        own = np.full(len(told), np.nan) if own is None else own
        listed, answered, fresh = ~np.isnan(own), ~np.isnan(told), self.freshness
        expired = answered & fresh.expired(told_at)
        differ = listed & answered & (own != told)
        wins = np.zeros(len(told), np.bool_)
        if fresh.list_is_stale:
            wins = listed & answered & ~expired
            self.stale[fact] = listed & ~wins
        self._note(fact, NOBODY, fresh.why_no_answer(), expired & ~listed, told_at)
        self._note(fact, LIST, fresh.why_no_answer(), expired & differ, told_at)
        self._note(fact, ANSWER, fresh.why_answer(), wins & differ, told_at)
        self._note(fact, LIST, "what the list says comes first", differ & ~expired & ~wins, told_at)
        return np.where(wins | (~listed & ~expired), told, own)

    def _note(
        self, fact: str, counts: str, why: str, chosen: NDArray[np.bool_], told_at: NDArray[np.float64]
    ) -> None:
        places = np.flatnonzero(chosen)
        if len(places):
            self.weighed.append(Weighed(fact, counts, why, places, told_at[places].astype(np.int64)))

    def counts(self) -> list[dict[str, Any]]:
        """Return how often what was chosen and why, as plain data."""
        return [
            {"fact": one.fact, "counts": one.counts, "why": one.why, "accounts": len(one.places)}
            for one in self.weighed
        ]

    def lines(self, begin: int, end: int) -> list[list[dict[str, Any]]]:
        """Return what was chosen of each account from one place up to another, as plain data; of most nothing."""
        found: list[list[dict[str, Any]]] = (
            [[] for _ in range(begin, end)] if self.weighed else [[]] * (end - begin)
        )
        for place, said in _said(self.weighed, begin, end):
            found[place - begin].append(said)
        return found


def _said(weighed: Sequence[Weighed], begin: int, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
    for one in weighed:
        first, last = np.searchsorted(one.places, (begin, end)).tolist()
        for place, at in zip(
            one.places[first:last].tolist(), one.answered_at[first:last].tolist(), strict=True
        ):
            yield (
                place,
                {"fact": one.fact, "counts": one.counts, "answered": format_rfc3339(at), "why": one.why},
            )
