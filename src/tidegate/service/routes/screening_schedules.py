"""Schedules of screenings: a pool is screened again every month, and audited every quarter."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from tidegate.errors import UsageError
from tidegate.service.access.grant import Grant
from tidegate.service.access.roles import needs
from tidegate.service.problem import Problem
from tidegate.service.screenings.recurrence import LONGEST_DAYS, Recurrence, zone_of
from tidegate.service.screenings.schedule_book import Schedule
from tidegate.service.screenings.schedules import PART, Schedules
from tidegate.service.shapes import screening_schedules as shapes
from tidegate.service.shapes.words import PathId, problems
from tidegate.service.shapes.words import time as moment
from tidegate.service.state import Service

router = APIRouter(prefix="/v1/screening-schedules", tags=["screenings"])

Analyst = Annotated[Grant, Depends(needs("analyst"))]
SPARE_DAYS = 3  # between the day a run is due and the end of the one before


@router.post(
    "",
    status_code=201,
    summary="Have a pool screened again and again",
    response_model=shapes.ScheduleShown,
    responses=problems(403, 409),
)
def create(new: shapes.NewSchedule, request: Request, response: Response, grant: Analyst) -> dict[str, Any]:
    """Keep a schedule: each run takes the last list of the pool, screens it as it was, and compares it with the screening before.

    Who was told by mail of that one is told of the runs. One that was due while the server was down runs once when it is back.
    """
    part = part_of(request)
    keep_days = part.screenings.settings.screenings_keep_days if new.keep_days is None else new.keep_days
    recurrence = _recurrence(new)
    least = LONGEST_DAYS[new.every] + SPARE_DAYS
    if keep_days < least:
        hint = f"at least {least}: a run needs the list and the results of the one before"
        raise Problem(422, "invalid-request", f"{keep_days} days are too few", field="keep_days", hint=hint)
    _require_list(part, new.pool, recurrence)
    schedule = part.add(new.pool, recurrence, keep_days=keep_days, by=grant.actor)
    if schedule is None:
        what = f"the pool `{new.pool}` has a schedule for every {new.every} already"
        raise Problem(409, "conflict", what, field="pool", hint="delete it first")
    note(part, grant, "schedule", schedule)
    response.headers["Location"] = f"/v1/screening-schedules/{schedule.id}"
    return shapes.schedule_shown(schedule)


@router.get("", summary="The schedules", response_model=shapes.SchedulesShown, responses=problems(403))
def schedules(request: Request, _: Analyst) -> dict[str, Any]:
    """List all schedules with what came of their last runs."""
    return {"schedules": [shapes.schedule_shown(one) for one in part_of(request).book.all()]}


@router.get(
    "/{schedule_id}", summary="A schedule", response_model=shapes.ScheduleShown, responses=problems(403, 404)
)
def schedule(schedule_id: PathId, request: Request, _: Analyst) -> dict[str, Any]:
    """Return a schedule with what came of its last run."""
    return shapes.schedule_shown(found_in(part_of(request), schedule_id))


@router.delete("/{schedule_id}", status_code=204, summary="End a schedule", responses=problems(403, 404))
def delete(schedule_id: PathId, request: Request, grant: Analyst) -> Response:
    """End a schedule. Screenings that it made stay as long as they are kept."""
    part = part_of(request)
    found = found_in(part, schedule_id)
    part.book.drop(schedule_id)
    note(part, grant, "unschedule", found)
    return Response(status_code=204)


def part_of(request: Request) -> Schedules:
    """Return the part of the server that keeps schedules."""
    service: Service = request.app.state.service
    return service.part(PART, Schedules)


def found_in(part: Schedules, schedule_id: str) -> Schedule:
    """Return a schedule; raise Problem where there is none."""
    found = part.book.found(schedule_id)
    if found is None:
        raise Problem(404, "not-found", "there is no schedule with this id", field="schedule_id")
    return found


def note(part: Schedules, grant: Grant, what: str, schedule: Schedule) -> None:
    """Write into the audit log who made or ended a schedule."""
    after = {name: getattr(schedule, name) for name in ("pool", "every", "day", "hour", "minute", "zone")}
    part.screenings.note(grant.actor, what, f"schedule:{schedule.id}", after=after)


def _recurrence(new: shapes.NewSchedule) -> Recurrence:
    try:
        zone_of(new.zone)
    except UsageError as error:
        raise Problem(422, "invalid-request", error.problem, field=error.place, hint=error.hint) from None
    return Recurrence(new.every, new.day, new.hour, new.minute, new.zone)


def _require_list(part: Schedules, pool: str, recurrence: Recurrence) -> None:
    """Raise Problem where the first run would find no list."""
    source = part.screenings.book.with_list(pool)
    if source is None:
        hint = "upload it: `POST /v1/screenings?pool=...`"
        raise Problem(409, "conflict", f"there is no list of a pool `{pool}`", field="pool", hint=hint)
    due = recurrence.next_after(part.now())
    if source.keep_until is not None and source.keep_until <= due:
        what = f"the list of the pool is erased on {moment(source.keep_until)}, before the first run on {moment(due)}"
        raise Problem(409, "conflict", what, field="pool", hint="upload it again with more `keep_days`")
