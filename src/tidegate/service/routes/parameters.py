"""Figures of the policy, and rules with how they do."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request

from tidegate.errors import ReviewError
from tidegate.ledger import appeals, rule_counts
from tidegate.policy import Policy, Rule
from tidegate.policy.policy import ScoreRule
from tidegate.service.access.roles import needs
from tidegate.service.acting import asked, known, moment
from tidegate.service.shapes import revisions as shapes
from tidegate.service.shapes.words import PathId, problems, time
from tidegate.service.state import Service

router = APIRouter(prefix="/v1", tags=["policy"], dependencies=[Depends(needs("read"))])

DAY_MS = 86_400_000
Days = Annotated[int, Query(ge=1, le=400, description="how many days to count")]
_NONE = {"fired": 0, "shadow": 0, "last_at": None}


@router.get(
    "/parameters",
    summary="All figures of the policy",
    response_model=shapes.Parameters,
    responses=problems(),
)
async def parameters(request: Request) -> dict[str, Any]:
    """Return every figure with its bounds, unit, reason and source, and the value in force."""
    policy = await policy_in_force(request.app.state.service)
    shown = [shapes.parameter(p, policy.revisions.get(name)) for name, p in policy.parameters.items()]
    return {"policy": policy.stamp(), "parameters": shown}


@router.get(
    "/parameters/{name}",
    summary="A figure of the policy",
    response_model=shapes.ParameterShown,
    responses=problems(404),
)
async def parameter(request: Request, name: PathId) -> dict[str, Any]:
    """Return a figure."""
    policy = await policy_in_force(request.app.state.service)
    found = policy.parameters.get(name)
    if found is None:
        raise ReviewError(f"there is no parameter `{name}`", field="name", kind="missing")
    return shapes.parameter(found, policy.revisions.get(name))


@router.get("/rules", summary="All rules and how they do", response_model=shapes.Rules, responses=problems())
async def rules(request: Request, days: Days = 7) -> dict[str, Any]:
    """Return every rule, the restriction by score among them, with its state, its figures, how often it fired, and what people found about it."""
    service: Service = request.app.state.service
    policy = await policy_in_force(service)
    since = await moment(service) - days * DAY_MS
    counts, findings = await asked(service, lambda c: _counts(c, since))
    shown = [_shown(policy, rule) for rule in policy.rules]
    if policy.restriction is not None:
        shown += [_restriction(policy.restriction, rule_id) for rule_id in policy.restriction.ids]
    shown = [one | {"counts": _counted(one["id"], counts, findings)} for one in shown]
    return {"policy": policy.stamp(), "days": days, "rules": shown}


@router.get(
    "/rules/{rule_id}",
    summary="A rule, what it says, and its days",
    response_model=shapes.RuleDetail,
    responses=problems(404),
)
async def rule(request: Request, rule_id: PathId, days: Days = 30) -> dict[str, Any]:
    """Return a rule with how often it fired day by day."""
    service: Service = request.app.state.service
    policy = await policy_in_force(service)
    if any(quota.id == rule_id for quota in policy.quotas):  # decisions list them beside rules
        raise ReviewError(
            f"`{rule_id}` is a published limit, and no rule",
            field="rule_id",
            kind="missing",
            hint="see `quotas` of `GET /v1/accounts/ID/capabilities`",
        )
    found = known(_detail(policy, rule_id), "rule", rule_id)
    since = await moment(service) - days * DAY_MS
    counts, findings = await asked(service, lambda c: _counts(c, since))
    listed = await asked(service, lambda c: rule_counts.by_day(c, rule_id, since))
    return found | {
        "counts": _counted(rule_id, counts, findings),
        "days": [{"day": time(d["day"]), "fired": d["fired"], "shadow": d["shadow"]} for d in listed],
    }


async def policy_in_force(service: Service) -> Policy:
    """Return the policy by whose figures events are judged now."""
    policy: Policy = await service.judging.call(lambda live: live.engine.policy)
    return policy


def _counts(connection: sa.Connection, since: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return rule_counts.totals(connection, since), appeals.finding_counts(connection)


def _detail(policy: Policy, rule_id: str) -> dict[str, Any] | None:
    """Return what a rule says, or the restriction by score under one of its ids; None where there is no such rule."""
    restriction = policy.restriction
    if restriction is not None and rule_id in restriction.ids:
        return _restriction(restriction, rule_id) | {
            "when": restriction.when(rule_id),
            "given": None,
            "reason": restriction.reason,
            "note": restriction.note(rule_id),
        }
    found = next((one for one in policy.rules if one.id == rule_id), None)
    if found is None:
        return None
    return _shown(policy, found) | {
        "when": found.when.describe(),
        "given": found.given.describe() if found.given is not None else None,
        "reason": found.reason,
        "note": found.note,
    }


def _shown(policy: Policy, rule: Rule) -> dict[str, Any]:
    written = next(r.state for s in policy.rule_sets for r in s.rules if r.id == rule.id)
    return {
        "id": rule.id,
        "title": rule.title,
        "area": policy.area_of(rule),
        "state": rule.state,
        "written_state": written,
        "on": [source.type_name for source in rule.on],
        "window": rule.window,
        "parameters": shapes.parameters_of(rule),
        "measures": [step.sanction.id for measure in rule.measures for step in measure.steps],
    }


def _restriction(restriction: ScoreRule, rule_id: str) -> dict[str, Any]:
    measures = restriction.measures if rule_id == restriction.id else ()
    return {
        "id": rule_id,
        "title": restriction.title,
        "area": "score",
        "state": "active",
        "written_state": "active",
        "on": [],  # whatever changes the score of an account
        "window": None,
        "parameters": [restriction.threshold.name],
        "measures": [step.sanction.id for measure in measures for step in measure.steps],
    }


def _counted(rule_id: str, counts: dict[str, Any], findings: dict[str, Any]) -> dict[str, Any]:
    counted = counts.get(rule_id, _NONE)
    found = findings.get(rule_id, {"right": 0, "wrong": 0})
    return {
        "fired": counted["fired"],
        "shadow": counted["shadow"],
        "last_at": time(counted["last_at"]),
        "found_right": found["right"],
        "found_wrong": found["wrong"],
    }
