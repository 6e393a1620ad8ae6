"""The pool as a whole: limits of the cases in the catalogue, now and without the high-risk accounts; the main account; what reach costs."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.screening.dimensions import Found
from tidegate.screening.evidence.gathering import Evidence
from tidegate.screening.outlook import Figures
from tidegate.screening.pool_findings import PoolFinding, cost_inflation, pool_findings, wasted_on
from tidegate.screening.report import not_known
from tidegate.screening.report.wording import count, counted, listed, percent, share, share_of
from tidegate.screening.tiers import Tiering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.screening.screen import Screening

NAMES = {
    "screen.case-20pct-stolen-main-ban": "Stolen accounts, share",
    "screen.case-150-stolen-permanent": "Stolen accounts, number",
    "screen.case-30pct-noncompliant-batch": "Non-compliant accounts",
    "screen.case-8pct-associated-limit-cut": "Linked to banned accounts",
    "screen.low-quality-marketing": "Fake accounts",
    "screen.cost-inflation": "Extra cost per real recipient",
    "screen.pool-prevalence": "High-risk accounts",
}
RISK_OF = {
    "screen.case-20pct-stolen-main-ban": "stolen",
    "screen.case-150-stolen-permanent": "stolen",
    "screen.case-30pct-noncompliant-batch": "non_compliant",
    "screen.low-quality-marketing": "fake",
}
COUNTS = frozenset({"screen.case-150-stolen-permanent"})  # the others are shares
MAIN_SHOWN = 3
SCALE = 2.0  # a bar is full at twice the limit


def findings(screening: Screening) -> list[dict[str, Any]]:
    """Return the findings about the pool, of how many accounts each is not known, and what it is without the high-risk accounts."""
    after = {found.id: found for found in pool_findings(*_without_high(screening))}
    return [_row(found, after.get(found.id), _unknown(screening, found.id)) for found in screening.about_pool]


def _row(found: PoolFinding, after: PoolFinding | None, unknown: float | None) -> dict[str, Any]:
    scale = SCALE * found.limit
    more = 0.0 if unknown is None else unknown
    return {
        "name": NAMES.get(found.id, found.what), "holds": found.holds,
        "observed": _shown(found.id, found.observed), "limit": _shown(found.id, found.limit),
        "filled": min(found.observed / scale, 1), "open": min(more / scale, max(1 - found.observed / scale, 0)),
        "unknown": "" if unknown is None else _shown(found.id, unknown),
        "after": _shown(found.id, after.observed) if after else "none",
    }  # fmt: skip


def _unknown(screening: Screening, id_: str) -> float | None:
    """Return how many accounts may have what a finding counts, in its own measure; None where it does not add up."""
    if id_ == "screen.case-8pct-associated-limit-cut":
        open_ = not_known.of_check(screening, "screen.associated-with-banned")
    elif id_ in RISK_OF:
        open_ = not_known.of_risk(screening, RISK_OF[id_])
    else:
        return None
    number = int(np.count_nonzero(open_))
    return number if id_ in COUNTS else number / len(open_)


def _shown(id_: str, value: float) -> str:
    if isinf(value):
        return "no bound"
    if id_ in COUNTS:
        return count(int(value))
    return share(value) if value <= 1 else percent(value)


def _without_high(screening: Screening) -> tuple[Evidence, dict[str, Found], Tiering]:
    """Return the pool as it is when the high-risk accounts have been taken out."""
    tiers = screening.tiers
    kept = ~tiers.high
    rest = Tiering(
        tiers.tier[kept],
        tiers.score[kept],
        {risk: has[kept] for risk, has in tiers.risks.items()},
        {label: has[kept] for label, has in tiers.labels.items()},
    )
    found = {id_: Found(f.observed[kept], f.truth[kept]) for id_, f in screening.findings.items()}
    return Evidence([""] * int(np.count_nonzero(kept)), screening.at_ms), found, rest


def verdict(screening: Screening) -> str:
    """Return which of the limits are reached, in a sentence."""
    held = [NAMES.get(found.id, found.what).lower() for found in screening.about_pool if found.holds]
    size = len(screening.about_pool)
    if not held:
        return f"None of the {size} limits is reached by what is known."
    return f"{len(held)} of {size} limits {'is' if len(held) == 1 else 'are'} reached: {listed(held)}."


def glance(screening: Screening, summary: Mapping[str, Any]) -> list[str]:
    """Return what the first page says of the pool, in sentences."""
    main = main_account(screening, summary)
    risk = f"{main['risk']} {listed(main['cases'])}." if main["cases"] else main["risk"]
    return [said for said in (verdict(screening), f"{main['who']} {risk}", reach(screening)) if said]


def main_account(screening: Screening, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return which accounts do the writing, whether the pool puts them at risk, and what happened in the cases of the catalogue."""
    named = summary["main_account"]["numbers"]
    more = [f"{count(len(named) - MAIN_SHOWN)} more"] if len(named) > MAIN_SHOWN else []
    cases = [found.exposes for found in screening.about_pool if found.holds and found.exposes]
    return {
        "who": f"Main account: {listed(named[:MAIN_SHOWN] + more)}." if named else "The list names no main account.",
        "risk": "What such pools led to, in the cases of the catalogue:" if cases else "By what is known, no limit that puts it at risk is reached.",
        "cases": cases,
        "chance": _chance(screening, summary["main_account"]["chance_of_control"]),
    }  # fmt: skip


def _chance(screening: Screening, prior: Mapping[str, Any]) -> str:
    """Return how often platforms step in against such main accounts, by what the source says; nothing where it does not say it."""
    if prior["now"] is None:
        return ""
    said = f"{_control(prior['now'])} of the main accounts of such pools"
    if prior["without_high_risk"] != prior["now"]:
        said += f"; once the high-risk accounts are gone, {_control(prior['without_high_risk'])}"
    known = ", for all that is known" if not_known.of_risk(screening, "non_compliant").any() else ""
    return f"By the claim of the source ({prior['row']}), which is not measured here, platforms step in against {said}{known}."


def _control(prior: float) -> str:
    return f"{'more' if prior == Figures.control_with.default else 'less'} than {percent(prior)}"


def kept_up(summary: Mapping[str, Any]) -> str:
    """Return the share of secure accounts beside that of pools that are screened every month."""
    target = summary["target"]
    secure = share_of(summary["tiers"]["secure"]["accounts"], summary["accounts"])
    kept = f"where pools are screened every month it is more than {percent(target['target'])}"
    return f"{secure} of the accounts are secure; {kept}, by the claim of the source ({target['row']})."


def reach(screening: Screening) -> str:
    """Return what a real recipient costs, now and without the high-risk accounts; nothing where fakes were not asked for."""
    fake = screening.tiers.risks.get("fake")
    size = len(screening.evidence)
    if fake is None or not size:
        return ""
    open_ = int(np.count_nonzero(not_known.of_risk(screening, "fake")))
    if open_ == size:
        return "Whether there are fake accounts is not known, so nothing can be said of what reach costs."
    kept = ~screening.tiers.high
    fakes, left, left_fake = (int(np.count_nonzero(mask)) for mask in (fake, kept, fake & kept))
    now, after = _times(fakes, size), _times(left_fake, left)
    rest = f" Without the high-risk accounts it costs {after}." if 0 < left < size else ""
    blind = f" Of {counted(open_, 'account')} it is not known whether they are fake." if open_ else ""
    spent = wasted_on(fakes, size, screening.evidence.campaign_cost)
    lost = (
        f" Of the {spent.cost:,.2f} of the last campaign {spent.wasted:,.2f} went to fakes." if spent else ""
    )
    return f"{share(fakes / size)} of the accounts are fake, so that a real recipient costs {now}.{lost}{rest}{blind}"


def _times(part: int, whole: int) -> str:
    more = cost_inflation(part, whole)
    return "without bound" if isinf(more) else f"{1 + more:.2f} times the plan"
