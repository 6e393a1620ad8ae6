"""The door: whose key it is, what it may do, how often. Asked before every request, so it answers from memory.

The book of keys is read again every `REREAD_S` seconds at most: a key revoked elsewhere (by the command line, by another
process) stops working within that time; one revoked here, at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from tidegate.errors import TidegateError
from tidegate.service.access.grant import Grant, Refused, Role
from tidegate.service.access.networks import lies_in
from tidegate.service.access.rate_limit import Bucket
from tidegate.service.access.tokens import digest, token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.service.access.api_keys import ApiKeys

REREAD_S = 2.0
STALE_S = 60.0  # a book that cannot be read counts so much longer: a database may be restarted
FIRST_KEY_NAME = "first admin"


class Access:
    """Admits and refuses. `now` is ms since the epoch, `steady` seconds of a clock that never goes back."""

    def __init__(self, keys: ApiKeys, now: Callable[[], int], steady: Callable[[], float]) -> None:
        self.keys = keys
        self._now = now
        self._steady = steady
        self._grants: dict[bytes, Grant] = {}
        self._admitted: dict[str, Grant] = {}  # headers that were admitted since the book was read
        self._buckets: dict[str, Bucket] = {}
        self._read_at = -math.inf
        self._forgotten = 0  # how often what is in memory was forgotten

    def authorize(self, token: str) -> Grant | None:
        """Return what a token may do; None: nothing (unknown, revoked, expired; nobody is told which)."""
        now_s = self._steady()
        if now_s - self._read_at >= REREAD_S:
            self._reread(now_s)
        # a table of digests gives nothing away by its timing: who could steer the digest knows the token
        grant = self._grants.get(digest(token))
        if grant is None or (grant.expires_at is not None and grant.expires_at <= self._now()):
            return None
        return grant

    def admit(
        self, authorization: str | None, role: Role, peer: str | None = None, cost: float = 1.0
    ) -> Grant:
        """Return who is calling, by an `Authorization` header; raises Refused with 401, 403, 429 or 503.

        `peer` is the address at the other end of the connection, None where it has none.
        """
        grant = self._admitted.get(authorization or "")
        if grant is None or grant.expires_at is not None or self._steady() - self._read_at >= REREAD_S:
            grant = self._identified(authorization)
        if grant.networks and not lies_in(peer, grant.networks):
            raise Refused(403, "not allowed", "this key does not count from this address")
        if not grant.allows(role):
            raise Refused(403, "not allowed", f"this needs a key of the role `{role}`")
        if grant.per_s > 0:
            self._take(grant, cost)
        return grant

    def _identified(self, authorization: str | None) -> Grant:
        token = token_of(authorization)
        grant = self.authorize(token) if token is not None else None
        if grant is None or authorization is None:
            detail = "this needs a valid API key: `Authorization: Bearer tg_...`"
            raise Refused(401, "not authenticated", detail)
        self._admitted[authorization] = grant
        return grant

    def first_key(self) -> str | None:
        """Return the token of an admin key made because there is none yet; None where there are keys.

        It may ask as often as it likes: who begins with it sends events and tries how fast they are answered.
        """
        if self.keys.all():
            return None
        _, token = self.keys.create(
            FIRST_KEY_NAME, ("admin",), per_s=0.0, actor="system", reason="first start"
        )
        self.forget_cache()
        return token

    def forget_cache(self) -> None:
        """Read the book again at the next request; from any thread."""
        self._forgotten += 1
        self._read_at = -math.inf
        self._admitted.clear()

    def _take(self, grant: Grant, cost: float) -> None:
        now_s = self._steady()
        bucket = self._buckets.get(grant.key_id)
        if bucket is None or (bucket.per_s, bucket.burst) != (grant.per_s, grant.burst):
            bucket = self._buckets[grant.key_id] = Bucket(grant.per_s, grant.burst, grant.burst, now_s)
        wait = bucket.take(now_s, cost)
        if wait > 0:
            detail = f"this key may ask {grant.per_s:g} times a second"
            raise Refused(429, "too many requests", detail, max(1, math.ceil(wait)))

    def _reread(self, now_s: float) -> None:
        now, forgotten = self._now(), self._forgotten
        try:
            found = self.keys.with_digests()
        except (SQLAlchemyError, TidegateError):
            if now_s - self._read_at >= STALE_S:
                raise Refused(503, "not now", "keys cannot be checked at the moment", 5) from None
            return
        self._grants = {of_token: key.grant() for key, of_token in found if key.state(now) == "valid"}
        self._buckets = {
            k: b for k, b in self._buckets.items() if k in {g.key_id for g in self._grants.values()}
        }
        self._admitted.clear()
        self._read_at = now_s
        if self._forgotten != forgotten:  # a key was made or revoked meanwhile, perhaps behind what was read
            self._read_at = -math.inf
