"""Deadlines in event time: armed by events, due when a later event passes them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tidegate.errors import PolicyError
from tidegate.events.registry import BY_CODE, TYPE_CODES
from tidegate.expr import Compare, Expr, IsKnown, IsNull, Literal, Logic, Not

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.plan import Plan
    from tidegate.events import EventBlock
    from tidegate.features import Deadline


class Timer(NamedTuple):
    """A deadline at a moment, for the entities in `carried` (raw field values, UNSET where not known)."""

    due: int
    number: int  # order of arming, breaks ties
    site: int
    carried: tuple[Any, ...]
    armed_by: str  # id of the event that armed it


@dataclass(frozen=True)
class DueTimer:
    """A timer that fires between events: before the event at index `before` of the block."""

    before: int
    timer: Timer


class Timers:
    """All armed deadlines. Memory: one entry per arming event whose deadline has not passed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.heap: list[Timer] = []
        self.armed = 0
        self.by_code: dict[int, list[tuple[Deadline, int]]] = {}
        for deadline, site in plan.deadlines:
            self.by_code.setdefault(TYPE_CODES[deadline.source.type_name], []).append((deadline, site))
        self._arms = np.zeros(len(BY_CODE), np.bool_)  # by type code
        self._arms[list(self.by_code)] = True

    def concern(self, code: int, ts: int, newest: int) -> bool:
        """Whether an event of a type code arms a deadline or passes one; `newest` is the newest time before it."""
        return code in self.by_code or (bool(self.heap) and self.heap[0].due < max(newest, ts))

    def due(self, block: EventBlock, newest: NDArray[np.int64]) -> list[DueTimer]:
        """Arm the deadlines of a block and return those that its events pass, in order; `newest` is the running newest ts."""
        if not self.heap and not self.by_code:
            return []
        arming = np.flatnonzero(self._arms[block.codes]).tolist()
        fired: list[DueTimer] = []
        n, at = len(block), 0
        for a in [*arming, n]:
            self._pass(newest, at, a, n, fired)
            if a < n:
                self._arm(block, a)
                at = a + 1
        return fired

    def _pass(self, newest: NDArray[np.int64], at: int, last: int, n: int, fired: list[DueTimer]) -> None:
        """Take the timers that events at .. last pass (an event passes a deadline that lies before its time)."""
        while self.heap:
            before = max(at, int(np.searchsorted(newest, self.heap[0].due, "right")))
            if before > last or before >= n:
                return
            fired.append(DueTimer(before, heapq.heappop(self.heap)))

    def _arm(self, block: EventBlock, at: int) -> None:
        record = block.records[at]
        for deadline, site in self.by_code[int(block.codes[at])]:
            if deadline.condition is None or holds(deadline.condition, record):
                carried = tuple(getattr(record, f.name) for f in deadline.carry)
                due = int(block.ts[at]) + deadline.after.ms
                heapq.heappush(self.heap, Timer(due, self.armed, site, carried, record.event_id))
                self.armed += 1

    def state(self) -> dict[str, Any]:
        """Return the whole state as plain data."""
        entries = [
            [t.due, t.number, t.site, [None if c is msgspec.UNSET else [c] for c in t.carried], t.armed_by]
            for t in self.heap
        ]
        return {"armed": self.armed, "heap": entries}

    def restore(self, state: dict[str, Any]) -> None:
        """Load a state."""
        self.armed = state["armed"]
        self.heap = [
            Timer(due, number, site, tuple(msgspec.UNSET if c is None else c[0] for c in carried), armed_by)
            for due, number, site, carried, armed_by in state["heap"]
        ]
        heapq.heapify(self.heap)


def holds(condition: Expr, record: Any) -> bool:
    """Whether a condition over fields of one event holds for certain."""
    return _value(condition, record) is True


def _value(node: Expr, record: Any) -> Any:
    """Value of an expression over raw fields; UNSET where not known."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Not):
        inner = _value(node.operand, record)
        return inner if inner is msgspec.UNSET else not inner
    if isinstance(node, IsKnown):
        return _value(node.operand, record) is not msgspec.UNSET
    if isinstance(node, IsNull):
        inner = _value(node.operand, record)
        return inner if inner is msgspec.UNSET else inner is None
    if isinstance(node, Logic):
        parts = [_value(operand, record) for operand in node.operands]
        settles = node.op == "or"
        if any(part is settles for part in parts):
            return settles
        return msgspec.UNSET if msgspec.UNSET in parts else not settles
    if isinstance(node, Compare):
        return _compared(node, record)
    name = getattr(node, "name", None)
    if name is None or node.children():
        raise PolicyError(
            f"`{node.describe()}` cannot stand in the condition of a deadline",
            hint="compare fields with values",
        )
    return getattr(record, name)


def _compared(node: Compare, record: Any) -> Any:
    left, right = _value(node.left, record), _value(node.right, record)
    if msgspec.UNSET in (left, right):
        return msgspec.UNSET
    if node.op in ("==", "!="):
        return (left == right) is (node.op == "==")
    if left is None or right is None:
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.op]
