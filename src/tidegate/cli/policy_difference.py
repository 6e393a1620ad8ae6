"""What differs between two policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.cli.policy_text import rule_data

if TYPE_CHECKING:
    from tidegate.policy import Policy


@dataclass(frozen=True)
class Difference:
    """From policy `a` to policy `b`: rules of one only, what changed in rules of both, and figures in force (None: absent)."""

    only_a: list[str]
    only_b: list[str]
    changed: dict[str, dict[str, list[Any]]]
    figures: dict[str, list[Any]]


def difference(a: Policy, b: Policy) -> Difference:
    """Return what differs."""
    first, second = ({rule.id: rule_data(policy, rule) for rule in policy.rules} for policy in (a, b))
    changed = {rule: changes(first[rule], second[rule]) for rule in sorted(first.keys() & second.keys())}
    return Difference(
        only_a=sorted(first.keys() - second.keys()),
        only_b=sorted(second.keys() - first.keys()),
        changed={rule: found for rule, found in changed.items() if found},
        figures=changes(a.figures(), b.figures()),
    )


def changes(a: dict[str, Any], b: dict[str, Any]) -> dict[str, list[Any]]:
    """Return, per name, what stands in one and in the other, where that differs."""
    names = dict.fromkeys((*a, *b))
    return {name: [a.get(name), b.get(name)] for name in names if a.get(name) != b.get(name)}
