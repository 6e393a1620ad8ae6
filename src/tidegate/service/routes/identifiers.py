"""Numbers, IP and e-mail addresses: whose they are. Every question goes into the audit log, without the identifier."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field

from tidegate.service.access.blind_index import IdentifierKind
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.routes.keys import custody_of
from tidegate.service.shapes.words import Form, problems
from tidegate.windows.timestamps import format_rfc3339

router = APIRouter(prefix="/v1", tags=["identifiers"], responses=problems(403))

Analyst = Annotated[Grant, Depends(needs("analyst"))]
FOUND = {"account_id": "a1", "first_at": "2026-03-02T09:30:00.000Z", "last_at": "2026-03-04T10:00:00.000Z"}


class Search(Form):
    """What to look for. In the body, so that it does not stand in the logs of proxies."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "ip", "value": "203.0.113.7", "reason": "case c-17"}]},
    )

    kind: IdentifierKind
    value: str = Field(min_length=1, max_length=320)
    reason: str = Field(min_length=1, max_length=1000, description="why, for the audit log")


@router.post(
    "/identifiers/search",
    summary="Accounts that an identifier was seen with",
    responses={200: {"content": {"application/json": {"example": {"accounts": [FOUND]}}}}},
)
def search(what: Search, request: Request, grant: Analyst) -> dict[str, Any]:
    """Find accounts by number, IP or e-mail address, last seen first. They are stored sealed and found by a keyed digest."""
    custody = custody_of(request)
    found = custody.identifiers.find(what.kind, what.value)
    after = {"kind": what.kind, "found": len(found)}
    custody.audit.write(grant.actor, "identifier.search", reason=what.reason, after=after)
    return {
        "accounts": [
            {
                "account_id": one.account_id,
                "first_at": format_rfc3339(one.first_at),
                "last_at": format_rfc3339(one.last_at),
            }
            for one in found
        ]
    }
