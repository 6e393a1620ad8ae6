"""The book of schedules: which pool is screened again when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tidegate.ledger.fitting import clean
from tidegate.ledger.tables_screening import STATEMENT_CHARS, schedules
from tidegate.service.screenings.recurrence import Recurrence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.ledger.database import Database

_t = schedules.c


@dataclass(frozen=True)
class Schedule:
    """A row of the book; times in ms since the epoch. `last_due_at` None: it was not due yet."""

    id: str
    created_at: int
    created_by: str
    pool: str
    every: str
    day: int
    hour: int
    minute: int
    zone: str
    keep_days: int
    next_at: int
    last_due_at: int | None = None
    last_screening_id: str | None = None
    problem: str | None = None

    @property
    def recurrence(self) -> Recurrence:
        """When it is due."""
        return Recurrence(self.every, self.day, self.hour, self.minute, self.zone)


class ScheduleBook:
    """Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Schedule]:
        """Return all schedules, by pool."""
        return self._read(sa.select(schedules).order_by(_t.pool, _t.every))

    def found(self, schedule_id: str) -> Schedule | None:
        """Return a schedule; None where there is none of this id."""
        return next(iter(self._read(sa.select(schedules).where(_t.id == schedule_id))), None)

    def due(self, now_ms: int) -> Sequence[Schedule]:
        """Return those that are due by now, the longest due first."""
        return self._read(sa.select(schedules).where(_t.next_at <= now_ms).order_by(_t.next_at, _t.id))

    def add(self, schedule: Schedule) -> bool:
        """Keep a schedule; False where the pool has one of this kind already."""
        try:
            with self._database.writing() as connection:
                connection.execute(sa.insert(schedules).values(**vars(schedule)))
        except IntegrityError:
            return False
        return True

    def drop(self, schedule_id: str) -> bool:
        """End a schedule; False where there is none of this id. What it has had screened stays."""
        with self._database.writing() as connection:
            return connection.execute(sa.delete(schedules).where(_t.id == schedule_id)).rowcount > 0

    def ran(self, schedule: Schedule, next_at: int, *, screening_id: str | None, problem: str | None) -> None:
        """Note what came of the run that was due, and when the next one is."""
        values: dict[str, Any] = {
            "next_at": next_at, "last_due_at": schedule.next_at, "last_screening_id": screening_id,
            "problem": None if problem is None else clean(problem, STATEMENT_CHARS),
        }  # fmt: skip
        same = (_t.id == schedule.id, _t.next_at == schedule.next_at)
        with self._database.writing() as connection:
            connection.execute(sa.update(schedules).where(*same).values(values))

    def _read(self, query: sa.Select[Any]) -> list[Schedule]:
        with self._database.reading() as connection:
            return [Schedule(**row) for row in connection.execute(query).mappings()]
