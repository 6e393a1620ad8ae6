"""Rights of the people behind accounts: a copy of everything about one, and its erasure."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from tidegate.journal.folder import DataFolder
from tidegate.service.access.account_export import export_account
from tidegate.service.access.erasing import PART, Erasing
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.routes.keys import custody_of
from tidegate.service.screenings.screenings import PART as SCREENINGS
from tidegate.service.screenings.screenings import Screenings
from tidegate.service.shapes.words import PathId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["accounts"])

Admin = Annotated[Grant, Depends(needs("admin"))]
Why = Annotated[
    str,
    Query(
        min_length=1,
        max_length=1000,
        description="why, for the audit log",
        examples=["Art. 17 request of 2 March"],
    ),
]
ERASED = {
    "pseudonym": "~kV3xQ9aB",
    "rows": {"timeline": 12, "measures": 2},
    "rewritten": {},
    "audit_entries": 3,
    "journal": {"names_replaced": 3, "events": 420, "frames": {"events": 31, "decisions": 12, "happened": 8}},
}
LINES = (
    '{"part":"account","data":{"account_id":"a1","score":0.0}}\n'
    '{"part":"event","data":{"event_id":"e-17","type":"message_sent"}}\n'
    '{"part":"end","data":{"lines":2}}\n'
)


@router.delete(
    "/accounts/{account_id}",
    summary="Erase an account",
    responses=problems(403) | {200: {"content": {"application/json": {"example": ERASED}}}},
)
async def erase(account_id: PathId, request: Request, grant: Admin, reason: Why) -> dict[str, Any]:
    """Remove an account from journal, memory, decisions, ledger, screenings and exports, for good.

    A random name stands in its place, so that counts about others stay right. The audit log says that an erasure took
    place, by whom and why, but not of whom. Where the answer does not come, order it again: it may be repeated.
    """
    service: Service = request.app.state.service
    erased = await service.part(PART, Erasing).erase(account_id, actor=grant.actor, reason=reason)
    return erased.data()


@router.get(
    "/accounts/{account_id}/export",
    summary="Everything about an account",
    response_class=StreamingResponse,
    responses=problems(403) | {200: {"content": {"application/x-ndjson": {"example": LINES}}}},
)
async def export(account_id: PathId, request: Request, grant: Admin, reason: Why) -> StreamingResponse:
    """Return how it stands, its identifiers, events, decisions, rows of the ledger and of screenings, the audit log, as lines of JSON."""
    service: Service = request.app.state.service
    custody = custody_of(request)
    await asyncio.to_thread(
        custody.audit.write, grant.actor, "account.export", subject=account_id, reason=reason
    )
    state = (await service.judging.account(account_id)).data()
    await service.judging.call(lambda live: live.begin_segment())
    part = service.parts.get(SCREENINGS)
    told = (part.named.told_to(grant.actor),) if isinstance(part, Screenings) else ()
    lines = export_account(custody, DataFolder(custody.folder), account_id, state, *told)
    return StreamingResponse(lines, media_type="application/x-ndjson")
