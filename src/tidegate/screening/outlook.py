"""What a pool may lead to, and what it should come to: how often platforms step in against the main account, the share to reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import tidegate as tg
from tidegate.screening.pool_findings import share
from tidegate.screening.tiers import SECURE

if TYPE_CHECKING:
    from tidegate.screening.tiers import Tiering


class Figures:
    """What the source says of other pools: nothing here is measured."""

    control_with = tg.Parameter(
        0.4, low=0.05, high=1, unit="ratio", why="more than this, with non-compliant accounts in the pool",
        source="screen.control-probability-40-vs-5pct",
    )  # fmt: skip
    control_without = tg.Parameter(
        0.05, low=0, high=0.4, unit="ratio", why="less than this, without any", source="screen.control-probability-40-vs-5pct"
    )  # fmt: skip
    secure_share = tg.Parameter(
        0.97, low=0.5, high=1, unit="ratio", why="more than this, where pools are screened every month", source="sops.security-rate-97pct"
    )  # fmt: skip


def chance_of_control(tiers: Tiering) -> dict[str, Any]:
    """Return how often a platform steps in against the main account of such a pool, now and without the high-risk accounts.

    The claim of the source is `more than` and `less than` these; it is a prior, not a forecast (comp.main-account-protection).
    """
    bad = tiers.risks.get("non_compliant")
    if bad is None:  # it was not asked
        return {"row": "screen.control-probability-40-vs-5pct", "now": None, "without_high_risk": None}
    left = bad & ~tiers.high
    return {
        "row": "screen.control-probability-40-vs-5pct",
        "now": _prior(int(np.count_nonzero(bad))),
        "without_high_risk": _prior(int(np.count_nonzero(left))),
    }


def _prior(non_compliant: int) -> float:
    return (Figures.control_with if non_compliant else Figures.control_without).default


def target(accounts_in: dict[str, int]) -> dict[str, Any]:
    """Return whether the pool has come to what monthly screening keeps up; `accounts_in` are counts by tier.

    >>> target({"secure": 97, "low": 3, "high": 0})["reached"], target({"secure": 98, "low": 2, "high": 0})["reached"]
    (False, True)
    """
    total, limit = sum(accounts_in.values()), Figures.secure_share.default
    return {
        "row": "sops.security-rate-97pct", "what": "share of secure accounts", "observed": share(accounts_in[SECURE], total),
        "target": limit, "reached": total > 0 and accounts_in[SECURE] > limit * total,
    }  # fmt: skip
