"""Expressions as SQL text. SQL's NULL is *not known*, and its AND, OR, NOT are Kleene's; a known none is kept beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tidegate.events import Field
from tidegate.expr import (
    Arithmetic,
    Compare,
    EventTime,
    Expr,
    IsKnown,
    IsNull,
    LastOf,
    Literal,
    LocalTime,
    Logic,
    Not,
    OrElse,
    Size,
    Unary,
    When,
)
from tidegate.features import Feature


class Sql(NamedTuple):
    """A value between two bounds (one text where it is exact), and whether it is known to be none."""

    low: str
    high: str
    none: str = "FALSE"

    @property
    def value(self) -> str:
        return (
            self.low if self.low == self.high else f"CASE WHEN {self.low} = {self.high} THEN {self.low} END"
        )

    @property
    def known(self) -> str:
        return f"(({self.value}) IS NOT NULL OR {self.none})"

    @property
    def holds(self) -> str:
        """True, false or NULL; none does not hold."""
        return f"(CASE WHEN {self.none} THEN FALSE ELSE {self.value} END)"


def one(text: str, none: str = "FALSE") -> Sql:
    return Sql(f"({text})", f"({text})", none)


Nested = Callable[[Feature], Sql]
LOCAL = (
    "timezone(CASE WHEN {zone} IN (SELECT name FROM zones) THEN {zone} END, make_timestamptz({ts} * 1000))"
)


def local_time(zone: str, ts: str) -> str:
    """Wall-clock time in a zone; NULL where nobody knows the zone."""
    return LOCAL.format(zone=zone, ts=ts)


def sql(node: Expr, row: str, nested: Nested) -> Sql:  # noqa: C901, PLR0912  one line per kind of node
    """Return the value of an expression at the event that the alias `row` stands for."""

    def of(child: Expr) -> Sql:
        return sql(child, row, nested)

    match node:
        case Feature():
            return nested(node)
        case Literal():
            return one(repr(node.value) if isinstance(node.value, str) else str(node.value).upper())
        case EventTime():
            return one(f"CAST({row}.ts AS DOUBLE)")
        case Field():
            return one(f"{row}.{node.name}", f"({row}.{node.name} IS NULL AND {row}.{node.name}_known)")
        case Compare():
            return one(compare(node.op, of(node.left), of(node.right)))
        case Logic():
            return one(f" {node.op} ".join(of(o).holds for o in node.operands))
        case Not():
            return one(f"NOT {of(node.operand).holds}")
        case IsKnown():
            return one(of(node.operand).known)
        case IsNull():
            inner = of(node.operand)
            return one(f"CASE WHEN {inner.known} THEN {inner.none} END")
        case OrElse():
            first, second = of(node.operand), of(node.default)
            pick = f"CASE WHEN {first.known} THEN {{}} ELSE {{}} END"
            return one(pick.format(first.value, second.value), f"({pick.format(first.none, second.none)})")
        case When():
            holds, first, second = of(node.condition).holds, of(node.then), of(node.otherwise)
            pick = f"CASE WHEN {holds} THEN {{}} WHEN NOT {holds} THEN {{}} END"
            return one(pick.format(first.value, second.value), f"({pick.format(first.none, second.none)})")
        case LastOf():
            inner = of(node.values)
            return one(f"({inner.value})[-1]", inner.none)
        case Size():
            inner = of(node.values)
            return one(f"CASE WHEN {inner.none} THEN 0 ELSE len({inner.value}) END")
        case Arithmetic():
            return arithmetic(node.op, of(node.left), of(node.right))
        case Unary(op="floor"):
            return one(f"floor({of(node.operand).value})")
        case LocalTime(part="hour" | "weekday"):
            local = local_time(of(node.zone).value, f"{row}.ts")
            ms = f"(epoch_ms({local}) % 86400000) / 3600000"
            return one(f"CAST({ms} AS DOUBLE)" if node.part == "hour" else f"isodow({local}) - 1.0")
        case _:
            raise NotImplementedError(type(node))


def compare(op: str, a: Sql, b: Sql) -> str:
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a)
    either = f"(({a.none} AND {b.known}) OR ({b.none} AND {a.known}))"
    if op in ("==", "!="):
        equal = f"CASE WHEN {either} THEN FALSE WHEN {a.high} < {b.low} OR {b.high} < {a.low} THEN FALSE ELSE {a.value} = {b.value} END"
        return equal if op == "==" else f"NOT ({equal})"
    sure, possible = f"{a.high} {op} {b.low}", f"{a.low} {op} {b.high}"
    return f"CASE WHEN {either} THEN FALSE WHEN {sure} THEN TRUE WHEN NOT ({possible}) THEN FALSE END"


def arithmetic(op: str, a: Sql, b: Sql) -> Sql:
    """Bounds pass through; only what is subtracted may be none here, and lies endlessly far back."""

    def plain(x: str, y: str) -> str:
        if op in ("min", "max"):
            return f"CASE WHEN {x} IS NOT NULL AND {y} IS NOT NULL THEN {'least' if op == 'min' else 'greatest'}({x}, {y}) END"
        if op == "/":
            return f"CAST({x} AS DOUBLE) / nullif({y}, 0)"
        if op == "-":
            return f"CASE WHEN {b.none} AND {x} IS NOT NULL THEN CAST('inf' AS DOUBLE) ELSE {x} - {y} END"
        return f"{x} {op} {y}"

    if a.low == a.high and b.low == b.high:
        return one(plain(a.low, b.low))
    swap = op in ("-", "/")
    low, high = plain(a.low, b.high if swap else b.low), plain(a.high, b.low if swap else b.high)
    return Sql(f"({low})", f"({high})")
