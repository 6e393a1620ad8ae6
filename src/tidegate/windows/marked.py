"""Which marks the events of a chunk carry, mark by mark: most events carry none, and of many marks few occur."""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

# columns of `mark`, a row per event type and mark
_NUMBER = cython.declare(cython.int, 0)
_FIRST = cython.declare(cython.int, 1)  # columns of its figures
_SECOND = cython.declare(cython.int, 2)
# columns of `found`
_ROW = cython.declare(cython.int, 0)
_PLACE = cython.declare(cython.int, 1)
_EVENT = cython.declare(cython.int, 2)

# place of the only bit that is set, by the upper six bits of its product with a sequence of all such patterns
_SEQUENCE = cython.declare(cython.ulonglong, 0x03F79D71B4CB0A89)
_PLACES = cython.declare(
    cython.uchar[::1],
    memoryview(np.argsort([0x03F79D71B4CB0A89 * 2**n % 2**64 >> 58 for n in range(64)]).astype(np.uint8)),
)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _place(bit: cython.ulonglong) -> cython.int:
    """Which bit it is, of those of a word."""
    product: cython.ulonglong = bit * _SEQUENCE
    if not cython.compiled:
        product &= (1 << 64) - 1
    return _PLACES[product >> 58]


@cython.final
@cython.cclass
class Marked:
    """Finds the events of each mark, in arrival order, and two figures of each.

    columns: event type -> mark -> the columns of its two figures at events of that type
    """

    mark: cython.int[:, ::1]
    row_of: cython.int[:, ::1]  # per type and mark, its row of `mark`
    count: cython.longlong[::1]  # per row of `mark`
    found: cython.longlong[:, ::1]
    rows: tuple  # events and the two figures of what was found, mark by mark; then as views
    event: cython.longlong[::1]
    one: cython.double[::1]
    other: cython.double[::1]
    words: cython.ulonglong[:, ::1]
    hit: cython.uchar[::1]
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    order: cython.int[::1]

    def __init__(self, columns: dict):
        rows, first = [], [0]
        for type_code in range(max(columns, default=-1) + 1):
            rows += [(mark, *columns[type_code][mark]) for mark in sorted(columns.get(type_code, ()))]
            first.append(len(rows))
        self.mark = memoryview(np.array([*rows, (0, 0, 0)], np.int32))
        row_of = np.zeros((len(first), max((mark for mark, *_ in rows), default=0) + 1), np.int32)
        for type_code in range(len(first) - 1):
            for row in range(first[type_code], first[type_code + 1]):
                row_of[type_code, rows[row][0]] = row
        self.row_of = memoryview(row_of)
        self.count = zeros(len(rows) + 1, np.int64)
        self.found = zeros((1, 3), np.int64)
        self._make_room(64)

    def _make_room(self, size):
        """Have room for so many marks."""
        self.found = grown(self.found, size)
        self.rows = (np.empty(size, np.int64), np.empty(size), np.empty(size))
        self.event, self.one, self.other = (memoryview(row) for row in self.rows)

    def bind(self, chunk: object, words: object, hit: object) -> None:
        """Take the buffers of a chunk; `words[w, p]` are marks 64 w .. 64 w + 63 of position p, `hit[p]` is 1 where there are any."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.words = memoryview(words)
        self.hit = memoryview(hit)

    def collect(self, n: cython.Py_ssize_t, events: cython.longlong[::1]) -> list:
        """Return (mark, events, first figures, second figures) of the first `n` events, by type and mark.

        `events[i]` is what to call the i-th arrival; a negative one is left out.
        """
        i: cython.Py_ssize_t
        p: cython.int
        total: cython.Py_ssize_t = 0
        if not cython.compiled:
            events = memoryview(events)
        for i in range(n):
            p = self.order[i]
            if self.hit[p] and events[i] >= 0:
                total = self._find(p, events[i], total)
        return self._by_mark(total) if total else []

    def alone(self) -> list:
        """Return (mark, first figure, second figure) of the event at position 0, the only one."""
        row: cython.Py_ssize_t
        total: cython.Py_ssize_t = self._find(0, 0, 0)
        marks: list = []
        for row in range(total):
            mark: cython.longlong = self.found[row, _ROW]
            self.count[mark] = 0
            first: cython.double = self.cols[self.mark[mark, _FIRST], 0]
            second: cython.double = self.cols[self.mark[mark, _SECOND], 0]
            marks.append((self.mark[mark, _NUMBER], first, second))
        return marks

    @cython.cfunc
    @cython.exceptval(-1)
    def _find(self, p: cython.int, event: cython.longlong, total: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Note the marks of an event."""
        row: cython.int
        w: cython.Py_ssize_t
        bits: cython.ulonglong
        lowest: cython.ulonglong
        for w in range(self.words.shape[0]):
            bits = self.words[w, p]
            while bits:
                lowest = bits & (~bits + 1)
                bits ^= lowest
                row = self.row_of[self.kind[p], 64 * w + _place(lowest)]
                if total == self.found.shape[0]:
                    self._make_room(2 * total)
                self.found[total, _ROW] = row
                self.found[total, _PLACE] = p
                self.found[total, _EVENT] = event
                self.count[row] += 1
                total += 1
        return total

    @cython.cfunc
    def _by_mark(self, total: cython.Py_ssize_t) -> list:
        """Give what was noted, mark by mark."""
        row: cython.int
        at: cython.longlong = 0
        j: cython.Py_ssize_t
        p: cython.longlong
        parts: list = []
        for row in range(self.count.shape[0]):
            if self.count[row]:
                parts.append((self.mark[row, _NUMBER], at, at + self.count[row]))
                at += self.count[row]
                self.count[row] = at - self.count[row]
        for j in range(total):
            row = cython.cast(cython.int, self.found[j, _ROW])
            p = self.found[j, _PLACE]
            at = self.count[row]
            self.count[row] += 1
            self.event[at] = self.found[j, _EVENT]
            self.one[at] = self.cols[self.mark[row, _FIRST], p]
            self.other[at] = self.cols[self.mark[row, _SECOND], p]
        for j in range(total):
            self.count[self.found[j, _ROW]] = 0
        events, first, second = [row[:total].copy() for row in self.rows]
        if len(parts) == 1:
            return [(parts[0][0], events, first, second)]
        return [(mark, events[a:b], first[a:b], second[a:b]) for mark, a, b in parts]
