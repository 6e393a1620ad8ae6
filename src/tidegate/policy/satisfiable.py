"""Whether conditions that must all hold can hold together, for some values and some revision of the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from tidegate.expr import Arithmetic, Compare, Expr, Kind, Literal, Logic, Not
from tidegate.features import Feature, Sanctioned
from tidegate.features.aggregate import Changes, Count, Distinct, Regular, RunLength, Similarity
from tidegate.policy.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Range:
    """The values from `low` to `high`; an open end is not one of them."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Whether no value is left."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def narrowed(self, op: str, other: Range) -> Range:
        """Return what is left of the values for which `value op other` can hold."""
        low, low_open, high, high_open = self.low, self.low_open, self.high, self.high_open
        if op in (">", ">=", "=="):
            bound, is_open = other.low, other.low_open or op == ">"
            low, low_open = max((low, low_open), (bound, is_open))
        if op in ("<", "<=", "=="):
            bound, is_open = other.high, other.high_open or op == "<"
            high, high_open = min((high, not high_open), (bound, not is_open))
            high_open = not high_open
        return Range(low, high, low_open, high_open)


def contradiction(conditions: Iterable[Expr]) -> str | None:
    """Return what cannot hold, in words; None where nothing speaks against all of them at once."""
    ranges: dict[str, Range] = {}
    names: dict[str, set[str]] = {}
    held: set[str] = set()
    for node in _conjuncts(conditions):
        if isinstance(node, Literal):
            if node.value is False:
                return "a condition is `false`"
            continue
        opposite = node.operand if isinstance(node, Not) else Not(node)
        if opposite.fingerprint in held:
            return f"`{node.describe()}` and its opposite are both demanded"
        held.add(node.fingerprint)
        if isinstance(node, Compare) and not _possible(node, ranges, names):
            if _possible(node, {}, {}):
                return f"`{node.describe()}` cannot hold together with what the rule else demands"
            return f"`{node.describe()}` cannot hold"
    return None


def _conjuncts(conditions: Iterable[Expr]) -> list[Expr]:
    flat: list[Expr] = []
    left = list(conditions)[::-1]
    while left:
        node = left.pop()
        if isinstance(node, Logic) and node.op == "and":
            left += node.operands[::-1]
        else:
            flat.append(node)
    return flat


def range_of(node: Expr) -> Range:
    """Return the values that an expression can have, for all revisions of its parameters."""
    if isinstance(node, Literal) and isinstance(node.value, int | float):
        return Range(float(node.value), float(node.value))
    if isinstance(node, Parameter):
        return Range(node.low, node.high)
    if isinstance(node, Feature):
        if isinstance(node.aggregate, Count | Distinct | Changes | RunLength | Regular):
            return Range(0.0)
        if isinstance(node.aggregate, Similarity):
            return Range(0.0, 1.0)
    if isinstance(node, Sanctioned):
        return Range(0.0)
    if node.kind is Kind.FLAG:
        return Range(0.0, 1.0)
    if isinstance(node, Arithmetic) and node.op in ("+", "*"):
        a, b = range_of(node.left), range_of(node.right)
        if a.low >= 0 and b.low >= 0:
            return Range(a.low + b.low) if node.op == "+" else Range(0.0)
    return Range()


def _possible(node: Compare, ranges: dict[str, Range], names: dict[str, set[str]]) -> bool:
    """Narrow what is left for both sides; False when nothing is."""
    if node.left.kind is Kind.SYMBOL:
        return _names_agree(node, names)
    for side, op, other in ((node.left, node.op, node.right), (node.right, _MIRRORED[node.op], node.left)):
        known = ranges.get(side.fingerprint, range_of(side))
        left = known.narrowed(op, ranges.get(other.fingerprint, range_of(other)))
        if left.empty:
            return False
        if not isinstance(side, Literal):
            ranges[side.fingerprint] = left
    return True


def _names_agree(node: Compare, names: dict[str, set[str]]) -> bool:
    """Whether no expression is demanded to be two different names."""
    if node.op != "==" or not isinstance(node.right, Literal):
        return True
    wanted = names.setdefault(node.left.fingerprint, set())
    wanted.add(str(node.right.value))
    return len(wanted) == 1
