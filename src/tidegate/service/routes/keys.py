"""API keys: who may do what. The command line does the same (`tidegate keys`)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field

from tidegate.service.access.custody import Custody
from tidegate.service.access.expiry import moment
from tidegate.service.access.grant import Grant, Role
from tidegate.service.access.networks import NETWORKS_MAX
from tidegate.service.access.roles import needs
from tidegate.service.problem import Problem
from tidegate.service.shapes.words import Form, Id, PathId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["keys"], responses=problems(403, 404))

Admin = Annotated[Grant, Depends(needs("admin"))]
KEY = {
    "id": "3f9c0a1b2c4d",
    "name": "console",
    "roles": ["analyst"],
    "per_s": 50.0,
    "burst": 100.0,
    "state": "valid",
    "made_at": "2026-03-02T09:30:00.000Z",
    "made_by": "first admin#0c1d2e3f4a5b",
    "expires_at": "2026-05-31T09:30:00.000Z",
    "revoked_at": None,
    "revoked_by": None,
    "networks": ["192.0.2.0/24"],
}


class NewKey(Form):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "console", "roles": ["analyst"], "expires": "P90D", "reason": "new console"}
            ]
        },
    )

    name: Annotated[Id, Field(max_length=100, description="whose it is, for the audit log")]
    roles: list[Role] = Field(min_length=1, max_length=5)
    expires: str | None = Field(
        None, max_length=40, description="a span such as P90D, or a time; left out: never"
    )
    per_s: float | None = Field(
        None,
        ge=0,
        le=1e6,
        description="requests a second; 0: as many as it likes; left out: what its role has",
    )
    networks: list[Annotated[str, Field(max_length=60)]] = Field(
        [],
        max_length=NETWORKS_MAX,
        description="from where it counts; empty: from anywhere",
        examples=[["192.0.2.0/24"]],
    )
    reason: str = Field("", max_length=1000)


class Reason(Form):
    """Why something is done, for the audit log."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "left the team"}]})

    reason: str = Field("", max_length=1000)


def custody_of(request: Request) -> Custody:
    """Return the custody of the server's data folder."""
    service: Service = request.app.state.service
    if service.custody is None:
        raise Problem(503, "not-ready", "the server has no books open", retry_after_s=2)
    return service.custody


@router.get(
    "/keys",
    summary="The API keys",
    responses={200: {"content": {"application/json": {"example": {"keys": [KEY]}}}}},
)
def keys(request: Request, _: Admin) -> dict[str, Any]:
    """List all keys: whose they are, what they may do, and whether they still count."""
    custody = custody_of(request)
    return {"keys": [key.data(custody.now()) for key in custody.keys.all()]}


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    responses={201: {"content": {"application/json": {"example": KEY | {"token": "tg_…"}}}}},
)
def create(new: NewKey, request: Request, grant: Admin) -> dict[str, Any]:
    """Make a key. Its `token` is in this answer and nowhere else."""
    custody = custody_of(request)
    now = custody.now()
    key, token = custody.keys.create(
        new.name,
        new.roles,
        actor=grant.actor,
        expires_at=None if new.expires is None else moment(new.expires, now),
        per_s=new.per_s,
        networks=new.networks,
        reason=new.reason,
    )
    custody.access.forget_cache()
    return key.data(now) | {"token": token}


@router.post(
    "/keys/{key_id}/revoke",
    summary="End an API key",
    responses={200: {"content": {"application/json": {"example": KEY | {"state": "revoked"}}}}},
)
def revoke(key_id: PathId, request: Request, grant: Admin, why: Reason | None = None) -> dict[str, Any]:
    """End a key for good; one that is revoked already stays as it is."""
    custody = custody_of(request)
    if all(key.id != key_id for key in custody.keys.all()):
        raise Problem(404, "no-such-key", "there is no key with this id", field="key_id")
    ended = custody.keys.revoke(key_id, actor=grant.actor, reason=why.reason if why else "")
    custody.access.forget_cache()
    return ended.data(custody.now())
