"""What the engine makes of a feature at every event: read through rules that hold for every known value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tidegate import Engine, Policy, Rule, RuleSet, least, minutes
from tidegate.engine import Judged
from tidegate.events import decode_lines
from tidegate.expr import Duration, Expr, Kind

LOWEST, HIGHEST = -1e18, 1e18  # no feature passes them; endless is seen as ENDLESS
ENDLESS = 1e15
LATENESS = minutes(5)
Raw = dict[str, Any]


class Unknown:
    """What a rule that needs it is undecided by."""

    def __repr__(self):
        return "?"


UNKNOWN = Unknown()


class Bounds(NamedTuple):
    """A value of which only these bounds are known."""

    low: float
    high: float


@dataclass(frozen=True)
class Reading:
    """An expression, and the kinds of event (or deadlines) at which it is read. `within`: relative error allowed."""

    name: str
    value: Expr
    on: tuple[Any, ...]
    within: float = 0.0


@dataclass(frozen=True)
class Running:
    """How a stream is fed: cut into blocks, judged in chunks; after each `restart`-th block stored and loaded."""

    block: int = 777
    rows: int = 512
    restart: int = 0
    tidy: int = 0


def _rules(reading: Reading) -> Iterable[Rule]:
    shared = {"title": reading.name, "reason": "-", "on": reading.on}
    if reading.value.kind is Kind.SYMBOL:
        yield Rule(id=reading.name, when=reading.value != "no such name", **shared)
        return
    yield Rule(id=reading.name, when=reading.value >= LOWEST, **shared)
    if reading.value.kind is Kind.NUMBER:
        yield Rule(id=f"{reading.name} high", when=-least(reading.value, ENDLESS) <= HIGHEST, **shared)


def policy_of(readings: Sequence[Reading], *more: type[RuleSet]) -> Policy:
    rules = {f"r{i}": rule for i, rule in enumerate(r for reading in readings for r in _rules(reading))}
    return Policy(name="oracle", version="1", rule_sets=(type("Readings", (RuleSet,), rules), *more))


def judge(
    policy: Policy, events: Sequence[Raw], running: Running, lateness: Duration = LATENESS
) -> Iterable[Judged]:
    """Yield the decisions block by block."""
    lines = [json.dumps({"event_id": f"e{i}", **event}).encode() for i, event in enumerate(events)]
    engine = Engine(policy, lateness=lateness, rows=running.rows)
    for number, at in enumerate(range(0, len(lines), running.block), start=1):
        decoded = decode_lines(lines[at : at + running.block])
        assert not decoded.rejected, decoded.rejected[0]
        assert not engine.too_late(decoded.block.ts).any()
        yield engine.step(decoded.block)
        if running.tidy and number % running.tidy == 0:
            engine.tidy()
        if running.restart and number % running.restart == 0:
            engine = Engine.restore(policy, engine.state())


def observe(
    readings: Sequence[Reading], events: Sequence[Raw], running: Running, policy: Policy | None = None
) -> tuple[list[Raw], list[Raw]]:
    """Return what each event, and each deadline that fired, showed: `name -> value` of what is read there."""
    at_events: list[Raw] = []
    at_deadlines: list[Raw] = []
    for judged in judge(policy or policy_of(readings), events, running):
        start = len(at_events)
        for i in range(len(judged)):
            near = judged.closer.get(i)
            undecided = near.undecided if near else judged.patterns[judged.pattern[i]]
            raw = events[len(at_events)]
            here = [r for r in readings if any(raw["type"] == on.type_name for on in r.on)]
            at_events.append(_cells(here, near, undecided))
        for timer in judged.timers:
            here = [r for r in readings if any(timer.decision.type == on.type_name for on in r.on)]
            cells = _cells(here, timer.decision, timer.decision.undecided)
            found = timer.decision
            at_deadlines.append({"before": start + timer.before, "ts": found.ts, "type": found.type, **cells})
    return at_events, at_deadlines


def _cells(readings: Sequence[Reading], decision: Any, undecided: Sequence[str]) -> Raw:
    fired = {f.rule: f.observed for f in decision.fired} if decision else {}
    return {r.name: _cell(r.name, fired, set(undecided)) for r in readings}


def _cell(name: str, fired: Raw, undecided: set[str]) -> Any:
    if name in undecided:
        return UNKNOWN
    low = fired.get(name)  # not fired and not undecided: known to be none
    high = fired.get(f"{name} high")
    if low is None or high is None or isinstance(low, str) or -high == min(low, ENDLESS):
        return low
    return Bounds(low, float("inf") if -high == ENDLESS else -high)


Check = Callable[[Any, Any], bool]


def differences(readings: Sequence[Reading], got: Sequence[Raw], want: Sequence[Raw]) -> list[str]:
    """Return every cell in which two tables differ."""
    within = {r.name: r.within for r in readings}
    assert len(got) == len(want)
    return [
        f"event {i}: {name}: engine {row[name]!r}, by definition {other[name]!r}"
        for i, (row, other) in enumerate(zip(got, want, strict=True))
        for name in other
        if not _same(row[name], other[name], within.get(name, 0.0))
    ]


def _same(a: Any, b: Any, within: float) -> bool:
    if within and isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= within * max(abs(a), abs(b))
    return type(a) is type(b) and a == b
