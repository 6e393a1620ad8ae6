"""How accounts stand: score, signals, what runs against them, what they may do, what happened to them."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request

from tidegate.ledger import accounts as book
from tidegate.ledger import appeals, cases, measures
from tidegate.ledger.accounts import LabelFilter
from tidegate.ledger.appeals import AppealFilter
from tidegate.ledger.cases import CaseFilter
from tidegate.service.access.roles import needs
from tidegate.service.acting import asked, moment
from tidegate.service.shapes import accounts as shapes
from tidegate.service.shapes.reviews import appeal as shown_appeal
from tidegate.service.shapes.reviews import case as shown_case
from tidegate.service.shapes.sanctions import sanction as shown_sanction
from tidegate.service.shapes.words import LIMIT, Cursor, Limit, PathId, QueryId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["accounts"], dependencies=[Depends(needs("read"))])

# where a server keeps no books
_NOTHING: dict[str, Any] = dict.fromkeys(("labelled", "sanctions", "cases", "appeals", "timeline"), ()) | {
    "timeline_next": None
}
ENTRIES = 20  # of the timeline that come with an account; the rest page by page


@router.get(
    "/accounts/{account_id}",
    summary="How an account stands",
    response_model=shapes.Account,
    responses=problems(),
)
async def account(account_id: PathId, request: Request) -> dict[str, Any]:
    """Return score, signals, labels, measures in force, quotas, open cases and appeals, and the newest of the timeline.

    An account of which nothing is known stands as one that has done nothing yet.
    """
    service: Service = request.app.state.service
    at = await moment(service)
    state = (await service.judging.account(account_id, at)).data()
    known = _NOTHING
    if service.ledger is not None:
        known = await asked(service, lambda c: _on_record(c, account_id, at))
    may = shapes.capabilities(state, service.policy.capabilities)
    return may | {name: state[name] for name in ("score", "signals", "labels")} | known


@router.get(
    "/accounts/{account_id}/capabilities",
    summary="What an account may do now, and how much of it",
    response_model=shapes.Capabilities,
    responses=problems(),
)
async def capabilities(account_id: PathId, request: Request) -> dict[str, Any]:
    """Return what attempts of the account meet, and the remaining budget of every published limit."""
    service: Service = request.app.state.service
    state = (await service.judging.account(account_id, await moment(service))).data()
    return shapes.capabilities(state, service.policy.capabilities)


@router.get(
    "/accounts/{account_id}/timeline",
    summary="What happened to an account, the newest first",
    response_model=shapes.Timeline,
    responses=problems(),
)
async def timeline(
    account_id: PathId, request: Request, cursor: Cursor = None, limit: Limit = LIMIT
) -> dict[str, Any]:
    """Return decisions that were no plain allow, and what people did."""
    service: Service = request.app.state.service
    page = await asked(service, lambda c: book.timeline_of(c, account_id, after=cursor, rows=limit))
    return {"timeline": [shapes.entry(row) for row in page.rows], "next": page.next}


@router.get(
    "/labels",
    summary="Labels that are or were carried",
    response_model=shapes.Labels,
    responses=problems(),
)
async def labels(
    request: Request,
    subject: Annotated[str, Query(pattern="^(account|device|ip|number|)$")] = "",
    subject_id: QueryId = "",
    name: QueryId = "",
    rule: QueryId = "",
    carried: Annotated[bool, Query(description="only those carried now")] = True,  # noqa: FBT002  a query parameter
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return the marks that rules have set on accounts, devices, addresses and numbers."""
    service: Service = request.app.state.service
    at = await moment(service) if carried else None
    which = LabelFilter(subject, subject_id, name, rule, at)
    page = await asked(service, lambda c: book.labels_listed(c, which, after=cursor, rows=limit))
    return {"labels": [shapes.label(row) for row in page.rows], "next": page.next}


def _on_record(connection: sa.Connection, account_id: str, at: int) -> dict[str, Any]:
    """Return what the ledger knows of an account."""
    under_way = [
        row
        for state in ("open", "taken")
        for row in cases.listed(connection, CaseFilter(state=state, account_id=account_id)).rows
    ]
    filed = appeals.listed(connection, AppealFilter("open", account_id)).rows
    page = book.timeline_of(connection, account_id, rows=ENTRIES)
    return {
        "labelled": [shapes.label(row) for row in book.labels_carried(connection, account_id, at)],
        "sanctions": [shown_sanction(row, at) for row in measures.running(connection, account_id, at)],
        "cases": [shown_case(row, at) for row in under_way],
        "appeals": [shown_appeal(row, at) for row in filed],
        "timeline": [shapes.entry(row) for row in page.rows],
        "timeline_next": page.next,
    }
