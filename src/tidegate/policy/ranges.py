"""The values that an expression can have, whatever the events and the revisions of the parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import inf
from typing import TYPE_CHECKING

from tidegate.expr import (
    Arithmetic,
    Expr,
    FingerprintHalf,
    GreatCircle,
    Kind,
    Likeness,
    Literal,
    LocalTime,
    Logic,
    OrElse,
    Size,
    SizeWithin,
    Unary,
    When,
)
from tidegate.features import Feature, Sanctioned, Sliding
from tidegate.features.aggregate import (
    Alike,
    CappedSum,
    Changes,
    Count,
    Distinct,
    Highest,
    Last,
    Median,
    Moments,
    Regular,
    RunLength,
    Seen,
    Similarity,
    Steady,
    Sum,
    Top,
)

if TYPE_CHECKING:
    from tidegate.events import Event

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
SHARE = Range(0.0, 1.0)
KM = Range(0.0, 20_038.0)  # half way round the equator, the longest of all meridians and parallels
HALF = Range(0.0, float(2**32 - 1))  # of a fingerprint of 64 bits
_MEASURED: dict[type[Expr], Range] = {FingerprintHalf: HALF, Likeness: SHARE, GreatCircle: KM}


def range_of(node: Expr) -> Range:
    """Return the values that an expression can have; those of a field within its bounds."""
    if isinstance(node, Literal) and isinstance(node.value, int | float):
        return Range(float(node.value), float(node.value))
    if isinstance(node, Feature):
        return _of_feature(node)
    if node.kind is Kind.FLAG:
        return SHARE
    if isinstance(node, Size | SizeWithin) or (isinstance(node, Sanctioned) and node.kind is Kind.NUMBER):
        return FROM_ZERO
    if isinstance(node, Unary):
        return _of_unary(node.op, range_of(node.operand))
    if isinstance(node, Arithmetic):
        if node.op == "/" and _is_share(node.left, node.right):
            return SHARE
        return _of_arithmetic(node.op, range_of(node.left), range_of(node.right))
    if isinstance(node, When | OrElse):
        one, other = (node.then, node.otherwise) if isinstance(node, When) else (node.operand, node.default)
        return _either(range_of(one), range_of(other))
    return _MEASURED.get(type(node)) or _of_leaf(node)


def _of_leaf(node: Expr) -> Range:
    if isinstance(node, LocalTime):
        parts = {"hour": Range(0.0, float(HOURS), high_open=True), "weekday": Range(0.0, float(SUNDAY))}
        return parts.get(node.part, ANY)
    low, high = getattr(node, "low", None), getattr(node, "high", None)  # those of a parameter or a field
    return Range(-inf if low is None else float(low), inf if high is None else float(high))


def _of_feature(feature: Feature) -> Range:
    aggregate = feature.aggregate
    if isinstance(aggregate, Count | Distinct | Changes | Moments | RunLength | Regular | Steady | Top):
        return FROM_ZERO
    if isinstance(aggregate, Similarity):
        return SHARE
    if isinstance(aggregate, Seen):
        keys = (*feature.read_at, *(name for fields in feature.key.fields.values() for name in fields))
        return FROM_ZERO if any(name.kind is Kind.LIST for name in keys) else SHARE
    if isinstance(aggregate, Last | Median | Highest):
        return _of_each(aggregate.value)
    if isinstance(aggregate, Sum | CappedSum):  # of no events 0, else anything, unless no amount is below 0
        cap = range_of(aggregate.cap) if isinstance(aggregate, CappedSum) else FROM_ZERO
        return FROM_ZERO if min(_of_each(aggregate.amount).low, cap.low) >= 0 else ANY
    return Range(-1.0, 1.0) if isinstance(aggregate, Alike) else ANY


def _of_each(values: Mapping[type[Event], Expr]) -> Range:
    """Return the values of an expression that each kind of event has its own form of."""
    return reduce(_either, map(range_of, values.values()))


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
    if op == "/" and b.low <= 0 <= b.high:  # by as little as may be
        return FROM_ZERO if a.low >= 0 and b.low >= 0 else ANY
    ends = (b.low, b.high) if op == "*" else (1 / b.high, 1 / b.low)
    found = [0.0 if 0 in (x, y) else x * y for x in (a.low, a.high) for y in ends]
    return Range(min(found), max(found))


def _is_share(part: Expr, whole: Expr) -> bool:
    """Whether every event that the one counts is counted by the other."""
    if isinstance(whole, Arithmetic) and whole.op == "max":
        return _is_share(part, whole.left) or _is_share(part, whole.right)
    if not isinstance(part, Feature) or not isinstance(whole, Feature):
        return False
    if not isinstance(part.aggregate, Count) or not isinstance(whole.aggregate, Count):
        return False
    return _is_within(part, whole) and all(
        event in whole.condition and _is_part(condition, whole.condition[event])
        for event, condition in part.condition.items()
    )


def _is_within(part: Feature, whole: Feature) -> bool:
    """Whether both look at the same entity, the one over a window that lies in the other's."""
    one, other = part.window, whole.window
    inside = one.fingerprint() == other.fingerprint() or (
        isinstance(one, Sliding) and isinstance(other, Sliding) and one.length.ms <= other.length.ms
    )
    entities = [
        [[name.fingerprint for name in feature.key.fields[event]] for event in part.condition]
        for feature in (part, whole)
        if all(event in feature.key.fields for event in part.condition)
    ]
    at = [[name.fingerprint for name in feature.read_at] for feature in (part, whole)]
    return inside and len(entities) > 1 and entities[0] == entities[1] and at[0] == at[1]


def _is_part(condition: Expr | None, of: Expr | None) -> bool:
    """Whether the one cannot hold without the other, by what the trees say."""
    if of is None or condition is None:
        return of is None
    if isinstance(condition, Logic) and condition.op == "and":
        return condition.fingerprint == of.fingerprint or any(_is_part(o, of) for o in condition.operands)
    return condition.fingerprint == of.fingerprint


def _either(a: Range, b: Range) -> Range:
    return Range(min(a.low, b.low), max(a.high, b.high))
