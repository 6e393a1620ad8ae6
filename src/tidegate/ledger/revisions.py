"""The book of revisions: other figures and states of rules, from proposal to being in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from tidegate.ledger.page import ROWS, Page, paged
from tidegate.ledger.rows import of_id
from tidegate.ledger.tables import revisions

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row

RevisionState = Literal["proposed", "active", "withdrawn", "refused"]


def listed(
    connection: sa.Connection,
    state: RevisionState | None = None,
    *,
    after: str | None = None,
    rows: int = ROWS,
) -> Page:
    """Return a page of revisions, the newest first."""
    query = sa.select(revisions)
    if state is not None:
        query = query.where(revisions.c.state == state)
    order = [revisions.c.proposed_at, revisions.c.id]
    return paged(connection, query, order, after=after, rows=rows, newest_first=True)


def found(connection: sa.Connection, revision_id: str) -> Row | None:
    """Return a revision; None where there is none of that id."""
    return of_id(connection, revisions, revision_id)


def enter(connection: sa.Connection, row: Row) -> None:
    """Enter a new revision."""
    connection.execute(revisions.insert().values(row))


def change(connection: sa.Connection, revision_id: str, **values: object) -> None:
    """Change a revision."""
    connection.execute(revisions.update().where(revisions.c.id == revision_id).values(**values))
