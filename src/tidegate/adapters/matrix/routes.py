"""The contract of synapse-http-antispam: `POST .../http-antispam/<callback>`.

A homeserver waits up to 60 s for us and refuses its users where we answer nonsense. So whatever happens here, the answer is
JSON, comes within the deadline, and is a refusal only where a decision is one.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from tidegate.adapters.matrix.answers import ALLOWED, answer
from tidegate.adapters.matrix.protection import Protection
from tidegate.clock import now_ms
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from tidegate.service.state import Service

PREFIX = "/v1/adapters/matrix/http-antispam"
BODY_MAX = 256 * 1024  # an event of the Matrix specification has 64 KiB, as JSON in JSON up to twice that
_log = logging.getLogger("tidegate.matrix")


class PlainRefusals(APIRoute):
    """Says what is no decision (a wrong key, a server that stops) as plain text, not as JSON.

    The module takes any JSON for a refusal of its user, and lets `fail_open` speak only where the answer is none.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with refusals of ours made plain."""
        handle = super().get_route_handler()

        async def plainly(request: Request) -> Response:
            try:
                return await handle(request)
            except HTTPException as refused:
                return PlainTextResponse(f"{refused.detail}\n", refused.status_code, refused.headers)
            except Problem as problem:
                return PlainTextResponse(f"{problem.detail}\n", problem.status, problem.headers())

        return plainly


router = APIRouter(prefix=PREFIX, tags=["matrix"], route_class=PlainRefusals)
Ingest = Annotated[Grant, Depends(needs("ingest"))]


@router.post("/ping", summary="Answer a homeserver that asks whether we are there")
async def ping(request: Request, _grant: Ingest) -> dict[str, Any]:
    """Return the id it sent, as `do_ping: true` of the module expects."""
    try:
        given = await request.json()
    except (ValueError, RecursionError):  # whatever was sent: we are there
        given = {}
    return {"id": given.get("id") if isinstance(given, dict) else None, "status": "ok"}


@router.post("/{callback}", summary="Judge what a homeserver asks about")
async def asked(callback: str, request: Request, grant: Ingest) -> Response:
    """Return 200 with `{}` for what is allowed, else the refusal that the client is to see.

    Callbacks that are not known, bodies that cannot be read and decisions that do not come in time are allowed.
    """
    service: Service = request.app.state.service
    body = await request.body()
    try:
        status, said = await _judged(service, callback, body, grant)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not keep people from talking
        _log.warning("`%s` allowed without a decision: %s", callback[:64], error)
        status, said = ALLOWED
    return Response(said, status, media_type="application/json")


async def _judged(service: Service, callback: str, body: bytes, grant: Grant) -> tuple[int, bytes]:
    if len(body) > BODY_MAX:
        raise ValueError(f"a body of {len(body)} bytes")
    protection = service.parts["matrix"]
    assert isinstance(protection, Protection), "the part of that name"
    events = protection.translator.events(callback, body, now_ms(), uuid.uuid4().hex)
    if not events:
        return ALLOWED
    deadline_ms = service.settings.deadline_ms
    async with asyncio.timeout(
        2 * deadline_ms / 1000
    ):  # the net below the deadline that answers have of their own
        (first,) = await service.judging.submit(events[:1], deadline_ms=deadline_ms, key=grant.key_id)
    said = answer(first.decision, protection.settings.wording)
    if said == ALLOWED and events[1:]:
        protection.note(events[1:])
    return said
