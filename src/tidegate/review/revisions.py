"""Other figures and other states of rules: proposed, looked at on recent history, approved by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine import Engine
from tidegate.errors import FileError, ParameterError, PolicyError, ReviewError
from tidegate.policy.policy import STATE_OF
from tidegate.review.act import somebody_else
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.policy import Policy
    from tidegate.policy.policy import Revision
    from tidegate.review.act import Act

Row = dict[str, Any]
ACTIVE, PROPOSED, REFUSED, WITHDRAWN = "active", "proposed", "refused", "withdrawn"


def revised(policy: Policy, figures: Mapping[str, Revision], states: Mapping[str, str]) -> Policy:
    """Return the policy with other figures and states of rules.

    Raise ReviewError for what it does not have, what lies out of bounds, and where nothing changes.
    """
    changed = policy
    named = [(f"figures.{name}", name, figure) for name, figure in figures.items()]
    named += [(f"states.{rule}", STATE_OF + rule, state) for rule, state in states.items()]
    for field, name, value in named:
        try:
            changed = changed.revise({name: value})
        except (ParameterError, PolicyError) as error:
            raise ReviewError(error.problem, hint=error.hint, field=field) from None
    if changed.digest == policy.digest:
        raise ReviewError("this changes nothing: all of it is in force", field="figures", kind="conflict")
    return changed


def require_memory(changed: Policy, stamp: dict[str, str], remembered: dict[str, str]) -> None:
    """Raise ReviewError where a policy counts other things than the engine that is running (`remembered`) does.

    What was not counted before cannot be known: such a revision needs a new start that reads the log again.
    """
    try:
        Engine(changed).require_same_memory(stamp, remembered)
    except FileError as error:
        raise ReviewError(
            f"it changes what is remembered: {error.problem.partition('remembers other things: ')[2]}",
            field="figures",
            kind="conflict",
            hint="windows and rules in draft need a start with these figures and `TIDEGATE_MEMORY=count-anew`",
        ) from None


def propose(act: Act, policy: Policy, figures: Mapping[str, Revision], states: Mapping[str, str]) -> Row:
    """Return the book's entry of a proposal."""
    return {
        "id": act.number.replace("act-", "rev-"),
        "state": PROPOSED,
        "figures": dict(figures),
        "states": dict(states),
        "reason": act.reason,
        "proposed_by": act.actor,
        "proposed_at": act.at,
        "base": policy.digest,
    }


def approve(act: Act, row: Row, policy: Policy, active_from: int) -> Row:
    """Return what changes in the book when a proposal is approved from an event time on.

    Raise ReviewError where it is not open any more, where the one who approves proposed it, where other figures came into force
    since, or for a time that has passed.
    """
    _require_open(row)
    somebody_else(act, row["proposed_by"], "proposed this revision")
    if row["base"] != policy.digest:
        raise ReviewError(
            "other figures came into force since it was proposed",
            kind="conflict",
            hint="propose it anew, upon the figures of today",
        )
    if active_from < act.at:
        raise ReviewError(
            f"event time has passed it: it is {format_rfc3339(act.at)}",
            field="active_from",
            hint="name a time to come, or none: then it is in force at once",
        )
    return _decided(act, ACTIVE) | {"active_from": active_from}


def refuse(act: Act, row: Row) -> Row:
    """Return what changes in the book when a proposal is refused, or withdrawn by whoever made it."""
    _require_open(row)
    return _decided(act, WITHDRAWN if row["proposed_by"] == act.actor else REFUSED)


def _decided(act: Act, state: str) -> Row:
    return {"state": state, "decided_by": act.actor, "decided_at": act.at, "decided_reason": act.reason}


def _require_open(row: Row) -> None:
    if row["state"] != PROPOSED:
        raise ReviewError(
            f"this revision is {row['state']} since `{row['decided_by']}` decided", kind="conflict"
        )
