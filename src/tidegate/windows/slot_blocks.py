"""Slots that each have a block of an arena: made, moved, given back, saved. What lies in a block is the user's."""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.arena import Arena
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.arena import Arena
    from tidegate.windows.kernel import Kernel

if not cython.compiled:  # as in slot_blocks.pxd
    UNIT, SIZE = 0, 1


@cython.cclass
class SlotBlocks(Kernel):
    """A row per slot: where its block begins, how much it holds, of what size it is. Fields are declared in slot_blocks.pxd.

    unit_words: words of a unit of the arena. A slot that holds nothing may have a block or none.
    Memory: 16 bytes per slot, and the blocks.
    """

    def __init__(self, unit_words):
        self.slot = zeros((64, 2), np.int64)
        self.n_slots = 0
        self.arena = Arena(unit_words)
        self._view_blocks()
        self.newest = -1
        self.hand = 0

    def _view_blocks(self):
        """Take the words of the arena anew, after it grew or shrank."""
        words = np.asarray(self.arena.words)
        self.words = memoryview(words)
        self.values = memoryview(words.view(np.float64))
        return 0

    def _meet(self, slot):
        """Have a row for a slot."""
        if slot >= self.n_slots:
            self.n_slots = slot + 1
            if slot >= self.slot.shape[0]:
                self.slot = grown(self.slot, 2 * self.n_slots)
        return 0

    def _allocate(self, order):
        """The first unit of a new block."""
        unit: cython.longlong = self.arena.allocate(order)
        if self.words.shape[0] != self.arena.words.shape[0]:
            self._view_blocks()
        return unit

    def _copy(self, source, unit, to, order):
        """Copy as much as a block of a size holds from unit `unit` of other words, or these, to unit `to`."""
        per: cython.longlong = self.arena.unit_words
        j: cython.longlong
        for j in range(per << order):
            self.words[per * to + j] = source[per * unit + j]
        return 0

    def _move(self, slot, order):
        """Move what a slot holds to a block of another size, which has room for it."""
        unit: cython.longlong = self.slot[slot, UNIT]
        old: cython.int = cython.cast(cython.int, self.slot[slot, SIZE] & 255)
        new: cython.longlong = self._allocate(order)
        self._copy(self.words, unit, new, min(old, order))
        self.arena.release(unit, old)
        self.slot[slot, UNIT] = new
        self.slot[slot, SIZE] += order - old
        return 0

    def _give_back(self):
        """Give back memory that is not used, for which blocks move where most of it is free."""
        source: cython.longlong[::1] = self.words
        slot: cython.longlong
        unit: cython.longlong
        order: cython.int
        if not self.arena.spare():
            if self.arena.trim():
                self._view_blocks()
            return 0
        self.arena = Arena(self.arena.unit_words)
        self._view_blocks()
        for slot in range(self.n_slots):
            unit = self.slot[slot, UNIT]
            if unit:
                order = cython.cast(cython.int, self.slot[slot, SIZE] & 255)
                self.slot[slot, UNIT] = self._allocate(order)
                self._copy(source, unit, self.slot[slot, UNIT], order)
        return 0

    def forget(self, slot):
        """Leave a slot as if never seen."""
        if slot < self.n_slots and self.slot[slot, UNIT]:
            self.arena.release(self.slot[slot, UNIT], self.slot[slot, SIZE] & 255)
            np.asarray(self.slot)[slot] = 0

    def state(self):
        """Everything remembered, as arrays and ints."""
        return {
            "slot": np.array(self.slot)[: self.n_slots],
            "newest": self.newest,
            "hand": self.hand,
            **{f"blocks.{name}": part for name, part in self.arena.state().items()},
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.n_slots = len(state["slot"])
        self.slot = grown(state["slot"], self.n_slots + 64)
        self.newest = int(state["newest"])
        self.hand = int(state["hand"])
        self.arena.restore({name: state[f"blocks.{name}"] for name in ("words", "mark", "first")})
        self._view_blocks()

    def nbytes(self):
        """Bytes of the rows of all slots met, and of the blocks."""
        return 16 * self.n_slots + self.arena.nbytes()
