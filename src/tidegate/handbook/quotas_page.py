"""Pages about quotas: what the operator publishes as allowed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tidegate.handbook.example_text import examples_text
from tidegate.handbook.words import area_of, bounds_text, page_of, value_text
from tidegate.policy import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.handbook.example import Shown
    from tidegate.policy import Policy
    from tidegate.policy.quota import Quota

_ABOUT = """\
Published limits. Quotas advise, rules restrain: an event that exceeds one is listed in its decision, and its verdict stays what it is."""


def quotas_page(policy: Policy) -> str:
    """Return the index of quotas as Markdown."""
    areas: dict[str, list[Quota]] = defaultdict(list)
    for quota in policy.quotas:
        areas[area_of(policy, quota)].append(quota)
    parts = [f"# Quotas of the policy `{policy.name}`", _ABOUT]
    for area in sorted(areas):
        rows = ["| quota | allowed | of |", "|---|---|---|"]
        rows += [_line(policy, quota) for quota in sorted(areas[area], key=lambda q: q.id)]
        parts += [f"## {area}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _line(policy: Policy, quota: Quota) -> str:
    page = f"[{quota.title}]({page_of(policy, quota)})<br>`{quota.id}`"
    return f"| {page} | {_allowed(policy, quota)} | {', '.join(quota.capability)} |"


def quota_page(policy: Policy, quota: Quota, shown: Shown | None) -> str:
    """Return the page of a quota as Markdown; `shown` None: the page says that there are no examples."""
    parts = [
        f"# `{quota.id}`",
        f"{quota.title}. A published limit: exceeding it has no consequence by itself.",
    ]
    parts.append(
        "\n".join(["| | |", "|---|---|", *(f"| {head} | {text} |" for head, text in _glance(policy, quota))])
    )
    if quota.note:
        parts += [
            "## How it is read",
            f"{quota.note[:1].upper()}{quota.note[1:]}{'' if quota.note.endswith('.') else '.'}",
        ]
    parts += examples_text(quota.id, shown, words=("Exceeds it", "Keeps it"))
    parts.append("[All quotas](../quotas.md), [all rules](../index.md).")
    return "\n\n".join(parts) + "\n"


def _allowed(policy: Policy, quota: Quota) -> str:
    limit = quota.allowed.right
    if not isinstance(limit, Parameter):
        return ""
    within = f" in {quota.window}" if quota.window else ""
    return f"{quota.allowed.op} {value_text(policy, limit)} {quota.unit or limit.unit}{within}"


def _glance(policy: Policy, quota: Quota) -> Iterator[tuple[str, str]]:
    yield "at", ", ".join(f"`{source.type_name}`" for source in quota.on)
    limit = quota.allowed.right
    if isinstance(limit, Parameter):
        yield "allowed", f"**{_allowed(policy, quota)}**"
        why = f"{limit.why}; **assumed**: the source is silent" if limit.assumed else limit.why
        yield "figure", f"`{limit.name}`, {bounds_text(limit)}: {_cell(why)} (source `{limit.source}`)"
    if quota.capability:
        yield "capability", ", ".join(quota.capability)
    yield "kept while", f"`{_cell(quota.within.describe())}`"
    for head, condition in (("for", quota.applies), ("where", quota.given)):
        if condition is not None:
            yield head, f"`{_cell(condition.describe())}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
