"""Which events have been decided before, and where the first decision stands: exact, in bounded memory.

The index lies in unnamed temporary files beside the output: a hash table (24 to 48 bytes per event) mapped into
memory, whose pages the kernel may drop, and the ids themselves, against which a hit in the table is checked.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from tidegate.windows.seen import SeenIds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

NOT_WRITTEN = -1
_RESIDENT_WORDS = 8 << 20  # of the table: 64 MB, then its pages are given back to the kernel


class FirstDecisions:
    """Event ids with the offset of their decision in the output; an event is known by its number of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maps: list[mmap.mmap] = []
        self._seen = SeenIds(allocate=self._allocate)
        self._ids = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the index
        self._places = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._count = 0
        self._touched = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, ids: Sequence[str]) -> list[int]:
        """Enter events in order of arrival, numbered from len(self) on.

        Return for each the number of the first event with its id, or -1 where it is itself the first.
        """
        n = len(ids)
        numbers = np.arange(self._count, self._count + n, dtype=np.int64)
        found = np.empty(n, np.int64)
        self._seen.add_many(list(ids), numbers, found)
        self._keep(ids)
        for i in np.flatnonzero(found >= 0).tolist():
            found[i] = self._verified(ids[i], int(numbers[i]))
        return found.tolist()

    def find(self, event_id: str) -> int:
        """Return the number of the first event with this id; -1 if there was none."""
        return next((int(c) for c in self._seen.candidates(event_id) if self._id(c) == event_id), -1)

    def _verified(self, event_id: str, number: int) -> int:
        """Number of the first event with this very id; the event is added where only the hash was known."""
        for candidate in self._seen.candidates(event_id):
            if self._id(candidate) == event_id:
                return int(candidate)
        self._seen.add(event_id, number)
        return -1

    def _keep(self, ids: Sequence[str]) -> None:
        texts = [event_id.encode() for event_id in ids]
        start = self._ids.seek(0, 2)
        ends = start + np.cumsum([len(t) for t in texts], dtype=np.int64)
        self._ids.write(b"".join(texts))
        rows = np.full((len(texts), 2), NOT_WRITTEN, np.int64)
        rows[:, 0] = ends
        self._places.seek(0, 2)
        self._places.write(rows.tobytes())
        self._count += len(texts)
        self._relieve(len(texts))

    def _row(self, number: int) -> NDArray[np.int64]:
        self._places.seek(16 * number)
        return np.frombuffer(self._places.read(16), np.int64)

    def _id(self, number: int) -> str:
        start = int(self._row(number - 1)[0]) if number else 0
        end = int(self._row(number)[0])
        self._ids.seek(start)
        return self._ids.read(end - start).decode()

    def place(self, first: int, offsets: NDArray[np.int64]) -> None:
        """Note the offsets of the decisions of events number `first`, `first` + 1, ... in the output; -1: not written."""
        size = 16 * len(offsets)
        self._places.seek(16 * first)
        rows = np.frombuffer(bytearray(self._places.read(size)), np.int64).reshape(-1, 2)
        rows[:, 1] = offsets
        self._places.seek(16 * first)
        self._places.write(rows.tobytes())

    def offset(self, number: int) -> int:
        """Return the offset of an event's decision in the output; -1 where none was written."""
        return int(self._row(number)[1])

    # the table's memory -------------------------------------------------------------------------------------
    def _allocate(self, n_words: int) -> NDArray[np.int64]:
        """Return zeroed words in an unnamed file, mapped."""
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  the mapping keeps it
        file.truncate(8 * n_words)
        mapped = mmap.mmap(file.fileno(), 8 * n_words)
        file.close()
        self._maps = [*self._maps[-1:], mapped]
        return np.frombuffer(mapped, np.int64)

    def _relieve(self, events: int) -> None:
        """Give the table's pages back from time to time: they stay in the kernel's cache as long as there is room."""
        self._touched += events
        if self._touched > _RESIDENT_WORDS // 4:
            self._touched = 0
            for mapped in self._maps:
                if len(mapped) > 8 * _RESIDENT_WORDS:
                    mapped.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Let go of the temporary files."""
        self._ids.close()
        self._places.close()
