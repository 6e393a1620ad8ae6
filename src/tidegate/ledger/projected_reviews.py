"""Cases and appeals in the read model, and what people found: whether a rule was right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.ledger.happened import given, said
from tidegate.ledger.projected_measures import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.engine.decision import OpenedCase
    from tidegate.ledger.happened import Happened
    from tidegate.ledger.projection import Books
    from tidegate.ledger.rows import Row

APPEALS = "appeal"  # the queue whose service time appeals have
SERVICE_MS = 24 * 3_600_000  # of a queue that the policy does not know
TAKE, RELEASE = "take", "release"  # `act` of a `review_opened` about a case that is open already

# what a decision about a case says of the rule that opened it; others say nothing
RIGHT_BY_DECISION: Mapping[str, bool] = {"confirmed": True, "unfounded": False}


class ReviewsDone:
    """Takes in cases and appeals."""

    def __init__(self, books: Books, service_ms: Mapping[str, int]) -> None:
        self.books = books
        self.service_ms = service_ms
        self._ordinal = 0

    def begin(self) -> None:
        """Begin with the next position: findings at one position are numbered."""
        self._ordinal = 0

    def take(self, one: Happened) -> None:
        """Take in one decision."""
        for case in one.decision.cases:
            self._opened_by_rule(one, case)
        match one.decision.type:
            case "review_opened":
                self._opened(one)
            case "review_closed":
                self._closed(one)
            case "appeal_filed":
                self._filed(one)
            case "appeal_decided":
                self._decided(one)

    # cases ---------------------------------------------------------------------------------------------------
    def _opened_by_rule(self, one: Happened, case: OpenedCase) -> None:
        self._open(one, case.id, case.queue, case.cause, case.due, 0)

    def _open(self, one: Happened, number: str, queue: str, cause: str, due: int, priority: int) -> None:
        row = {
            "id": number,
            "queue": queue,
            "cause": cause,
            "due": due,
            "priority": priority,
            "state": "open",
        }
        about = {"account_id": one.decision.account_id, "event_id": one.decision.event_id}
        self.books.cases.put(row | about | {"opened_at": one.decision.ts, "position": one.position})

    def _opened(self, one: Happened) -> None:
        """Enter a case that others opened; or note that somebody took one, or gave it back."""
        number, words = given(one.record, "review_id"), said(one.record)
        if number is None:
            return
        known = self.books.cases.where(id=number)
        if not known:
            queue = given(one.record, "queue") or ""
            due = one.decision.ts + self.service_ms.get(queue, SERVICE_MS)
            cause = given(one.record, "cause") or ""
            self._open(one, number, queue, cause, due, given(one.record, "priority") or 0)
            return
        row = known[0]
        if row["state"] == "decided":
            return
        if words.get("act") == TAKE and row["state"] == "open":  # whoever came first has it
            by = words.get("actor", PLATFORM)
            values = {"state": "taken", "taken_by": by, "taken_at": one.decision.ts}
        elif words.get("act") == RELEASE:
            values = {"state": "open", "taken_by": None, "taken_at": None}
        else:
            return
        self.books.cases.change(row, **values, position=one.position)

    def _closed(self, one: Happened) -> None:
        words = said(one.record)
        actor, reason = words.get("actor", PLATFORM), str(words.get("reason", ""))
        decision = given(one.record, "decision") or ""
        for row in self.books.cases.where(id=given(one.record, "review_id")):
            if row["state"] == "decided":
                continue
            done = {
                "decision": decision,
                "reason": reason,
                "decided_by": actor,
                "decided_at": one.decision.ts,
            }
            self.books.cases.change(row, state="decided", **done, position=one.position)
            if decision in RIGHT_BY_DECISION:
                about = {"account_id": row["account_id"], "measure_id": None, "cause": row["cause"]}
                self._find(one, about, right=RIGHT_BY_DECISION[decision], source="review", number=row["id"])

    # appeals -------------------------------------------------------------------------------------------------
    def _filed(self, one: Happened) -> None:
        number = given(one.record, "appeal_id")
        if number is None or self.books.appeals.where(id=number):
            return
        words = said(one.record)
        self.books.appeals.put(
            {
                "id": number,
                "measure_id": given(one.record, "sanction_id"),
                "account_id": one.decision.account_id,
                "state": "open",
                "filed_at": one.decision.ts,
                "due": one.decision.ts + self.service_ms.get(APPEALS, SERVICE_MS),
                "compliant_share": given(one.record, "compliant_share"),
                "claimed_rate": given(one.record, "claimed_rate"),
                "statement": str(words.get("reason", "")),
                "filed_by": words.get("actor", PLATFORM),
                "position": one.position,
            }
        )

    def _decided(self, one: Happened) -> None:
        """Note what was decided; a second decision that grants what the first refused turns it round."""
        words, granted = said(one.record), given(one.record, "granted")
        actor, reason = words.get("actor", PLATFORM), str(words.get("reason", ""))
        for row in self.books.appeals.where(id=given(one.record, "appeal_id")):
            if granted is None or (row["state"] != "open" and not (row["state"] == "refused" and granted)):
                continue
            values = {
                "state": "granted" if granted else "refused",
                "reason": reason,
                "position": one.position,
            }
            if row["state"] == "open":
                values |= {"decided_by": actor, "decided_at": one.decision.ts}
            else:
                values |= {"reversed_by": actor, "reversed_at": one.decision.ts}
            self.books.appeals.change(row, **values)
            self._find(one, self._about(row), right=not granted, source="appeal", number=row["id"])

    def _about(self, appeal: Row) -> Row:
        measures = self.books.measures.where(id=appeal["measure_id"])
        cause = measures[0]["cause"] if measures else ""
        account = measures[0]["account_id"] if measures else appeal["account_id"]
        return {"account_id": account, "measure_id": appeal["measure_id"], "cause": cause}

    # findings ------------------------------------------------------------------------------------------------
    def _find(self, one: Happened, about: Row, *, right: bool, source: str, number: str) -> None:
        words = said(one.record)
        key = {"position": one.position, "ordinal": self._ordinal}
        self._ordinal += 1
        how = {"right": right, "source": source, "source_id": number, "ts": one.decision.ts}
        who = {"actor": words.get("actor", PLATFORM), "reason": str(words.get("reason", ""))}
        self.books.findings.append(key | about | how | who)
