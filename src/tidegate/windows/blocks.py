"""Members of slots that have few: one lies in the slot's row, up to 64 in a block sorted by last sight, oldest first."""

import cython
import numpy as np

from tidegate.windows.growth import enlarged, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.arena import Arena
    from cython.cimports.tidegate.windows.blocks import AT, BLOCK, EMPTY, FORM, FULL, LAST_BLOCK, ONE
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.pages import Pages
else:
    from tidegate.windows.arena import Arena
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.pages import Pages

    FORM, AT, LINK = range(3)  # as in blocks.pxd
    EMPTY, ONE, BUSY, BLOCK, LAST_BLOCK = 0, 1, 2, 3, 8
    FULL = -2

ROWS = cython.declare(cython.longlong, 64)  # of a page


@cython.cclass
class Blocks(Kernel):
    """Rows of slots, and the blocks of those with few members. Fields are declared in blocks.pxd.

    A slot's row lies in a page of 64 (see Pages), and may move with it: what is said of a row holds until `open` or `close`.
    Memory: 24 bytes per slot of a page with a member, 12 per member of a block rounded up to a power of two.
    """

    def __init__(self, windows):
        self.n_windows = len(windows)
        self.window = memoryview(np.array(windows, np.int64))
        self.pages = Pages()
        self.slot = zeros((ROWS, 3), np.int64)
        self.arena = Arena(3)
        self._view_blocks()
        self.gone = -(1 << 60)
        self.found = zeros(self.n_windows, np.int32)

    def _view_blocks(self):
        """Take the words of the arena anew, after it grew."""
        words = np.asarray(self.arena.words)
        self.when = memoryview(words)
        self.who = memoryview(words.view(np.int32))

    def open(self, slot):
        """The row of a slot, an empty one where it had none."""
        row: cython.longlong = self.pages.open(slot)
        used: cython.longlong = ROWS * (self.pages.n_pages - 1)
        if used + ROWS > self.slot.shape[0]:
            self.slot = enlarged(self.slot, used, used + ROWS)
        return row

    def close(self, slot):
        """Give back the page of a slot, which has one, if none of its slots has a member."""
        first: cython.longlong = self.pages.find(slot) & ~(ROWS - 1)
        row: cython.longlong
        last: cython.longlong
        for row in range(first, first + ROWS):
            if self.slot[row, FORM]:
                return 0
        self.pages.drop(slot)
        last = ROWS * self.pages.n_pages
        rows = np.asarray(self.slot)
        rows[first : first + ROWS] = rows[last : last + ROWS]
        rows[last : last + ROWS] = 0
        if 4 * last < len(rows):
            self.slot = enlarged(self.slot, last, ROWS)
        return 0

    def read_block(self, row, t):
        """As Recency.read, for a block."""
        base: cython.longlong = 3 * self.slot[row, AT]
        n: cython.int = self.slot[row, FORM] >> 8
        end: cython.int = n
        q: cython.int
        k: cython.int
        low: cython.longlong
        while end > 0 and self.when[base + end - 1] > t:
            end -= 1
        q = end
        for k in range(self.n_windows):
            low = t - self.window[k]
            if self.when[base] > low:
                q = 0
            while q > 0 and self.when[base + q - 1] > low:
                q -= 1
            self.found[k] = end - q
        return end < n

    def block_since(self, row, low, t):
        """How many members of a block were last seen in (low, t]."""
        base: cython.longlong = 3 * self.slot[row, AT]
        q: cython.int = self.slot[row, FORM] >> 8
        found: cython.int = 0
        while q > 0 and self.when[base + q - 1] > low:
            q -= 1
            found += self.when[base + q] <= t
        return found

    def see_one(self, row, member, t):
        """As Recency.see, for a slot with at most one member."""
        last: cython.longlong = self.slot[row, AT]
        other: cython.longlong = self.slot[row, FORM] >> 8
        unit: cython.longlong
        at: cython.int
        if (self.slot[row, FORM] & 255) == EMPTY or last <= self.gone:
            self.slot[row, FORM] = ONE | (member << 8)
            self.slot[row, AT] = t
            return -1
        if other == member:
            if t > last:
                self.slot[row, AT] = t
            return last
        unit = self.allocate(0)
        at = 0 if t < last else 1  # a block is sorted by time
        self.when[3 * unit + at] = t
        self.when[3 * unit + 1 - at] = last
        self.who[2 * (3 * unit + 2) + at] = member
        self.who[2 * (3 * unit + 2) + 1 - at] = other
        self.slot[row, FORM] = BLOCK | (2 << 8)
        self.slot[row, AT] = unit
        return -1

    def see_block(self, row, member, t):
        """As Recency.see, for a block; FULL if a member more than the largest block holds came."""
        size: cython.int = 2 << ((self.slot[row, FORM] & 255) - BLOCK)
        n: cython.int = self.slot[row, FORM] >> 8
        base: cython.longlong = 3 * self.slot[row, AT]
        who: cython.longlong = 2 * (base + size)
        m: cython.int = member
        q: cython.int
        hit: cython.int = -1
        last: cython.longlong
        for q in range(n):  # no way out early: so it becomes vector code
            hit = q if self.who[who + q] == m else hit
        if hit >= 0:
            last = self.when[base + hit]
            if t <= last:
                return last
            q = hit
            while q + 1 < n and self.when[base + q + 1] <= t:
                self.when[base + q] = self.when[base + q + 1]
                self.who[who + q] = self.who[who + q + 1]
                q += 1
            self.when[base + q] = t
            self.who[who + q] = m
            return last
        if n == size:
            if not self._make_room(row):
                return FULL
            size = 2 << ((self.slot[row, FORM] & 255) - BLOCK)
            n = self.slot[row, FORM] >> 8
            base = 3 * self.slot[row, AT]
            who = 2 * (base + size)
        q = n
        while q > 0 and self.when[base + q - 1] > t:
            self.when[base + q] = self.when[base + q - 1]
            self.who[who + q] = self.who[who + q - 1]
            q -= 1
        self.when[base + q] = t
        self.who[who + q] = m
        self.slot[row, FORM] += 256
        return -1

    def _make_room(self, row):
        """Make room in a full block: drop what is gone, else take a larger one; false if there is none larger."""
        form: cython.int = self.slot[row, FORM] & 255
        if self.thin(row) < 2 << (form - BLOCK):
            return True
        if form == LAST_BLOCK:
            return False
        self.move(row, form - BLOCK + 1)
        return True

    def thin(self, row):
        """Drop from a block the members no event to come can see; how many stay."""
        base: cython.longlong = 3 * self.slot[row, AT]
        form: cython.int = self.slot[row, FORM] & 255
        who: cython.longlong = 2 * (base + (2 << (form - BLOCK)))
        n: cython.int = self.slot[row, FORM] >> 8
        gone: cython.int = 0
        q: cython.int
        while gone < n and self.when[base + gone] <= self.gone:
            gone += 1
        if gone:
            for q in range(n - gone):
                self.when[base + q] = self.when[base + gone + q]
                self.who[who + q] = self.who[who + gone + q]
            self.slot[row, FORM] = form | ((n - gone) << 8)
        return n - gone

    def move(self, row, order):
        """Move a block to one of 2 << order members."""
        old: cython.int = (self.slot[row, FORM] & 255) - BLOCK
        n: cython.int = self.slot[row, FORM] >> 8
        unit: cython.longlong = self.slot[row, AT]
        new: cython.longlong = self.allocate(order)
        a: cython.longlong = 2 * (3 * unit + (2 << old))
        b: cython.longlong = 2 * (3 * new + (2 << order))
        q: cython.int
        for q in range(n):
            self.when[3 * new + q] = self.when[3 * unit + q]
            self.who[b + q] = self.who[a + q]
        self.arena.release(unit, old)
        self.slot[row, FORM] = (BLOCK + order) | (n << 8)
        self.slot[row, AT] = new
        return 0

    def allocate(self, order):
        unit: cython.longlong = self.arena.allocate(order)
        if self.when.shape[0] != self.arena.words.shape[0]:
            self._view_blocks()
        return unit
