"""What differs between two policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.cli.policy_text import rule_data
from tidegate.cli.quota_text import quota_data

if TYPE_CHECKING:
    from tidegate.policy import Policy


@dataclass(frozen=True)
class Difference:
    """From policy `a` to policy `b`: rules and quotas of one only, what changed in those of both, and figures in force (None: absent)."""

    only_a: list[str]
    only_b: list[str]
    changed: dict[str, dict[str, list[Any]]]
    figures: dict[str, list[Any]]


def difference(a: Policy, b: Policy) -> Difference:
    """Return what differs."""
    first, second = _shown(a), _shown(b)
    changed = {name: changes(first[name], second[name]) for name in sorted(first.keys() & second.keys())}
    return Difference(
        only_a=sorted(first.keys() - second.keys()),
        only_b=sorted(second.keys() - first.keys()),
        changed={name: found for name, found in changed.items() if found},
        figures=changes(a.figures(), b.figures()),
    )


def _shown(policy: Policy) -> dict[str, dict[str, Any]]:
    """Return its rules and quotas as plain data, by id."""
    rules = {rule.id: rule_data(policy, rule) for rule in policy.rules}
    return rules | {quota.id: quota_data(policy, quota) for quota in policy.quotas}


def changes(a: dict[str, Any], b: dict[str, Any]) -> dict[str, list[Any]]:
    """Return, per name, what stands in one and in the other, where that differs."""
    names = dict.fromkeys((*a, *b))
    return {name: [a.get(name), b.get(name)] for name in names if a.get(name) != b.get(name)}
