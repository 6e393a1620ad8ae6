"""The audit log: who did what, why, when, and how things were before and after. Entries are added, never changed."""

from __future__ import annotations

import hmac
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.tables_access import audit
from tidegate.service.access.audit_entry import (
    START,
    Details,
    Entry,
    commitment_of,
    hash_of,
    signature_of,
)
from tidegate.service.access.audit_head import Head, HeadFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidegate.ledger.database import Database
    from tidegate.service.access.key_ring import KeyRing

BEGUN = "audit.begun"
ERASED = "account.erase"
PURPOSE = "audit"
_LOCK = 0x71DF  # of the lock under which one process at a time adds an entry (PostgreSQL)
_PAGE = 1000


class Audit:
    """The log of one data folder. Safe to write from several threads and processes: the database takes them in turn."""

    def __init__(self, database: Database, ring: KeyRing, folder: Path, now: Callable[[], int]) -> None:
        self.database = database
        self.ring = ring
        self.sealer = ring.sealer(PURPOSE)
        self.head = HeadFile(folder, ring.audit_key)
        self._now = now
        with database.reading() as connection:
            begun = connection.execute(sa.select(audit.c.seq).limit(1)).first() is not None
        if not begun and self.head.read() is None:
            self.write("system", BEGUN)  # so that an empty log is never right

    def write(
        self,
        actor: str,
        action: str,
        *,
        subject: str | None = None,
        reason: str = "",
        before: Any = None,  # noqa: ANN401  whatever JSON can say
        after: Any = None,  # noqa: ANN401
    ) -> None:
        """Add an entry, on the disk when this returns."""
        with self.recording(actor, action, subject=subject, reason=reason, before=before, after=after):
            pass

    @contextmanager
    def recording(
        self,
        actor: str,
        action: str,
        *,
        subject: str | None = None,
        reason: str = "",
        before: Any = None,  # noqa: ANN401
        after: Any = None,  # noqa: ANN401
    ) -> Iterator[sa.Connection]:
        """Give a transaction to make the change in; the entry is added with it, or neither is."""
        with self.database.writing() as connection:
            self.in_turn(connection)
            yield connection
            head = self.add(connection, actor, action, Details(subject, reason, before, after))
        self.head.advance(head)

    def add(self, connection: sa.Connection, actor: str, action: str, details: Details) -> Head:
        """Add an entry in a transaction under way; when it is through, `head.advance` has to follow."""
        self.in_turn(connection)
        newest = connection.execute(
            sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
        ).first()
        seq, previous = (newest.seq + 1, bytes(newest.hash)) if newest is not None else (1, START)
        at, encoded = self._now(), details.encode()
        commitment = commitment_of(encoded)
        digest = hash_of(seq, at, actor, action, commitment, previous)
        key_id, sealed = self.sealer.seal(encoded, b"%d" % seq)
        row = {
            "seq": seq,
            "at": at,
            "actor": actor,
            "action": action,
            "commitment": commitment,
            "previous": previous,
            "hash": digest,
            "signature": signature_of(self.ring.audit_key, digest),
            "subject": subject_index(self.ring.index_key, details.subject),
            "key_id": key_id,
            "details": sealed,
        }
        connection.execute(sa.insert(audit).values(row))
        return Head(seq, digest)

    def entries(self, *, after: int = 0, limit: int = _PAGE, subject: str | None = None) -> list[Entry]:
        """Return entries in order from behind `after`; of one account if `subject`."""
        query = sa.select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
        if subject is not None:
            query = query.where(audit.c.subject == subject_index(self.ring.index_key, subject))
        with self.database.reading() as connection:
            return [self._entry(row) for row in connection.execute(query)]

    def forget(self, connection: sa.Connection, subject: str) -> list[int]:
        """Erase the details of all entries about an account and return their numbers; they belong into an entry of their own."""
        mine = audit.c.subject == subject_index(self.ring.index_key, subject)
        numbers = list(connection.scalars(sa.select(audit.c.seq).where(mine).order_by(audit.c.seq)))
        connection.execute(sa.update(audit).where(mine).values(subject=None, key_id=None, details=None))
        return numbers

    def reseal(self) -> int:
        """Seal the details again that are sealed with an older key than the active one; how many."""
        old = sa.select(audit.c.seq, audit.c.key_id, audit.c.details).where(
            audit.c.key_id.is_not(None), audit.c.key_id != self.ring.active.id
        )
        count = 0
        while True:
            with self.database.writing() as connection:
                rows = connection.execute(old.limit(_PAGE)).all()
                for row in rows:
                    context = b"%d" % row.seq
                    key_id, sealed = self.sealer.seal(
                        self.sealer.open(row.key_id, row.details, context), context
                    )
                    changed = sa.update(audit).where(audit.c.seq == row.seq, audit.c.details.is_not(None))
                    connection.execute(changed.values(key_id=key_id, details=sealed))
            count += len(rows)
            if len(rows) < _PAGE:
                return count

    def _entry(self, row: sa.Row[Any]) -> Entry:
        details = None
        if row.details is not None:
            details = Details.decode(self.sealer.open(row.key_id, row.details, b"%d" % row.seq))
        return Entry(row.seq, row.at, row.actor, row.action, details)

    def in_turn(self, connection: sa.Connection) -> None:
        """Wait until nobody else adds an entry; until the transaction ends, nobody else does."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def subject_index(key: bytes, subject: str | None) -> bytes | None:
    """Return the digest under which an account's entries are found."""
    return None if subject is None else hmac.digest(key, b"subject\0" + subject.encode(), "sha256")[:16]
