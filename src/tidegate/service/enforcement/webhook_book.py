"""The book of webhooks: who is told of what, with which secret, and what became of every delivery."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.errors import UsageError
from tidegate.ledger.tables_enforcement import announcements, deliveries, webhooks
from tidegate.service.access.rotation import WEBHOOKS
from tidegate.service.enforcement.announcer import DEAD, WAITING
from tidegate.service.enforcement.cloud_event import KINDS, Announcement
from tidegate.service.enforcement.signing import new_secret
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.service.access.custody import Custody
    from tidegate.service.enforcement.addresses import Addresses

ROTATION_MS = 24 * 3_600_000  # how long the secret before signs as well
WEBHOOKS_MAX = 100


@dataclass(frozen=True)
class Webhook:
    """One webhook. `kinds` empty: it is told of everything. `made_at` in ms since the epoch."""

    id: str
    url: str
    kinds: tuple[str, ...]
    enabled: bool
    made_at: int
    made_by: str

    def data(self) -> dict[str, Any]:
        """Return it as plain data; its secret is shown once, elsewhere."""
        return {
            "id": self.id,
            "url": self.url,
            "kinds": list(self.kinds or KINDS),
            "enabled": self.enabled,
            "made_at": format_rfc3339(self.made_at),
            "made_by": self.made_by,
        }


class WebhookBook:
    """Every change of it goes into the audit log."""

    def __init__(self, custody: Custody, addresses: Addresses) -> None:
        self._custody = custody
        self._database = custody.database
        self._addresses = addresses
        self._sealer = custody.ring.sealer(WEBHOOKS)

    def create(self, url: str, kinds: Sequence[str], *, actor: str, reason: str = "") -> tuple[Webhook, str]:
        """Return a new webhook, and its secret, which is shown once; raises UsageError. It is told what happens from now on."""
        self._check(url, kinds)
        if len(self.all()) >= WEBHOOKS_MAX:
            raise UsageError(f"there are {WEBHOOKS_MAX} webhooks already", hint="remove one first")
        hook = Webhook(secrets.token_hex(6), url, tuple(kinds), True, self._custody.now(), actor)  # noqa: FBT003
        secret = new_secret()
        key_id, sealed = self._sealer.seal(secret.encode(), hook.id.encode())
        row = {
            "id": hook.id,
            "url": url,
            "kinds": list(kinds),
            "key_id": key_id,
            "secret": sealed,
            "enabled": True,
            "made_at": hook.made_at,
            "made_by": actor,
        }
        with self._custody.audit.recording(
            actor, "webhook.create", reason=reason, after=hook.data()
        ) as connection:
            connection.execute(sa.insert(webhooks).values(row))
        return hook, secret

    def change(
        self,
        webhook_id: str,
        *,
        actor: str,
        reason: str = "",
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given, leave the rest; raises UsageError, LookupError."""
        before = self.get(webhook_id)
        given = {"url": url, "kinds": None if kinds is None else list(kinds), "enabled": enabled}
        values = {name: value for name, value in given.items() if value is not None}
        after = Webhook(
            before.id,
            before.url if url is None else url,
            before.kinds if kinds is None else tuple(kinds),
            before.enabled if enabled is None else enabled,
            before.made_at,
            before.made_by,
        )
        self._check(after.url, after.kinds)
        if not values:
            return before
        with self._custody.audit.recording(
            actor, "webhook.change", reason=reason, before=before.data(), after=after.data()
        ) as connection:
            connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook_id).values(values))
        return after

    def remove(self, webhook_id: str, *, actor: str, reason: str = "") -> None:
        """Remove a webhook with everything that was still to be told; raises LookupError."""
        before = self.get(webhook_id)
        with self._custody.audit.recording(
            actor, "webhook.remove", reason=reason, before=before.data()
        ) as connection:
            connection.execute(sa.delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
            connection.execute(sa.delete(webhooks).where(webhooks.c.id == webhook_id))

    def renew_secret(self, webhook_id: str, *, actor: str, reason: str = "") -> str:
        """Return a new secret; for a day the one before signs as well. Raises LookupError."""
        self.get(webhook_id)
        secret = new_secret()
        key_id, sealed = self._sealer.seal(secret.encode(), webhook_id.encode())
        w = webhooks.c
        values = {
            w.former_key_id: w.key_id,
            w.former_secret: w.secret,
            w.former_until: self._custody.now() + ROTATION_MS,
            w.key_id: key_id,
            w.secret: sealed,
        }
        after = {"id": webhook_id}
        with self._custody.audit.recording(actor, "webhook.secret", reason=reason, after=after) as connection:
            connection.execute(sa.update(webhooks).where(w.id == webhook_id).values(values))
        return secret

    def all(self) -> list[Webhook]:
        """Return all webhooks, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(webhooks).order_by(webhooks.c.made_at, webhooks.c.id)).all()
        return [_webhook(row) for row in rows]

    def get(self, webhook_id: str) -> Webhook:
        """Return a webhook; raises LookupError."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
        if row is None:
            raise LookupError(webhook_id)
        return _webhook(row)

    def signing_keys(self, webhook_id: str) -> list[str]:
        """Return the secrets that sign, the newest first; raises LookupError."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
        if row is None:
            raise LookupError(webhook_id)
        context = webhook_id.encode()
        found = [self._sealer.open(row.key_id, row.secret, context).decode()]
        if row.former_until is not None and row.former_until > self._custody.now():
            found.append(self._sealer.open(row.former_key_id, row.former_secret, context).decode())
        return found

    # deliveries ----------------------------------------------------------------------------------------------
    def deliveries(
        self, webhook_id: str, state: str | None, *, after: int = 0, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Return what became of deliveries, in order; of one state if `state`. Raises LookupError."""
        self.get(webhook_id)
        d = deliveries.c
        query = (
            sa.select(deliveries, announcements.c.kind, announcements.c.measure_id)
            .join_from(deliveries, announcements, d.seq == announcements.c.seq)
            .where(d.webhook_id == webhook_id, d.seq > after)
        )
        if state is not None:
            query = query.where(d.state == state)
        with self._database.reading() as connection:
            return [_delivery(row) for row in connection.execute(query.order_by(d.seq).limit(limit))]

    def counts(self, webhook_id: str) -> dict[str, int]:
        """Return how many deliveries are waiting, sent and dead."""
        query = sa.select(deliveries.c.state, sa.func.count()).where(deliveries.c.webhook_id == webhook_id)
        with self._database.reading() as connection:
            found = {row[0]: int(row[1]) for row in connection.execute(query.group_by(deliveries.c.state))}
        return {state: found.get(state, 0) for state in ("waiting", "sent", "dead")}

    def replay(self, webhook_id: str, seq: int | None, *, actor: str, reason: str = "") -> int:
        """Send a dead delivery again, all dead ones if `seq` is None; return how many. Raises LookupError."""
        self.get(webhook_id)
        d = deliveries.c
        chosen = [d.webhook_id == webhook_id, d.state == DEAD]
        if seq is not None:
            chosen.append(d.seq == seq)
        values = {"state": WAITING, "attempts": 0, "next_at": self._custody.now(), "ended_at": None}
        after = {"id": webhook_id, "seq": seq}
        with self._custody.audit.recording(actor, "webhook.replay", reason=reason, after=after) as connection:
            done = connection.execute(sa.update(deliveries).where(*chosen).values(values)).rowcount
            if seq is not None and not done:
                raise LookupError(seq)
        return done

    def announcement(self, seq: int) -> Announcement | None:
        """Return an announcement; None where it has been erased."""
        with self._database.reading() as connection:
            row = (
                connection.execute(sa.select(announcements).where(announcements.c.seq == seq))
                .mappings()
                .first()
            )
        return None if row is None else Announcement(**row)

    def _check(self, url: str, kinds: Sequence[str]) -> None:
        self._addresses.check(url)
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown:
            raise UsageError(f"there is no kind `{unknown[0]}`", hint=f"one of {', '.join(KINDS)}")


def _webhook(row: sa.Row[Any]) -> Webhook:
    return Webhook(row.id, row.url, tuple(row.kinds), row.enabled, row.made_at, row.made_by)


def _delivery(row: sa.Row[Any]) -> dict[str, Any]:
    waits = row.state == WAITING
    return {
        "seq": row.seq,
        "kind": row.kind,
        "measure_id": row.measure_id,
        "account_id": row.account_id,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": format_rfc3339(row.next_at) if waits else None,
        "status": row.status,
        "error": row.error,
        "ended_at": None if row.ended_at is None else format_rfc3339(row.ended_at),
    }
