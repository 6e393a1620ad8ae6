"""Measures: listed, looked at, taken by hand, lifted, shortened, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request

from tidegate.errors import ReviewError
from tidegate.ledger import measures
from tidegate.ledger.measures import MeasureFilter, MeasureState
from tidegate.review import measures as review
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.acting import Acting, Key, acting, asked, known, moment
from tidegate.service.shapes import sanctions as shapes
from tidegate.service.shapes.words import LIMIT, Because, Cursor, Limit, PathId, QueryId, problems
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["sanctions"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
Row = dict[str, Any]


@router.get(
    "/sanctions",
    summary="Measures, the newest first",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.Sanctions,
    responses=problems(),
)
async def sanctions(
    request: Request,
    account_id: QueryId = "",
    subject_id: QueryId = "",
    sanction: QueryId = "",
    cause: QueryId = "",
    capability: QueryId = "",
    state: Annotated[
        MeasureState | None,
        Query(description="`unconfirmed`: runs, and waits for somebody to confirm it"),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> dict[str, Any]:
    """Return measures by account, entity, kind, rule, capability and state."""
    service: Service = request.app.state.service
    at = await moment(service)
    which = MeasureFilter(at, account_id, subject_id, sanction, cause, capability, state)
    page = await asked(service, lambda c: measures.listed(c, which, after=cursor, rows=limit))
    return {"sanctions": [shapes.sanction(row, at) for row in page.rows], "next": page.next}


@router.get(
    "/sanctions/{sanction_id}",
    summary="A measure and what was done to it",
    dependencies=[Depends(needs("read"))],
    response_model=shapes.SanctionDetail,
    responses=problems(404),
)
async def sanction(request: Request, sanction_id: PathId) -> dict[str, Any]:
    """Return a measure with its history."""
    service: Service = request.app.state.service
    at = await moment(service)
    return await asked(service, lambda c: detail(c, sanction_id, at))


@router.post(
    "/sanctions",
    summary="Take a measure by hand",
    status_code=201,
    response_model=shapes.SanctionDetail,
    responses=problems(403, 409),
)
async def take(request: Request, body: shapes.Take, grant: Analyst, key: Key = None) -> dict[str, Any]:
    """Open a measure of the policy against an account; a permanent one waits for somebody else to confirm it."""
    async with acting(request, grant, body.reason, key) as turn:
        terms = _kinds(turn.service).get(body.sanction)
        if terms is None:
            hint = "see `measures` of the rules: `GET /v1/rules`"
            raise ReviewError(f"the policy has no measure `{body.sanction}`", field="sanction", hint=hint)
        same = MeasureFilter(turn.act.at, body.account_id, "", body.sanction, review.BY_HAND, "", "running")
        running = [] if turn.repeated else (await turn.read(lambda c: measures.listed(c, same))).rows
        event = review.take(
            turn.act,
            terms,
            body.account_id,
            until=body.until,
            capability=body.capability,
            running=running,
        )
        await turn.carry_out([event], what="sanction.take", subject=body.account_id)
        taken = await turn.read(lambda c: detail(c, event["sanction_id"], turn.act.at))
        asked_for = (body.account_id, body.sanction, body.reason)
        first = (taken["account_id"], taken["sanction"], taken["history"][0]["reason"])
        turn.require_same(same=first == asked_for)
        return taken


@router.post(
    "/sanctions/{sanction_id}/lift",
    summary="End a measure now",
    response_model=shapes.SanctionDetail,
    responses=problems(403, 404, 409),
)
async def lift(
    request: Request, sanction_id: PathId, body: Because, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """End a measure, and those that follow it; attempts from now on are judged without it."""
    async with acting(request, grant, body.reason, key) as turn:
        return await _changed(turn, sanction_id, "lift", lambda rows: review.lift(turn.act, rows))


@router.post(
    "/sanctions/{sanction_id}/shorten",
    summary="End a measure earlier than it would",
    response_model=shapes.SanctionDetail,
    responses=problems(403, 404, 409),
)
async def shorten(
    request: Request, sanction_id: PathId, body: shapes.Shorten, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Give a measure an earlier end, which must lie in the future."""
    async with acting(request, grant, body.reason, key) as turn:
        return await _changed(
            turn, sanction_id, "shorten", lambda rows: review.shorten(turn.act, rows, body.until)
        )


@router.post(
    "/sanctions/{sanction_id}/confirm",
    summary="Confirm a measure that a person must confirm",
    response_model=shapes.SanctionDetail,
    responses=problems(403, 404, 409),
)
async def confirm(
    request: Request, sanction_id: PathId, body: Because, grant: Analyst, key: Key = None
) -> dict[str, Any]:
    """Confirm a permanent measure. One that a person took, another person confirms."""
    async with acting(request, grant, body.reason, key) as turn:
        return await _changed(turn, sanction_id, "confirm", lambda rows: review.confirm(turn.act, rows))


async def _changed(
    turn: Acting, sanction_id: str, what: str, change: Callable[[list[Row]], dict[str, Any]]
) -> dict[str, Any]:
    """Carry out the event that changes a measure, unless it was before; return the measure as it stands then."""
    rows = await rows_of(turn, sanction_id)
    if not turn.repeated:
        await turn.carry_out([change(rows)], what=f"sanction.{what}", subject=rows[0]["account_id"])
    return await turn.read(lambda c: detail(c, sanction_id, turn.act.at))


async def rows_of(turn: Acting, sanction_id: str) -> list[Row]:
    """Return the measures with an id; raise ReviewError where there is none."""
    return await turn.read(lambda c: _found(c, sanction_id))


def detail(connection: sa.Connection, sanction_id: str, at: int) -> dict[str, Any]:
    """Return a measure with its history; raise ReviewError where there is none of that id."""
    first, *others = (shapes.sanction(row, at) for row in _found(connection, sanction_id))
    history = [shapes.change(row) for row in measures.history(connection, sanction_id)]
    return first | {"history": history, "also": others}


def _found(connection: sa.Connection, sanction_id: str) -> list[Row]:
    return known(measures.found(connection, sanction_id) or None, "measure", sanction_id, field="sanction_id")


def _kinds(service: Service) -> dict[str, Any]:
    """Return the kinds of measures of the policy, by id."""
    policy = service.policy
    taken = [m for rule in policy.rules for m in rule.measures]
    taken += policy.restriction.measures if policy.restriction is not None else ()
    kinds = [step.sanction for measure in taken for step in measure.steps]
    return {kind.id: kind for kind in (*policy.sanctions, *kinds)}
