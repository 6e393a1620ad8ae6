"""Small numbers for sets of bits that come again and again: which rules were undecided together."""

import cython
import numpy as np

from tidegate.windows.growth import zeros

SMALLEST = cython.declare(cython.longlong, 64)  # places in the table, a power of two
_MIX = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
_MASK64 = (1 << 64) - 1


@cython.final
@cython.cclass
class SetNumbers:
    """Numbers sets of `words` * 64 bits from 1 on, in the order in which they are met; 0 is the empty set.

    Memory: 8 bytes per word and set, and a table of numbers, at most half full.
    """

    words: cython.Py_ssize_t
    asked: cython.ulonglong[:, ::1]
    sets: cython.ulonglong[:, ::1]  # by number
    n: cython.longlong
    table: cython.longlong[::1]  # number of a set, 0: free
    last: cython.longlong  # the set found last: most events are like the one before

    def __init__(self, words: int):
        self.words = words
        self.asked = zeros((words, 1), np.uint64)
        self.sets = zeros((SMALLEST, words), np.uint64)
        self.table = zeros(2 * SMALLEST, np.int64)
        self.n = 1
        self.last = 0

    def bind(self, bits: object) -> None:
        """Take the buffer `bits[word, event]` of the sets whose numbers are asked for."""
        self.asked = memoryview(bits)

    def __len__(self) -> int:
        return self.n

    def bits(self, number: int) -> list:
        """The words of a set."""
        return np.asarray(self.sets)[number].tolist()

    def number(self, p: cython.Py_ssize_t) -> int:
        """The number of the set of event `p`."""
        return self._number(self.asked, p)

    def numbers(self, order: cython.int[::1], events: cython.longlong[::1], out: cython.int[::1]) -> None:
        """Write to out[events[i]] the number of the set at position order[i]; a negative event is left out."""
        i: cython.Py_ssize_t
        if not cython.compiled:
            order, events, out = (memoryview(x) for x in (order, events, out))
        for i in range(events.shape[0]):
            if events[i] >= 0:
                out[events[i]] = cython.cast(cython.int, self._number(self.asked, order[i]))

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _number(self, bits: cython.ulonglong[:, ::1], p: cython.Py_ssize_t) -> cython.longlong:
        if not self._same(self.last, bits, p):
            self.last = self._find(bits, p)
        return self.last

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _same(
        self, number: cython.longlong, bits: cython.ulonglong[:, ::1], p: cython.Py_ssize_t
    ) -> cython.bint:
        w: cython.Py_ssize_t
        for w in range(self.words):  # noqa: SIM110  `all` would make a generator
            if self.sets[number, w] != bits[w, p]:
                return False
        return True

    @cython.cfunc
    @cython.exceptval(-1)
    def _find(self, bits: cython.ulonglong[:, ::1], p: cython.Py_ssize_t) -> cython.longlong:
        """Look a set up; give it a number when it is new."""
        w: cython.Py_ssize_t
        at: cython.longlong
        if self._same(0, bits, p):
            return 0
        at = self._home(bits, p)
        while self.table[at] != 0:
            if self._same(self.table[at], bits, p):
                return self.table[at]
            at = (at + 1) & (self.table.shape[0] - 1)
        if self.n == self.sets.shape[0]:
            self._grow()
            return self._find(bits, p)
        for w in range(self.words):
            self.sets[self.n, w] = bits[w, p]
        self.table[at] = self.n
        self.n += 1
        return self.n - 1

    @cython.cfunc
    @cython.exceptval(-1)
    def _home(self, bits: cython.ulonglong[:, ::1], p: cython.Py_ssize_t) -> cython.longlong:
        """Where in the table a set belongs."""
        w: cython.Py_ssize_t
        mixed: cython.ulonglong = 0
        for w in range(self.words):
            mixed = (mixed ^ bits[w, p] ^ (mixed >> 29)) * _MIX
            if not cython.compiled:
                mixed &= _MASK64
        return cython.cast(cython.longlong, mixed >> 32) & (self.table.shape[0] - 1)

    @cython.cfunc
    @cython.exceptval(-1)
    def _grow(self) -> cython.int:
        """Double the room."""
        sets = np.zeros((2 * self.n, self.words), np.uint64)
        sets[: self.n] = np.asarray(self.sets)
        self.sets = memoryview(sets)
        self.table = zeros(4 * self.n, np.int64)
        columns: cython.ulonglong[:, ::1] = memoryview(np.ascontiguousarray(sets.T))
        number: cython.longlong
        at: cython.longlong
        for number in range(1, self.n):
            at = self._home(columns, number)
            while self.table[at] != 0:
                at = (at + 1) & (self.table.shape[0] - 1)
            self.table[at] = number
        return 0
