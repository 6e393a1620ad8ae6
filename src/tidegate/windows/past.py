"""What has lately been replaced, for events that come late: one ring of rows shared by all slots of a kernel.

A row says what stood *until* another record took its place. An event may be late by so much and no more, so rows are let
go in the order in which they came. A row is known by its sequence number; those below `tail` are gone, 0 always is. A
chain of rows ends at the first number that is gone: expiry is an addition, whatever hangs on the row.
"""

import cython
import numpy as np

LEAST = cython.declare(cython.longlong, 64)


@cython.cclass
class Past:
    """Rows of `width` float64 columns and, last, the time until which the row stood. Fields are declared in past.pxd.

    Memory: 8 * (width + 1) bytes per row, rounded up to a power of two; given back by `shrink`.
    """

    def __init__(self, width):
        self.width = width
        self.row = memoryview(np.zeros((LEAST, width + 1)))
        self.mask = LEAST - 1
        self.tail = 1
        self.next = 1

    def claim(self, until):
        """Sequence number of a new row, to be filled by the caller. `row` may have been replaced."""
        seq: cython.longlong = self.next
        if seq - self.tail > self.mask:
            self._resize(2 * (self.mask + 1))
        self.next = seq + 1
        self.row[seq & self.mask, self.width] = until
        return seq

    def expire(self, limit):
        """Let go of the rows that an event at `limit` or later would find replaced."""
        while self.tail < self.next and self.row[self.tail & self.mask, self.width] <= limit:
            self.tail += 1
        return 0

    def shrink(self):
        """Halve a ring that is mostly empty."""
        if self.mask >= LEAST and (self.next - self.tail) * 4 < self.mask:
            self._resize((self.mask + 1) // 2)

    def _resize(self, size):
        """Move to a ring of `size` rows, a power of two."""
        seqs = np.arange(self.tail, self.next)
        row = np.zeros((size, self.width + 1))
        row[seqs & (size - 1)] = np.asarray(self.row)[seqs & self.mask]
        self.row = memoryview(row)
        self.mask = size - 1
        return 0

    def rows(self):
        """The rows kept, oldest first; the last column is the time until which each stood."""
        return np.asarray(self.row)[np.arange(self.tail, self.next) & self.mask]

    def state(self):
        """The rows kept, oldest first, and the sequence number to come."""
        return {"past": self.rows(), "next": self.next}

    def restore(self, state):
        """Become the ring whose `state` this is."""
        rows = np.asarray(state["past"], np.float64).reshape(-1, self.width + 1)
        size = LEAST
        while size < len(rows):
            size *= 2
        self.next = int(state["next"])
        self.tail = self.next - len(rows)
        row = np.zeros((size, self.width + 1))
        row[np.arange(self.tail, self.next) & (size - 1)] = rows
        self.row = memoryview(row)
        self.mask = size - 1

    def nbytes(self):
        """Bytes of the ring."""
        return 8 * (self.mask + 1) * (self.width + 1)
