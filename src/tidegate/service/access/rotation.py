"""New keys for what is at rest: made and put to use, everything sealed again with them, old ones retired.

The audit log has an entry for each step. All but making a key wants a folder that no server runs on: one that still has an
old key in memory would go on sealing with it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.errors import UsageError
from tidegate.journal import resealing
from tidegate.journal.folder import DataFolder
from tidegate.ledger.tables_access import ACCESS
from tidegate.ledger.tables_enforcement import ENFORCEMENT, webhooks
from tidegate.ledger.tables_screening import SCREENING
from tidegate.service.access.erasing import key_of_pending, reseal_pending
from tidegate.service.screenings.book import ScreeningBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.service.access.custody import Custody
    from tidegate.service.access.sealing import Sealer

WEBHOOKS = "webhooks"  # what secrets of webhooks are sealed for
_BOOKS = (*ACCESS, *ENFORCEMENT, *SCREENING)


@dataclass(frozen=True)
class Rotated:
    """The new key, and what was sealed again with it in the books; files keep what they have until `reseal`."""

    key_id: int
    identifiers: int
    audit: int
    webhooks: int
    screenings: int

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "key": self.key_id,
            "sealed_again": {
                "identifiers": self.identifiers,
                "audit": self.audit,
                "webhooks": self.webhooks,
                "screenings": self.screenings,
            },
        }


@dataclass(frozen=True)
class Sealed:
    """What is sealed with one key: frames of files, rows of books."""

    frames: int = 0
    rows: int = 0

    def __bool__(self) -> bool:
        return bool(self.frames or self.rows)

    def data(self) -> dict[str, int]:
        """Return it as plain data."""
        return {"frames": self.frames, "rows": self.rows}


def rotate(custody: Custody, *, actor: str, reason: str = "") -> Rotated:
    """Make a new data key and seal the books with it. A server under way takes it up by itself."""
    before = custody.ring.active.id
    made = custody.ring.rotate(custody.now())
    custody.audit.write(actor, "keys.rotate", reason=reason, before={"key": before}, after={"key": made.id})
    return _reseal_books(custody)


def reseal(
    custody: Custody, *, actor: str, reason: str = "", progress: Callable[[int], None] | None = None
) -> tuple[Rotated, resealing.Resealed]:
    """Seal books and files with the active key; `progress` hears of bytes of files done. What was interrupted is done again.

    Raises JournalError where a server runs on the folder or a file does not open, JournalFull where there is no room.
    """
    folder = DataFolder(custody.folder)
    with stopped(folder):
        books, active = _reseal_books(custody), custody.ring.active.id
        files = resealing.reseal(folder, custody.cipher, active, progress)
        noted = reseal_pending(custody.folder, custody.ring)
        after = books.data() | {"files": files.files, "frames": files.frames, "erasure_under_way": noted}
        custody.audit.write(actor, "keys.reseal", reason=reason, after=after)
    return books, files


def retire(
    custody: Custody,
    key_id: int,
    *,
    actor: str,
    reason: str = "",
    progress: Callable[[int], None] | None = None,
) -> None:
    """Forget a data key for good. Raises UsageError where something is sealed with it, JournalError where a server runs."""
    with stopped(DataFolder(custody.folder)):
        used = in_use(custody, progress).get(key_id, Sealed())
        if used and key_id != custody.ring.active.id:
            raise UsageError(
                f"key {key_id} is needed: {used.frames:,} frames and {used.rows:,} rows are sealed with it",
                hint="`tidegate keys reseal` seals them again",
            )
        custody.ring.check_retiring(key_id)
        custody.audit.write(actor, "keys.retire", reason=reason, before={"key": key_id})
        custody.ring.retire(key_id)


def in_use(custody: Custody, progress: Callable[[int], None] | None = None) -> dict[int, Sealed]:
    """Return what is sealed with which key, in files and books; `progress` hears of bytes of files read."""
    frames = resealing.keys_in_files(DataFolder(custody.folder), progress)
    pending = key_of_pending(custody.folder)
    if pending is not None:
        frames[pending] = frames.get(pending, 0) + 1
    rows = keys_in_books(custody)
    return {key: Sealed(frames.get(key, 0), rows.get(key, 0)) for key in sorted({*frames, *rows})}


def keys_in_books(custody: Custody) -> dict[int, int]:
    """Return the numbers of the keys that something in the books is sealed with, and how much.

    Every column called `key_id`, or something before it, names such a key: so no table is forgotten when a key is retired.
    """
    columns = [c for table in _BOOKS for c in table.c if f"_{c.name}".endswith("_key_id")]
    found: dict[int, int] = {}
    with custody.database.reading() as connection:
        for column in columns:
            query = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
            for key, count in connection.execute(query):
                found[key] = found.get(key, 0) + count
    return found


@contextmanager
def stopped(folder: DataFolder) -> Iterator[None]:
    """Hold a folder that no server runs on; raises JournalError where one does."""
    held = folder.lock()
    try:
        yield
    finally:
        os.close(held)


def _reseal_books(custody: Custody) -> Rotated:
    return Rotated(
        custody.ring.active.id,
        custody.identifiers.reseal(),
        custody.audit.reseal(),
        _reseal_webhooks(custody, custody.ring.sealer(WEBHOOKS)),
        ScreeningBook(custody.database, custody.ring, custody.now).reseal(),
    )


def _reseal_webhooks(custody: Custody, sealer: Sealer) -> int:
    count = 0
    with custody.database.writing() as connection:
        for row in connection.execute(sa.select(webhooks)).all():
            context = row.id.encode()
            values: dict[str, Any] = {}
            for key, secret in (("key_id", "secret"), ("former_key_id", "former_secret")):
                key_id, sealed = getattr(row, key), getattr(row, secret)
                if key_id is not None and key_id != custody.ring.active.id:
                    values[key], values[secret] = sealer.seal(sealer.open(key_id, sealed, context), context)
            if values:
                count += 1
                connection.execute(sa.update(webhooks).where(webhooks.c.id == row.id).values(values))
    return count
