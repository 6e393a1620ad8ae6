"""Every route says which role it needs: `Depends(needs("analyst"))`; a test walks the app and asks each of them.

A handler that wants to know who is calling takes the grant: `grant: Annotated[Grant, Depends(needs("analyst"))]`.
Routes outside the app (the decision route) ask `access.admit(authorization, "ingest", peer)` and are listed in `RAW_ROUTES`.
"""

from __future__ import annotations

from typing import Protocol

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from tidegate.service.access.grant import ROLES, Grant, Refused, Role
from tidegate.service.problem import of_refusal

# what anybody may ask: whether the server lives, and how it is talked to
OPEN_PATHS: frozenset[str] = frozenset({"/healthz", "/readyz", "/openapi.json"})
# routes that are not FastAPI's: (method, path) -> role
RAW_ROUTES: dict[tuple[str, str], Role] = {("POST", "/v1/events"): "ingest"}


class Admits(Protocol):
    """What a route asks (`Access` is one)."""

    def admit(self, authorization: str | None, role: Role, peer: str | None = None) -> Grant:
        """Return who is calling; raise Refused."""
        ...


class Needs(SecurityBase):
    """A dependency: the caller's key must have `role`. 401 without a key, 403 with one of another role, 429 when too often."""

    def __init__(self, role: Role) -> None:
        assert role in ROLES, role
        self.role = role
        self.scheme_name = role  # so the description of the API says it too
        self.model = HTTPBearer(
            description=f"an API key of the role `{role}`: `Authorization: Bearer tg_...`"
        )

    async def __call__(self, request: Request) -> Grant:
        """Return who is calling."""
        access: Admits = request.app.state.service.access
        try:
            peer = request.client.host if request.client is not None else None
            grant = access.admit(request.headers.get("authorization"), self.role, peer)
        except Refused as refused:
            raise of_refusal(refused) from None
        request.state.grant = grant
        return grant


_NEEDS = {role: Needs(role) for role in ROLES}


def needs(role: Role) -> Needs:
    """Return the dependency for a role."""
    return _NEEDS[role]
