"""Taking a case from its queue, giving it back, deciding it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tidegate.errors import ReviewError
from tidegate.review.measures import lift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.review.act import Act, Event

Row = dict[str, Any]
Finding = Literal["confirmed", "unfounded", "inconclusive"]


def take(act: Act, case: Row) -> Event:
    """Return the event by which somebody takes a case. Raise ReviewError where another one has it, or it is decided."""
    _require_undecided(case)
    if case["state"] == "taken":
        raise ReviewError(
            f"`{case['taken_by']}` has taken this case",
            kind="conflict",
            hint="they can give it back: release",
        )
    return _moved(act, case, "take")


def release(act: Act, case: Row, *, by_admin: bool) -> Event:
    """Return the event that puts a case back into its queue: by whoever has it, or by an admin."""
    _require_undecided(case)
    if case["state"] != "taken":
        raise ReviewError("nobody has taken this case", kind="conflict")
    if case["taken_by"] != act.actor and not by_admin:
        raise ReviewError(
            f"`{case['taken_by']}` has this case", kind="own", hint="ask them, or an admin, to release it"
        )
    return _moved(act, case, "release")


def decide(
    act: Act, case: Row, finding: Finding, measures: Sequence[Sequence[Row]], lifted: Sequence[str]
) -> list[Event]:
    """Return the events that decide a case: it closes, and the measures named in `lifted` end.

    `measures` are those of the account that run, those of one id together. The case must have been taken by whoever decides.
    What was found `confirmed` lifts nothing.
    """
    _require_undecided(case)
    if case["state"] != "taken" or case["taken_by"] != act.actor:
        held = f"`{case['taken_by']}` has it" if case["state"] == "taken" else "nobody has taken it"
        raise ReviewError(
            f"this case is not yours to decide: {held}",
            kind="conflict",
            hint="take it first: `POST .../take`",
        )
    if lifted and finding == "confirmed":
        raise ReviewError(
            "a case whose ground is confirmed lifts nothing",
            field="lift",
            hint="lift the measure itself, and say why",
        )
    by_id = {rows[0]["id"]: rows for rows in measures}
    events = [
        act.event(
            "review_closed", 1, case["account_id"], review_id=case["id"], decision=finding, act="decide"
        )
    ]
    for n, number in enumerate(dict.fromkeys(lifted), 2):
        if number not in by_id:
            raise ReviewError(
                f"no measure `{number}` runs against this account", field="lift", hint="see its `sanctions`"
            )
        events.append(lift(act, by_id[number], part=n))
    return events


def _moved(act: Act, case: Row, what: str) -> Event:
    fields = {"review_id": case["id"], "queue": case["queue"], "cause": case["cause"]}
    return act.event("review_opened", 1, case["account_id"], act=what, **fields)


def _require_undecided(case: Row) -> None:
    if case["state"] == "decided":
        raise ReviewError(
            f"`{case['decided_by']}` decided this case: {case['decision']}",
            kind="conflict",
            hint="a measure may still be lifted, and an appeal be filed",
        )
