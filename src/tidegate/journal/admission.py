"""Live events at the gate: each once, none too late, and nothing has happened where the log does not take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.events.texts import Texts
from tidegate.journal.gate import too_late

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.events import EventBlock, Rejected
    from tidegate.journal.first_decisions import FirstDecisions

FRESH, REFUSED = -1, -2


@dataclass
class Entry:
    """A block at the gate: `fresh` are the events to judge, numbered from `number` on.

    `first` says per event of the block: FRESH, REFUSED, or the number of the first event with its id. None: all are fresh.
    """

    fresh: EventBlock
    number: int
    ids: Texts
    newest: int  # before the block
    first: NDArray[np.int64] | None = None
    refused: tuple[Rejected, ...] = ()


class Entrance:
    """Lets each event through once and none that is too late; numbers are those of the log, repetitions get none."""

    def __init__(self, firsts: FirstDecisions, lateness_ms: int, newest: int) -> None:
        self.firsts = firsts
        self.lateness_ms = lateness_ms
        self.newest = newest

    def admit(self, block: EventBlock) -> Entry:
        """Number the events that are new and neither late nor repeated; the rest is said in the entry.

        Raise OSError where there is no room for their ids: then nothing has changed.
        """
        number, newest = len(self.firsts), self.newest
        running = np.maximum.accumulate(np.maximum(block.ts, newest))
        if not (block.ts < running - self.lateness_ms).any():
            ids = block.texts("event_id")
            found = self.firsts.enter(ids)
            if (found < 0).all():
                if len(running):
                    self.newest = int(running[-1])
                return Entry(block, number, ids, newest)
            self.firsts.withdraw(number)
        return self._one_by_one(block, number)

    def withdraw(self, entry: Entry) -> None:
        """Take an entry back: it was never there."""
        self.firsts.withdraw(entry.number)
        self.newest = entry.newest

    def _one_by_one(self, block: EventBlock, number: int) -> Entry:
        before = self.newest
        here: dict[str, int] = {}
        first = np.full(len(block), FRESH, np.int64)
        fresh: list[int] = []
        refused: list[Rejected] = []
        for i, (event_id, ts) in enumerate(zip(block.event_ids, block.ts.tolist(), strict=True)):
            known = here.get(event_id, -1)
            if known < 0:
                known = self.firsts.find(event_id)
            if known >= 0:
                first[i] = known
            elif ts < self.newest - self.lateness_ms:
                first[i] = REFUSED
                refused.append(too_late(block, i, self.newest, self.lateness_ms))
            else:
                here[event_id] = number + len(fresh)
                fresh.append(i)
                self.newest = max(self.newest, ts)
        ids = Texts.of(here)
        try:
            found = self.firsts.enter(ids)
        except OSError:
            self.newest = before
            raise
        assert (found < 0).all(), "what was entered was looked up just before"
        return Entry(block.select(fresh), number, ids, before, first, tuple(refused))
