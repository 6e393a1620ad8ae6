"""What the report says, as plain data; how it looks is the template's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.screening.report import about_pool, front, limits_of_evidence
from tidegate.screening.report.guidance import guidance
from tidegate.screening.report.trend import agreement, trend
from tidegate.screening.report.wording import moment
from tidegate.screening.report.worst_accounts import worst_accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.screening.screen import Screening


def contents_of(screening: Screening, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contents of the report: texts, and numbers for the charts.

    The summary is that of summary.json.
    """
    return {
        "title": "Screening of an account pool",
        "screened": moment(screening.at_ms),
        "empty": not summary["accounts"],
        "basis": front.basis(screening, summary),
        "headline": front.headline(summary),
        "tiers": front.tiers(summary),
        "risks": front.risk_types(screening, summary),
        "to_do": front.to_do(screening, summary),
        "glance": about_pool.glance(screening, summary),
        "trend": trend(summary),
        "agreement": agreement(summary),
        "pool": {
            "verdict": about_pool.verdict(screening),
            "kept_up": about_pool.kept_up(summary),
            "findings": about_pool.findings(screening),
            "main": about_pool.main_account(screening, summary),
            "reach": about_pool.reach(screening),
        },
        "worst": worst_accounts(screening),
        "guidance": guidance(screening, summary),
        "evidence": {
            "checks": limits_of_evidence.checks(screening, summary),
            "sentences": limits_of_evidence.sentences(screening, summary),
        },
        "left_out": limits_of_evidence.left_out(screening, summary),
        "undrawn": False,
    }
