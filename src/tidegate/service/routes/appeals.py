"""Appeals: filed, decided, turned round; and what people found about rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from tidegate.ledger import appeals as book
from tidegate.ledger import measures
from tidegate.ledger.appeals import AppealFilter, AppealState, FindingFilter
from tidegate.review import appeals as review
from tidegate.review.act import Event
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import Acting, Key, acting, asked, known, moment
from tidegate.service.routes.sanctions import rows_of
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
)
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["appeals"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
Row = dict[str, Any]


@router.get(
    "/appeals",
    summary="Appeals, those due first first",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Appeals,
    responses=problems(),
)
async def appeals(
    request: Request,
    state: AppealState | None = None,
    account_id: QueryId = "",
    sanction_id: QueryId = "",
    due_before: Annotated[Moment | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return appeals by state, account, measure and time they are due."""
    service: Service = request.app.state.service
    at = await moment(service)
    which = AppealFilter(state, account_id, sanction_id, due_before)
    page = await asked(service, lambda c: book.listed(c, which, after=cursor, rows=limit))
    return {"appeals": [shapes.appeal(row, at) for row in page.rows], "next": page.next}


@router.get(
    "/appeals/{appeal_id}",
    summary="An appeal",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Appeal,
    responses=problems(404),
)
async def appeal(request: Request, appeal_id: PathId) -> dict[str, Any]:
    """Return an appeal."""
    service: Service = request.app.state.service
    row = await asked(service, lambda c: book.found(c, appeal_id))
    return shapes.appeal(known(row, "appeal", appeal_id), await moment(service))


@router.post(
    "/appeals",
    summary="File an appeal for a holder",
    status_code=201,
    response_model=shapes.Appeal,
    responses=problems(403, 404, 409),
)
async def file(request: Request, body: shapes.FileAppeal, grant: Analyst, key: Key = None) -> dict[str, Any]:
    """File an appeal against a measure that runs. Platforms may send `appeal_filed` as an event instead."""
    async with acting(request, grant, body.reason, key) as turn:
        number = f"ap-{turn.act.number}"
        if not turn.repeated:
            rows = await rows_of(turn, body.sanction_id)
            known = await turn.read(lambda c: book.listed(c, AppealFilter(measure_id=body.sanction_id)))
            evidence = {"compliant_share": body.compliant_share, "claimed_rate": body.claimed_rate}
            event = review.file(turn.act, rows, known.rows, **evidence)
            await turn.carry_out([event], what="appeal.file", subject=rows[0]["account_id"])
        row = await _row(turn, number)
        turn.require_same(same=(row["measure_id"], row["statement"]) == (body.sanction_id, body.reason))
        return shapes.appeal(row, turn.act.at)


@router.post(
    "/appeals/{appeal_id}/decide",
    summary="Decide an appeal",
    response_model=shapes.Appeal,
    responses=problems(403, 404, 409),
)
async def decide(
    request: Request, appeal_id: PathId, body: shapes.DecideAppeal, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Grant or refuse an appeal. Granted, the measure ends now, and rules see that the holder was right.

    Whoever took or confirmed the measure, or filed the appeal, cannot decide it.
    """
    async with acting(request, grant, body.reason, key) as turn:
        return await _answered(
            turn,
            appeal_id,
            "decide",
            lambda row, against: review.decide(turn.act, row, against, granted=body.granted),
        )


@router.post(
    "/appeals/{appeal_id}/reverse",
    summary="Turn a refusal round",
    response_model=shapes.Appeal,
    responses=problems(403, 404, 409),
)
async def reverse(
    request: Request, appeal_id: PathId, body: Because, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Grant after all what was refused: somebody else than the one who refused it. The measure ends now, where it runs."""
    async with acting(request, grant, body.reason, key) as turn:
        return await _answered(
            turn, appeal_id, "reverse", lambda row, against: review.reverse(turn.act, row, against)
        )


@router.get(
    "/findings",
    summary="What people found about rules, the newest first",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Findings,
    responses=problems(),
)
async def findings(
    request: Request,
    account_id: QueryId = "",
    rule: QueryId = "",
    right: Annotated[bool | None, Query(description="whether the rule was right")] = None,
    source: Literal["appeal", "review"] | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return labels in the sense of learning: where a rule was right, and where it was wrong, by appeals and reviews."""
    service: Service = request.app.state.service
    which = FindingFilter(account_id, rule, right, source or "")
    page = await asked(service, lambda c: book.findings_listed(c, which, after=cursor, rows=limit))
    return {"findings": [shapes.finding(row) for row in page.rows], "next": page.next}


async def _answered(
    turn: Acting, appeal_id: str, what: str, answer: Callable[[Row, list[Row]], list[Event]]
) -> dict[str, Any]:
    """Carry out the events that answer an appeal against some measures, unless they were before; return it as it stands then."""
    row = await _row(turn, appeal_id)
    if not turn.repeated:
        against = await turn.read(lambda c: measures.found(c, row["measure_id"] or ""))
        await turn.carry_out(answer(row, against), what=f"appeal.{what}", subject=row["account_id"])
    return shapes.appeal(await _row(turn, appeal_id), turn.act.at)


async def _row(turn: Acting, appeal_id: str) -> Row:
    return known(await turn.read(lambda c: book.found(c, appeal_id)), "appeal", appeal_id)
