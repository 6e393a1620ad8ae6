"""Measures, as lists and one by one. What they are at a time (`at`, ms) depends on it: running, ended, waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from tidegate.ledger.page import ROWS, Page, paged
from tidegate.ledger.rows import asked_for
from tidegate.ledger.tables import measure_changes, measures

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row

MeasureState = Literal["running", "ended", "unconfirmed"]


@dataclass(frozen=True)
class MeasureFilter:
    """Which measures to list; None or "": all. `state` is that at the time `at`.

    `unconfirmed` are those that run and that nobody has confirmed though somebody must.
    """

    at: int
    account_id: str = ""
    subject_id: str = ""
    sanction: str = ""
    cause: str = ""
    capability: str = ""
    state: MeasureState | None = None


def listed(
    connection: sa.Connection, which: MeasureFilter, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of measures, the newest first."""
    query = asked_for(measures, which, "account_id", "subject_id", "sanction", "cause")
    if which.capability:
        quoted = sa.cast(measures.c.capability, sa.Text)  # a short list of words from a fixed set
        query = query.where(sa.or_(*(quoted.contains(f'"{name}"') for name in (which.capability, "all"))))
    if which.state is not None:
        query = query.where(_in_state(which.state, which.at))
    order = [measures.c.since, measures.c.id, measures.c.subject]
    return paged(connection, query, order, after=after, rows=rows, newest_first=True)


def running(connection: sa.Connection, account_id: str, at: int) -> list[Row]:
    """Return what runs against an account and what it used, the latest first."""
    query = sa.select(measures).where(measures.c.account_id == account_id, _in_state("running", at))
    order = (measures.c.since.desc(), measures.c.id, measures.c.subject)
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]


def found(connection: sa.Connection, measure_id: str) -> list[Row]:
    """Return the measures with an id: one, or one per subject; none where there is no such id."""
    query = sa.select(measures).where(measures.c.id == measure_id).order_by(measures.c.subject)
    return [dict(row) for row in connection.execute(query).mappings()]


def history(connection: sa.Connection, measure_id: str) -> list[Row]:
    """Return what was done to a measure, in order."""
    order = (measure_changes.c.position, measure_changes.c.ordinal)
    query = sa.select(measure_changes).where(measure_changes.c.measure_id == measure_id).order_by(*order)
    return [dict(row) for row in connection.execute(query).mappings()]


def _in_state(state: MeasureState, at: int) -> sa.ColumnElement[bool]:
    runs = sa.and_(measures.c.since <= at, sa.or_(measures.c.until.is_(None), measures.c.until > at))
    if state == "running":
        return runs
    if state == "ended":
        return measures.c.until <= at
    return sa.and_(runs, measures.c.review != "", measures.c.confirmed_at.is_(None))
