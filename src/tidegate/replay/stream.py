"""Events on their way to the engine: in the order asked for, each once, none too late."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import EventError
from tidegate.events import EventBlock, Rejected, encode_event
from tidegate.events.rejected import place_of
from tidegate.replay.readers import read_events
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.first_decisions import FirstDecisions


@dataclass
class Admitted:
    """A block after the gate: `fresh` are the events to judge; `number` is that of the first event entered.

    `answers` is None where every event is fresh and gets its line in order. Else it gives, per event of the input block
    that gets a line: (index in `fresh`, -1), or (-1, number of the first event with the same id); and `entered` the index
    in `fresh` of every event entered, -1 for a repetition.
    """

    fresh: EventBlock
    number: int
    answers: list[tuple[int, int]] | None = None
    entered: list[int] = field(default_factory=list)


class Gate:
    """Lets each event through once and none that is too late; knows the newest time seen."""

    def __init__(self, firsts: FirstDecisions, lateness_ms: int) -> None:
        self.firsts = firsts
        self.lateness_ms = lateness_ms
        self.newest = 0

    def admit(self, block: EventBlock) -> tuple[Admitted, list[Rejected]]:
        """Return what to judge of a block, and the events that came too late."""
        number = len(self.firsts)
        late = self._late(block.ts)
        ids = block.event_ids
        if not late.any():
            firsts = self.firsts.enter(ids)
        else:
            firsts = self._with_late(ids, block, late)
        repeated = firsts >= 0
        if not repeated.any() and not late.any():
            self._advance(block.ts)
            return Admitted(block, number), []
        return self._sorted_out(block, firsts, late, number)

    def _late(self, ts: np.ndarray) -> np.ndarray:
        newest = np.maximum.accumulate(np.maximum(ts, self.newest))
        return ts < newest - self.lateness_ms

    def _advance(self, ts: np.ndarray) -> None:
        if len(ts):
            self.newest = max(self.newest, int(ts.max()))

    def _with_late(self, ids: list[str], block: EventBlock, late: np.ndarray) -> np.ndarray:
        """Number of the first event per event; -1 where it is new, or late and never seen."""
        firsts = np.full(len(block), -1, np.int64)
        for i in np.flatnonzero(
            late
        ).tolist():  # a late repetition is a repetition; what is merely late is not entered
            firsts[i] = self.firsts.find(ids[i])
        at = np.flatnonzero(~late)
        firsts[at] = self.firsts.enter([ids[i] for i in at.tolist()])
        for i in np.flatnonzero(late & (firsts < 0)).tolist():
            firsts[i] = self.firsts.find(ids[i])
        return firsts

    def _sorted_out(
        self, block: EventBlock, firsts: np.ndarray, late: np.ndarray, number: int
    ) -> tuple[Admitted, list[Rejected]]:
        keep = np.flatnonzero((firsts < 0) & ~late)
        fresh = block.select(keep)
        place = np.full(len(block), -1, np.int64)
        place[keep] = np.arange(len(keep))
        newest = np.maximum.accumulate(np.maximum(block.ts, self.newest))
        refused = [
            too_late(block, i, int(newest[i]), self.lateness_ms)
            for i in np.flatnonzero((firsts < 0) & late).tolist()
        ]
        answered = np.flatnonzero((firsts >= 0) | ~late).tolist()
        answers = [(int(place[i]), int(firsts[i])) for i in answered]
        self._advance(fresh.ts)
        return Admitted(fresh, number, answers, place[~late].tolist()), refused


def too_late(block: EventBlock, i: int, newest: int, lateness_ms: int) -> Rejected:
    """Return the refusal of event `i` of a block, which lies too far behind the newest one."""
    behind = (newest - int(block.ts[i])) / 1000
    line = int(block.lines[i])
    problem = (
        f"too_late: `ts` {format_rfc3339(int(block.ts[i]))} lies {behind:g} s behind the newest event"
        f" ({format_rfc3339(newest)}); {lateness_ms / 1000:g} s are allowed"
    )
    error = EventError(
        problem, place=place_of(block.file, line), hint="sort the input, or allow more with `--lateness`"
    )
    return Rejected(block.file, line, error, encode_event(block.records[i]).decode())


def in_time_order(
    blocks: Iterable[EventBlock | Rejected], lateness_ms: int
) -> Iterator[EventBlock | Rejected]:
    """Yield the events sorted by (ts, event_id), holding back only what the lateness allows to be overtaken."""
    held: EventBlock | None = None
    newest = 0
    for block in blocks:
        if isinstance(block, Rejected):
            yield block
            continue
        running = np.maximum.accumulate(np.maximum(block.ts, newest))
        late = np.flatnonzero(block.ts < running - lateness_ms)
        for i in late.tolist():
            yield too_late(block, i, int(running[i]), lateness_ms)
        if len(late):
            block = block.select(np.setdiff1d(np.arange(len(block)), late))  # noqa: PLW2901
        newest = int(running[-1]) if len(running) else newest
        held = block if held is None or not len(held) else _joined(held, block)
        order = _by_time(held)
        ready = int(np.searchsorted(held.ts[order], newest - lateness_ms, "left"))
        yield held.select(order[:ready])
        held = held.select(order[ready:])
    if held is not None and len(held):
        yield held.select(_by_time(held))


def _by_time(block: EventBlock) -> np.ndarray:
    ids = block.event_ids
    ts = block.ts.tolist()
    return np.array(sorted(range(len(block)), key=lambda i: (ts[i], ids[i])), np.int64)


def _joined(a: EventBlock, b: EventBlock) -> EventBlock:
    return EventBlock(
        a.records + b.records,
        ts=np.concatenate([a.ts, b.ts]),
        lines=np.concatenate([a.lines, b.lines]),
        file=b.file,
    )


def all_events(files: Iterable[str], progress: Progress | None, rows: int) -> Iterator[EventBlock | Rejected]:
    """Yield the events of several files, one after the other."""
    for file in files:
        yield from read_events(file, progress=progress, rows=rows)
