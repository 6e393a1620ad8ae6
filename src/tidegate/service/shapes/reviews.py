"""Cases, appeals and findings as the API shows them, and what may be asked of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.shapes.words import Form, Id, Reason, Time, time

Finding = Literal["confirmed", "unfounded", "inconclusive"]
_CASE: dict[str, Any] = {
    "id": "c-77aa01d2c4e9f013",
    "queue": "priority-review",
    "account_id": "a1",
    "cause": "msg.rate-over-12-per-minute-downgrade",
    "priority": 0,
    "state": "taken",
    "opened_at": "2026-03-02T09:30:00.250Z",
    "due": "2026-03-02T10:30:00.250Z",
    "overdue": False,
    "taken_by": "ann#k2",
    "taken_at": "2026-03-02T09:41:10.000Z",
    "decision": None,
    "reason": None,
    "decided_by": None,
    "decided_at": None,
    "event_id": "e-000017",
}


class Case(BaseModel):
    """Something for a person to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE]})

    id: str
    queue: str
    account_id: str | None
    cause: str = Field(description="the rule that opened it")
    priority: int = Field(description="greater is sooner")
    state: Literal["open", "taken", "decided"]
    opened_at: Time
    due: Time = Field(description="end of its service time")
    overdue: bool
    taken_by: str | None
    taken_at: Time | None
    decision: str | None
    reason: str | None
    decided_by: str | None
    decided_at: Time | None
    event_id: str | None


class Cases(BaseModel):
    """A page of cases, those due first first."""

    cases: list[Case]
    next: str | None


class Queue(BaseModel):
    """How long a queue is."""

    queue: str
    open: int
    taken: int
    overdue: int
    due: Time = Field(description="when the first one is due")


class Queues(BaseModel):
    """All queues that hold something."""

    queues: list[Queue]


class DecideCase(Form):
    """What was found, and which measures end because of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"finding": "unfounded", "lift": ["s-0f3a9c2e11d4b870"], "reason": "invitations to a wedding"}
            ]
        },
    )

    finding: Finding = Field(
        description="`confirmed`: the rule was right; `unfounded`: it was wrong; `inconclusive`"
    )
    lift: list[Id] = Field([], max_length=50, description="ids of measures of the account that end now")
    reason: Reason


_APPEAL: dict[str, Any] = {
    "id": "ap-act-5f1c",
    "sanction_id": "s-0f3a9c2e11d4b870",
    "account_id": "a1",
    "state": "open",
    "filed_at": "2026-03-02T09:45:00.000Z",
    "filed_by": "support#k5",
    "due": "2026-03-03T01:45:00.000Z",
    "overdue": False,
    "statement": "it was the invitation to our wedding",
    "compliant_share": 0.97,
    "claimed_rate": None,
    "reason": None,
    "decided_by": None,
    "decided_at": None,
    "reversed_by": None,
    "reversed_at": None,
}


class Appeal(BaseModel):
    """A holder holds that a measure is wrong."""

    model_config = ConfigDict(json_schema_extra={"examples": [_APPEAL]})

    id: str
    sanction_id: str | None
    account_id: str | None
    state: Literal["open", "granted", "refused"]
    filed_at: Time
    filed_by: str | None
    due: Time
    overdue: bool
    statement: str
    compliant_share: float | None = Field(description="of a sample of a week")
    claimed_rate: float | None = Field(description="messages a minute")
    reason: str | None = Field(description="of the newest decision")
    decided_by: str | None
    decided_at: Time | None
    reversed_by: str | None = Field(description="who turned a refusal round")
    reversed_at: Time | None


class Appeals(BaseModel):
    """A page of appeals, those due first first."""

    appeals: list[Appeal]
    next: str | None


class FileAppeal(Form):
    """An appeal on behalf of a holder."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"sanction_id": "s-0f3a9c2e11d4b870", "reason": "it was the invitation to our wedding"}
            ]
        },
    )

    sanction_id: Id
    reason: Reason
    compliant_share: float | None = Field(
        None, ge=0, le=1, description="compliant share of the sample that the system drew, with consent"
    )
    claimed_rate: float | None = Field(None, ge=0, le=1e9, description="messages a minute, as claimed")


class DecideAppeal(Form):
    """The decision about an appeal."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"granted": True, "reason": "invitations to a wedding indeed"}]},
    )

    granted: bool
    reason: Reason


class FoundRight(BaseModel):
    """What people found about a rule at one account: a label in the sense of learning."""

    account_id: str | None
    sanction_id: str | None
    rule: str
    right: bool
    source: Literal["appeal", "review"]
    source_id: str
    actor: str | None
    reason: str
    at: Time
    overturned: bool = Field(description="it was a refusal that somebody turned round: it counts no longer")


class Findings(BaseModel):
    """A page of findings, the newest first."""

    findings: list[FoundRight]
    next: str | None


def case(row: dict[str, Any], at: int) -> dict[str, Any]:
    """Return a case as it stands at a time."""
    times = {name: time(row[name]) for name in ("opened_at", "due", "taken_at", "decided_at")}
    same = (
        "id", "queue", "account_id", "cause", "priority", "state", "taken_by", "decision", "reason", "decided_by",
        "event_id",
    )  # fmt: skip
    overdue = row["state"] != "decided" and row["due"] < at
    return {name: row[name] for name in same} | times | {"overdue": overdue}


def appeal(row: dict[str, Any], at: int) -> dict[str, Any]:
    """Return an appeal as it stands at a time."""
    times = {name: time(row[name]) for name in ("filed_at", "due", "decided_at", "reversed_at")}
    same = (
        "id", "account_id", "state", "filed_by", "statement", "compliant_share", "claimed_rate", "reason",
        "decided_by", "reversed_by",
    )  # fmt: skip
    overdue = row["state"] == "open" and row["due"] < at
    values = {name: row[name] for name in same}
    return values | times | {"sanction_id": row["measure_id"], "overdue": overdue}


def finding(row: dict[str, Any]) -> dict[str, Any]:
    """Return a finding."""
    copied = ("account_id", "right", "source", "source_id", "actor", "reason", "overturned")
    same = {name: row[name] for name in copied}
    return same | {"sanction_id": row["measure_id"], "rule": row["cause"], "at": time(row["ts"])}
