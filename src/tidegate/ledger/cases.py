"""Cases by queue and time they are due; how long queues are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from tidegate.ledger.page import ROWS, Page, paged
from tidegate.ledger.rows import asked_for, of_id
from tidegate.ledger.tables import cases

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row

CaseState = Literal["open", "taken", "decided"]


@dataclass(frozen=True)
class CaseFilter:
    """Which cases to list; None or "": all. `due_before` is a time in ms."""

    queue: str = ""
    state: CaseState | None = None
    account_id: str = ""
    cause: str = ""
    taken_by: str = ""
    due_before: int | None = None


def listed(
    connection: sa.Connection, which: CaseFilter, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of cases, those due first first."""
    query = asked_for(cases, which, "queue", "state", "account_id", "cause", "taken_by")
    if which.due_before is not None:
        query = query.where(cases.c.due < which.due_before)
    return paged(connection, query, [cases.c.due, cases.c.id], after=after, rows=rows)


def found(connection: sa.Connection, case_id: str) -> Row | None:
    """Return a case; None where there is none of that id."""
    return of_id(connection, cases, case_id)


def queues(connection: sa.Connection, at: int) -> list[Row]:
    """Return per queue how many cases are open, taken and overdue at a time, and when the first one is due."""
    query = (
        sa.select(
            cases.c.queue,
            _count(cases.c.state == "open").label("open"),
            _count(cases.c.state == "taken").label("taken"),
            _count(cases.c.due < at).label("overdue"),
            sa.func.min(cases.c.due).label("due"),
        )
        .where(cases.c.state != "decided")
        .group_by(cases.c.queue)
        .order_by(cases.c.queue)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
