"""Cases: by queue and time they are due; taken, given back, decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from tidegate.ledger import cases as book
from tidegate.ledger import measures
from tidegate.ledger.cases import CaseFilter, CaseState
from tidegate.review import cases as review
from tidegate.review.act import Event
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import Acting, Key, acting, asked, known, moment
from tidegate.service.problem import Problem
from tidegate.service.shapes import reviews as shapes
from tidegate.service.shapes.words import (
    LIMIT,
    Because,
    Cursor,
    Limit,
    Moment,
    PathId,
    QueryId,
    problems,
    time,
)
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["cases"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
Row = dict[str, Any]


@router.get(
    "/queues",
    summary="How long the queues are",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Queues,
    responses=problems(),
)
async def queues(request: Request) -> dict[str, Any]:
    """Return the queues that hold cases, how many are open, taken and overdue, and when the first one is due."""
    service: Service = request.app.state.service
    at = await moment(service)
    found = await asked(service, lambda c: book.queues(c, at))
    return {"queues": [row | {"due": time(row["due"])} for row in found]}


@router.get(
    "/cases",
    summary="Cases, those due first first",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Cases,
    responses=problems(),
)
async def cases(
    request: Request,
    queue: QueryId = "",
    state: CaseState | None = None,
    account_id: QueryId = "",
    cause: QueryId = "",
    taken_by: QueryId = "",
    due_before: Annotated[Moment | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return cases by queue, state, account, rule and time they are due."""
    service: Service = request.app.state.service
    at = await moment(service)
    which = CaseFilter(queue, state, account_id, cause, taken_by, due_before)
    page = await asked(service, lambda c: book.listed(c, which, after=cursor, rows=limit))
    return {"cases": [shapes.case(row, at) for row in page.rows], "next": page.next}


@router.get(
    "/cases/{case_id}",
    summary="A case",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Case,
    responses=problems(404),
)
async def case(request: Request, case_id: PathId) -> dict[str, Any]:
    """Return a case."""
    service: Service = request.app.state.service
    row = await asked(service, lambda c: book.found(c, case_id))
    return shapes.case(known(row, "case", case_id), await moment(service))


@router.post(
    "/cases/{case_id}/take",
    summary="Take a case from its queue",
    response_model=shapes.Case,
    responses=problems(403, 404, 409),
)
async def take(request: Request, case_id: PathId, grant: Analyst, key: Key = None) -> dict[str, Any]:
    """Take a case, so that nobody else works on it."""
    async with acting(request, grant, "taken from the queue", key) as turn:
        after = await _changed(turn, case_id, "take", lambda row: review.take(turn.act, row))
        if after["taken_by"] != turn.act.actor:
            raise Problem(409, "conflict", f"`{after['taken_by']}` has taken this case", field="case_id")
        return shapes.case(after, turn.act.at)


@router.post(
    "/cases/{case_id}/release",
    summary="Put a case back into its queue",
    response_model=shapes.Case,
    responses=problems(403, 404, 409),
)
async def release(
    request: Request, case_id: PathId, body: Because, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Put a case back: your own, or as an admin anybody's."""
    async with acting(request, grant, body.reason, key) as turn:
        by_admin = grant.allows("admin")
        after = await _changed(
            turn, case_id, "release", lambda row: review.release(turn.act, row, by_admin=by_admin)
        )
        return shapes.case(after, turn.act.at)


@router.post(
    "/cases/{case_id}/decide",
    summary="Decide a case",
    response_model=shapes.Case,
    responses=problems(403, 404, 409),
)
async def decide(
    request: Request, case_id: PathId, body: shapes.DecideCase, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Decide a case that you have taken; what was found says whether the rule was right, and measures may end with it."""
    async with acting(request, grant, body.reason, key) as turn:
        row = await _row(turn, case_id)
        if not turn.repeated:
            account, at = row["account_id"], turn.act.at
            running = await turn.read(lambda c: measures.running(c, account, at) if account else [])
            by_id: dict[str, list[Row]] = {}
            for measure in running:
                by_id.setdefault(measure["id"], []).append(measure)
            events = review.decide(turn.act, row, body.finding, list(by_id.values()), body.lift)
            await turn.carry_out(events, what="case.decide", subject=account)
        return shapes.case(await _row(turn, case_id), turn.act.at)


async def _changed(turn: Acting, case_id: str, what: str, change: Callable[[Row], Event]) -> Row:
    """Carry out the event that changes a case, unless it was before; return the case as it stands then."""
    row = await _row(turn, case_id)
    if not turn.repeated:
        await turn.carry_out([change(row)], what=f"case.{what}", subject=row["account_id"])
    return await _row(turn, case_id)


async def _row(turn: Acting, case_id: str) -> Row:
    return known(await turn.read(lambda c: book.found(c, case_id)), "case", case_id)
