"""Which published limits the events of a chunk exceed. Quotas advise: an event that exceeds some is plain otherwise.

They are marked after all stages, beside the rules, so that an event that only exceeds quotas takes no closer look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.engine.decision import Fired, words_of
from tidegate.engine.patterns import bits_set
from tidegate.engine.terms import parts_of_reason
from tidegate.windows import program as vm
from tidegate.windows.marked import Marked
from tidegate.windows.program import Clear, Program, Stage
from tidegate.windows.sets import SetNumbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tidegate.policy import Policy, Quota
    from tidegate.windows.chunk import Chunk


ENTRIES_KEPT = 1024  # of each quota


@dataclass(frozen=True)
class PlacedQuota:
    """Where a quota's values stand at a site, by final column."""

    number: int
    observed: int
    most: int  # its upper bound; the same column where it is exact
    limit: int
    holds: int


@dataclass(frozen=True)
class QuotaTerms:
    """What a decision shows of a quota. `shown` False: in shadow, counted only."""

    id: str
    window: str | None
    reason: tuple[tuple[str, str], ...]
    shown: bool
    _entries: dict[tuple[float, float], Fired] = field(default_factory=dict, compare=False, repr=False)

    def fired(self, observed: float, limit: float) -> Fired:
        """Return the entry of a decision; those made last are kept, as the same small counts come again and again."""
        known = self._entries.get((observed, limit))
        if known is None:
            if len(self._entries) >= ENTRIES_KEPT:
                self._entries.clear()
            because = self.because(observed, limit)
            known = Fired(self.id, observed, limit, self.window, None, (), because, quota=True)
            self._entries[observed, limit] = known
        return known

    def because(self, observed: float, limit: float) -> str:
        """Return the reason text with its values."""
        short, bound = words_of(observed, limit)
        values = {"observed": short, "limit": bound, "window": self.window or "", "": ""}
        return "".join([text + values[name] for text, name in self.reason])


class Exceeded:
    """A quota, the events of a block that exceed it (by index), and what decisions show of each."""

    __slots__ = ("_rows", "terms")

    def __init__(
        self,
        terms: QuotaTerms,
        *rows: NDArray[Any],
    ) -> None:
        self.terms = terms
        self._rows = rows

    @property
    def events(self) -> NDArray[np.int64]:
        """Indices of the events, ascending."""
        return self._rows[0]

    @property
    def observed(self) -> NDArray[np.float64]:
        """What was observed at each."""
        return self._rows[1]

    @property
    def limit(self) -> NDArray[np.float64]:
        """The limit at each."""
        return self._rows[2]


class ExceededByOne(Exceeded):
    """A quota that the only event of a block exceeds; arrays are made when they are asked for."""

    __slots__ = ("_figures",)

    def __init__(self, terms: QuotaTerms, observed: float, limit: float) -> None:
        self.terms = terms
        self._figures = (observed, limit)

    @property
    def events(self) -> NDArray[np.int64]:
        """The event's index."""
        return np.zeros(1, np.int64)

    @property
    def observed(self) -> NDArray[np.float64]:
        """What was observed."""
        return np.array(self._figures[:1])

    @property
    def limit(self) -> NDArray[np.float64]:
        """The limit."""
        return np.array(self._figures[1:])


class QuotaMarks:
    """Marks, per event of a chunk, the quotas it exceeds; those that are not decided go with the undecided rules."""

    def __init__(self, policy: Policy, at: Mapping[int, tuple[PlacedQuota, ...]]) -> None:
        first = len(policy.rules)
        self.terms = {first + n: terms_of_quota(quota) for n, quota in enumerate(policy.quotas)}
        self.at = {site: {q.number: q for q in quotas} for site, quotas in at.items() if quotas}
        self._program = Program(
            [{site: [(vm.MARK, 0, q.holds, q.number) for q in qs.values()] for site, qs in self.at.items()}]
        )
        self.passes = [Clear(self._program, undecided=False), Stage(self._program, 0)] if self.at else []
        self._marked = Marked(
            {site: {n: (q.observed, q.limit) for n, q in qs.items()} for site, qs in self.at.items()}
        )

    @property
    def sites(self) -> set[int]:
        """Sites whose events have quotas."""
        return set(self.at)

    def bind(self, chunk: Chunk, undecided: NDArray[np.uint64], open_: NDArray[np.uint8]) -> None:
        """Take the buffers of a chunk and those for what is undecided."""
        self._chunk = chunk
        self.exceeded = np.zeros_like(undecided)
        self.hit = np.zeros_like(open_)
        self._program.bind(chunk, self.exceeded, undecided, self.hit, open_)
        self._marked.bind(chunk, self.exceeded, self.hit)
        self._sets = SetNumbers(len(self.exceeded))
        self._sets.bind(self.exceeded)
        self._exceeded: dict[tuple[int, int], tuple[tuple[QuotaTerms, PlacedQuota], ...]] = {}

    def again(self, site: int, position: int) -> None:
        """Mark one event anew, after what was undecided about it was cleared."""
        if site in self.at:
            self.exceeded[:, position] = 0
            self.hit[position] = 0
            self._program.run(0, site, position, position + 1)

    def of_event(self, site: int, position: int) -> tuple[list[Fired], list[str]]:
        """Return the entries of one event, and the ids of quotas in shadow that it exceeds."""
        if site not in self.at or not self.hit.item(position):
            return [], []
        item, shown, shadow = self._chunk.cols.item, [], []
        for terms, at in self._placed(site, position):
            if terms.shown:
                shown.append(terms.fired(item(at.observed, position), item(at.limit, position)))
            else:
                shadow.append(terms.id)
        return shown, shadow

    def _placed(self, site: int, position: int) -> tuple[tuple[QuotaTerms, PlacedQuota], ...]:
        """Return the quotas that an event exceeds. Few sets of them are ever exceeded together."""
        number = self._sets.number(position)
        known = self._exceeded.get((site, number))
        if known is None:
            placed = self.at[site]
            known = tuple((self.terms[n], placed[n]) for n in bits_set(self._sets.bits(number)))
            self._exceeded[site, number] = known
        return known

    def collect(self, n: int, events: NDArray[np.int64], found: list[Exceeded]) -> None:
        """Add what the first `n` events of the chunk exceed; `events[i]` is the index of the i-th arrival, negative for none."""
        for number, *rows in self._marked.collect(n, events):
            found.append(Exceeded(self.terms[number], *rows))

    def of_one(self) -> list[Exceeded]:
        """Return what the only event of the chunk exceeds."""
        return [ExceededByOne(self.terms[number], *figures) for number, *figures in self._marked.alone()]


def terms_of_quota(quota: Quota) -> QuotaTerms:
    """Return what decisions show of a quota."""
    return QuotaTerms(quota.id, quota.window, parts_of_reason(quota.reason), quota.state == "active")


def placed_quotas(at: list[Any], place: Any) -> tuple[PlacedQuota, ...]:
    """Return the quotas of a site by final column; `place` gives it."""
    return tuple(PlacedQuota(q.number, *map(place, (q.observed, q.most, q.limit, q.holds))) for q in at)
