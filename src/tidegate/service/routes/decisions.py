"""Decisions that were made, by event."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from tidegate.service.access.roles import needs
from tidegate.service.openapi import DENIED
from tidegate.service.path_ids import WithSlashes
from tidegate.service.problem import Problem
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["decisions"])

RECONCILED = {"number": 1, "event_id": "e-000017", "answered": "allow", "decided": "deny", "differs": True}
EventId = Annotated[
    str, Path(min_length=1, max_length=128, description="the id the sender gave the event"), WithSlashes
]


@router.get(
    "/decisions/{event_id}",
    summary="The decision about an event",
    dependencies=[Depends(needs("read"))],
    response_class=Response,
    responses={
        200: {
            "description": "the first decision, as it was answered",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Decision"}, "example": DENIED}
            },
        },
        404: {"description": "no event with this id was decided on"},
    },
)
async def decision(event_id: EventId, request: Request) -> Response:
    """Return the first decision about an event, byte for byte as it was answered."""
    service: Service = request.app.state.service
    line = await service.judging.decision(event_id)
    if line is None:
        raise Problem(404, "no-such-event", "no event with this id was decided on", field="event_id")
    return Response(line, media_type="application/json")


@router.get(
    "/fallbacks",
    summary="What was decided about events that were answered before",
    dependencies=[Depends(needs("ingest"))],
    responses={200: {"content": {"application/json": {"example": {"fallbacks": [RECONCILED]}}}}},
)
async def fallbacks(
    request: Request,
    after: Annotated[
        int, Query(ge=0, le=2**62, description="the `number` of the last one that was read")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Return events whose answer was a fallback (marked `"fallback": true`) and what was decided, the oldest first.

    The newest 10,000 are kept, also over a restart; the journal has all of them. What a crash came before is not listed: ask for
    the decision about the event, or send it again.
    """
    service: Service = request.app.state.service
    assert service.reconciling is not None
    return {"fallbacks": await service.reconciling.listed(after, limit)}
