"""What the report says, as plain data; how it looks is the template's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidegate.screening.screen import Screening


def contents_of(
    screening: Screening, summary: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the contents of the report: texts, and numbers for the charts."""
    return {
        "title": "Screening of an account pool",
        "screened_at": summary["screened_at"],
        "tiers": summary["tiers"],
        "accounts": len(screening.evidence),
        "trend": [one["tiers"] for one in earlier],
    }
