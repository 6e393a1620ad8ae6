"""The records of all entities that have one, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.site import SUBJECTS
from tidegate.engine.standing import Standing

if TYPE_CHECKING:
    from tidegate.engine.plan import Plan

SPACES = tuple(SUBJECTS)


class Register:
    """Who has a record. Entities without one cost nothing; `Marks` finds the events of those with one."""

    def __init__(self, plan: Plan) -> None:
        self._marks = plan.marks
        self.records: dict[str, dict[int, Standing]] = {entity: {} for entity in SPACES}

    def find(self, entity: str, slot: float) -> Standing | None:
        """Return the record of an entity; None where it has none."""
        return self.records.get(entity, {}).get(int(slot))

    def open(self, entity: str, slot: int) -> Standing:
        """Return the record of an entity, a new one where it had none."""
        records = self.records[entity]
        if slot not in records:
            records[slot] = Standing()
            self._marks.mark(SPACES.index(entity), slot, on=True)
        return records[slot]

    def close(self, entity: str, slot: int) -> None:
        """Forget a record."""
        if self.records[entity].pop(slot, None) is not None:
            self._marks.mark(SPACES.index(entity), slot, on=False)

    def expire(self, at: int, lasting: int, history: int) -> None:
        """Forget all records that can matter to no event from `at` on."""
        for entity, records in self.records.items():
            for slot in [slot for slot, record in records.items() if record.expire(at, lasting, history)]:
                self.close(entity, slot)

    def state(self) -> dict[str, Any]:
        """Return all records as plain data."""
        return {
            entity: [[slot, r.state()] for slot, r in records.items()]
            for entity, records in self.records.items()
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Load records."""
        for entity, records in state.items():
            for slot, record in records:
                self.open(entity, slot)
                self.records[entity][slot] = Standing.from_state(record)
