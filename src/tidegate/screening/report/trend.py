"""How the shares went from screening to screening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.screening.report.wording import DIMENSION_NAMES, count, counted, listed, percent, share_of
from tidegate.screening.tiers import TIERS

if TYPE_CHECKING:
    from collections.abc import Mapping

# what the summary calls a change, and how the report does
CHANGES = {
    "worse": "worse", "other_risks": "with other risks", "no_longer_known": "no longer known to be at risk", "better": "better",
    "asked_otherwise": "asked otherwise", "new": "new", "gone": "gone",
}  # fmt: skip
SHOWN = 12  # a year of monthly screenings


def trend(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the points of the trend, oldest first, at most `SHOWN`, and what changed; None where this is the first screening.

    The summary's `history` holds screenings with their time, accounts and accounts by tier, this one last; `since` counts
    the changes since the one before.
    """
    points = [_point(one) for one in summary["history"][-SHOWN:]]
    if len(points) < 2:  # noqa: PLR2004  one point is no trend
        return None
    before, now = points[-2], points[-1]
    said = [
        f"High risk: {before['high_share']} before, {now['high_share']} now.",
        f"Low risk: {before['low_share']} before, {now['low_share']} now.",
    ]
    return {"points": points, "moved": " ".join(said), "since": _since(summary["since"])}


def agreement(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return per dimension how people have ruled since of what the screening before had flagged; none where nobody ruled at all."""
    rows = summary["accuracy"] or {}
    ruled = ("flagged_right", "flagged_wrong", "missed", "rightly_passed")
    if not any(row[name] for row in rows.values() for name in ruled):
        return []
    return [
        {
            "name": DIMENSION_NAMES[dimension], "flagged": count(row["flagged"]), "right": count(row["flagged_right"]),
            "wrong": count(row["flagged_wrong"]), "missed": count(row["missed"]), "precision": _agreed(row, "precision"),
            "recall": _agreed(row, "recall"),
        }
        for dimension, row in rows.items()
    ]  # fmt: skip


def _agreed(row: Mapping[str, Any], name: str) -> str:
    """Return a share with its interval; what nobody ruled of is unknown."""
    if row[name] is None:
        return "unknown"
    low, high = row[f"{name}_interval_95"]
    return f"{percent(row[name])} ({percent(low)} to {percent(high)})"


def _since(since: Mapping[str, Any] | None) -> list[str]:
    """Return what changed since the screening before, in sentences."""
    if since is None:
        return []
    counts = [f"{count(since[name])} {word}" for name, word in CHANGES.items() if since.get(name)]
    days = counted(round(since["days"]), "day")
    said = [
        f"In {days}: {listed(counts)}. drift.csv names them." if counts else f"In {days} no account changed."
    ]
    if since["overdue"]:
        said.append("More than a month went by: screen every month.")
    if not since["asked_alike"]:
        said.append("The checks or their figures were others then: tiers may differ for that reason alone.")
    return said


def _point(one: Mapping[str, Any]) -> dict[str, Any]:
    total = one["accounts"]
    tiers = {tier: one["tiers"][tier] for tier in TIERS}
    return {
        "day": one["screened_at"][:10], "accounts": count(total),
        "high": tiers["high"] / total if total else 0, "low": tiers["low"] / total if total else 0,
        "high_share": share_of(tiers["high"], total), "low_share": share_of(tiers["low"], total),
    }  # fmt: skip
