"""The records of all entities that have one, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.site import SUBJECTS
from tidegate.engine.factors import FactorBook
from tidegate.engine.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.engine.plan import Plan
    from tidegate.engine.standing import Running

SPACES = tuple(SUBJECTS)


class Register:
    """Who has a record. Entities without one cost nothing; `Marks` finds the events of those with one."""

    def __init__(self, plan: Plan) -> None:
        self._marks = plan.marks
        self.records: dict[str, dict[int, Standing]] = {entity: {} for entity in SPACES}
        self.factors = FactorBook()
        self.appeals: dict[str, str] = {}  # id of an appeal -> id of the measure appealed against
        self._answering: dict[str, list[Running]] = {}
        self._prolonged = 0  # measures so far

    def find(self, entity: str, slot: float) -> Standing | None:
        """Return the record of an entity; None where it has none."""
        return self.records.get(entity, {}).get(int(slot))

    def open(self, entity: str, slot: int) -> Standing:
        """Return the record of an entity, a new one where it had none, to put something on it."""
        records = self.records[entity]
        if slot not in records:
            records[slot] = Standing()
            self._marks.mark(SPACES.index(entity), slot, on=True)
        record = records[slot]
        record.resting.clear()
        return record

    def prolong(self, measure: Running, until: int) -> None:
        """Give a measure another end, which may be later than it was: it may run again."""
        measure.until = max(until, measure.since)
        self._prolonged += 1

    # records on which nothing matters any more ----------------------------------------------------------------
    def rests(self, record: Standing, site: int, ts: int) -> bool:
        """Whether nothing on a record is known to matter to an event of a site at a time."""
        prolonged, since = record.resting.get(site, (-1, 0))
        return prolonged == self._prolonged and ts >= since

    def rest(self, record: Standing, site: int, ts: int) -> None:
        """Note that nothing on a record matters to events of a site from a time on: all on it only runs out."""
        record.resting[site] = self._prolonged, ts

    def close(self, entity: str, slot: int) -> None:
        """Forget a record."""
        if self.records[entity].pop(slot, None) is not None:
            self._marks.mark(SPACES.index(entity), slot, on=False)

    def clear(self) -> None:
        """Forget all records."""
        for entity, records in self.records.items():
            for slot in list(records):
                self.close(entity, slot)

    def answer(self, measure: Running, name: str) -> None:
        """Let a measure be found under an id."""
        measure.answers.append(name)
        self._answering.setdefault(name, []).append(measure)

    def answering(self, name: str) -> list[Running]:
        """Return the measures that an id stands for, by their ids: those of that id, and those that follow it."""
        return sorted(self._answering.get(name, ()), key=lambda m: m.id)  # a restart keeps no other order

    def named(self, name: str) -> list[Running]:
        """Return the measures whose own id it is: one decision may have taken one against several entities."""
        return [measure for measure in self._answering.get(name, ()) if measure.id == name]

    def drop_appeals(self, name: str) -> None:
        """Forget the appeals against a measure that is over."""
        self.appeals = {appeal: measure for appeal, measure in self.appeals.items() if measure != name}

    def expire(self, at: int, lasting: tuple[int, ...], history: int) -> None:
        """Forget all records that can matter to no event from `at` on; `lasting`: how long signals stay by rule, ms."""
        self.factors.expire(at, lasting)
        for record in self._all():
            record.expire(at, lasting, history)
        self._index()
        for entity, records in self.records.items():
            for record in records.values():
                record.bans = [ban for ban in record.bans if ban in self._answering]
            for slot in [slot for slot, record in records.items() if record.empty]:
                self.close(entity, slot)

    def _all(self) -> Iterator[Standing]:
        return (record for records in self.records.values() for record in records.values())

    def _index(self) -> None:
        """Find measures by their ids anew: those that are on record, and no appeals but those against them."""
        self._answering = {}
        for record in self._all():
            for measure in record.all_measures():
                for name in measure.answers:
                    self._answering.setdefault(name, []).append(measure)
        self.appeals = {a: m for a, m in self.appeals.items() if m in self._answering}

    def state(self) -> dict[str, Any]:
        """Return all records as plain data."""
        records = {
            entity: [[slot, r.state()] for slot, r in records.items()]
            for entity, records in self.records.items()
        }
        return {"records": records, "factors": self.factors.state(), "appeals": self.appeals}

    def restore(self, state: dict[str, Any]) -> None:
        """Load records."""
        for entity, records in state["records"].items():
            for slot, record in records:
                self.open(entity, slot)
                self.records[entity][slot] = Standing.from_state(record)
        self.factors.restore(state["factors"])
        self.appeals = dict(state["appeals"])
        self._index()
