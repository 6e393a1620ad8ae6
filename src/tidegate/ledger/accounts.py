"""What is on record about an account besides its measures: labels, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tidegate.ledger.page import ROWS, Page, paged
from tidegate.ledger.rows import asked_for
from tidegate.ledger.tables import labels, timeline

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row


@dataclass(frozen=True)
class LabelFilter:
    """Which labels to list; None or "": all. `carried_at`: only those carried at that time, ms."""

    subject: str = ""
    subject_id: str = ""
    name: str = ""
    cause: str = ""
    carried_at: int | None = None


def labels_listed(
    connection: sa.Connection, which: LabelFilter, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of labels, by subject."""
    query = asked_for(labels, which, "subject", "subject_id", "name", "cause")
    if which.carried_at is not None:
        query = query.where(*_carried(which.carried_at))
    return paged(connection, query, list(labels.primary_key), after=after, rows=rows)


def labels_carried(connection: sa.Connection, account_id: str, at: int) -> list[Row]:
    """Return the labels that an account carries at a time."""
    query = sa.select(labels).where(
        labels.c.subject == "account", labels.c.subject_id == account_id, *_carried(at)
    )
    order = (labels.c.name, labels.c.cause)
    return [dict(row) for row in connection.execute(query.order_by(*order)).mappings()]


def timeline_of(
    connection: sa.Connection, account_id: str, *, after: str | None = None, rows: int = ROWS
) -> Page:
    """Return a page of an account's timeline, the newest first."""
    query = sa.select(timeline).where(timeline.c.account_id == account_id)
    order = [timeline.c.ts, timeline.c.key]
    return paged(connection, query, order, after=after, rows=rows, newest_first=True)


def _carried(at: int) -> tuple[sa.ColumnElement[bool], ...]:
    ends = sa.or_(labels.c.until.is_(None), labels.c.until > at)
    return (labels.c.since <= at, ends, sa.or_(labels.c.taken_off_at.is_(None), labels.c.taken_off_at > at))
