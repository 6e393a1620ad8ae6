"""Appeals: filed against a measure, decided by somebody who had no part in it, turned round by a third."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.errors import ReviewError
from tidegate.review.act import somebody_else
from tidegate.review.measures import lift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.review.act import Act, Event

Row = dict[str, Any]


def file(
    act: Act,
    rows: Sequence[Row],
    known: Sequence[Row],
    *,
    compliant_share: float | None = None,
    claimed_rate: float | None = None,
) -> Event:
    """Return the event by which a holder appeals against a measure; `known` are the appeals against it so far.

    Raise ReviewError where the measure has ended, or an appeal against it is open or was granted.
    """
    first = rows[0]
    if all(row["until"] is not None and row["until"] <= act.at for row in rows):
        raise ReviewError("the measure has ended", kind="conflict", field="sanction_id")
    for appeal in known:
        if appeal["state"] == "open":
            raise ReviewError(
                f"an appeal against this measure is open: `{appeal['id']}`",
                kind="conflict",
                field="sanction_id",
            )
    evidence = {"compliant_share": compliant_share, "claimed_rate": claimed_rate}
    given: dict[str, Any] = {name: value for name, value in evidence.items() if value is not None}
    number = f"ap-{act.number}"
    return act.event(
        "appeal_filed", 1, first["account_id"], appeal_id=number, sanction_id=first["id"], **given
    )


def decide(act: Act, appeal: Row, rows: Sequence[Row], *, granted: bool) -> list[Event]:
    """Return the events that decide an appeal. Granted, its measure ends, and the account has it on record that it was right.

    Raise ReviewError where it is decided, or where the one who decides took or confirmed the measure, or filed the appeal.
    """
    if appeal["state"] != "open":
        hint = "turn it round: `POST .../reverse`" if appeal["state"] == "refused" and granted else ""
        raise ReviewError(
            f"`{appeal['decided_by']}` decided this appeal: {appeal['state']}", kind="conflict", hint=hint
        )
    _no_part_in_it(act, appeal, rows)
    return [_decided(act, appeal, rows, granted=granted)]


def reverse(act: Act, appeal: Row, rows: Sequence[Row]) -> list[Event]:
    """Return the events that turn a refusal round: the appeal is granted after all, by somebody else, and the measure ends.

    The measure is lifted by an event of its own, too: of an appeal that was refused long before, the engine may remember nothing.
    """
    if appeal["state"] != "refused":
        held = "is still open" if appeal["state"] == "open" else "was granted"
        raise ReviewError(f"this appeal {held}", kind="conflict", hint="only a refusal can be turned round")
    somebody_else(act, appeal["decided_by"], "refused this appeal")
    _no_part_in_it(act, appeal, rows)
    events = [_decided(act, appeal, rows, granted=True)]
    if any(row["until"] is None or row["until"] > act.at for row in rows):
        events.append(lift(act, rows, because="appeal", part=2))
    return events


def _decided(act: Act, appeal: Row, rows: Sequence[Row], *, granted: bool) -> Event:
    account = rows[0]["account_id"] if rows else appeal["account_id"]
    return act.event("appeal_decided", 1, account, appeal_id=appeal["id"], granted=granted, act="decide")


def _no_part_in_it(act: Act, appeal: Row, rows: Sequence[Row]) -> None:
    somebody_else(act, appeal["filed_by"], "filed this appeal")
    for row in rows:
        somebody_else(act, row["opened_by"], "took this measure")
        somebody_else(act, row["confirmed_by"], "confirmed this measure")
