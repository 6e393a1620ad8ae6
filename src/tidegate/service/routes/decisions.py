"""Decisions that were made, by event."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from tidegate.service.access.roles import needs
from tidegate.service.problem import Problem
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["decisions"], dependencies=[Depends(needs("read"))])

EventId = Annotated[str, Path(min_length=1, max_length=128, description="the id the sender gave the event")]


@router.get("/decisions/{event_id}", summary="The decision about an event")
async def decision(event_id: EventId, request: Request) -> Response:
    """Return the first decision about an event, byte for byte as it was answered."""
    service: Service = request.app.state.service
    line = await service.judging.decision(event_id)
    if line is None:
        raise Problem(404, "no-such-event", "no event with this id was decided on", field="event_id")
    return Response(line, media_type="application/json")
