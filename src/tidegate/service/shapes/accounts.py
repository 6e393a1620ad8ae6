"""How an account stands, as the API shows it: score, signals, what runs against it, what is left of its quotas, its timeline."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate.service.shapes.reviews import Appeal, Case
from tidegate.service.shapes.sanctions import EXAMPLE as SANCTION
from tidegate.service.shapes.sanctions import Sanction
from tidegate.service.shapes.words import Time, Until, time

Verdict = Literal["allow", "throttle", "challenge", "deny"]
_QUOTA: dict[str, Any] = {
    "quota": "quota.msg-new-day-20",
    "title": "New account: 20 messages a day",
    "capability": ["send"],
    "kind": "count",
    "used": 13,
    "limit": 20,
    "remaining": 7,
    "unit": "messages",
    "window": "P1D",
    "resets_at": "2026-03-03T00:00:00.000Z",
    "next_allowed_at": None,
}
_RESTRAINED: dict[str, Any] = {
    "send": {
        "verdict": "deny",
        "until": "2026-03-02T11:30:00.250Z",
        "measures": [
            {
                "id": "s-0f3a9c2e11d4b870",
                "sanction": "sanction.send-suspend-2h",
                "from": "2026-03-02T09:30:00.250Z",
                "until": "2026-03-02T11:30:00.250Z",
                "cause": "msg.burst-over-12-in-60s-l1",
            }
        ],
    }
}
_ABLE: dict[str, Any] = {
    "account_id": "a1",
    "at": "2026-03-02T09:31:00.000Z",
    "tiers": {"send": "new"},
    "allowed": ["call", "group_join"],
    "restrained": _RESTRAINED,
    "quotas": [_QUOTA],
}
_LABEL = {
    "subject": "account",
    "subject_id": "a1",
    "name": "abnormal-sending",
    "cause": "msg.burst-over-12-in-60s-l1",
    "since": "2026-03-02T09:30:00.250Z",
    "renewed_at": "2026-03-02T09:30:00.250Z",
    "until": None,
    "taken_off_at": None,
    "event_id": "e-000017",
}
_STANDING = _ABLE | {
    "score": 0.19,
    "signals": [
        {
            "rule": "msg.burst-over-12-in-60s-l1",
            "probability": 0.19,
            "points": 0,
            "fired_at": "2026-03-02T09:30:00.250Z",
            "until": "2026-03-09T09:30:00.250Z",
        }
    ],
    "labels": ["abnormal-sending"],
    "labelled": [_LABEL],
    "sanctions": [SANCTION],
    "cases": [],
    "appeals": [],
    "timeline": [],
    "timeline_next": None,
}


class Signal(BaseModel):
    """A rule whose firing counts for the score."""

    rule: str
    probability: float | None
    points: float
    fired_at: Time
    until: Time | None = Field(
        description="until when it counts, if it does not fire again; null: as long as the label that it set"
    )


class MeasureInForce(BaseModel):
    """A measure behind a restraint."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    sanction: str
    from_: Time = Field(alias="from")
    until: Until
    cause: str
    review: str | None = Field(None, description="who must confirm it, where it is permanent")


class Restraint(BaseModel):
    """What an attempt meets."""

    verdict: Verdict
    until: Until
    measures: list[MeasureInForce]


class Quota(BaseModel):
    """What is left of a published limit; null: not known."""

    model_config = ConfigDict(json_schema_extra={"examples": [_QUOTA]})

    quota: str
    title: str
    capability: list[str]
    kind: str
    used: int | float | None
    limit: int | float | None
    remaining: int | float | None
    unit: str
    window: str | None
    resets_at: Time | None
    next_allowed_at: Time | None


class Capabilities(BaseModel):
    """What an account may do now, and how much of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ABLE]})

    account_id: str
    at: Time
    tiers: dict[str, str | None]
    allowed: list[str] = Field(description="capabilities that nothing restrains")
    restrained: dict[str, Restraint]
    quotas: list[Quota]


class Label(BaseModel):
    """A mark on an account, device, address or number."""

    subject: str
    subject_id: str
    name: str
    cause: str = Field(description="the rule that set it")
    since: Time
    renewed_at: Time
    until: Time | None = Field(description="null: until somebody takes it off")
    taken_off_at: Time | None
    event_id: str | None


class Labels(BaseModel):
    """A page of labels, by subject."""

    labels: list[Label]
    next: str | None


class Entry(BaseModel):
    """An entry of an account's timeline; what repeats without consequence is counted by the hour."""

    at: Time
    last_at: Time
    times: int
    type: str
    event_id: str | None
    verdict: Verdict
    score: float
    fired: list[dict[str, Any]]
    labels: list[str]
    sanctions: list[dict[str, Any]]
    cases: list[dict[str, Any]]
    ended: list[str] = Field(description="measures whose end was moved")
    by_people: dict[str, Any] = Field(description="who decided what, where people did")


class Timeline(BaseModel):
    """A page of a timeline, the newest first."""

    timeline: list[Entry]
    next: str | None


class Account(Capabilities):
    """How an account stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STANDING]})

    score: float
    signals: list[Signal]
    labels: list[str]
    labelled: list[Label] = Field(description="the same labels: since when, by which rule, until when")
    sanctions: list[Sanction]
    cases: list[Case]
    appeals: list[Appeal]
    timeline: list[Entry]
    timeline_next: str | None


def label(row: dict[str, Any]) -> dict[str, Any]:
    """Return a label."""
    same = {name: row[name] for name in ("subject", "subject_id", "name", "cause", "event_id")}
    return same | {name: time(row[name]) for name in ("since", "renewed_at", "until", "taken_off_at")}


def entry(row: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of a timeline."""
    same = {name: row[name] for name in ("times", "type", "event_id", "verdict", "score")}
    told: dict[str, Any] = row["entry"]
    return same | {"at": time(row["ts"]), "last_at": time(row["last_at"])} | told


def capabilities(state: dict[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """Return what an account may do, of the capabilities that are known."""
    allowed = [name for name in known if name not in state["restrained"]]
    return {name: state[name] for name in ("account_id", "at", "tiers", "restrained", "quotas")} | {
        "allowed": allowed
    }
