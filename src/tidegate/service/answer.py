"""What a sender gets back for one event: a decision, a stand-in for it, or what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.events import BY_CODE
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from tidegate.errors import TidegateError
    from tidegate.events import EventBlock


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one event: `line` is the decision as JSON; None where the event was refused, for `error`.

    `fallback`: it is not a decision but what is answered in its place where the deadline passed first. `blank`: the line
    was empty, there is nothing to answer.
    """

    line: bytes | None
    error: TidegateError | None = None
    fallback: bool = False

    @property
    def blank(self) -> bool:
        """Whether there was no event at all."""
        return self.line is None and self.error is None

    @property
    def decision(self) -> dict[str, Any]:
        """The decision as plain data; raise the error of an event that was refused."""
        if self.line is None:
            assert self.error is not None, "a blank line has no decision"
            raise self.error
        data: dict[str, Any] = msgspec.json.decode(self.line)
        return data


def fallback_lines(block: EventBlock, verdict: str, stamp: dict[str, str]) -> list[bytes]:
    """Return what is answered to events that were not judged in time, as decisions are written, one line each."""
    accounts = block.texts("account_id").listed()
    lines = []
    for event_id, code, ts, account in zip(
        block.event_ids, block.codes.tolist(), block.ts.tolist(), accounts, strict=True
    ):
        data = {
            "event_id": event_id,
            "ts": format_rfc3339(ts),
            "type": BY_CODE[code].type_name,
            "account_id": account if isinstance(account, str) else None,
            "verdict": verdict,
            "score": 0.0,
            "fired": [],
            "undecided": [],
            "labels": [],
            "sanctions": [],
            "cases": [],
            "policy": stamp,
            "fallback": True,
        }
        lines.append(msgspec.json.encode(data) + b"\n")
    return lines
