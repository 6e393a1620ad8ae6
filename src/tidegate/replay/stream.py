"""Events on their way to the engine, in the order asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.events import EventBlock, Rejected
from tidegate.journal.gate import too_late
from tidegate.replay.readers import read_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.input_file import Source


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
        block = block.with_records()  # noqa: PLW2901  what is held back outlives the block it came in
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
        [*a.records, *b.records],
        ts=np.concatenate([a.ts, b.ts]),
        lines=np.concatenate([a.lines, b.lines]),
        file=b.file,
    )


def all_events(
    files: Iterable[Source], progress: Progress | None, rows: int
) -> Iterator[EventBlock | Rejected]:
    """Yield the events of several files, one after the other."""
    for file in files:
        yield from read_events(file, progress=progress, rows=rows)
