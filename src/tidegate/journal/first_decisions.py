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
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from tidegate.events.texts import LENGTH_BITS
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
_LINE_FEED = 10
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE (Linux 5.14): all pages at once, not by a fault each


class FirstDecisions:
    """Event ids by number of arrival, in groups; for each group, from where on its decisions stand in the output.

    Numbers count from `first` on; what lies before it is not known any more (see `forget_before`).
    """

    def __init__(self, folder: Path, first: int = 0) -> None:
        self._folder = folder
        self.first = first
        self._maps: list[mmap.mmap] = []
        self._seen = SeenIds(allocate=self._allocate)
        self._ids = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  closed with the index
        self._spooled = 0
        self._count = first
        self._touched = 0
        self._first = array("q")  # per group: number of its first event
        self._text = array("q")  # per group: where its ids begin
        self._place = array("q")  # per group: where its decisions begin in the output

    def __len__(self) -> int:
        return self._count

    def enter(self, ids: Texts) -> NDArray[np.int64]:
        """Enter events in order of arrival, numbered from len(self) on.

        Return for each the number of the first event with its id, or -1 where it is itself the first. Raise OSError where there
        is no room for the ids: then none was entered.
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
        for candidate in self._seen.candidates(event_id):
            if self.first <= candidate < self._count and self.id_of(candidate) == event_id:
                return int(candidate)
        return -1

    def withdraw(self, number: int) -> None:
        """Take back the events from this number on: the next ones entered get their numbers.

        The table keeps what it has of them: an entry is believed only where the id of its number is the same.
        """
        while self._first and self._first[-1] >= number:
            self._spooled = self._text.pop()
            self._first.pop()
            self._place.pop()
        self._count = number

    def skip(self, events: int) -> None:
        """Leave out some numbers: events of which nothing is known."""
        self._first.append(self._count)
        self._text.append(self._spooled)
        self._place.append(-1)
        self._count += events

    def start(self, number: int) -> None:
        """Count from this number on; nothing may have been entered yet."""
        assert not self._first, "numbers are given already"
        self.first = self._count = number

    def expect(self, events: int) -> None:
        """Make room for so many events that are to be learned; none may have been entered yet."""
        self._seen.reserve(events)
        for mapped in self._maps[-1:]:
            with suppress(OSError):  # an older system gives the pages one by one
                mapped.madvise(_POPULATE_WRITE)

    def learn(self, text: bytes, counts: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        """Enter groups of events that were decided before: their ids, one a line, how many each has, where each stands."""
        events = int(counts.sum())
        ends = np.flatnonzero(np.frombuffer(text + b"\n", np.uint8) == _LINE_FEED)
        begins = np.concatenate([[0], ends[:-1] + 1])
        texts = begins << LENGTH_BITS | (ends - begins)
        assert len(texts) == events, "an id a line"
        found = np.empty(events, np.int64)
        self._seen.learn_texts(np.frombuffer(text or b"\0", np.uint8), texts, self._count, found)
        first_of = np.concatenate([[0], np.cumsum(counts)[:-1]])
        start = self._spool(text + b"\n")
        self._first.extend((self._count + first_of).tolist())
        self._text.extend((start + begins[first_of]).tolist())
        self._place.extend(places.tolist())
        for at in np.flatnonzero(found >= 0).tolist():  # another id has this hash
            self._seen.add(str(text[begins[at] : ends[at]], "utf-8"), self._count + at)
        self._count += events

    def forget_before(self, number: int) -> None:
        """Know nothing any more of the events before this number."""
        self.first = max(self.first, number)

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
        """Number of the first event with this very id; -1 where it is this one. The table then has it under its number."""
        entered = False
        for candidate in self._seen.candidates(event_id):
            if (
                candidate == number
            ):  # from an earlier try that was taken back; it may stand before the true one
                entered = True
            elif self.first <= candidate < number and self.id_of(candidate) == event_id:
                return int(candidate)
        if not entered:
            self._seen.add(event_id, number)
        return -1

    def _keep(self, ids: Texts) -> None:
        text, begins = joined(ids.buffer, ids.places)  # ids have no control characters
        groups = range(0, len(ids), GROUP)
        start = self._spool(text.tobytes())
        self._first.extend(self._count + a for a in groups)
        self._text.extend(start + int(begins[a]) for a in groups)
        self._place.extend(-1 for _ in groups)
        self._count += len(ids)
        self._relieve(len(ids))

    def _spool(self, text: bytes) -> int:
        """Write ids behind the others and return where they begin; what is behind those that count is written over."""
        start = at = self._spooled
        left = memoryview(text)
        while left.nbytes:
            written = os.pwrite(self._ids.fileno(), left, at)
            left, at = left[written:], at + written
        self._spooled = at
        return start

    def id_of(self, number: int) -> str:
        """Return the id of an event by its number."""
        at = bisect_right(self._first, number) - 1
        start = self._text[at]
        end = self._text[at + 1] if at + 1 < len(self._text) else self._spooled
        group = os.pread(self._ids.fileno(), end - start, start).decode().split("\n")
        within = number - self._first[at]
        return group[within] if within < len(group) else ""  # left out

    # the table's memory -------------------------------------------------------------------------------------
    def _allocate(self, n_words: int) -> NDArray[np.int64]:
        """Return zeroed words in an unnamed file, mapped."""
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  the mapping keeps it
        try:  # room for all of it, or none of it: a mapping without room behind it ends the process
            os.posix_fallocate(file.fileno(), 0, 8 * n_words)
        except OSError:
            file.close()
            return np.zeros(n_words, np.int64)
        mapped = mmap.mmap(file.fileno(), 8 * n_words)
        file.close()
        self._maps = [*self._maps[-1:], mapped]
        return np.frombuffer(mapped, np.int64)

    def _relieve(self, events: int) -> None:
        """Give the table's pages back from time to time: they stay in the kernel's cache as long as there is room."""
        self._touched += events
        if self._touched * _PAGE_BYTES >= _RESIDENT_BYTES:
            self.relieve()

    def relieve(self) -> None:
        """Give the pages of large tables back to the system; what is learned does not do so by itself."""
        self._touched = 0
        for mapped in self._maps:
            if len(mapped) > _RESIDENT_BYTES:
                mapped.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Let go of the temporary files."""
        self._ids.close()
