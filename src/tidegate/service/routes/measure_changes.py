"""The pull cursor: every change of a measure, in order, for those who would rather ask than be told."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.enforcement.announcer import changes
from tidegate.service.routes.webhooks import enforcement_of
from tidegate.service.shapes.words import problems

router = APIRouter(prefix="/v1", tags=["enforcement"], responses=problems(403))

Reader = Annotated[Grant, Depends(needs("read"))]
EVENT = {
    "specversion": "1.0",
    "id": "s-1c0f.4711.0",
    "source": "/tidegate",
    "type": "tidegate.measure.opened",
    "subject": "a1",
    "time": "2026-03-02T09:30:00.000Z",
    "datacontenttype": "application/json",
    "sequence": "00000000000000000042",
    "data": {"id": "s-1c0f", "sanction": "sanction.send-suspend-2h", "until": "2026-03-02T11:30:00.000Z"},
}


@router.get(
    "/measures/changes",
    summary="Measures opened, changed, lifted and ended",
    responses={
        200: {
            "content": {
                "application/json": {"example": {"changes": [EVENT], "next_after": 42, "more": False}}
            }
        }
    },
)
def measure_changes(
    request: Request,
    _: Reader,
    after: Annotated[
        int, Query(ge=0, le=2**62, description="changes behind this number; 0: from the first")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Return changes as CloudEvents, in order; ask again with `next_after`. A change comes once, and its number never changes."""
    enforcement = enforcement_of(request)
    found = changes(enforcement.database, after, limit + 1)
    shown = found[:limit]
    return {
        "changes": [one.event(enforcement.source) for one in shown],
        "next_after": shown[-1].seq if shown else after,
        "more": len(found) > limit,
    }
