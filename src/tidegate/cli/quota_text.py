"""A quota in words: for the terminal, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.handbook.words import bounds_text, value_text
from tidegate.policy.parameter import Parameter

if TYPE_CHECKING:
    from rich.console import Console

    from tidegate.policy import Policy
    from tidegate.policy.quota import Quota


def quota_data(policy: Policy, quota: Quota) -> dict[str, Any]:
    """Return a quota as plain data."""
    limit = quota.allowed.right
    figure = limit if isinstance(limit, Parameter) else None
    return {
        "id": quota.id,
        "title": quota.title,
        "state": quota.state,
        "area": policy.area_of(quota),
        "on": [source.type_name for source in quota.on],
        "within": quota.within.describe(),
        "limit": value_text(policy, figure) if figure is not None else None,
        "bounds": bounds_text(figure) if figure is not None else None,
        "kind": quota.kind,
        "unit": quota.unit,
        "window": quota.window,
        "applies": quota.applies.describe() if quota.applies is not None else None,
        "given": quota.given.describe() if quota.given is not None else None,
        "capability": list(quota.capability),
        "subject": quota.subject,
        "reason": quota.reason,
        "source": quota.source or quota.id,
        "note": quota.note,
    }


def show_quota(console: Console, policy: Policy, quota: Quota) -> None:
    """Print a quota: what is used, how much is allowed, for whom."""
    data = quota_data(policy, quota)
    console.print(f"{quota.id}  (quota, {quota.state})", style="bold", markup=False)
    console.print(f"  {quota.title}\n", markup=False, soft_wrap=True)
    rows = [
        ("judged at", ", ".join(data["on"])),
        ("kept while", data["within"]),
        ("for", data["applies"]),
        ("where", data["given"]),
        ("limit", f"{data['limit']} {quota.unit} ({data['bounds']})" if data["limit"] else None),
        ("window", quota.window),
        ("source", data["source"]),
        ("note", quota.note),
    ]
    for head, text in rows:
        if text:
            console.print(f"  {head:<12}{text}", markup=False, soft_wrap=True)
