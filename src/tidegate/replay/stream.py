"""Events on their way to the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.replay.readers import read_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.events import EventBlock, Rejected
    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.input_file import Source


def all_events(
    files: Iterable[Source], progress: Progress | None, rows: int
) -> Iterator[EventBlock | Rejected]:
    """Yield the events of several files, one after the other."""
    for file in files:
        yield from read_events(file, progress=progress, rows=rows)
