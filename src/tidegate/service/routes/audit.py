"""The audit log: who did what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from tidegate.service.access.audit_check import check_audit
from tidegate.service.access.audit_head import Head
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.problem import Problem
from tidegate.service.routes.keys import custody_of
from tidegate.service.shapes.words import problems

router = APIRouter(prefix="/v1", tags=["audit"], responses=problems(403))

Admin = Annotated[Grant, Depends(needs("admin"))]
ENTRY = {
    "seq": 17,
    "at": "2026-03-02T09:30:00.000Z",
    "actor": "console#3f9c0a1b2c4d",
    "action": "sanction.lift",
    "subject": "a1",
    "reason": "a family album",
    "before": {"until": "permanent"},
    "after": {"until": "2026-03-02T09:30:00.000Z"},
}
CHECK = {"sound": True, "entries": 1042, "erased": 3, "head": f"1042:{'9f0c' * 16}", "problems": []}


@router.get(
    "/audit",
    summary="Entries of the audit log",
    responses={200: {"content": {"application/json": {"example": {"entries": [ENTRY], "next_after": 17}}}}},
)
def audit(
    request: Request,
    _: Admin,
    after: Annotated[int, Query(ge=0, le=2**62, description="entries behind this number")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    account_id: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
) -> dict[str, Any]:
    """Return entries in order; go on with `next_after`. Of an entry about an erased account only the chain is left."""
    entries = custody_of(request).audit.entries(after=after, limit=limit, subject=account_id)
    return {
        "entries": [entry.data() for entry in entries],
        "next_after": entries[-1].seq if entries else after,
    }


@router.get(
    "/audit/verification",
    summary="Whether the audit log is what was written",
    responses={200: {"content": {"application/json": {"example": CHECK}}}},
)
def verification(
    request: Request,
    _: Admin,
    head: Annotated[
        str | None,
        Query(max_length=100, description="an end noted elsewhere, NUMBER:HASH", examples=["17:00ff"]),
    ] = None,
) -> dict[str, Any]:
    """Walk the whole log and name every entry that was changed, removed, put elsewhere or cut off."""
    try:
        noted = None if head is None else Head.parse(head)
    except ValueError:
        raise Problem(
            422, "invalid-request", "this is no end of a log", field="head", hint="NUMBER:HASH"
        ) from None
    return check_audit(custody_of(request).audit, noted).data()
