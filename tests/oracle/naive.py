"""Expressions and features over a plain list of events: quadratic, and as close to the definitions as can be."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from tests.oracle import local_clock, memory
from tests.oracle.observe import ENDLESS, LOWEST, UNKNOWN, Bounds, Raw, Reading
from tests.oracle.truth import all_hold, any_holds, arithmetic, between, choose, compare, exact, opposite

from tidegate.events import REGISTRY, Field
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
    Unary,
    When,
)
from tidegate.features import Deadline, Feature
from tidegate.policy import Parameter

RADIUS_KM = 6371.0088


class World:
    """All events in arrival order; deadlines that fire stand among them as events of their own."""

    def __init__(self, events: list[Raw], deadlines: tuple[Deadline, ...] = ()) -> None:
        self.kinds: dict[str, Any] = {**REGISTRY, **{d.type_name: d for d in deadlines}}
        self._values: dict[tuple[str, int], Any] = {}
        self.events: list[Raw] = []
        self.armed: list[tuple[int, int, Deadline, Raw]] = []
        newest = 0
        for event in events:
            newest = max(newest, event["ts"])
            for due in sorted(a[:2] for a in self.armed if a[0] < newest):
                self.events.append(self._fire(due))
            self.events.append(event)
            for deadline in deadlines:
                self._arm(deadline, event)

    def _fire(self, due: tuple[int, int]) -> Raw:
        ts, number = due
        _, _, deadline, carried = next(a for a in self.armed if a[1] == number)
        self.armed = [a for a in self.armed if a[1] != number]
        return {"type": deadline.type_name, "ts": ts, "timer": True, **carried}

    def _arm(self, deadline: Deadline, event: Raw) -> None:
        if event["type"] != deadline.source.type_name:
            return
        alone = World([event])
        if deadline.condition is None or alone.value(deadline.condition, 0) is True:
            carried = {f.name: event[f.name] for f in deadline.carry if f.name in event}
            number = getattr(self, "_armed", 0)
            self._armed = number + 1
            self.armed.append((event["ts"] + deadline.after.ms, number, deadline, carried))

    @cached_property
    def by_time(self) -> list[int]:
        """Indexes in (ts, arrival) order."""
        return sorted(range(len(self.events)), key=lambda i: (self.events[i]["ts"], i))

    def past(self, i: int) -> list[int]:
        """What event i sees: all that arrived up to it and lies no later, itself last; in (ts, arrival) order."""
        ts = self.events[i]["ts"]
        return [j for j in self.by_time if j <= i and self.events[j]["ts"] <= ts]

    def value(self, node: Expr, i: int) -> Any:
        """The value of an expression at event i: UNKNOWN, None, a value, or Bounds."""
        key = (node.fingerprint, i)
        if key not in self._values:
            self._values[key] = self._value(node, i)
        return self._values[key]

    def _value(self, node: Expr, i: int) -> Any:  # noqa: C901, PLR0912  one line per kind of node
        def value(child: Expr) -> Any:
            return self.value(child, i)

        event = self.events[i]
        match node:
            case Feature():
                return memory.value(self, node, i)
            case Literal():
                return float(node.value) if type(node.value) in (int, float) else node.value
            case EventTime():
                return float(event["ts"])
            case Field():
                return plain(node, event.get(node.name, UNKNOWN))
            case Arithmetic():
                return arithmetic(node.op, value(node.left), value(node.right))
            case Unary():
                return unary(node.op, value(node.operand))
            case Compare():
                return compare(node.op, value(node.left), value(node.right))
            case Logic():
                return (all_hold if node.op == "and" else any_holds)(map(value, node.operands))
            case Not():
                return opposite(value(node.operand))
            case IsKnown():
                return exact(value(node.operand)) is not UNKNOWN
            case IsNull():
                found = exact(value(node.operand))
                return found if found is UNKNOWN else found is None
            case OrElse():
                found = exact(value(node.operand))
                return exact(value(node.default)) if found is UNKNOWN else found
            case When():
                return choose(value(node.condition), value(node.then), value(node.otherwise))
            case FingerprintHalf():
                return half(value(node.fingerprint_of), node.half)
            case LastOf():
                found = value(node.values)
                return found if found is UNKNOWN or found is None else found[-1] if found else UNKNOWN
            case Likeness():
                return likeness(*map(value, node.halves))
            case Size():
                found = value(node.values)
                return found if found is UNKNOWN else float(len(found or ()))
            case Contains():
                found, wanted = value(node.values), value(node.wanted)
                return False if found is None else UNKNOWN if UNKNOWN in (found, wanted) else wanted in found
            case GreatCircle():
                return kilometres(*map(value, node.children()))
            case Parameter():
                segment = exact(value(node.by[0])) if node.by else UNKNOWN
                return float(node.by[1].get(segment, node.default) if node.by else node.default)
            case LocalTime():
                name = value(node.zone)
                local = getattr(local_clock, node.part)(name, event["ts"]) if isinstance(name, str) else None
                return UNKNOWN if local is None else local
            case _:
                raise NotImplementedError(type(node))

    def table(self, readings: list[Reading], *, timers: bool = False) -> list[Raw]:
        """What every event (or every deadline that fired) shows of the readings at its kind."""
        at = [i for i, event in enumerate(self.events) if event.get("timer", False) is timers]
        rows = []
        for i in at:
            event = self.events[i]
            here = [r for r in readings if any(event["type"] == on.type_name for on in r.on)]
            cells = {r.name: shown(self.value(r.value, i)) for r in here}
            real = sum("timer" not in earlier for earlier in self.events[:i])
            rows.append(
                {"before": real, "ts": event["ts"], "type": event["type"], **cells} if timers else cells
            )
        return rows


def plain(field: Field, raw: Any) -> Any:
    """The value that a field's text in an event means."""
    return float(raw) if type(raw) is int or (field.kind is Kind.NUMBER and isinstance(raw, str)) else raw


def shown(value: Any) -> Any:
    """As a decision shows it: flags are numbers there; of a value without a lower bound nothing is seen."""
    if isinstance(value, Bounds):
        low, high = value
        return UNKNOWN if low < LOWEST else Bounds(low, math.inf if high >= ENDLESS else high)
    return float(value) if isinstance(value, bool) else value


def unary(op: str, x: Any) -> Any:
    if isinstance(x, Bounds):
        ends = [unary(op, end) for end in x]
        inside = op == "abs" and x.low <= 0 <= x.high
        return between(0.0 if inside else min(ends), max(ends))
    if x is UNKNOWN:
        return x
    if x is None:
        return math.inf if op == "abs" else None
    return abs(x) if op == "abs" else float(math.floor(x)) if math.isfinite(x) else x


def half(text: Any, which: str) -> Any:
    """Eight of sixteen hex digits as a number."""
    if text is UNKNOWN or text is None:
        return text
    return float(int(text[:8] if which == "high" else text[8:], 16))


def likeness(*halves: Any) -> Any:
    """The share of equal bits, told one by one."""
    if UNKNOWN in halves:
        return 0.0 if None in halves else UNKNOWN
    if None in halves:
        return 0.0
    bits = [f"{int(h):032b}" for h in halves]
    pairs = zip(bits[0] + bits[1], bits[2] + bits[3], strict=True)
    return sum(a == b for a, b in pairs) / 64


def kilometres(lat_a: Any, lon_a: Any, lat_b: Any, lon_b: Any) -> Any:
    """Distance by the angle between two vectors (not the formula of the engine)."""
    if any(x is UNKNOWN or x is None for x in (lat_a, lon_a, lat_b, lon_b)):
        return UNKNOWN
    u, v = (
        (math.cos(a) * math.cos(o), math.cos(a) * math.sin(o), math.sin(a))
        for a, o in ((math.radians(lat_a), math.radians(lon_a)), (math.radians(lat_b), math.radians(lon_b)))
    )
    cross = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
    return RADIUS_KM * math.atan2(math.hypot(*cross), sum(a * b for a, b in zip(u, v, strict=True)))
