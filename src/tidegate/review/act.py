"""An act of a person: who, when, why; and the events that carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tidegate.errors import ReviewError

REASON_CHARS = 2000
Event = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """Who acts, at which event time (ms), and why. `number` is unique to the act: ids of its events begin with it."""

    actor: str
    at: int
    reason: str
    number: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ReviewError(
                "a reason is missing", field="reason", hint="say why, for whoever reads it in a year"
            )
        if len(self.reason) > REASON_CHARS:
            raise ReviewError(f"it has more than {REASON_CHARS} characters", field="reason")

    def event(
        self, kind: str, part: int, account_id: str | None, /, *, act: str = "", **fields: object
    ) -> Event:
        """Return an event of this act; `part` numbers the events of one act, from 1."""
        words = {"actor": self.actor, "reason": self.reason}
        event: Event = {"event_id": f"{self.number}-{part}", "type": kind, "ts": self.at}
        if account_id is not None:
            event["account_id"] = account_id
        return event | fields | {"extra": words | {"act": act} if act else words}


def somebody_else(act: Act, other: str | None, what: str) -> None:
    """Raise ReviewError where the one who acts is the one who did `what` before: four eyes see more than two."""
    if other is not None and act.actor == other:
        raise ReviewError(
            f"`{other}` {what}: somebody else must decide this",
            kind="own",
            hint="ask a colleague with a key of their own",
        )
