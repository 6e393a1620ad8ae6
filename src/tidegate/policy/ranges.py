"""The values that an expression can have, whatever the events and the revisions of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import inf

from tidegate.expr import Arithmetic, Expr, Kind, Literal, LocalTime, OrElse, Size, SizeWithin, Unary, When
from tidegate.features import Feature, Sanctioned
from tidegate.features.aggregate import (
    Changes,
    Count,
    Distinct,
    Last,
    Moments,
    Regular,
    RunLength,
    Seen,
    Similarity,
    Steady,
)

HOURS = 24
SUNDAY = 6


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


ANY = Range()
FROM_ZERO = Range(0.0)


def range_of(node: Expr) -> Range:
    """Return the values that an expression can have; those of a field within its bounds."""
    if isinstance(node, Literal) and isinstance(node.value, int | float):
        return Range(float(node.value), float(node.value))
    if isinstance(node, Feature):
        return _of_feature(node)
    if node.kind is Kind.FLAG:
        return Range(0.0, 1.0)
    if isinstance(node, Size | SizeWithin) or (isinstance(node, Sanctioned) and node.kind is Kind.NUMBER):
        return FROM_ZERO
    if isinstance(node, Unary):
        return _of_unary(node.op, range_of(node.operand))
    if isinstance(node, Arithmetic):
        return _of_arithmetic(node.op, range_of(node.left), range_of(node.right))
    if isinstance(node, When | OrElse):
        one, other = (node.then, node.otherwise) if isinstance(node, When) else (node.operand, node.default)
        return _either(range_of(one), range_of(other))
    return _of_leaf(node)


def _of_leaf(node: Expr) -> Range:
    if isinstance(node, LocalTime):
        parts = {"hour": Range(0.0, float(HOURS), high_open=True), "weekday": Range(0.0, float(SUNDAY))}
        return parts.get(node.part, ANY)
    low, high = getattr(node, "low", None), getattr(node, "high", None)  # those of a parameter or a field
    return Range(-inf if low is None else float(low), inf if high is None else float(high))


def _of_feature(feature: Feature) -> Range:
    aggregate = feature.aggregate
    if isinstance(aggregate, Count | Distinct | Changes | Moments | RunLength | Regular | Steady):
        return FROM_ZERO
    if isinstance(aggregate, Similarity):
        return Range(0.0, 1.0)
    if isinstance(aggregate, Seen):
        keys = (*feature.read_at, *(name for fields in feature.key.fields.values() for name in fields))
        return FROM_ZERO if any(name.kind is Kind.LIST for name in keys) else Range(0.0, 1.0)
    if isinstance(aggregate, Last):
        found = [range_of(value) for value in aggregate.value.values()]
        return Range(min(r.low for r in found), max(r.high for r in found))
    return ANY


def _of_unary(op: str, of: Range) -> Range:
    if op == "floor":
        return Range(of.low if math.isinf(of.low) else float(math.floor(of.low)), of.high)
    return Range(0.0, max(abs(of.low), abs(of.high)))


def _of_arithmetic(op: str, a: Range, b: Range) -> Range:
    """Return the values of a result; its ends count as values of it."""
    if op in ("min", "max"):
        pick = min if op == "min" else max
        return Range(pick(a.low, b.low), pick(a.high, b.high))
    if op == "+":
        return Range(a.low + b.low, a.high + b.high)
    if op == "-":
        return Range(a.low - b.high, a.high - b.low)
    return FROM_ZERO if a.low >= 0 and b.low >= 0 else ANY  # a product, a share


def _either(a: Range, b: Range) -> Range:
    return Range(min(a.low, b.low), max(a.high, b.high))
