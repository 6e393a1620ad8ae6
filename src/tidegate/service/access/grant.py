"""What a caller may do, and the ways in which a caller is refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Role = Literal["ingest", "read", "analyst", "admin", "standing"]
ROLES: tuple[Role, ...] = ("ingest", "read", "analyst", "admin", "standing")

# what a role may do beside its own: an analyst reads, an admin does everything
_INCLUDES: dict[Role, frozenset[Role]] = {
    "ingest": frozenset({"ingest"}),
    "read": frozenset({"read"}),
    "analyst": frozenset({"analyst", "read"}),
    "admin": frozenset(ROLES),
    "standing": frozenset({"standing"}),  # of other organisations: they see nothing else
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A key that was accepted: its id and name are who did it, in the audit log. Times in ms since the epoch.

    `expires_at` None: until it is revoked. `per_s` is how many requests a second the key has, `burst` how many at once;
    `per_s` 0: as many as it likes. `networks` is from where it counts; none: from anywhere.
    """

    key_id: str
    name: str
    roles: tuple[Role, ...]
    expires_at: int | None = None
    per_s: float = 0.0
    burst: float = 0.0
    networks: tuple[str, ...] = ()

    @property
    def actor(self) -> str:
        """Who it is, in the audit log and in the history of what was decided."""
        return f"{self.name}#{self.key_id}"

    def allows(self, role: Role) -> bool:
        """Return whether the key may do what `role` may do.

        >>> Grant("k1", "console", ("analyst",)).allows("read")
        True
        >>> Grant("k2", "chat server", ("ingest",)).allows("read")
        False
        """
        return role in _allowed(self.roles)


@lru_cache(maxsize=1 << len(ROLES))
def _allowed(roles: tuple[Role, ...]) -> frozenset[Role]:
    """Return all that somebody with these roles may do: asked for at every request."""
    return frozenset(role for own in roles for role in _INCLUDES[own])


class Refused(Exception):  # noqa: N818  it is an answer: 401, 403, 429 or 503
    """A request that may not go on. `status` is the HTTP status; `retry_after_s` is set with 429 and 503.

    The text says no more than the caller knows: not whether a key exists, was revoked or has expired.
    """

    def __init__(self, status: int, title: str, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(status, title, detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        """Return the headers that go with the status."""
        if self.status == 401:  # noqa: PLR2004  RFC 6750
            return {"WWW-Authenticate": 'Bearer realm="tidegate"'}
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
