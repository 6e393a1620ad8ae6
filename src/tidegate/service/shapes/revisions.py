"""Parameters, rules and revisions as the API shows them, and what may be asked of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tidegate.policy import Parameter
from tidegate.policy.figures import in_force, trees_of
from tidegate.policy.parameter import Span
from tidegate.service.shapes.words import Form, Moment, Reason, Time, time

State = Literal["draft", "shadow", "active", "retired"]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Figure = Annotated[float | str | dict[Name, float], Field(description="a number, one per segment, or `PT2H`")]
_PARAMETER: dict[str, Any] = {
    "name": "MessageBurst.ceiling",
    "kind": "number",
    "value": 18,
    "written": 20,
    "low": 1,
    "high": 120,
    "unit": "messages",
    "why": "absolute trigger for every tier",
    "source": "msg.rate-over-20-per-minute",
    "assumed": False,
    "segments": None,
}
_PREVIEW: dict[str, Any] = {
    "state": "done",
    "days": 7,
    "events": 120000,
    "warm_up_events": 400000,
    "verdicts": {"in_force": {"allow": 119000, "deny": 1000}, "proposed": {"allow": 119400, "deny": 600}},
    "decisions_changed": 400,
    "verdicts_changed": {"deny -> allow": 400},
    "accounts_changed": 31,
    "accounts": {"a1": {"deny -> allow": 12}},
    "rules": {"msg.burst-over-12-in-60s-l1": {"both": 600, "only_in_force": 400, "only_proposed": 0}},
    "decisions": [],
}


class ParameterShown(BaseModel):
    """A figure of the policy: what it is, why, and between which bounds it may be revised."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PARAMETER]})

    name: str
    kind: Literal["number", "duration"]
    value: Any = Field(description="in force: a number, one per segment, or a duration as `PT2H`")
    written: Any = Field(description="as the policy was written")
    low: float | str
    high: float | str
    unit: str
    why: str
    source: str
    assumed: bool = Field(description="the source is silent: the figure is our choice")
    segments: list[str] | None


class Parameters(BaseModel):
    """All figures of the policy in force."""

    policy: dict[str, str]
    parameters: list[ParameterShown]


class RuleCounts(BaseModel):
    """How often a rule fired, and what people found about it."""

    fired: int
    shadow: int = Field(description="would have fired, had it been active")
    last_at: Time | None
    found_right: int
    found_wrong: int


class RuleShown(BaseModel):
    """A rule and how it does."""

    id: str = Field(examples=["msg.burst-over-12-in-60s-l1"])
    title: str = Field(examples=["Burst: over 12 messages in 60 s"])
    area: str = Field(examples=["sending"])
    state: State
    written_state: State = Field(description="as the policy was written")
    on: list[str]
    window: str | None
    parameters: list[str]
    measures: list[str]
    counts: RuleCounts


class RuleDetail(RuleShown):
    """A rule, what it says, and its days."""

    when: str
    given: str | None
    reason: str
    note: str
    days: list[dict[str, Any]]


class Rules(BaseModel):
    """All rules of the policy in force."""

    policy: dict[str, str]
    days: int = Field(description="how many days are counted")
    rules: list[RuleShown]


class Propose(Form):
    """Other figures, other states of rules, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "figures": {"MessageBurst.level_1_limit": {"stable": 15}},
                    "states": {"msg.burst-over-12-in-60s-l1": "shadow"},
                    "reason": "typists of the night shift reach 13",
                }
            ]
        },
    )

    figures: dict[Name, Figure] = Field({}, max_length=200)
    states: dict[Name, State] = Field({}, max_length=200)
    reason: Reason


class Approve(Form):
    """From which event time on it holds."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"active_from": "2026-03-03T00:00:00Z", "reason": "31 accounts, all typists"}]
        },
    )

    active_from: Moment | None = Field(None, description="null: at once")
    reason: Reason


class AskPreview(Form):
    """How much of the past to look at."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"days": 7, "warm_up_days": 30}]}
    )

    days: int = Field(7, ge=1, le=90)
    warm_up_days: int = Field(30, ge=0, le=400, description="before, to fill the memory of what is counted")


class Revision(BaseModel):
    """A revision of figures and states of rules."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "rev-5f1c",
                    "state": "proposed",
                    "figures": {"MessageBurst.level_1_limit": {"stable": 15}},
                    "states": {},
                    "reason": "typists of the night shift reach 13",
                    "proposed_by": "ann#k2",
                    "proposed_at": "2026-03-02T09:45:00.000Z",
                    "base": "sha256:4a5b",
                    "stale": False,
                    "preview": _PREVIEW,
                    "decided_by": None,
                    "decided_at": None,
                    "decided_reason": None,
                    "active_from": None,
                }
            ]
        }
    )

    id: str
    state: Literal["proposed", "active", "refused", "withdrawn"]
    figures: dict[str, Any]
    states: dict[str, State]
    reason: str
    proposed_by: str
    proposed_at: Time
    base: str = Field(description="fingerprint of the figures it was proposed upon")
    stale: bool = Field(description="other figures came into force since it was proposed")
    preview: dict[str, Any] | None = Field(description="null: nobody has asked for one")
    decided_by: str | None
    decided_at: Time | None
    decided_reason: str | None
    active_from: Time | None = Field(description="event time from which it holds")


class Revisions(BaseModel):
    """A page of revisions, the newest first."""

    revisions: list[Revision]
    next: str | None


def parameter(figure: Parameter | Span, revision: Any) -> dict[str, Any]:  # noqa: ANN401  whatever was revised to
    """Return a figure with the value in force."""
    shown = {
        "name": figure.name,
        "value": in_force(figure, revision),
        "written": in_force(figure, None),
        "why": figure.why,
        "source": figure.source,
        "assumed": figure.assumed,
    }
    if isinstance(figure, Span):
        bounds = {"low": figure.low.iso, "high": figure.high.iso}
        return shown | bounds | {"kind": "duration", "unit": "duration", "segments": None}
    segments = sorted(figure.by[1]) if figure.by is not None else None
    numbers = {"low": figure.low, "high": figure.high, "unit": figure.unit}
    return shown | numbers | {"kind": "number", "segments": segments}


def parameters_of(rule: Any) -> list[str]:  # noqa: ANN401  a rule
    """Return the names of the figures that a rule reads, and of the lengths of its measures."""
    numbers = [node.name for tree in trees_of(rule) for node in tree.walk() if isinstance(node, Parameter)]
    steps = [step for measure in rule.measures for step in measure.steps]
    lengths = [lasting for step in steps for lasting in (step.lasting or step.sanction.lasting, step.within)]
    names = [*numbers, *(lasting.name for lasting in lengths if isinstance(lasting, Span))]
    return list(dict.fromkeys(filter(None, names)))


def revision(row: dict[str, Any], digest: str) -> dict[str, Any]:
    """Return a revision; `digest` is the fingerprint of the figures in force."""
    same = (
        "id", "state", "figures", "states", "reason", "proposed_by", "base", "preview", "decided_by",
        "decided_reason",
    )  # fmt: skip
    times = {name: time(row[name]) for name in ("proposed_at", "decided_at", "active_from")}
    stale = row["state"] == "proposed" and row["base"] != digest
    return {name: row[name] for name in same} | times | {"stale": stale}
