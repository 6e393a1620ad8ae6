"""Measures as the API shows them, and what may be asked of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.shapes.words import Form, Id, Moment, Reason, Time, Until, time, until

EXAMPLE: dict[str, Any] = {
    "id": "s-0f3a9c2e11d4b870",
    "sanction": "sanction.send-suspend-2h",
    "account_id": "a1",
    "subject": "account",
    "subject_id": "a1",
    "effect": "deny",
    "capability": ["send"],
    "level": 1,
    "cause": "msg.burst-over-12-in-60s-l1",
    "state": "running",
    "from": "2026-03-02T09:30:00.250Z",
    "until": "2026-03-02T11:30:00.250Z",
    "planned_until": "2026-03-02T11:30:00.250Z",
    "lifted_at": None,
    "review": None,
    "confirmed_at": None,
    "confirmed_by": None,
    "opened_by": None,
    "event_id": "e-000017",
}
_OPENED = {
    "change": "opened",
    "at": EXAMPLE["from"],
    "until": EXAMPLE["until"],
    "reason": "13 messages in 60 s; limit 12",
    "actor": None,
    "event_id": EXAMPLE["event_id"],
}


class Sanction(BaseModel):
    """A measure against an account, device, address or number."""

    model_config = ConfigDict(populate_by_name=True, json_schema_extra={"examples": [EXAMPLE]})

    id: str
    sanction: str = Field(description="its kind: an id of the policy, or of the platform")
    account_id: str | None = Field(description="account of the event that opened it")
    subject: str = Field(description="whom it is taken against: account, device, ip or number")
    subject_id: str | None
    effect: Literal["deny", "throttle", "challenge", "none"]
    capability: list[str]
    level: int
    cause: str = Field(description="the rule; `by hand` where a person took it")
    state: Literal["running", "ended"]
    from_: Time = Field(alias="from")
    until: Until
    planned_until: Until = Field(description="when it was to end as it was opened")
    lifted_at: Time | None = Field(description="when it was ended before its time")
    review: str | None = Field(description="the queue that must confirm it")
    confirmed_at: Time | None
    confirmed_by: str | None
    opened_by: str | None = Field(description="who took it; null: a rule")
    event_id: str | None = Field(description="event that opened it; null: a deadline passed")


class Change(BaseModel):
    """What was done to a measure."""

    change: Literal["opened", "lifted", "shortened", "prolonged", "confirmed"]
    at: Time
    until: Until
    reason: str
    actor: str | None = Field(description="null: the policy")
    event_id: str | None


class SanctionDetail(Sanction):
    """A measure with its history, and the measures of the same id against other entities."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE | {"history": [_OPENED], "also": []}]})

    history: list[Change]
    also: list[Sanction]


class Sanctions(BaseModel):
    """A page of measures, the newest first."""

    sanctions: list[Sanction]
    next: str | None


class Take(Form):
    """A measure taken by hand."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"account_id": "a1", "sanction": "sanction.send-suspend-2h", "reason": "threats, ticket 4711"}
            ]
        },
    )

    account_id: Id
    sanction: Id = Field(description="a kind of measure of the policy")
    until: Moment | None = Field(None, description="null: for as long as the policy says")
    capability: list[Id] = Field([], max_length=20, description="empty: those of the measure")
    reason: Reason


class Shorten(Form):
    """An earlier end."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"until": "2026-03-02T10:00:00Z", "reason": "a first offence"}]},
    )

    until: Moment
    reason: Reason


def sanction(row: dict[str, Any], at: int) -> dict[str, Any]:
    """Return a measure as it stands at a time."""
    ended = row["until"] is not None and row["until"] <= at
    same = ("id", "sanction", "account_id", "subject", "subject_id", "effect", "capability", "level", "cause")
    return {name: row[name] for name in same} | {
        "state": "ended" if ended else "running",
        "from": time(row["since"]),
        "until": until(row["until"]),
        "planned_until": until(row["planned_until"]),
        "lifted_at": time(row["lifted_at"]),
        "review": row["review"] or None,
        "confirmed_at": time(row["confirmed_at"]),
        "confirmed_by": row["confirmed_by"],
        "opened_by": row["opened_by"],
        "event_id": row["event_id"],
    }


def change(row: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of a measure's history."""
    same = {name: row[name] for name in ("change", "reason", "actor", "event_id")}
    return same | {"at": time(row["ts"]), "until": until(row["until"])}
