"""Checks of a policy as a whole: mistakes that compile but cannot be meant."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from tidegate.expr import Compare, Expr, Kind, Literal, Logic
from tidegate.features import Feature
from tidegate.features.aggregate import Count, Distinct, RunLength, Sum
from tidegate.policy.figures import trees_of
from tidegate.policy.parameter import Parameter

if TYPE_CHECKING:
    from tidegate.policy.policy import Policy
    from tidegate.policy.rule import Rule


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a policy, where, and what to do."""

    place: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}\n  hint: {self.hint}"


def check(policy: Policy) -> list[Finding]:
    """Return everything that is wrong with a policy that loads and compiles."""
    findings = []
    for rule in policy.rules:
        findings += _never_fires(rule)
        findings += _has_no_effect(rule)
        findings += _nameless_figures(rule)
        findings += _reason(rule)
    return findings


def _never_fires(rule: Rule) -> list[Finding]:
    """A rule whose conditions no values of its features and parameters can satisfy."""
    conjuncts = [rule.when, *([rule.given] if rule.given is not None else [])]
    flat: list[Expr] = []
    while conjuncts:
        node = conjuncts.pop()
        if isinstance(node, Logic) and node.op == "and":
            conjuncts += node.operands
        else:
            flat.append(node)
    spans: dict[str, tuple[float, float]] = {}
    names: dict[str, set[str]] = {}
    for node in flat:
        if isinstance(node, Literal) and node.value is False:
            return [
                Finding(rule.id, "the rule can never fire: a condition is `false`", "remove it, or the rule")
            ]
        if not isinstance(node, Compare):
            continue
        if node.left.kind is Kind.SYMBOL:
            conflict = _names_conflict(node, names)
        else:
            conflict = not _possible(node) or _spans_conflict(node, spans)
        if conflict:
            problem = f"the rule can never fire: `{node.describe()}` cannot hold together with what the rule else demands"
            return [Finding(rule.id, problem, "mind the range of the value and the bounds of the parameters")]
    return []


def span_of(node: Expr) -> tuple[float, float]:
    """Return the least and the greatest value that a number can have, for all revisions of parameters."""
    if isinstance(node, Literal) and isinstance(node.value, int | float):
        return float(node.value), float(node.value)
    if isinstance(node, Parameter):
        return node.low, node.high
    if isinstance(node, Feature) and isinstance(node.aggregate, Count | Distinct | RunLength | Sum):
        return 0.0, inf
    if node.kind is Kind.FLAG:
        return 0.0, 1.0
    return -inf, inf


def _possible(node: Compare) -> bool:
    (low_a, high_a), (low_b, high_b) = span_of(node.left), span_of(node.right)
    return {
        "<": low_a < high_b,
        "<=": low_a <= high_b,
        ">": high_a > low_b,
        ">=": high_a >= low_b,
        "==": low_a <= high_b and low_b <= high_a,
    }.get(node.op, True)


def _spans_conflict(node: Compare, spans: dict[str, tuple[float, float]]) -> bool:
    """Narrow what is left for the value on the left; True when nothing is."""
    low_b, high_b = span_of(node.right)
    low, high = spans.get(node.left.fingerprint, span_of(node.left))
    if node.op in (">", ">=", "=="):
        low = max(low, low_b)
    if node.op in ("<", "<=", "=="):
        high = min(high, high_b)
    spans[node.left.fingerprint] = (low, high)
    strict = node.op in ("<", ">") and low == high
    return low > high or strict


def _names_conflict(node: Compare, names: dict[str, set[str]]) -> bool:
    """A field demanded to be two different names."""
    if node.op != "==" or not isinstance(node.right, Literal):
        return False
    wanted = names.setdefault(node.left.fingerprint, set())
    wanted.add(str(node.right.value))
    return len(wanted) > 1


def _has_no_effect(rule: Rule) -> list[Finding]:
    if rule.measures or rule.labels or rule.cases or rule.prior or rule.points:
        return []
    return [Finding(rule.id, "the rule has no effect", "give it a prior, a label, a measure or a case")]


def _nameless_figures(rule: Rule) -> list[Finding]:
    found = [n for tree in trees_of(rule) for n in tree.walk() if isinstance(n, Parameter) and not n.name]
    if not found:
        return []
    problem = f"a parameter of `{found[0].default:g} {found[0].unit}` has no name, so nobody can revise it"
    return [Finding(rule.id, problem, "make it an attribute of the rule set, or give `name=`")]


def _reason(rule: Rule) -> list[Finding]:
    try:
        rule.reason.format_map({"observed": "", "limit": "", "window": ""})
    except (KeyError, IndexError, ValueError) as error:
        return [
            Finding(rule.id, f"the reason text does not work: {error}", "use {observed}, {limit}, {window}")
        ]
    return []
