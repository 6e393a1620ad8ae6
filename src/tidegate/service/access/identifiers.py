"""Numbers, IP and e-mail addresses of accounts: stored sealed, found by their blind index.

They are noted where a decision is more than a plain allow, which is where people look: an address that did nothing stays
in the journal, which is sealed as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.tables_access import identifiers
from tidegate.service.access.blind_index import IdentifierKind, blind_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.ledger.database import Database
    from tidegate.ledger.happened import Happened
    from tidegate.service.access.key_ring import KeyRing

PURPOSE = "identifiers"
EMAIL = "email"  # in `extra`: no rule reads it, people look for it
_PAGE = 1000


@dataclass(frozen=True)
class Identifier:
    """One identifier of an account; `first_at` and `last_at` are event times in ms."""

    kind: str
    value: str
    account_id: str
    first_at: int
    last_at: int


class Identifiers:
    """The book of identifiers."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._sealer = ring.sealer(PURPOSE)

    def take(self, connection: sa.Connection, happened: Iterable[Happened]) -> None:
        """Note the identifiers in the events of decisions."""
        self.note(connection, [one.record for one in happened if one.record is not None])

    def note(self, connection: sa.Connection, records: Iterable[Any]) -> None:
        """Note the identifiers in events, in the transaction that takes in what was decided about them."""
        seen: dict[tuple[IdentifierKind, bytes, str], tuple[str, int, int]] = {}
        for record in records:
            for kind, value, account_id, ts in _in_record(record):
                key = (kind, blind_index(self._ring.index_key, kind, value), account_id)
                first, last = seen[key][1:] if key in seen else (ts, ts)
                seen[key] = (value, min(first, ts), max(last, ts))
        known = _times(connection, [digest for _, digest, _ in seen])
        new: list[dict[str, Any]] = []
        later: list[dict[str, Any]] = []
        for key, (value, first, last) in sorted(seen.items()):
            row = dict(zip(("kind", "digest", "account_id"), key, strict=True))
            before = known.get(key)
            if before is None:
                key_id, sealed = self._sealer.seal(value.encode(), _context(key[0], key[2]))
                new.append(row | {"key_id": key_id, "sealed": sealed, "first_at": first, "last_at": last})
            elif first < before[0] or last > before[1]:
                row = {f"of_{name}": part for name, part in row.items()}
                later.append(row | {"first_at": min(first, before[0]), "last_at": max(last, before[1])})
        if new:
            connection.execute(sa.insert(identifiers), new)
        if later:
            same = [
                identifiers.c[name] == sa.bindparam(f"of_{name}") for name in ("kind", "digest", "account_id")
            ]
            connection.execute(sa.update(identifiers).where(*same), later)

    def find(self, kind: IdentifierKind, value: str) -> list[Identifier]:
        """Return the accounts that an identifier was seen with, last seen first."""
        digest = blind_index(self._ring.index_key, kind, value)
        return self._read(identifiers.c.kind == kind, identifiers.c.digest == digest)

    def of_account(self, account_id: str) -> list[Identifier]:
        """Return the identifiers of an account, last seen first."""
        return self._read(identifiers.c.account_id == account_id)

    def own_numbers(self, account_id: str) -> list[str]:
        """Return the numbers that no other account was seen with."""
        numbers = [one.value for one in self.of_account(account_id) if one.kind == "number"]
        return [n for n in numbers if all(one.account_id == account_id for one in self.find("number", n))]

    def reseal(self) -> int:
        """Seal again what is sealed with an older key than the active one; how many."""
        t = identifiers.c
        old = sa.select(identifiers).where(t.key_id != self._ring.active.id).limit(_PAGE)
        count = 0
        while True:
            with self._database.writing() as connection:
                rows = connection.execute(old).all()
                for row in rows:
                    context = _context(row.kind, row.account_id)
                    key_id, sealed = self._sealer.seal(
                        self._sealer.open(row.key_id, row.sealed, context), context
                    )
                    same = (t.kind == row.kind, t.digest == row.digest, t.account_id == row.account_id)
                    connection.execute(
                        sa.update(identifiers).where(*same).values(key_id=key_id, sealed=sealed)
                    )
            count += len(rows)
            if len(rows) < _PAGE:
                return count

    def _read(self, *conditions: sa.ColumnElement[bool]) -> list[Identifier]:
        query = (
            sa.select(identifiers)
            .where(*conditions)
            .order_by(identifiers.c.last_at.desc(), identifiers.c.account_id)
        )
        with self._database.reading() as connection:
            return [
                Identifier(
                    row.kind,
                    self._sealer.open(row.key_id, row.sealed, _context(row.kind, row.account_id)).decode(),
                    row.account_id,
                    row.first_at,
                    row.last_at,
                )
                for row in connection.execute(query)
            ]


def _times(connection: sa.Connection, digests: list[bytes]) -> dict[tuple[str, bytes, str], tuple[int, int]]:
    """Return when the identifiers with these digests were first and last seen, by kind, digest and account."""
    t = identifiers.c
    query = sa.select(t.kind, t.digest, t.account_id, t.first_at, t.last_at)
    return {
        (row.kind, bytes(row.digest), row.account_id): (row.first_at, row.last_at)
        for at in range(0, len(digests), _PAGE)
        for row in connection.execute(query.where(t.digest.in_(digests[at : at + _PAGE])))
    }


def _in_record(record: Any) -> Iterator[tuple[IdentifierKind, str, str, int]]:  # noqa: ANN401  a Record of any type
    account_id = getattr(record, "account_id", None)
    if not isinstance(account_id, str):
        return
    extra = getattr(record, "extra", None)
    email = extra.get(EMAIL) if isinstance(extra, dict) else None
    found: tuple[tuple[IdentifierKind, Any], ...] = (
        ("ip", getattr(record, "ip", None)),
        ("number", getattr(record, "number", None)),
        ("email", email),
    )
    for kind, value in found:
        if isinstance(value, str) and value:
            yield kind, value, account_id, record.ts


def _context(kind: str, account_id: str) -> bytes:
    return f"{kind}\0{account_id}".encode()
