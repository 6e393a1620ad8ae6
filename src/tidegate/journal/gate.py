"""Each event once, none too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import EventError
from tidegate.events import EventBlock, Rejected, encode_event
from tidegate.events.json_columns import JsonColumns
from tidegate.events.rejected import place_of, shown_input
from tidegate.events.texts import Texts
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from tidegate.journal.first_decisions import FirstDecisions

_YEAR_MS = 365 * 86_400_000
_SECONDS_BELOW = (
    100_000_000_000  # as ms it is March 1973, as seconds the year 5138: what is less was hardly meant in ms
)


@dataclass
class Admitted:
    """A block after the gate: `fresh` are the events to judge; `number` is that of the first event entered.

    `answers` is None where every event is fresh and gets its line in order. Else it gives, per event of the input block
    that gets a line: (index in `fresh`, -1), or (-1, number of the first event with the same id); and `entered` is how many
    events got a number.
    """

    fresh: EventBlock
    number: int
    answers: list[tuple[int, int]] | None = None
    entered: int = 0


class Gate:
    """Lets each event through once and none that is too late; knows the newest time seen."""

    def __init__(self, firsts: FirstDecisions, lateness_ms: int) -> None:
        self.firsts = firsts
        self.lateness_ms = lateness_ms
        self.newest = 0

    def admit(self, block: EventBlock) -> tuple[Admitted, list[Rejected]]:
        """Return what to judge of a block, and the events that came too late."""
        number = len(self.firsts)
        if self._may_be_late(block.ts):
            return self._one_by_one(block, number)
        firsts = self.firsts.enter(block.texts("event_id"))
        fresh = np.flatnonzero(firsts < 0)
        if len(fresh) == len(block):
            self._advance(block.ts)
            return Admitted(block, number), []
        place = np.full(len(block), -1, np.int64)
        place[fresh] = np.arange(len(fresh))
        self._advance(block.ts[fresh])
        answers = list(zip(place.tolist(), firsts.tolist(), strict=True))
        return Admitted(block.select(fresh), number, answers, len(block)), []

    def _may_be_late(self, ts: np.ndarray) -> bool:
        """Whether an event may be too late: times of repetitions are taken for news here, which they are not."""
        newest = np.maximum.accumulate(np.maximum(ts, self.newest))
        return bool((ts < newest - self.lateness_ms).any())

    def _advance(self, ts: np.ndarray) -> None:
        if len(ts):
            self.newest = max(self.newest, int(ts.max()))

    def _one_by_one(self, block: EventBlock, number: int) -> tuple[Admitted, list[Rejected]]:
        """Admit in order of arrival: a repetition moves no clock, and what came too late was never there."""
        here: dict[str, int] = {}
        answers: list[tuple[int, int]] = []
        fresh: list[int] = []
        refused: list[Rejected] = []
        for i, (event_id, ts) in enumerate(zip(block.event_ids, block.ts.tolist(), strict=True)):
            first = here.get(event_id, -1)
            if first < 0:
                first = self.firsts.find(event_id)
            if first >= 0:
                answers.append((-1, first))
            elif ts < self.newest - self.lateness_ms:
                refused.append(too_late(block, i, self.newest, self.lateness_ms))
            else:
                here[event_id] = number + len(fresh)
                answers.append((len(fresh), -1))
                fresh.append(i)
                self.newest = max(self.newest, ts)
        found = self.firsts.enter(Texts.of(here))
        assert (found < 0).all(), "what was entered was looked up just before"
        return Admitted(block.select(fresh), number, answers, len(fresh)), refused


def too_late(block: EventBlock, i: int, newest: int, lateness_ms: int) -> Rejected:
    """Return the refusal of event `i` of a block, which lies too far behind the newest one."""
    seconds, ms = divmod(newest - int(block.ts[i]), 1000)
    behind = f"{seconds}.{ms:03}".rstrip("0").rstrip(".")
    line = int(block.lines[i])
    problem = (
        f"too_late: `ts` {format_rfc3339(int(block.ts[i]))} lies {behind} s behind the newest event"
        f" ({format_rfc3339(newest)}); {lateness_ms / 1000:g} s are allowed"
    )
    hint = "sort the input, or allow more with `--lateness`"
    if int(block.ts[i]) < _SECONDS_BELOW:
        hint = "a whole number counts milliseconds: was it meant in seconds?"
    elif newest - int(block.ts[i]) > _YEAR_MS:
        hint = "the newest event is more than a year ahead: is its own time wrong? sort the input, or allow more with `--lateness`"
    error = EventError(problem, place=place_of(block.file, line), hint=hint)
    return Rejected(block.file, line, error, _text_of(block, i))


def _text_of(block: EventBlock, i: int) -> str:
    """Return an event as it came in, where it came as a line."""
    columns = block.columns
    if isinstance(columns, JsonColumns):
        start, end = columns.spans[block.rows[i]].tolist()
        return shown_input(columns.text[start:end])
    return shown_input(encode_event(block.records[i]))
