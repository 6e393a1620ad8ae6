"""Rows of a table: those that a filter asks for, the one of an id."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

Row = dict[str, Any]  # by column


def asked_for(table: sa.Table, which: object, *columns: str) -> sa.Select[Any]:
    """Return a query for the rows that have what a filter names in some columns; None and "" name nothing."""
    named = {column: getattr(which, column) for column in columns}
    return sa.select(table).where(*(table.c[column] == value for column, value in named.items() if value))


def of_id(connection: sa.Connection, table: sa.Table, id_: str) -> Row | None:
    """Return the row of an id; None where there is none."""
    row = connection.execute(sa.select(table).where(table.c.id == id_)).mappings().one_or_none()
    return None if row is None else dict(row)
