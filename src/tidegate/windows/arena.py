"""A growing array of 8-byte words, handed out in blocks of 1 << order units by the binary buddy method.

Freed neighbours of equal size melt into one larger block. Rings of a busy population all grow through the same small
sizes at the same time; without melting, the sizes they left behind would cost twice what they use.
Source: Knowlton, "A fast storage allocator", 1965; Knuth, The Art of Computer Programming 1, 2.5.
"""

import cython
import numpy as np

MAX_ORDER = cython.declare(cython.int, 30)
FIRST_UNITS = cython.declare(cython.int, 64)


@cython.cclass
class Arena:
    """Blocks of int64 words. Unit u begins at word u * unit_words; unit 0 is never handed out and means "none".

    A fresh or recycled block holds garbage. `words` is replaced when the arena grows: take it anew after `allocate`.
    Memory: the words handed out at once since the last `trim` (`size` units) and one byte per unit.
    """

    def __init__(self, unit_words):
        assert unit_words >= 2, "a free block holds two links"
        self.unit_words = unit_words
        self.size = 1  # units handed out or free; the rest of `words` is untouched memory
        self.free = 0  # of these, free
        self.words = memoryview(np.zeros(FIRST_UNITS * unit_words, np.int64))
        self.mark = memoryview(np.zeros(FIRST_UNITS, np.uint8))  # 1 + order where a free block starts, else 0
        self.first = memoryview(np.zeros(MAX_ORDER + 1, np.int32))  # first free block of each order, 0 = none

    def allocate(self, order):
        """A block of 1 << order units: its first unit."""
        unit: cython.int
        have: cython.int = order
        while have <= MAX_ORDER and self.first[have] == 0:
            have += 1
        if have <= MAX_ORDER:
            unit = self.first[have]
            self._unlink(unit, have)
            while have > order:  # split, the upper halves stay free
                have -= 1
                self._push(unit + (1 << have), have)
            return unit
        while self.size & ((1 << order) - 1):  # a block starts at a multiple of its size
            have = 0
            while not (self.size >> have) & 1:
                have += 1
            if self.size + (1 << have) > len(self.mark):
                self._grow(self.size + (1 << have))
            unit = self.size
            self.size += 1 << have
            self.release(unit, have)
        if self.size + (1 << order) > len(self.mark):
            self._grow(self.size + (1 << order))
        unit = self.size
        self.size += 1 << order
        return unit

    def release(self, unit, order):
        """Take back a block given by `allocate`."""
        buddy: cython.int
        while order < MAX_ORDER:
            buddy = unit ^ (1 << order)
            if buddy >= self.size or self.mark[buddy] != order + 1:
                break
            self._unlink(buddy, order)
            if buddy < unit:
                unit = buddy
            order += 1
        self._push(unit, order)
        return 0

    def trim(self):
        """Give back the free blocks at the end, and the memory once three quarters are not used; True if `words` moved."""
        order: cython.int = 0
        start: cython.longlong
        capacity: cython.longlong = len(self.mark)
        while order <= MAX_ORDER:  # the last block, if it is free, has one of these sizes
            start = self.size - (cython.cast(cython.longlong, 1) << order)
            if start >= 1 and self.mark[start] == order + 1:
                self._unlink(cython.cast(cython.int, start), order)
                self.size = start
                order = 0
            else:
                order += 1
        if capacity <= FIRST_UNITS or 4 * self.size > capacity:
            return False
        while capacity > FIRST_UNITS and 2 * self.size <= capacity:
            capacity //= 2
        self._resize(capacity)
        return True

    def spare(self):
        """Whether more than half of it is free, so that moving all blocks to a fresh arena is worth it."""
        return self.size > FIRST_UNITS and 2 * self.free > self.size

    def _grow(self, units):
        """Double until `units` fit. The new half is not touched, so it costs nothing until it is used."""
        capacity: cython.longlong = len(self.mark)
        while capacity < units:
            capacity *= 2
        assert capacity <= 1 << MAX_ORDER, "an arena ends at 2**30 units"
        self._resize(capacity)
        return 0

    def _resize(self, capacity):
        """Move to memory of another size."""
        used: cython.longlong = self.size
        words = np.zeros(capacity * self.unit_words, np.int64)
        words[: used * self.unit_words] = np.asarray(self.words)[: used * self.unit_words]
        mark = np.zeros(capacity, np.uint8)
        mark[:used] = np.asarray(self.mark)[:used]
        self.words = memoryview(words)
        self.mark = memoryview(mark)
        return 0

    def _push(self, unit, order):
        """Put a free block in front of its list; its first two words are the links (next, previous)."""
        at: cython.longlong = cython.cast(cython.longlong, unit) * self.unit_words
        after: cython.int = self.first[order]
        self.words[at] = after
        self.words[at + 1] = 0
        if after:
            self.words[cython.cast(cython.longlong, after) * self.unit_words + 1] = unit
        self.first[order] = unit
        self.mark[unit] = order + 1
        self.free += cython.cast(cython.longlong, 1) << order
        return 0

    def _unlink(self, unit, order):
        """Take a free block out of its list."""
        at: cython.longlong = cython.cast(cython.longlong, unit) * self.unit_words
        after: cython.longlong = self.words[at]
        before: cython.longlong = self.words[at + 1]
        if before:
            self.words[before * self.unit_words] = after
        else:
            self.first[order] = cython.cast(cython.int, after)
        if after:
            self.words[after * self.unit_words + 1] = before
        self.mark[unit] = 0
        self.free -= cython.cast(cython.longlong, 1) << order
        return 0

    def free_blocks(self):
        """The free blocks as a list of (unit, order), in the order of units."""
        mark = np.asarray(self.mark)[: self.size]
        return [(int(unit), int(mark[unit]) - 1) for unit in np.flatnonzero(mark)]

    def state(self):
        """Everything, as arrays; `restore` of a fresh arena with the same `unit_words` takes it."""
        return {
            "words": np.array(np.asarray(self.words)[: self.size * self.unit_words]),
            "mark": np.array(np.asarray(self.mark)[: self.size]),
            "first": np.array(self.first),
        }

    def restore(self, state):
        """Become the arena whose `state` this is."""
        size = len(state["mark"])
        assert len(state["words"]) == size * self.unit_words, "the state is of an arena with other units"
        self.size = 1
        if size > len(self.mark):
            self._grow(size)
        self.size = size
        marks = np.asarray(state["mark"])
        self.free = int((1 << (marks[marks > 0].astype(np.int64) - 1)).sum())
        np.asarray(self.words)[: size * self.unit_words] = state["words"]
        np.asarray(self.mark)[:size] = state["mark"]
        np.asarray(self.first)[:] = state["first"]

    def nbytes(self):
        """Bytes in use, free blocks included."""
        return self.size * (8 * self.unit_words + 1)
