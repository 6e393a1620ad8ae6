"""The page about quotas: what the operator publishes as allowed, and what an account has left of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tidegate.handbook.words import area_of, bounds_text, value_text
from tidegate.policy import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.policy import Policy
    from tidegate.policy.quota import Quota

_ABOUT = """\
Published limits. Quotas advise, rules restrain: an event that exceeds one is listed in its decision, and its verdict stays what it is."""


def quotas_page(policy: Policy) -> str:
    """Return the page about quotas as Markdown."""
    areas: dict[str, list[Quota]] = defaultdict(list)
    for quota in policy.quotas:
        areas[area_of(policy, quota)].append(quota)
    parts = [f"# Quotas of the policy `{policy.name}`", _ABOUT]
    for area in sorted(areas):
        parts.append(f"## {area}")
        for quota in sorted(areas[area], key=lambda q: q.id):
            parts += _quota(policy, quota)
    return "\n\n".join(parts) + "\n"


def _quota(policy: Policy, quota: Quota) -> Iterator[str]:
    yield f"### `{quota.id}`"
    yield f"{quota.title}." + (f" {quota.note[:1].upper()}{quota.note[1:]}." if quota.note else "")
    rows = [("at", ", ".join(f"`{source.type_name}`" for source in quota.on))]
    limit = quota.allowed.right
    if isinstance(limit, Parameter):
        held = f"**{quota.allowed.op} {value_text(policy, limit)}** {limit.unit}" + (
            f" within `{quota.window}`" if quota.window else ""
        )
        rows.append(("allowed", f"{held} (`{limit.name}`, {bounds_text(limit)}; source `{limit.source}`)"))
    rows.append(("kept while", f"`{_cell(quota.within.describe())}`"))
    for head, condition in (("for", quota.applies), ("where", quota.given)):
        if condition is not None:
            rows.append((head, f"`{_cell(condition.describe())}`"))
    if quota.capability:
        rows.append(("capability", ", ".join(quota.capability)))
    yield "\n".join(["| | |", "|---|---|", *(f"| {head} | {text} |" for head, text in rows)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
