"""What a screening found of an account, in the few words that the next screening compares: many accounts share one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.screening.telling_apart import values_in
from tidegate.screening.tiers import TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate.screening.dimensions import Check, Findings
    from tidegate.screening.tiers import Tiering

TRUE, UNKNOWN = 1, 2
_DIGITS = 39  # of base 3, in an int64


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tier, risk types, the ids of the checks that hold, and of those that nothing is known for."""

    tier: str
    risks: frozenset[str]
    holds: frozenset[str]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of a pool: `which` says for each account, in the order of the pool, its place in `distinct`."""

    distinct: list[Outcome]
    which: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, place: int) -> Outcome:
        return self.distinct[int(self.which[place])]

    def __iter__(self) -> Iterator[Outcome]:
        return map(self.distinct.__getitem__, self.which.tolist())

    def places_in(self, tier: str) -> list[int]:
        """Return the places of the accounts in a tier."""
        there = np.array([outcome.tier == tier for outcome in self.distinct], np.bool_)
        found: list[int] = np.flatnonzero(there[self.which]).tolist()
        return found

    def accounts_in(self, tier: str) -> int:
        """Return how many accounts are in a tier."""
        counts = np.bincount(self.which, minlength=len(self.distinct)).tolist()
        return sum(count for one, count in zip(self.distinct, counts, strict=True) if one.tier == tier)


def outcomes(checks: Sequence[Check], findings: Findings, tiers: Tiering) -> Outcomes:
    """Return the outcome of each account."""
    ids, risks = [check.id for check in checks], sorted(tiers.risks)
    columns = [np.where(np.isnan(findings[id_].truth), UNKNOWN, findings[id_].truth) for id_ in ids]
    columns += [tiers.risks[risk] for risk in risks]
    assert len(columns) < _DIGITS, "an outcome is one whole number"
    packed = tiers.tier.astype(np.int64)
    for column in columns:
        packed = packed * 3 + column.astype(np.int64)
    found, which = values_in(packed)
    return Outcomes([_unpacked(number, ids, risks) for number in found.tolist()], which)


def _unpacked(number: int, ids: Sequence[str], risks: Sequence[str]) -> Outcome:
    digits = []
    for _ in range(len(ids) + len(risks)):
        number, digit = divmod(number, 3)
        digits.append(digit)
    truths = dict(zip((*ids, *risks), reversed(digits), strict=True))
    return Outcome(
        TIERS[number],
        frozenset(risk for risk in risks if truths[risk] == TRUE),
        frozenset(id_ for id_ in ids if truths[id_] == TRUE),
        frozenset(id_ for id_ in ids if truths[id_] == UNKNOWN),
    )
