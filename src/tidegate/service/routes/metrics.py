"""Numbers for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from tidegate.service.access.roles import needs
from tidegate.service.observe.metrics import StateSize
from tidegate.service.state import Service

if TYPE_CHECKING:
    from tidegate.engine import Engine

router = APIRouter(tags=["operations"], dependencies=[Depends(needs("read"))])


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"example": 'tidegate_decisions_total{verdict="deny"} 17.0\n'}}}
    },
)
async def metrics(request: Request) -> Response:
    """Return counts, distributions and sizes in the text form of Prometheus."""
    service: Service = request.app.state.service
    service.metrics.state = await service.judging.call(lambda live: _size(live.engine))
    text = generate_latest(service.metrics.registry(service))
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _size(engine: Engine) -> StateSize:
    accounts = engine.plan.names.spaces.get("account")
    return StateSize(
        sum(kernel.state.nbytes() for kernel in engine.plan.kernels),
        engine.plan.names.nbytes(),
        0 if accounts is None else len(accounts),
        sum(len(records) for records in engine.judge.register.records.values()),
    )
