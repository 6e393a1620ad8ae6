"""Numbers of which only bounds are known: what operators make of them, as instructions.

A result lies between the least and the most that the operator makes of any values within the bounds of its operands, whatever their
signs. Both bounds are not known where one of those values is not: a divisor that may be 0 leaves nothing to be said.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from tidegate.engine.compile.column import Column, SharedColumns, Value
from tidegate.policy.ranges import range_of
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from tidegate.engine.compile.site import Site
    from tidegate.expr import Expr

_NAN = float("nan")
# More than any figure: what may be added without a limit. A number, not infinity: 0 times it is 0, and less it is no `null`.
UNBOUNDED = 1e100


def never_negative(node: Expr) -> bool:
    """Whether the value is known to be 0 or more, so that bounds pass through products and quotients in order."""
    return range_of(node).low >= 0


class Intervals:
    """Emits, at one site, what bounds the results of operators; `left` and `right` are the operands' expressions."""

    def __init__(self, site: Site, shared: SharedColumns) -> None:
        self.site = site
        self.shared = shared

    def arithmetic(self, op: int, left: Expr, right: Expr, a: Value, b: Value) -> Value:
        """Return the bounds of a sum, a difference, a product, a quotient, the least or the greatest of two."""
        emit = self.site.emit
        if op == vm.SUB:
            return Value(emit(op, a.low, b.high), emit(op, a.high, b.low))
        if op not in (vm.MUL, vm.DIV):
            return Value(emit(op, a.low, b.low), emit(op, a.high, b.high))
        ordered = never_negative(left), never_negative(right)
        if op == vm.DIV:
            b = b if ordered[1] or b.exact else self._apart_from_zero(b)
            b = Value(b.high, b.low)  # the more it is divided by, the less is left
        if ordered == (True, True):
            return Value(self._product(op, a.low, b.low), self._product(op, a.high, b.high))
        lows, highs = (a.low, a.high), (b.low, b.high)
        if ordered[1]:  # where one is never negative, the other's bounds stay in order, whatever their signs
            return Value(*self._ends(op, [(a.low, x) for x in highs], [(a.high, x) for x in highs]))
        if ordered[0]:
            return Value(*self._ends(op, [(x, b.low) for x in lows], [(x, b.high) for x in lows]))
        every = [(x, y) for x in lows for y in highs]
        return Value(*self._ends(op, every, every))

    def _product(self, op: int, x: Column, y: Column) -> Column:
        if op == vm.MUL and self.shared.constant(1.0) in (x, y):
            return y if x == self.shared.constant(1.0) else x
        return self.site.emit(op, x, y)

    def _ends(
        self, op: int, least: list[tuple[Column, Column]], most: list[tuple[Column, Column]]
    ) -> tuple[Column, Column]:
        """Return the least and the most of what the operator makes of pairs."""
        ends = []
        for pick, pairs in ((vm.MIN, least), (vm.MAX, most)):
            found = dict.fromkeys(self._product(op, *pair) for pair in pairs)
            ends.append(reduce(lambda x, y, pick=pick: self.site.emit(pick, x, y), found))  # type: ignore[misc]
        return ends[0], ends[1]

    def _apart_from_zero(self, b: Value) -> Value:
        """Return the bounds of a divisor; not known where 0 lies between them."""
        emit, zero, nan = self.site.emit, self.shared.constant(0.0), self.shared.constant(_NAN)
        one_side = emit(vm.OR, emit(vm.GT, b.low, zero), emit(vm.LT, b.high, zero))
        return Value(emit(vm.SELECT, one_side, b.low, nan), b.high)

    def unary(self, op: int, value: Value) -> Value:
        """Return the bounds of a size without its sign, or of the next lower whole number."""
        emit = self.site.emit
        low, high = emit(op, value.low), emit(op, value.high)
        if op == vm.FLOOR:
            return Value(low, high)
        zero = self.shared.constant(0.0)
        nearest = emit(vm.MAX, zero, emit(vm.MAX, value.low, emit(vm.SUB, zero, value.high)))
        return Value(nearest, emit(vm.MAX, low, high))
