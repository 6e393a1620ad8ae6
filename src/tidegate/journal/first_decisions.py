"""Which events have been decided before, and where the first decision stands: exact, in bounded memory.

The index lies in unnamed temporary files beside the output: a hash table (27 to 53 bytes per event) mapped into
memory, whose pages the kernel may drop, and the ids themselves, against which a hit in the table is checked. In
memory proper are 24 bytes per group of up to 256 events.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from tidegate.windows.seen import SeenIds
from tidegate.windows.texts import joined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tidegate.events.texts import Texts

GROUP = 256  # events: enough to make the index small, few enough to find one by reading its group
_RESIDENT_BYTES = (
    64 << 20
)  # of a table; events touch a page each, so this many pages are touched before all are given back
_PAGE_BYTES = 4096


class FirstDecisions:
    """Event ids by number of arrival, in groups; for each group, from where on its decisions stand in the output."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maps: list[mmap.mmap] = []
        self._seen = SeenIds(allocate=self._allocate)
        self._ids = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the index
        self._spooled = 0
        self._count = 0
        self._touched = 0
        self._first = array("q")  # per group: number of its first event
        self._text = array("q")  # per group: where its ids begin
        self._place = array("q")  # per group: where its decisions begin in the output

    def __len__(self) -> int:
        return self._count

    def enter(self, ids: Texts) -> NDArray[np.int64]:
        """Enter events in order of arrival, numbered from len(self) on.

        Return for each the number of the first event with its id, or -1 where it is itself the first.
        """
        n = len(ids)
        first = self._count
        found = np.empty(n, np.int64)
        self._seen.add_texts(ids.buffer, ids.places, np.arange(first, first + n, dtype=np.int64), found)
        self._keep(ids)
        known = np.flatnonzero(found >= 0)
        for i, event_id in zip(known.tolist(), ids.take(known).listed(), strict=True):
            found[i] = self._verified(event_id, first + i)
        return found

    def find(self, event_id: str) -> int:
        """Return the number of the first event with this id; -1 if there was none."""
        return next((int(c) for c in self._seen.candidates(event_id) if self.id_of(c) == event_id), -1)

    def place(self, first: int, offsets: Sequence[int]) -> None:
        """Note where the decisions of the groups from event number `first` on begin: one offset per GROUP events."""
        at = bisect_right(self._first, first) - 1
        for j, offset in enumerate(offsets):
            self._place[at + j] = offset

    def span(self, number: int) -> tuple[int, int | None]:
        """Return from where to where the decision of an event stands in the output; None: up to its end."""
        at = bisect_right(self._first, number) - 1
        start = self._place[at]
        later = (self._place[after] for after in range(at + 1, len(self._place)))
        return start, next(
            (place for place in later if place > start), None
        )  # groups of one block may share a place

    def _verified(self, event_id: str, number: int) -> int:
        """Number of the first event with this very id; the event is added where only the hash was known."""
        for candidate in self._seen.candidates(event_id):
            if self.id_of(candidate) == event_id:
                return int(candidate)
        self._seen.add(event_id, number)
        return -1

    def _keep(self, ids: Texts) -> None:
        text, begins = joined(ids.buffer, ids.places)  # ids have no control characters
        groups = range(0, len(ids), GROUP)
        self._first.extend(self._count + a for a in groups)
        self._text.extend(self._spooled + int(begins[a]) for a in groups)
        self._place.extend(-1 for _ in groups)
        self._ids.write(text)
        self._spooled += len(text)
        self._count += len(ids)
        self._relieve(len(ids))

    def id_of(self, number: int) -> str:
        """Return the id of an event by its number."""
        at = bisect_right(self._first, number) - 1
        start = self._text[at]
        end = self._text[at + 1] if at + 1 < len(self._text) else self._spooled
        self._ids.flush()
        group = os.pread(self._ids.fileno(), end - start, start).decode().split("\n")
        return group[number - self._first[at]]

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
        if self._touched * _PAGE_BYTES >= _RESIDENT_BYTES:
            self._touched = 0
            for mapped in self._maps:
                if len(mapped) > _RESIDENT_BYTES:
                    mapped.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Let go of the temporary files."""
        self._ids.close()
