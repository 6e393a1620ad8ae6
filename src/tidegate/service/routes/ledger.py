"""The ledger itself: how far it is, and its read model made anew."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.bookkeeper import Bookkeeper
from tidegate.service.problem import Problem
from tidegate.service.shapes.words import Because, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["operations"])

Admin = Annotated[Grant, Depends(needs("admin"))]


class LedgerState(BaseModel):
    """How far the ledger is. Positions are those of events in the journal."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "position": 120431,
                    "journal": 120431,
                    "behind": False,
                    "failing": False,
                    "rebuilding": False,
                    "left_out": 0,
                }
            ]
        }
    )

    position: int = Field(description="the last event at which something happened that the ledger knows of")
    journal: int = Field(description="the last event of the journal")
    behind: bool = Field(description="it lagged too far and is being fed from the journal")
    failing: bool = Field(description="the database refused the last time")
    rebuilding: bool
    left_out: int = Field(description="decisions that could not be taken in since the start; see the log")


@router.get(
    "/ledger",
    summary="How far the ledger is",
    dependencies=[Depends(needs("read"))],
    response_model=LedgerState,
    responses=problems(),
)
async def ledger(request: Request) -> dict[str, Any]:
    """Return how far the ledger has taken in what the journal holds."""
    return await _state(request)


@router.post(
    "/ledger/rebuild",
    summary="Make the read model anew",
    status_code=202,
    response_model=LedgerState,
    responses=problems(403, 409),
)
async def rebuild(request: Request, body: Because, grant: Admin) -> dict[str, Any]:
    """Empty the read model and feed it from the journal. Judging goes on; lists are short until it is done. Books are kept."""
    service: Service = request.app.state.service
    bookkeeper = service.part("ledger", Bookkeeper)
    if bookkeeper.rebuilding:
        raise Problem(409, "conflict", "it is being made anew already")
    if service.custody is not None:
        await asyncio.to_thread(
            service.custody.audit.write, grant.actor, "ledger.rebuild", reason=body.reason
        )
    bookkeeper.begin_rebuild()
    return await _state(request)


async def _state(request: Request) -> dict[str, Any]:
    service: Service = request.app.state.service
    keeper = service.part("ledger", Bookkeeper)
    journal = await service.judging.call(lambda live: int(live.position))
    told = {
        name: getattr(keeper, name) for name in ("position", "behind", "failing", "rebuilding", "left_out")
    }
    return told | {"journal": journal}
