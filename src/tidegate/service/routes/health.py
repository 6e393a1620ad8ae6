"""Whether the server lives, and whether it is ready to judge."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from tidegate.service.judging import not_ready
from tidegate.service.openapi import POLICY
from tidegate.service.state import Service

router = APIRouter(tags=["operations"])


@router.get(
    "/healthz",
    summary="Whether the process lives",
    responses={200: {"content": {"application/json": {"example": {"status": "ok"}}}}},
)
async def healthz() -> dict[str, str]:
    """Answer as long as the process can answer at all, also while it recovers."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    summary="Whether decisions are to be had",
    responses={200: {"content": {"application/json": {"example": {"status": "ready", "policy": POLICY}}}}},
)
async def readyz(request: Request) -> dict[str, Any]:
    """Answer 200 once the journal has been recovered, until the server stops; else 503."""
    service: Service = request.app.state.service
    if not service.ready or service.judging.stage != "ready":
        raise not_ready("recovering" if service.judging.stage == "ready" else service.judging.stage)
    return {"status": "ready", "policy": service.judging.stamp}
