"""The book of API keys: make, list, revoke. A key itself is in no book: only its digest is."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.errors import UsageError
from tidegate.ledger.tables_access import api_keys
from tidegate.service.access.grant import ROLES, Grant, Role
from tidegate.service.access.networks import networks_of
from tidegate.service.access.tokens import digest, new_token
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.ledger.database import Database
    from tidegate.service.access.audit import Audit

NAME_LENGTH = 100
SLOWEST_PER_S, FASTEST_PER_S = 0.001, 1_000_000  # slower, and nobody waits as long as they would be told to
# requests a second and at once, where nothing is said: people and consoles; the platform's servers send what they have
PER_S: dict[Role, tuple[float, float]] = {
    "ingest": (0.0, 0.0),
    "read": (100.0, 200.0),
    "analyst": (50.0, 100.0),
    "admin": (50.0, 100.0),
    "standing": (50.0, 100.0),
}


@dataclass(frozen=True)
class ApiKey:
    """A key on record. Times in ms since the epoch; `expires_at` None: until revoked, `revoked_at` None: it is not."""

    id: str
    name: str
    roles: tuple[Role, ...]
    per_s: float
    burst: float
    made_at: int
    made_by: str
    expires_at: int | None
    revoked_at: int | None
    revoked_by: str | None
    networks: tuple[str, ...] = ()

    def grant(self) -> Grant:
        """Return what its holder may do."""
        return Grant(self.id, self.name, self.roles, self.expires_at, self.per_s, self.burst, self.networks)

    def state(self, now_ms: int) -> str:
        """Return `valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now_ms else "valid"

    def data(self, now_ms: int) -> dict[str, Any]:
        """Return it as plain data."""
        times = {
            name: None if at is None else format_rfc3339(at)
            for name, at in (
                ("made_at", self.made_at),
                ("expires_at", self.expires_at),
                ("revoked_at", self.revoked_at),
            )
        }
        lists = {"roles": list(self.roles), "networks": list(self.networks)}
        return asdict(self) | lists | {"state": self.state(now_ms)} | times


class ApiKeys:
    """The book, over the tables of a ledger; every change goes into the audit log with it."""

    def __init__(self, database: Database, audit: Audit, now: Callable[[], int]) -> None:
        self._database = database
        self._audit = audit
        self._now = now

    def create(
        self,
        name: str,
        roles: Sequence[Role],
        *,
        actor: str,
        expires_at: int | None = None,
        per_s: float | None = None,
        burst: float | None = None,
        networks: Sequence[str] = (),
        reason: str = "",
    ) -> tuple[ApiKey, str]:
        """Return a new key, and the token that is shown once; raises UsageError."""
        now = self._now()
        _check(name, roles, expires_at, per_s, now)
        allowed = networks_of(networks)
        given, most = max((PER_S[role] for role in roles), key=lambda pair: pair[0] or float("inf"))
        given = given if per_s is None else per_s
        most = burst if burst is not None else most if per_s is None else max(1.0, 2 * per_s)
        token = new_token()
        key = ApiKey(
            secrets.token_hex(6), name, tuple(roles), given, most, now, actor, expires_at, None, None, allowed
        )
        row = asdict(key) | {"roles": list(roles), "networks": list(allowed), "digest": digest(token)}
        with self._audit.recording(actor, "key.create", reason=reason, after=key.data(now)) as connection:
            connection.execute(sa.insert(api_keys).values(row))
        return key, token

    def revoke(self, key_id: str, *, actor: str, reason: str = "") -> ApiKey:
        """End a key for good and return it; raises UsageError. One that is revoked already stays as it is."""
        now = self._now()
        found = next((key for key in self.all() if key.id == key_id), None)
        if found is None:
            raise UsageError(f"there is no key `{key_id}`", hint="`tidegate keys list` shows them")
        if found.revoked_at is not None:
            return found
        ended = replace(found, revoked_at=now, revoked_by=actor)
        with self._audit.recording(
            actor, "key.revoke", reason=reason, before=found.data(now), after=ended.data(now)
        ) as connection:
            connection.execute(
                sa.update(api_keys)
                .where(api_keys.c.id == key_id)
                .values(revoked_at=ended.revoked_at, revoked_by=actor)
            )
        return ended

    def all(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        return [key for key, _ in self.with_digests()]

    def with_digests(self) -> list[tuple[ApiKey, bytes]]:
        """Return all keys with the digests of their tokens."""
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(api_keys).order_by(api_keys.c.made_at, api_keys.c.id)
            ).mappings()
            return [
                (
                    ApiKey(
                        **{k: v for k, v in row.items() if k != "digest"}
                        | {"roles": tuple(row["roles"]), "networks": tuple(row["networks"] or ())}
                    ),
                    row["digest"],
                )
                for row in rows
            ]


def _check(name: str, roles: Sequence[Role], expires_at: int | None, per_s: float | None, now: int) -> None:
    if not name.strip() or len(name) > NAME_LENGTH or not name.isprintable():
        raise UsageError(
            "a key needs a name", place="name", hint=f"whose it is, at most {NAME_LENGTH} characters"
        )
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise UsageError(
            f"there is no role `{' '.join(unknown)}`", place="roles", hint=f"one of {', '.join(ROLES)}"
        )
    if expires_at is not None and expires_at <= now:
        raise UsageError("the key would have expired already", place="expires", hint="give a time to come")
    if per_s and not SLOWEST_PER_S <= per_s <= FASTEST_PER_S:
        raise UsageError(
            f"`{per_s}` is no rate",
            place="per_s",
            hint=f"requests a second, from {SLOWEST_PER_S:g} to {FASTEST_PER_S:,}; 0: as many as it likes",
        )
