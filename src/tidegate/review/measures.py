"""Lifting, shortening and confirming measures, and taking one by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.errors import ReviewError
from tidegate.policy.measure import CAPABILITIES
from tidegate.review.act import somebody_else
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.policy import Sanction
    from tidegate.review.act import Act, Event

Row = dict[str, Any]
_SUBJECT_FIELDS = {"device": "device_id", "ip": "ip", "number": "number"}
CONFIRM, SHORTEN = "confirm", "shorten"
BY_HAND = "by hand"  # the cause of a measure that a person took


def lift(act: Act, rows: Sequence[Row], *, because: str = "review", part: int = 1) -> Event:
    """Return the event that ends a measure now. Raise ReviewError where it has ended.

    `because` is the reason by the vocabulary of events: review, appeal or condition_met.
    """
    _require_running(act, rows)
    first = rows[0]
    return act.event(
        "sanction_lifted", part, first["account_id"], sanction_id=first["id"], reason=because, **_named(rows)
    )


def shorten(act: Act, rows: Sequence[Row], until: int) -> Event:
    """Return the event that ends a measure at an earlier time than it would. Raise ReviewError for any other time."""
    _require_running(act, rows)
    row = rows[0]
    if until <= act.at:
        raise ReviewError("it lies in the past", field="until", hint="lift the measure: it then ends at once")
    if row["until"] is not None and until >= row["until"]:
        raise ReviewError(
            f"the measure ends at {format_rfc3339(row['until'])} as it is",
            field="until",
            hint="name an earlier time; what is to last longer is a new measure",
        )
    return _applied(act, rows, until, SHORTEN)


def confirm(act: Act, rows: Sequence[Row]) -> Event:
    """Return the event that confirms a measure that needs it. Raise ReviewError where it does not, or where it is theirs."""
    _require_running(act, rows)
    row = rows[0]
    if not row["review"] and row["until"] is not None:
        raise ReviewError(
            "this measure needs no confirmation",
            kind="conflict",
            hint="it ends by itself; permanent ones need it",
        )
    if row["confirmed_at"] is not None:
        raise ReviewError(f"`{row['confirmed_by']}` has confirmed it already", kind="conflict")
    somebody_else(act, row["opened_by"], "took this measure")
    return _applied(act, rows, row["until"], CONFIRM)


def take(
    act: Act,
    sanction: Sanction,
    account_id: str,
    *,
    until: int | None,
    capability: Sequence[str],
    running: Sequence[Row] = (),
) -> Event:
    """Return the event that opens a measure of the policy against an account by hand.

    `until` None: for as long as the policy says. `capability` empty: those of the sanction. `running` are the measures in force that
    this would be another one of: the engine opens no second one of a kind and cause, so this is refused.
    """
    if sanction.subject != "account":
        raise ReviewError(
            f"`{sanction.id}` is taken against a {sanction.subject}",
            field="sanction",
            hint="name one against accounts",
        )
    unknown = [name for name in capability if name not in CAPABILITIES]
    if unknown:
        hint = f"one of {', '.join(CAPABILITIES)}"
        raise ReviewError(f"there is no capability `{unknown[0]}`", field="capability", hint=hint)
    if until is not None and until <= act.at:
        raise ReviewError("it lies in the past", field="until", hint="name a time to come")
    if running:
        first = running[0]
        end = "for good" if first["until"] is None else f"until {format_rfc3339(first['until'])}"
        raise ReviewError(
            f"`{sanction.id}`, taken by hand, runs already: `{first['id']}`, {end}",
            field="sanction",
            kind="conflict",
            hint="lift that one first, where this is to take its place",
        )
    fields: dict[str, Any] = {"sanction_id": f"s-{act.number}", "kind": sanction.id, "level": sanction.level}
    fields["cause"] = BY_HAND
    if capability:
        fields["capability"] = list(dict.fromkeys(capability))
    if until is not None:
        fields["expires_ts"] = until
    return act.event("sanction_applied", 1, account_id, **fields)


def _applied(act: Act, rows: Sequence[Row], until: int | None, what: str) -> Event:
    row = rows[0]
    fields = {"sanction_id": row["id"], "kind": row["sanction"], "level": row["level"], "cause": row["cause"]}
    fields |= {"capability": row["capability"], "expires_ts": until}
    return act.event("sanction_applied", 1, row["account_id"], act=what, **fields, **_named(rows))


def _named(rows: Sequence[Row]) -> dict[str, str]:
    """Return the fields that name the devices, addresses and numbers a measure is taken against."""
    return {
        _SUBJECT_FIELDS[row["subject"]]: row["subject_id"]
        for row in rows
        if row["subject"] in _SUBJECT_FIELDS and row["subject_id"] is not None
    }


def _require_running(act: Act, rows: Sequence[Row]) -> None:
    ends = [row["until"] for row in rows]
    if all(end is not None and end <= act.at for end in ends):
        ended = format_rfc3339(max(end for end in ends if end is not None))
        raise ReviewError(f"the measure ended at {ended}", kind="conflict")
