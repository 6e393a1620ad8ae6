"""Erasing an account: nothing that is kept says any more that it was ever here, but for a random pseudonym.

What goes: its rows in the ledger, what it announced, its identifiers, the details of audit entries about it; its name where
rows about others mention it; and, by the journal's own `forget`, its name and what only it was seen with in events,
decisions, memory and checkpoints. What stays: decisions about everybody else, and the chain of the audit log, in which one
entry says that an erasure took place, who ordered it and why, and which entries lost their details by it.

Everything here may be done again: an erasure that was interrupted is ordered once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.projection import position_of
from tidegate.ledger.tables import metadata
from tidegate.ledger.tables_access import audit
from tidegate.service.access.audit import ERASED
from tidegate.service.access.audit_entry import Details
from tidegate.service.access.names_in_books import rename_in_rows
from tidegate.service.enforcement.announcer import in_turn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tidegate.ledger.database import Database
    from tidegate.service.access.custody import Custody


@dataclass
class Erased:
    """What was erased: rows by table, details of audit entries, and what the journal did."""

    pseudonym: str
    rows: dict[str, int] = field(default_factory=dict)
    rewritten: dict[str, int] = field(default_factory=dict)  # rows about others that mentioned the account
    audit_entries: int = 0
    journal: dict[str, Any] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "pseudonym": self.pseudonym,
            "rows": self.rows,
            "rewritten": self.rewritten,
            "audit_entries": self.audit_entries,
            "journal": self.journal,
        }


def erase_from_books(
    custody: Custody,
    account_id: str,
    names: Mapping[str, str],
    *,
    actor: str,
    reason: str,
    vocabulary: Collection[str] = (),
    journal: dict[str, Any] | None = None,
) -> Erased:
    """Erase an account from ledger and audit log, in one transaction, and the room it took on the disk.

    `names` says what stands in place of its id, and of anything else that only it was called. In sentences, words of the
    `vocabulary` stay.
    """
    done = Erased(names[account_id], journal=journal or {})
    with custody.database.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        position_of(connection, lock=True)  # the ledger takes in nothing meanwhile
        custody.audit.in_turn(connection)
        in_turn(connection)
        for table in reversed(metadata.sorted_tables):
            if table is audit:
                continue
            if gone := _delete(connection, table, account_id, names):
                done.rows[str(table.name)] = gone
            if changed := rename_in_rows(connection, table, names, vocabulary):
                done.rewritten[str(table.name)] = changed
        numbers = custody.audit.forget(connection, account_id)
        done.audit_entries = len(numbers)
        after = {"pseudonym": done.pseudonym, "entries": numbers, "rows": done.rows, "journal": done.journal}
        head = custody.audit.add(connection, actor, ERASED, Details(None, reason, None, after))
    custody.audit.head.advance(head)
    scrub(custody.database)
    return done


def scrub(database: Database) -> None:
    """Write the database's files anew, so that what was deleted is not left in their free space."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if database.is_sqlite:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.execute(sa.text("VACUUM"))


def _delete(connection: sa.Connection, table: sa.Table, account_id: str, names: Mapping[str, str]) -> int:
    """Delete the rows that are about an account, or about an address or a number that only it had."""
    about = []
    if "account_id" in table.c:
        about.append(table.c.account_id == account_id)
    if "subject_id" in table.c:
        about.append(table.c.subject_id.in_(list(names)))
    return connection.execute(sa.delete(table).where(sa.or_(*about))).rowcount if about else 0


def rows_about(connection: sa.Connection, account_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all rows of the ledger that are about an account, with the name of their table."""
    for table in metadata.sorted_tables:
        about = [table.c.account_id == account_id] if "account_id" in table.c else []
        if "subject_id" in table.c:
            about.append(sa.and_(table.c.subject == "account", table.c.subject_id == account_id))
        if not about or table.name == "identifiers":
            continue
        for row in connection.execute(sa.select(table).where(sa.or_(*about))).mappings():
            yield str(table.name), dict(row)
