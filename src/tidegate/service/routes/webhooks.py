"""Webhooks: who is told of measures, and what became of every delivery."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.enforcement.cloud_event import Kind
from tidegate.service.enforcement.enforcement import PART, Enforcement
from tidegate.service.enforcement.webhook_book import WebhookBook
from tidegate.service.problem import Problem
from tidegate.service.routes.keys import Reason
from tidegate.service.shapes.words import Form, PathId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["enforcement"], responses=problems(403, 404))

Admin = Annotated[Grant, Depends(needs("admin"))]
State = Literal["waiting", "sent", "dead"]
WEBHOOK = {
    "id": "7b1d0e2f9a8c",
    "url": "https://example.org/hooks/tidegate",
    "kinds": ["opened", "changed", "lifted", "ended"],
    "enabled": True,
    "made_at": "2026-03-02T09:30:00.000Z",
    "made_by": "console#3f9c0a1b2c4d",
}
DELIVERY = {
    "seq": 42,
    "kind": "opened",
    "measure_id": "s-1c0f",
    "account_id": "a1",
    "state": "dead",
    "attempts": 17,
    "next_at": None,
    "status": 500,
    "error": "answered 500",
    "ended_at": "2026-03-03T21:30:00.000Z",
}


class NewWebhook(Form):
    """A webhook to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"url": "https://example.org/hooks/tidegate", "kinds": ["opened", "lifted", "ended"]}
            ]
        },
    )

    url: str = Field(min_length=1, max_length=2000, description="where to; https, on the public internet")
    kinds: list[Kind] = Field(default_factory=list, max_length=4, description="left out: all")
    reason: str = Field("", max_length=1000)


class Change(Form):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"enabled": False, "reason": "moving"}]}
    )

    url: str | None = Field(None, min_length=1, max_length=2000)
    kinds: list[Kind] | None = Field(None, max_length=4)
    enabled: bool | None = None
    reason: str = Field("", max_length=1000)


class Replay(Form):
    """Which dead deliveries to send again."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"seq": 42, "reason": "it is up again"}]}
    )

    seq: int | None = Field(None, ge=1, le=2**62, description="the number of one; left out: all")
    reason: str = Field("", max_length=1000)


def enforcement_of(request: Request) -> Enforcement:
    """Return the part of the server that tells of measures."""
    service: Service = request.app.state.service
    return service.part(PART, Enforcement)


def book_of(request: Request) -> WebhookBook:
    """Return the book of webhooks."""
    return enforcement_of(request).webhooks


@contextmanager
def _known() -> Iterator[None]:
    """Say of a webhook that the book does not have that there is none."""
    try:
        yield
    except LookupError:
        raise Problem(
            404, "no-such-webhook", "there is no webhook with this id", field="webhook_id"
        ) from None


@router.get(
    "/webhooks",
    summary="The webhooks",
    responses={200: {"content": {"application/json": {"example": {"webhooks": [WEBHOOK]}}}}},
)
def webhooks(request: Request, _: Admin) -> dict[str, Any]:
    """List all webhooks."""
    return {"webhooks": [hook.data() for hook in book_of(request).all()]}


@router.post(
    "/webhooks",
    status_code=201,
    summary="Make a webhook",
    responses={201: {"content": {"application/json": {"example": WEBHOOK | {"secret": "whsec_…"}}}}},
)
def create(new: NewWebhook, request: Request, grant: Admin) -> dict[str, Any]:
    """Tell somebody of measures from now on. The `secret` that signs is in this answer and nowhere else."""
    hook, secret = book_of(request).create(new.url, new.kinds, actor=grant.actor, reason=new.reason)
    return hook.data() | {"secret": secret}


@router.get(
    "/webhooks/{webhook_id}",
    summary="A webhook, and how many deliveries wait, were made and died",
    responses={
        200: {
            "content": {
                "application/json": {
                    "example": WEBHOOK | {"deliveries": {"waiting": 0, "sent": 120, "dead": 1}}
                }
            }
        }
    },
)
def webhook(webhook_id: PathId, request: Request, _: Admin) -> dict[str, Any]:
    """Return a webhook with its counts."""
    book = book_of(request)
    with _known():
        return book.get(webhook_id).data() | {"deliveries": book.counts(webhook_id)}


@router.patch(
    "/webhooks/{webhook_id}",
    summary="Change a webhook",
    responses={200: {"content": {"application/json": {"example": WEBHOOK | {"enabled": False}}}}},
)
def change(webhook_id: PathId, what: Change, request: Request, grant: Admin) -> dict[str, Any]:
    """Change where it leads, what it is told of, or whether it is told anything."""
    with _known():
        changed = book_of(request).change(
            webhook_id,
            actor=grant.actor,
            reason=what.reason,
            url=what.url,
            kinds=what.kinds,
            enabled=what.enabled,
        )
    return changed.data()


@router.delete("/webhooks/{webhook_id}", status_code=204, summary="Remove a webhook")
def remove(webhook_id: PathId, request: Request, grant: Admin) -> Response:
    """Remove a webhook and everything it was still to be told."""
    with _known():
        book_of(request).remove(webhook_id, actor=grant.actor)
    return Response(status_code=204)


@router.post(
    "/webhooks/{webhook_id}/secret",
    summary="Renew the secret of a webhook",
    responses={200: {"content": {"application/json": {"example": {"secret": "whsec_…"}}}}},
)
def renew(webhook_id: PathId, request: Request, grant: Admin, why: Reason | None = None) -> dict[str, str]:
    """Make a new secret; for a day the one before signs as well, so that the receiver can change over."""
    with _known():
        secret = book_of(request).renew_secret(
            webhook_id, actor=grant.actor, reason=why.reason if why else ""
        )
    return {"secret": secret}


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    summary="What became of deliveries; `state=dead` are the dead letters",
    responses={
        200: {"content": {"application/json": {"example": {"deliveries": [DELIVERY], "next_after": 42}}}}
    },
)
def deliveries(
    webhook_id: PathId,
    request: Request,
    _: Admin,
    state: State | None = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="those behind this number")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Return deliveries in order; go on with `next_after`."""
    with _known():
        found = book_of(request).deliveries(webhook_id, state, after=after, limit=limit)
    return {"deliveries": found, "next_after": found[-1]["seq"] if found else after}


@router.post(
    "/webhooks/{webhook_id}/replay",
    summary="Send dead deliveries again",
    responses={200: {"content": {"application/json": {"example": {"replayed": 1}}}}},
)
def replay(webhook_id: PathId, which: Replay, request: Request, grant: Admin) -> dict[str, int]:
    """Send one dead delivery again, or all of them."""
    enforcement = enforcement_of(request)
    try:
        count = enforcement.webhooks.replay(webhook_id, which.seq, actor=grant.actor, reason=which.reason)
    except LookupError:
        raise Problem(
            404, "no-such-delivery", "there is no such webhook, or no dead delivery of this number"
        ) from None
    enforcement.wake()
    return {"replayed": count}
