"""Measures in the read model: opened, lifted, shortened, prolonged, confirmed; each change told to enforcement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.ledger.happened import SUBJECT_FIELDS, given, said
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from tidegate.engine.decision import Moved, Opened
    from tidegate.ledger.happened import Happened
    from tidegate.ledger.projection import Books
    from tidegate.ledger.rows import Row

CONFIRM = "confirm"  # `act` of a `sanction_applied` by which a person confirms a measure
PLATFORM = "platform"  # who acted where the event does not say


class MeasuresTaken:
    """Takes in what decisions did to measures."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._ordinal = 0

    def begin(self) -> None:
        """Begin with the next position: changes at one position are numbered."""
        self._ordinal = 0

    def take(self, one: Happened) -> None:
        """Take in one decision."""
        for opened in one.decision.sanctions:
            self._open(one, opened)
        for moved in one.decision.moved:
            self._move(one, moved)
        if one.decision.type == "sanction_applied" and said(one.record).get("act") == CONFIRM:
            for row in self.books.measures.where(id=given(one.record, "sanction_id")):
                if row["confirmed_at"] is None:
                    by = said(one.record).get("actor", PLATFORM)
                    self.books.measures.change(row, confirmed_at=one.decision.ts, confirmed_by=by)
                    self._changed(one, row, "confirmed", _because(one), by)

    def _open(self, one: Happened, opened: Opened) -> None:
        """Enter a measure; one taken in passing, against an entity that the event does not name, concerns that event alone."""
        subject_id = opened.of or given(one.record, SUBJECT_FIELDS[opened.subject])
        account_id = one.decision.account_id
        if opened.subject == "account":
            subject_id = account_id = opened.of or account_id
        elif subject_id is None:
            return
        actor = said(one.record).get("actor", PLATFORM) if one.decision.type == "sanction_applied" else None
        row = self.books.measures.put(
            {
                "id": opened.id,
                "subject": opened.subject,
                "subject_id": subject_id,
                "account_id": account_id,
                "sanction": opened.sanction,
                "effect": opened.effect,
                "capability": list(opened.capability),
                "level": opened.level,
                "cause": opened.cause,
                "review": opened.review,
                "since": opened.since,
                "until": opened.until,
                "planned_until": opened.until,
                "opened_by": actor,
                "event_id": one.decision.event_id,
            }
        )
        reasons = [fired.reason for fired in one.decision.rules if fired.rule == opened.cause]
        self._changed(one, row, "opened", reasons[0] if actor is None and reasons else _because(one), actor)

    def _move(self, one: Happened, moved: Moved) -> None:
        at = one.decision.ts
        for row in self.books.measures.where(id=moved.id):
            before, row["until"] = row["until"], moved.until
            if moved.until is not None and moved.until <= at:
                change = "lifted"
                row["lifted_at"] = at
            elif moved.until is None or (before is not None and moved.until > before):
                change = "prolonged"
            else:
                change = "shortened"
            actor = said(one.record).get("actor", PLATFORM) if _by_people(one) else None
            self._changed(one, row, change, _because(one), actor)

    def _changed(self, one: Happened, row: Row, change: str, reason: str, actor: str | None) -> None:
        """Note a change in the measure's history and for enforcement."""
        self.books.measures.change(row, position=one.position)
        key = {"position": one.position, "ordinal": self._ordinal}
        self._ordinal += 1
        about = {"measure_id": row["id"], "account_id": row["account_id"], "ts": one.decision.ts}
        entry = {"change": change, "until": row["until"], "reason": reason, "actor": actor}
        self.books.changes.append(key | about | entry | {"event_id": one.decision.event_id})
        kind = {"opened": "opened", "lifted": "lifted"}.get(change, "changed")
        self.books.outbox.append(
            key | about | {"kind": kind, "data": told(row, change, reason, one.decision.ts)}
        )


def told(row: Row, change: str, reason: str, ts: int) -> dict[str, Any]:
    """Return what enforcement is told of a measure."""
    until = row["until"]
    review = {"review": row["review"]} if until is None and row["review"] else {}
    return {
        "id": row["id"],
        "sanction": row["sanction"],
        "effect": row["effect"],
        "capability": row["capability"],
        "level": row["level"],
        "cause": row["cause"],
        "subject": {"kind": row["subject"], "id": row["subject_id"]},
        "account_id": row["account_id"],
        "from": format_rfc3339(row["since"]),
        "until": "permanent" if until is None else format_rfc3339(until),
        **review,
        "confirmed": not row["review"] or row["confirmed_at"] is not None,
        "change": change,
        "reason": reason,
        "at": format_rfc3339(ts),
    }


def _by_people(one: Happened) -> bool:
    return one.decision.type in ("sanction_applied", "sanction_lifted", "appeal_decided")


def _because(one: Happened) -> str:
    """Return the reason that an event gives, else what kind of event it was."""
    reason = said(one.record).get("reason") if _by_people(one) else None
    if reason is None:
        reason = given(one.record, "reason")
    return one.decision.type if reason is None else str(reason)
