"""What a screening found of an account, in the few words that the next screening compares: many accounts share one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.screening.tiers import TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.screening.dimensions import Check, Findings
    from tidegate.screening.tiers import Tiering


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tier, risk types, the ids of the checks that hold, and of those that nothing is known for."""

    tier: str
    risks: frozenset[str]
    holds: frozenset[str]
    unknown: frozenset[str]


def outcomes(checks: Sequence[Check], findings: Findings, tiers: Tiering) -> list[Outcome]:
    """Return the outcome of each account, in the order of the pool; equal ones are one object."""
    ids = [check.id for check in checks]
    risks = sorted(tiers.risks)
    columns = [tiers.tier.astype(np.int8)]
    columns += [
        np.where(np.isnan(findings[id_].truth), 2, findings[id_].truth).astype(np.int8) for id_ in ids
    ]
    columns += [tiers.risks[risk].astype(np.int8) for risk in risks]
    rows = np.ascontiguousarray(np.column_stack(columns))
    whole = rows.view(np.dtype((np.void, rows.shape[1]))).reshape(-1)
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    distinct = []
    for tier, *rest in rows[first].tolist():
        truths = dict(zip(ids, rest, strict=False))
        carried = zip(risks, rest[len(ids) :], strict=True)
        distinct.append(
            Outcome(
                TIERS[tier],
                frozenset(risk for risk, has in carried if has),
                frozenset(id_ for id_, truth in truths.items() if truth == 1),
                frozenset(id_ for id_, truth in truths.items() if truth == 2),  # noqa: PLR2004  stands for unknown, above
            )
        )
    return [distinct[i] for i in which.reshape(-1).tolist()]
