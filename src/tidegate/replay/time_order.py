"""Events sorted by time, however many there are and however far apart they stand: sorted runs on disk, then merged."""

from __future__ import annotations

import heapq
import tempfile
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from tidegate.errors import FileError
from tidegate.events import EventBlock, Rejected
from tidegate.events.block import EVENTS_MAX
from tidegate.journal.entries import EventReader, ndjson

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

RUN_EVENTS = 8 * EVENTS_MAX  # held in memory and sorted at a time
_PIECE_BYTES = 1 << 16  # read at a time of each run that is merged
_BETWEEN = b"\0"  # in no id and no line of JSON, and below every character: ids sort as texts


def in_time_order(
    blocks: Iterable[EventBlock | Rejected],
    folder: Path,
    *,
    rows: int,
    on_sorted: Callable[[int], None] | None = None,
) -> Generator[EventBlock | Rejected, None, None]:
    """Yield rejected lines as they come, then all events sorted by (ts, event_id), at most `rows` in a block.

    Nothing is late afterwards. Of equals, the one that came first comes first. What memory does not hold lies in an unnamed
    file in `folder`; raise FileError where that cannot be written. `on_sorted` is told how many events there are before
    the first of them is yielded.
    """
    arrived = 0
    held: list[bytes] = []
    with closing(_Runs(folder)) as runs:
        for block in blocks:
            if isinstance(block, Rejected):
                yield block
                continue
            held += _keyed(block, arrived)
            arrived += len(block)
            if len(held) >= RUN_EVENTS:
                held.sort()
                runs.add(held)
                held.clear()
        held.sort()
        if on_sorted is not None:
            on_sorted(arrived)
        merged = heapq.merge(*runs.each(), held)
        reader = EventReader()
        while some := list(islice(merged, rows)):
            text = b"".join([line.rpartition(_BETWEEN)[2] for line in some])
            for events in reader.blocks(text, len(some), 0):
                yield events.block


def _keyed(block: EventBlock, arrived: int) -> Iterator[bytes]:
    """Yield the lines of events, each behind its time, its id and its number, so that bytes sort as these do."""
    if not len(block):
        return
    lines = ndjson(block).split(b"\n")[:-1]
    for number, (ts, event_id, line) in enumerate(
        zip(block.ts.tolist(), block.event_ids, lines, strict=True), arrived
    ):
        yield b"%013d%b%b%012d%b%b\n" % (ts, event_id.encode(), _BETWEEN, number, _BETWEEN, line)


class _Runs:
    """Sorted runs of lines, one after the other in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the runs
        self._ends = [0]

    def add(self, lines: list[bytes]) -> None:
        """Write a run."""
        try:
            self._file.writelines(lines)
            self._file.flush()
        except OSError as error:
            raise FileError(
                f"cannot write what is sorted to `{self._folder}`: {error.strerror}",
                hint="name another folder with `--out`, on a disk with room for the events",
            ) from None
        self._ends.append(self._file.tell())

    def each(self) -> list[Iterator[bytes]]:
        """Return the lines of each run, read as they are asked for."""
        return [self._read(a, b) for a, b in zip(self._ends, self._ends[1:], strict=False)]

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        rest = b""
        while start < end:
            self._file.seek(start)
            piece = self._file.read(min(_PIECE_BYTES, end - start))
            start += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line + b"\n"

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
