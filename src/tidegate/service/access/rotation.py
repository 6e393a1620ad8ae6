"""A new key for what is at rest: made, put to use, and the books sealed again with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.tables_access import audit, identifiers
from tidegate.ledger.tables_enforcement import webhooks
from tidegate.service.access.sealing import Sealer

if TYPE_CHECKING:
    from tidegate.service.access.custody import Custody

WEBHOOKS = "webhooks"  # what secrets of webhooks are sealed for


@dataclass(frozen=True)
class Rotated:
    """The new key, and what was sealed again. The journal keeps what it has: its old keys stay on the ring."""

    key_id: int
    identifiers: int
    audit: int
    webhooks: int

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "key": self.key_id,
            "sealed_again": {"identifiers": self.identifiers, "audit": self.audit, "webhooks": self.webhooks},
        }


def rotate(custody: Custody, *, actor: str, reason: str = "") -> Rotated:
    """Make a new data key and seal the books with it. A server under way takes it up by itself."""
    before = custody.ring.active.id
    made = custody.ring.rotate(custody.now())
    custody.audit.write(actor, "keys.rotate", reason=reason, before={"key": before}, after={"key": made.id})
    return Rotated(
        made.id,
        custody.identifiers.reseal(),
        custody.audit.reseal(),
        _reseal_webhooks(custody, custody.ring.sealer(WEBHOOKS)),
    )


def keys_in_books(custody: Custody) -> set[int]:
    """Return the numbers of the keys that something in the books is sealed with."""
    columns = (identifiers.c.key_id, audit.c.key_id, webhooks.c.key_id, webhooks.c.former_key_id)
    with custody.database.reading() as connection:
        return {key for column in columns for key in connection.scalars(sa.select(column).distinct()) if key}


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
