"""How schedules of screenings look in requests and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.screenings.recurrence import Every
from tidegate.service.settings import KEEP_DAYS_MAX
from tidegate.service.shapes.words import Form, PoolName, Time, time

if TYPE_CHECKING:
    from tidegate.service.screenings.schedule_book import Schedule

_NEW: dict[str, Any] = {"pool": "customers", "every": "month", "day": 31, "hour": 3, "zone": "Europe/Berlin"}
_SCHEDULE: dict[str, Any] = {
    "id": "5d0e8f3c2b1a4967", **_NEW, "minute": 0, "keep_days": 180, "next_at": "2026-03-31T01:00:00.000Z",
    "created_at": "2026-03-02T09:30:00.000Z", "created_by": "console#3f9c0a1b2c4d", "last_due_at": "2026-02-28T02:00:00.000Z",
    "last_screening_id": "9f2c51a07be4d836", "problem": None,
}  # fmt: skip


class NewSchedule(Form):
    """When a pool is to be screened again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_NEW]})

    pool: Annotated[PoolName, Field(description="its last list is screened, as it was the last time")]
    every: Every = Field(description="`quarter` is an audit: all checks, in January, April, July and October")
    day: int = Field(ge=1, le=31, description="of the month; one that it does not have is its last")
    hour: int = Field(0, ge=0, le=23)
    minute: int = Field(0, ge=0, le=59)
    zone: str = Field("UTC", max_length=64, description="whose time of day this is")
    keep_days: int | None = Field(
        None, ge=1, le=KEEP_DAYS_MAX, description="days until a run is erased; left out: as the settings say"
    )


class ScheduleShown(BaseModel):
    """A schedule, and what came of its last run."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SCHEDULE]})

    id: str
    pool: str
    every: Every
    day: int
    hour: int
    minute: int
    zone: str
    keep_days: int
    created_at: Time
    created_by: str
    next_at: Time
    last_due_at: Time | None = Field(description="when the last run was due")
    last_screening_id: str | None
    problem: str | None = Field(description="why the last run did not take place")


class SchedulesShown(BaseModel):
    """All schedules."""

    schedules: list[ScheduleShown]


def schedule_shown(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as it stands in answers."""
    moments = ("created_at", "next_at", "last_due_at")
    return {name: time(value) if name in moments else value for name, value in vars(schedule).items()}
