"""How accounts stand."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from tidegate.service.access.roles import needs
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["accounts"], dependencies=[Depends(needs("read"))])

AccountId = Annotated[str, Path(min_length=1, max_length=128)]


@router.get("/accounts/{account_id}", summary="How an account stands")
async def account(account_id: AccountId, request: Request) -> dict[str, Any]:
    """Return score, labels, measures in force and quotas of an account, as of the newest event."""
    service: Service = request.app.state.service
    return (await service.judging.account(account_id)).data()


@router.get("/accounts/{account_id}/capabilities", summary="What an account may do now, and how much of it")
async def capabilities(account_id: AccountId, request: Request) -> dict[str, Any]:
    """Return what attempts of the account meet, and the remaining budget of every published limit."""
    service: Service = request.app.state.service
    state = (await service.judging.account(account_id)).data()
    return {name: state[name] for name in ("account_id", "at", "tiers", "restrained", "quotas")}
