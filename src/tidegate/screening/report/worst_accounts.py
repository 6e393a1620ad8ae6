"""The accounts to look at first, with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.screening.report.plain_text import line
from tidegate.screening.report.wording import RISK_NAMES, THEFT_SIGNS, TIER_NAMES, count, counted, listed
from tidegate.screening.tiers import TIERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.screen import Screening

SHOWN = 12
REMARK_CHARS = 70


def worst_accounts(screening: Screening) -> dict[str, Any]:
    """Return accounts at high or low risk, at most `SHOWN`: by tier, by the risk that is looked at first, by score, by place in the list."""
    tiers = screening.tiers
    order = _order(screening)
    bad, places = len(order), order[:SHOWN]
    if not bad:
        return {"rows": [], "shown": ""}
    present = [
        RISK_NAMES.get(risk, risk).lower()
        for risk in screening.goals
        if risk in tiers.risks and tiers.risks[risk].any()
    ]
    by = f"{listed(present)} in this order" if len(present) > 1 else "by risk"
    every = "All" if bad == len(places) else f"The first {count(len(places))} of"
    return {
        "rows": [_row(screening, place) for place in places.tolist()],
        "shown": f"{every} {counted(bad, 'account')} at high or low risk: by tier, then {by}, then by score. The lists have them all.",
    }


def _order(screening: Screening) -> NDArray[np.int64]:
    """Return the places of all accounts at high or low risk, the first to look at in front."""
    tiers = screening.tiers
    pressing = np.full(len(tiers.tier), len(screening.goals))
    for rank, risk in reversed(list(enumerate(screening.goals))):
        if risk in tiers.risks:
            pressing[tiers.risks[risk]] = rank
    at_risk = np.flatnonzero(tiers.tier > 0)
    keys = (-tiers.score[at_risk], pressing[at_risk], -tiers.tier[at_risk])
    return at_risk[np.lexsort(keys)]


def _row(screening: Screening, place: int) -> dict[str, Any]:
    tiers = screening.tiers
    member = screening.pool.members.at(place)
    risks = [risk for risk in screening.goals if risk in tiers.risks and tiers.risks[risk][place]]
    tier = TIERS[int(tiers.tier[place])]
    found = [(check, screening.findings[check.id]) for check in screening.checks]
    reasons = [check.says(float(f.observed[place])) for check, f in found if f.truth[place] == 1]
    return {
        "number": member.number.e164,
        "remark": line(member.remark, REMARK_CHARS),
        "tier": tier, "tier_name": TIER_NAMES[tier],
        "score": f"{tiers.score[place]:.2f}",
        "risks": [RISK_NAMES.get(risk, risk) for risk in risks],
        "reasons": reasons + [said for label, said in THEFT_SIGNS.items() if label in tiers.labels and tiers.labels[label][place]],
        "to_do": _to_do(tier, risks, over=screening.observation.is_over(place)),
    }  # fmt: skip


def _to_do(tier: str, risks: list[str], *, over: bool) -> str:
    if tier == "high":
        return "ask the holder" if "stolen" in risks else "take out"
    return "use again" if over else "watch"
