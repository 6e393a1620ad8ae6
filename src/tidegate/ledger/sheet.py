"""Rows of one table while a batch is taken in: looked up once, changed in memory, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.database import upsert
from tidegate.ledger.fitting import fitted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate.ledger.rows import Row

_TOGETHER = 500  # values in one IN (...): databases bound it


class Sheet:
    """The rows of a table by key. What is asked for must have been looked up or put before."""

    def __init__(self, connection: sa.Connection, table: sa.Table) -> None:
        self._connection = connection
        self._table = table
        self._key = [column.name for column in table.primary_key]
        self._rows: dict[tuple[Any, ...], Row] = {}
        self._changed: set[tuple[Any, ...]] = set()

    def look_up(self, column: str, values: Iterable[Any]) -> None:
        """Read the rows that have one of the values in a column."""
        wanted = sorted({value for value in values if value is not None})
        for at in range(0, len(wanted), _TOGETHER):
            chosen = self._table.c[column].in_(wanted[at : at + _TOGETHER])
            for row in self._connection.execute(sa.select(self._table).where(chosen)).mappings():
                self._rows.setdefault(self._key_of(dict(row)), dict(row))

    def where(self, **values: object) -> list[Row]:
        """Return the rows known here that have these values."""
        key = tuple(values.get(name) for name in self._key)
        if set(values) == set(self._key):
            return [self._rows[key]] if key in self._rows else []
        return [row for row in self._rows.values() if all(row[n] == v for n, v in values.items())]

    def put(self, row: Row) -> Row:
        """Enter a row, new or in place of the one with its key; columns that it lacks are None."""
        full: Row = {column.name: None for column in self._table.columns} | fitted(self._table, row)
        key = self._key_of(full)
        self._rows[key] = full
        self._changed.add(key)
        return full

    def change(self, row: Row, **values: object) -> None:
        """Change a row that is known here."""
        row |= fitted(self._table, values)
        self._changed.add(self._key_of(row))

    def write(self) -> None:
        """Write what was put and changed."""
        others = [column.name for column in self._table.columns if column.name not in self._key]
        upsert(self._connection, self._table, [self._rows[key] for key in sorted(self._changed)], others)
        self._changed.clear()

    def _key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._key)
