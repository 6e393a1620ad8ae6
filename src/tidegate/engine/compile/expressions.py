"""Expressions to instructions: each node once per site, bounds carried where a value is not exact."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.column import Column, Value
from tidegate.engine.compile.intervals import Intervals
from tidegate.engine.compile.stages import LAST
from tidegate.expr import (
    Arithmetic,
    Compare,
    Contains,
    EventTime,
    Expr,
    FingerprintHalf,
    GreatCircle,
    IsKnown,
    IsNull,
    Kind,
    LastOf,
    Likeness,
    Literal,
    LocalTime,
    Logic,
    Not,
    OrElse,
    Size,
    SizeWithin,
    Unary,
    When,
)
from tidegate.features import Feature, InForce, Labelled, LastSanctioned, Sanctioned
from tidegate.policy.figures import values_in_force
from tidegate.policy.parameter import Parameter
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.site import Site

_ARITHMETIC = {"+": vm.ADD, "-": vm.SUB, "*": vm.MUL, "/": vm.DIV, "min": vm.MIN, "max": vm.MAX}
_COMPARE = {"<": vm.LT, "<=": vm.LE, ">": vm.GT, ">=": vm.GE, "==": vm.EQ, "!=": vm.NE}
_UNARY = {"abs": vm.ABS, "floor": vm.FLOOR}


def may_be_unknown(node: Expr | None) -> bool:
    """Whether the value can be not known, for all that the tree itself says."""
    if node is None or isinstance(node, Literal | EventTime | IsKnown):
        return False
    if isinstance(node, OrElse):
        return may_be_unknown(node.default)
    if isinstance(node, Logic | Not | Compare | When | Parameter):
        return any(may_be_unknown(child) for child in node.children()) and not isinstance(node, Parameter)
    return True


class Expressions:
    """Compiles expressions at one site."""

    def __init__(self, builder: Builder, site: Site) -> None:
        self.builder = builder
        self.site = site
        self.intervals = Intervals(site, builder.shared)
        self._by_type: dict[type, Callable[[Any], Value]] = {
            Literal: self._literal,
            EventTime: lambda _: self._one(self.builder.shared.now),
            Arithmetic: self._arithmetic,
            Unary: self._unary,
            Compare: self._compare,
            Logic: self._logic,
            Not: lambda n: self._one(self.site.emit(vm.NOT, self.column(n.operand))),
            IsKnown: lambda n: self._one(self.site.emit(vm.KNOWN, self.column(n.operand))),
            IsNull: lambda n: self._one(self.site.emit(vm.NULL, self.column(n.operand))),
            OrElse: lambda n: self._one(
                self.site.emit(vm.ELSE, self.column(n.operand), self.column(n.default))
            ),
            When: self._when,
            Size: lambda n: self._one(self.site.emit(vm.SIZE, self.column(n.values))),
            Contains: lambda n: self._one(
                self.site.emit(vm.CONTAINS, self.column(n.values), self.column(n.wanted))
            ),
            GreatCircle: lambda n: self._one(self.site.emit(vm.KM, *(self.column(c) for c in n.children()))),
            LocalTime: self._local_time,
            FingerprintHalf: self._likeness,
            Likeness: self._likeness,
            LastOf: self._likeness,
            SizeWithin: self._likeness,
            Parameter: self._parameter,
            Labelled: self._standing,
            Sanctioned: self._standing,
            InForce: self._standing,
            LastSanctioned: self._standing,
            Feature: lambda n: self.builder.read(self.site, n),
        }

    def value(self, node: Expr) -> Value:
        """Return where the expression's value stands at this site."""
        known = self.site.values.get(node.fingerprint)
        if known is None:
            compiler = self._by_type.get(type(node))
            known = compiler(node) if compiler else self._one(self.site.field_column(node))  # type: ignore[arg-type]
            self.site.values[node.fingerprint] = known
        return known

    def column(self, node: Expr) -> Column:
        """Return the one column of the value: not known where its bounds differ."""
        value = self.value(node)
        return value.low if value.exact else self.site.emit(vm.MERGE, value.low, value.high)

    @staticmethod
    def _one(column: Column) -> Value:
        return Value(column, column)

    def _literal(self, node: Literal) -> Value:
        if isinstance(node.value, str):
            return self._one(self.builder.shared.constant(self.builder.names.pin(node.domain, node.value)))
        return self._one(self.builder.shared.constant(float(node.value)))

    def _arithmetic(self, node: Arithmetic) -> Value:
        a, b = self.value(node.left), self.value(node.right)
        op = _ARITHMETIC[node.op]
        if not (a.exact and b.exact):
            return self.intervals.arithmetic(op, node.left, node.right, a, b)
        return self._one(self.product(a.low, b.low) if op == vm.MUL else self.site.emit(op, a.low, b.low))

    def product(self, a: Column, b: Column) -> Column:
        """Return the column of a product: of two constants a constant, of a number and 1 the number itself."""
        constants = self.builder.shared
        one = constants.constant(1.0)
        if one in (a, b):
            return b if a == one else a
        if a.shared and b.shared and constants.now not in (a, b):
            return constants.constant(constants.values[a.index] * constants.values[b.index])
        return self.site.emit(vm.MUL, a, b)

    def _unary(self, node: Unary) -> Value:
        value, op = self.value(node.operand), _UNARY[node.op]
        if value.exact:
            return self._one(self.site.emit(op, value.low))
        return self.intervals.unary(op, value)

    def _when(self, node: When) -> Value:
        condition, then, otherwise = (
            self.column(node.condition),
            *map(self.value, (node.then, node.otherwise)),
        )
        low = self.site.emit(vm.SELECT, condition, then.low, otherwise.low)
        if then.exact and otherwise.exact:
            return self._one(low)
        return Value(low, self.site.emit(vm.SELECT, condition, then.high, otherwise.high))

    def _compare(self, node: Compare) -> Value:
        return self._one(self.compare(node.op, self.value(node.left), self.value(node.right)))

    def compare(self, op: str, a: Value, b: Value) -> Column:
        """Return whether the comparison holds; settled where it holds, or fails, at both bounds."""
        code = _COMPARE[op]
        if a.exact and b.exact:
            return self.site.emit(code, a.low, b.low)
        if op in ("==", "!="):
            return self._equal(op, a, b)
        low, high = (a.low, b.high), (a.high, b.low)
        if op in ("<", "<="):
            low, high = (a.high, b.low), (a.low, b.high)
        return self.site.emit(vm.BOTH[code], *low, *high)

    def _equal(self, op: str, a: Value, b: Value) -> Column:
        """Return whether two values are (not) equal; settled too where no value within the bounds is shared."""
        emit = self.site.emit
        first, second = (v.low if v.exact else emit(vm.MERGE, v.low, v.high) for v in (a, b))
        meet = emit(vm.AND, emit(vm.LE, a.low, b.high), emit(vm.LE, b.low, a.high))
        bounds = dict.fromkeys((a.low, a.high, b.low, b.high))
        known = reduce(partial(emit, vm.AND), [emit(vm.KNOWN, bound) for bound in bounds])
        nothing = self.builder.shared.constant(float("nan"))  # a bound that is not known: nor is the value
        equal = emit(vm.SELECT, known, emit(vm.AND, meet, emit(vm.EQ, first, second)), nothing)
        return equal if op == "==" else emit(vm.NOT, equal)

    def _logic(self, node: Logic) -> Value:
        op, empty = (vm.AND, 1.0) if node.op == "and" else (vm.OR, 0.0)
        columns = [self.column(operand) for operand in node.operands]
        result = columns[0] if columns else self.builder.shared.constant(empty)
        for column in columns[1:]:
            result = self.site.emit(op, result, column)
        return self._one(result)

    def _parameter(self, node: Parameter) -> Value:
        default, segments = values_in_force(node, self.builder.policy.revisions.get(node.name))
        result = self.builder.shared.constant(default)
        if node.by is None:
            return self._one(result)
        segment = self.column(node.by[0])
        for name in node.by[1]:  # under any revision: memories of revisions are one another's
            self.builder.names.pin(node.by[0].domain, name)
        for name, figure in segments.items():
            pinned = self.builder.shared.constant(self.builder.names.pin(node.by[0].domain, name))
            known = self.site.emit(vm.DEFINITE, self.site.emit(vm.EQ, segment, pinned))
            result = self.site.emit(vm.SELECT, known, self.builder.shared.constant(figure), result)
        return self._one(result)

    def _local_time(self, node: LocalTime) -> Value:
        zone = self.column(node.zone)
        _, outs = self.site.zones.setdefault(node.zone.fingerprint, (zone, {}))
        if node.part not in outs:
            outs[node.part] = self.site.new(zone.stage + 1)
        return self._one(outs[node.part])

    def _likeness(self, node: FingerprintHalf | Likeness | LastOf | SizeWithin) -> Value:
        operands = tuple(self.column(child) for child in node.children())
        out = self.site.new(max(o.stage for o in operands) + 1)
        self.site.likeness[node.fingerprint] = (node, operands, out)
        return self._one(out)

    def _standing(self, node: Labelled | Sanctioned) -> Value:
        entry = self.site.standing.get(node.fingerprint)
        if entry is None:
            key, own = self.column(node.entity), self.site.new(LAST)
            entry = self.site.standing[node.fingerprint] = (node, key, own)
            # nothing on record, unless a closer look finds something; not known where the entity is not
            self.site.code.append((key.stage, vm.MUL, own, (key, self.site.shared.constant(0.0))))
        return self._one(entry[2])


__all__ = ["Expressions", "Kind", "may_be_unknown"]
