"""Connections to SQLite or PostgreSQL, and the few things that differ between them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tidegate.errors import FileError
from tidegate.ledger.veil import Veil, put_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUSY_MS = 10_000  # how long a writer waits for another one
_MIGRATING = 0x71DE  # of the lock that one process at a time holds while it migrates (PostgreSQL)
# what to do where the address is right and nothing answers there as it should
_REMEDY = {
    "sqlite": "see that it may be written; one that is damaged is restored from a backup, or moved aside: then it is made"
    " anew, without keys and audit log",
    "postgresql": "see that the server runs there, and that name and password are right",
}


class Database:
    """A pool of connections. SQLite: WAL, synced at every commit, one writer at a time; the file belongs to its owner alone."""

    def __init__(self, url: str | Path) -> None:
        self.url = _url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        try:
            self.engine = self._engine()
        except (ImportError, NoSuchModuleError, ArgumentError) as error:
            raise _unusable(self.url, str(error)) from None

    def _engine(self) -> sa.Engine:
        if not self.is_sqlite:
            return sa.create_engine(self.url, pool_pre_ping=True)
        if self.url.database and self.url.database != ":memory:":
            _own(Path(self.url.database))
        # transactions are begun below: the driver's own way begins them too late, and only for writes
        connect = {"timeout": BUSY_MS / 1000, "isolation_level": None}
        engine = sa.create_engine(self.url, connect_args=connect)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the data throughout."""
        with self._connected() as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction: all of it, or nothing."""
        with self._connected() as connected:
            connection = connected.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """Give a connection to change tables over; other processes that want to wait for their turn."""
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            raise _unusable(self.url, str(error.orig), _REMEDY[self.url.get_backend_name()]) from None
        with connection:
            yield connection

    def conceal(self, veil: Veil) -> None:
        """From now on, conceal identifiers of people in the columns that may hold them, and show them when read."""
        put_on(self.engine.dialect, veil)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet; leave the others as they are."""
    if rows:
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), rows)


def upsert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], change: Sequence[str]
) -> None:
    """Insert rows; where the key is there, set the columns in `change` to the new values."""
    if not rows:
        return
    insert = insert_into(connection, table)
    values = {name: insert.excluded[name] for name in change}
    connection.execute(
        insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values), rows
    )


def insert_into(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of the database's own kind, which knows `ON CONFLICT`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _url(url: str | Path) -> sa.URL:
    """Return the address; a path is that of a SQLite file. PostgreSQL is spoken to through psycopg 3, whatever the URL says."""
    if isinstance(url, Path):
        return sa.URL.create("sqlite", database=str(url))
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        raise _unusable(url, "it is no URL") from None
    backend = parsed.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed
    raise _unusable(parsed, f"`{backend}` is not supported")


def _unusable(url: sa.URL | str, why: str, hint: str = "") -> FileError:
    shown = url.render_as_string(hide_password=True) if isinstance(url, sa.URL) else url
    reason = why.strip().splitlines()[0] if why.strip() else "no reason given"
    return FileError(
        f"cannot open the database `{shown}`: {reason}",
        hint=hint or "write `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`",
    )


def _own(file: Path) -> None:
    """Make the file readable by its owner alone, before anything is in it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unusable(str(file), error.strerror or "it cannot be written") from None


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  the driver's connection
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin as a writer where something is to be written: a reader that turns writer may find that it cannot."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
