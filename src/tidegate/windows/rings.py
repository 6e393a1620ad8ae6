"""The last events of many slots, one ring each, sorted by time; rows of running counts for the busy ones.

(reason for length: rings and rows point into one another; every change of a ring is a change of its row)

An event is one word, ``ts << LANE_BITS | lane bits``, followed by its amounts. A slot with more than SMALL events has a *row*:
per window the tail of its part of the ring, and running counts and sums of what came before that tail. One more running
count, of all events, less the one before the tail is what the window holds. A window counts only the lanes that somebody
reads in it: what a row costs is memory to fetch.

    ring        a  b  c  d  e  f  g       all: a..g
    1 hour               ^tail            before: a..c    holds: d..g
    1 day       ^tail                     before: -       holds: a..g
"""

import sys

import cython
import numpy as np

from tidegate.windows.growth import enlarged, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.arena import Arena
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.pages import Pages
    from cython.cimports.tidegate.windows.prefetch import prefetch
    from cython.cimports.tidegate.windows.start import UNKNOWN
else:
    from tidegate.windows.arena import Arena
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.pages import Pages
    from tidegate.windows.start import UNKNOWN

# Events a slot may have without a row: recounting so few is as fast as a row's scattered memory, and a row is 150 bytes.
SMALL = cython.declare(cython.int, 32)
ROWS = cython.declare(cython.longlong, 64)  # of a page
# A row is given back at so few: not at SMALL, or it would come and go.
DEMOTE = cython.declare(cython.int, 16)

AHEAD = cython.declare(cython.longlong, 8)  # slots of a sweep whose rings are fetched before it comes to them

# Running counts and sums only grow, and may wrap around: the difference of two of them does not mind. A sum is kept as
# high * 2**26 + low; with amounts up to 2**53 neither half of a window's can overflow.
LOW_BITS = cython.declare(cython.int, 26)
LOW_MASK = cython.declare(cython.longlong, (1 << 26) - 1)

LITTLE_ENDIAN = sys.byteorder == "little"

if not cython.compiled:  # as in rings.pxd
    UNIT, TAIL, HEAD, FORM, ORDER_MASK = 0, 1, 2, 3, 31  # columns of `meta`
    AIMED, TAILS = 0, 1  # columns of `row`
    LANE_BITS, LANE_MASK = 21, (1 << 21) - 1


@cython.cclass
class SlotRings(Kernel):
    """What WindowCounter holds. Fields are declared in rings.pxd.

    n_fixed: windows of fixed length, the first of n_windows: their tails move back only for an event that goes back
    keep: ms an event is kept behind the newest one seen in any slot: widest window and lateness.
    Memory: 16 bytes per slot of a page with a ring (see Pages), a ring of 8 * (1 + sums) bytes per event rounded up to a power of two, and for slots of
    more than 32 events a row: 8 * (1 + windows), 4 bytes per lane of each window, and 16 * (windows + 1) * sums.
    """

    def __init__(self, n_fixed, n_windows, lanes, sums, keep):
        self.n_fixed = n_fixed
        self.n_windows = n_windows
        self.n_sums = sums
        self.keep = keep
        self.stride = 1 + sums
        self.unit_words = 2 * self.stride
        self.arena = Arena(self.unit_words)
        self.words = self.arena.words
        self.pages = Pages()
        self.meta = zeros((64, 4), np.int32)
        self.n_rows = 1  # row 0 means "none"
        self.free_row = 0
        self.count_lanes([range(lanes)] * n_windows)
        self.newest = 0
        self.hand = 0
        self.amount = memoryview(np.zeros(sums, np.int64))
        self.low = memoryview(np.zeros(n_windows, np.int64))
        newer = np.zeros(lanes // 2 + 1, np.int64)
        self.newer = memoryview(newer)
        self.newer_count = memoryview(newer.view(np.uint32))
        self.newer_total = memoryview(np.zeros(2 * sums, np.int64))

    def count_lanes(self, lanes):
        """Count these lanes in rows, per window; before the first event."""
        assert self.n_rows == 1, "rows are laid out before the first event"
        pairs, pair_at = [], [0]
        for chosen in [*lanes, sorted(set().union(*lanes))]:
            both = sorted(chosen)
            pairs += [(both[i], both[min(i + 1, len(both) - 1)]) for i in range(0, len(both), 2)]
            pair_at.append(len(pairs))
        self.pair_at = memoryview(np.array(pair_at, np.int32))
        self.pair_low = memoryview(np.array([a for a, _ in pairs] or [0], np.int32))
        self.pair_high = memoryview(np.array([b for _, b in pairs] or [0], np.int32))
        self._resize_rows(4)

    def place(self, window, lane):
        """Where `count` of a row has a lane before a window (window n_windows: in all), or -1."""
        for pair in range(self.pair_at[window], self.pair_at[window + 1]):
            if lane in (self.pair_low[pair], self.pair_high[pair]):
                half = int(self.pair_low[pair] != lane)
                return 2 * (TAILS + self.n_windows + pair) + (half if LITTLE_ENDIAN else 1 - half)
        return -1

    # ---- events in and out

    def open(self, slot):
        """The row of `meta` of a slot, an empty one where it had none."""
        row: cython.longlong = self.pages.open(slot)
        used: cython.longlong = ROWS * (self.pages.n_pages - 1)
        if used + ROWS > self.meta.shape[0]:
            self.meta = enlarged(self.meta, used, used + ROWS)
        return row

    def expire(self, slot):
        """Drop the events no event to come can see."""
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        head: cython.int = self.meta[slot, HEAD]
        tail: cython.int = self.meta[slot, TAIL]
        limit: cython.longlong = self.newest - self.keep
        row: cython.int
        k: cython.int
        q: cython.int
        if tail == head or (self.words[base + (tail & mask) * self.stride] >> LANE_BITS) > limit:
            return 0
        while tail != head and (self.words[base + (tail & mask) * self.stride] >> LANE_BITS) <= limit:
            tail += 1
        row = self.meta[slot, FORM] >> 5
        if row and head - tail <= DEMOTE:
            self._demote(slot)
            row = 0
        if row:  # windows not read lately still hold what goes
            for k in range(self.n_windows):
                for q in range(cython.cast(cython.int, self.row[row, TAILS + k]), tail):
                    self._tally(row, k, base + (q & mask) * self.stride, 1)
                if self.row[row, TAILS + k] < tail:
                    self.row[row, TAILS + k] = tail
        self.meta[slot, TAIL] = tail
        if tail > mask:  # once round the ring: count positions from its beginning again
            self._shift(slot, mask + 1)
        return 0

    def push(self, slot, t, bits):
        """Store an event, its amounts in `amount`, in its place by time, behind those of equal time."""
        base: cython.longlong
        at: cython.longlong
        before: cython.longlong
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        tail: cython.int
        q: cython.int
        row: cython.int = self.meta[slot, FORM] >> 5
        j: cython.int
        if self.meta[slot, UNIT] == 0:
            self._move(slot, 0)
        elif self.meta[slot, HEAD] - self.meta[slot, TAIL] > mask:
            self._move(slot, (self.meta[slot, FORM] & ORDER_MASK) + 1)
        mask = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        tail = self.meta[slot, TAIL]
        q = self.meta[slot, HEAD]
        base = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        at = base + (q & mask) * self.stride
        while q != tail:
            before = base + ((q - 1) & mask) * self.stride
            if (self.words[before] >> LANE_BITS) <= t:
                break
            for j in range(self.stride):
                self.words[at + j] = self.words[before + j]
            at = before
            q -= 1
        self.words[at] = (t << LANE_BITS) | bits
        for j in range(self.n_sums):
            self.words[at + 1 + j] = self.amount[j]
        self.meta[slot, HEAD] += 1
        if row:
            self._tally(row, self.n_windows, at, 1)
            if q != self.meta[slot, HEAD] - 1:
                self._insert_late(row, q, at)
        elif self.meta[slot, HEAD] - tail > SMALL:
            self._promote(slot)
        return 0

    # ---- rows

    def _insert_late(self, row, q, at):
        """Windows that begin after an event put in at position q, word `at`, do not hold it."""
        k: cython.int
        for k in range(self.n_windows):
            if q < self.row[row, TAILS + k]:
                self.row[row, TAILS + k] += 1
                self._tally(row, k, at, 1)
        return 0

    def aim(self, slot, row, t):
        """Move the tail of every window read, either way, to the first event after its `low`; t: time of the reading."""
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        tail: cython.int = self.meta[slot, TAIL]
        head: cython.int = self.meta[slot, HEAD]
        k: cython.int
        q: cython.int
        at: cython.longlong
        low: cython.longlong
        back: cython.bint = t < self.row[row, AIMED]
        for k in range(self.n_windows):
            low = self.low[k]
            if low == UNKNOWN:
                continue
            q = cython.cast(cython.int, self.row[row, TAILS + k])
            while q != head:
                at = base + (q & mask) * self.stride
                if (self.words[at] >> LANE_BITS) > low:
                    break
                self._tally(row, k, at, 1)
                q += 1
            if k >= self.n_fixed or back:
                while q != tail:
                    at = base + ((q - 1) & mask) * self.stride
                    if (self.words[at] >> LANE_BITS) <= low:
                        break
                    self._tally(row, k, at, -1)
                    q -= 1
            self.row[row, TAILS + k] = q
        if not back:  # of windows not read now some may still stand at a later time
            self.row[row, AIMED] = t
        return 0

    def _tally(self, row, k, at, sign):
        """Add (sign 1) the event at word `at` to what is before window k of a row, or take it away (sign -1)."""
        word: cython.longlong = self.words[at]
        ones: cython.longlong
        first: cython.int = TAILS + self.n_windows
        j: cython.int
        for j in range(self.pair_at[k], self.pair_at[k + 1]):
            ones = (word >> self.pair_low[j] & 1) | ((word >> self.pair_high[j] & 1) << 32)
            self.row[row, first + j] += sign * ones
        first = 2 * k * self.n_sums
        for j in range(self.n_sums):
            self.total[row, first + 2 * j] += sign * (self.words[at + 1 + j] >> LOW_BITS)
            self.total[row, first + 2 * j + 1] += sign * (self.words[at + 1 + j] & LOW_MASK)
        return 0

    def _promote(self, slot):
        """Give a slot a row. Every window starts with all events; `aim` moves the tails on."""
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        row: cython.int = self.free_row
        k: cython.int
        q: cython.int
        if row:
            self.free_row = cython.cast(cython.int, self.row[row, TAILS])
        else:
            row = self.n_rows
            if row == len(self.row):
                self._resize_rows(2 * row)
            self.n_rows += 1
        for k in range(self.row.shape[1]):
            self.row[row, k] = 0
        for k in range(self.total.shape[1]):
            self.total[row, k] = 0
        for k in range(self.n_windows):
            self.row[row, TAILS + k] = self.meta[slot, TAIL]
        for q in range(self.meta[slot, TAIL], self.meta[slot, HEAD]):
            self._tally(row, self.n_windows, base + (q & mask) * self.stride, 1)
        self.meta[slot, FORM] |= row << 5
        return 0

    def _demote(self, slot):
        """Take a slot's row away."""
        row: cython.int = self.meta[slot, FORM] >> 5
        self.row[row, TAILS] = self.free_row
        self.free_row = row
        self.meta[slot, FORM] &= ORDER_MASK
        return 0

    def _resize_rows(self, capacity):
        """Room for so many rows, the used ones kept."""
        row = np.zeros((capacity, TAILS + self.n_windows + self.pair_at[self.n_windows + 1]), np.int64)
        total = np.zeros((capacity, (self.n_windows + 1) * 2 * self.n_sums), np.int64)
        if self.n_rows > 1:
            row[: self.n_rows] = np.asarray(self.row)[: self.n_rows]
            total[: self.n_rows] = np.asarray(self.total)[: self.n_rows]
        self.row = memoryview(row)
        self.count = memoryview(row.view(np.uint32))
        self.total = memoryview(total)

    def sum_newer(self, slot, t):
        """Whether a slot with a row has events after time t; their counts and sums go to `newer` and `newer_total`."""
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        tail: cython.int = self.meta[slot, TAIL]
        q: cython.int = self.meta[slot, HEAD]
        at: cython.longlong = base + ((q - 1) & mask) * self.stride
        word: cython.longlong
        j: cython.int
        if (self.words[at] >> LANE_BITS) <= t:
            return False
        first: cython.int = self.pair_at[self.n_windows]
        last: cython.int = self.pair_at[self.n_windows + 1]
        for j in range(last - first):
            self.newer[j] = 0
        for j in range(2 * self.n_sums):
            self.newer_total[j] = 0
        while q != tail:
            at = base + ((q - 1) & mask) * self.stride
            if (self.words[at] >> LANE_BITS) <= t:
                break
            word = self.words[at]
            for j in range(last - first):
                self.newer[j] += (word >> self.pair_low[first + j] & 1) | (
                    (word >> self.pair_high[first + j] & 1) << 32
                )
            for j in range(self.n_sums):
                self.newer_total[2 * j] += self.words[at + 1 + j] >> LOW_BITS
                self.newer_total[2 * j + 1] += self.words[at + 1 + j] & LOW_MASK
            q -= 1
        return True

    def touch(self, slots, n):
        """Load what events of these slots will need."""
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        base: cython.longlong
        mask: cython.int
        row: cython.int
        k: cython.int
        seen: cython.longlong = 0
        for i in range(n):
            seen ^= self.meta[slots[i], FORM]
        for i in range(n):
            slot = slots[i]
            base = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
            mask = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
            row = self.meta[slot, FORM] >> 5
            seen ^= self.words[base + self.meta[slot, TAIL] * self.stride]
            seen ^= self.words[base + (self.meta[slot, HEAD] & mask) * self.stride]
            if row:
                for k in range(0, cython.cast(cython.int, self.row.shape[1]), 8):  # a line of the cache each
                    seen ^= self.row[row, k]
        for i in range(n):
            slot = slots[i]
            row = self.meta[slot, FORM] >> 5
            if row:
                base = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
                mask = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
                for k in range(self.n_windows):
                    seen ^= self.words[base + (self.row[row, TAILS + k] & mask) * self.stride]
        self.touched = seen
        return 0

    # ---- rings

    def _shift(self, slot, by):
        """Lower every position of a slot's ring."""
        row: cython.int = self.meta[slot, FORM] >> 5
        k: cython.int
        self.meta[slot, TAIL] -= by
        self.meta[slot, HEAD] -= by
        if row:
            for k in range(self.n_windows):
                self.row[row, TAILS + k] -= by
        return 0

    def _move(self, slot, order):
        """Give a slot a ring of another size, large enough for its events."""
        old_order: cython.int = self.meta[slot, FORM] & ORDER_MASK
        old_unit: cython.int = self.meta[slot, UNIT]
        old_mask: cython.int = (2 << old_order) - 1
        tail: cython.int = self.meta[slot, TAIL]
        unit: cython.int = self.arena.allocate(order)
        new: cython.longlong = cython.cast(cython.longlong, unit) * self.unit_words
        old: cython.longlong
        i: cython.int
        j: cython.int
        self.words = self.arena.words
        for i in range(tail, self.meta[slot, HEAD]):
            old = cython.cast(cython.longlong, old_unit) * self.unit_words + (i & old_mask) * self.stride
            for j in range(self.stride):
                self.words[new + j] = self.words[old + j]
            new += self.stride
        if old_unit:
            self.arena.release(old_unit, old_order)
        self.meta[slot, UNIT] = unit
        self.meta[slot, FORM] = (self.meta[slot, FORM] & ~ORDER_MASK) | order
        return self._shift(slot, tail)

    def _free(self, slot):
        """Give back what a slot has; its row of `meta` is another matter."""
        k: cython.int
        if self.meta[slot, FORM] >> 5:
            self._demote(slot)
        if self.meta[slot, UNIT]:
            self.arena.release(self.meta[slot, UNIT], self.meta[slot, FORM])
        for k in range(4):
            self.meta[slot, k] = 0
        return 0

    # ---- upkeep

    def sweep(self, now, budget):
        """Expire and shrink the next `budget` slots as of event time `now`; how many of them were freed."""
        todo: cython.longlong
        row: cython.longlong
        freed: cython.int = 0
        self.newest = max(self.newest, now)
        todo = min(budget, self.pages.bound)
        while todo > 0 and self.pages.bound > 0:
            todo -= 1
            if self.hand >= self.pages.bound:
                self.hand = 0
                self._pack()
            row = self.pages.find(self.hand)
            if row < ROWS:  # none of these slots has a ring
                self.hand = (self.hand // ROWS + 1) * ROWS
                continue
            if cython.compiled:
                self._ask_for(self.pages.find(self.hand + AHEAD))
            if self.meta[row, UNIT] and self._sweep_slot(row):
                freed += 1
            self.hand += 1
            if self.hand % ROWS == 0:
                self._drop_if_empty(self.hand - 1, row // ROWS)
        if self.hand >= self.pages.bound:
            self.hand = 0
            self._pack()
        return freed

    def _ask_for(self, slot):
        """Have the oldest event of a slot fetched, which is about to be looked at."""
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        prefetch(cython.address(self.words[base + self.meta[slot, TAIL] * self.stride]))
        return 0

    def _drop_if_empty(self, slot, page):
        """Give back the page of a slot if none of its slots has a ring."""
        row: cython.longlong
        for row in range(ROWS * page, ROWS * (page + 1)):
            if self.meta[row, UNIT]:
                return 0
        self.pages.drop(slot)
        last: cython.longlong = self.pages.n_pages
        meta = np.asarray(self.meta)
        meta[ROWS * page : ROWS * (page + 1)] = meta[ROWS * last : ROWS * (last + 1)]
        meta[ROWS * last : ROWS * (last + 1)] = 0
        if 4 * ROWS * last < len(meta):
            self.meta = enlarged(self.meta, ROWS * last, ROWS)
        return 0

    def _sweep_slot(self, slot):
        """Expire and shrink a slot; whether nothing is left of it."""
        held: cython.int
        order: cython.int
        self.expire(slot)
        held = self.meta[slot, HEAD] - self.meta[slot, TAIL]
        order = self.meta[slot, FORM] & ORDER_MASK
        if held == 0:
            self._free(slot)
            return True
        while order and held <= 1 << (order - 1):  # a quarter full; half of it leaves room for as many again
            order -= 1
        if order != self.meta[slot, FORM] & ORDER_MASK:
            self._move(slot, order)
        return False

    def _pack(self):
        """Give back the memory of what was freed, where it is most of it."""
        self._pack_rows()
        if self.arena.spare():
            self._move_all()
        elif self.arena.trim():
            self.words = self.arena.words
        return 0

    def _pack_rows(self):
        """Number the rows of running counts anew, where most of them are free."""
        if self.n_rows < 64:
            return 0
        meta = np.asarray(self.meta)[: ROWS * self.pages.n_pages]
        held = np.flatnonzero(meta[:, FORM] >> 5)
        if 4 * (len(held) + 1) > self.n_rows:
            return 0
        order = np.append(0, meta[held, FORM] >> 5)
        row, total = np.asarray(self.row)[order], np.asarray(self.total)[order]
        meta[held, FORM] = (meta[held, FORM] & ORDER_MASK) | (np.arange(1, len(held) + 1) << 5)
        self.n_rows = 1
        self._resize_rows(max(4, 2 * len(order)))
        self.n_rows = len(order)
        self.free_row = 0
        np.asarray(self.row)[: self.n_rows] = row
        np.asarray(self.total)[: self.n_rows] = total
        return 0

    def _move_all(self):
        """Move all rings to a fresh arena."""
        old: cython.longlong[::1] = self.words
        source: cython.longlong
        target: cython.longlong
        i: cython.longlong
        slot: cython.longlong
        unit: cython.int
        self.arena = Arena(self.unit_words)
        for slot in range(ROWS, ROWS * self.pages.n_pages):
            if self.meta[slot, UNIT]:
                unit = self.arena.allocate(self.meta[slot, FORM] & ORDER_MASK)
                self.words = self.arena.words
                source = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
                target = cython.cast(cython.longlong, unit) * self.unit_words
                for i in range(
                    cython.cast(cython.longlong, self.unit_words) << (self.meta[slot, FORM] & ORDER_MASK)
                ):
                    self.words[target + i] = old[source + i]
                self.meta[slot, UNIT] = unit
        self.words = self.arena.words
        return 0

    def live(self, now):
        """uint8 per slot met: 1 where an event at `now` or up to the lateness before it could see something."""
        limit = max(self.newest, now) - self.keep
        meta = np.asarray(self.meta)[self.pages.rows()]
        slots = np.flatnonzero(meta[:, UNIT])
        marks = np.zeros(slots[len(slots) - 1] + 1 if len(slots) else 0, np.uint8)
        slots = slots[meta[slots, HEAD] != meta[slots, TAIL]]
        meta = meta[slots]
        last = (meta[:, HEAD] - 1) & ((2 << (meta[:, FORM] & ORDER_MASK)) - 1)
        at = meta[:, UNIT].astype(np.int64) * self.unit_words + last * self.stride
        marks[slots] = (np.asarray(self.words)[at] >> LANE_BITS) > limit
        return marks

    def history(self, slot):
        """Return the times, ascending, and the lane bits of the events held for a slot; nothing changes."""
        held: cython.int = 0
        first: cython.int = 0
        i: cython.int
        at: cython.longlong
        mask: cython.int = 0
        if slot >= 0:
            slot = self.pages.find(slot)
            first = self.meta[slot, TAIL]
            held = self.meta[slot, HEAD] - first
            mask = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        times = np.empty(held, np.int64)
        bits = np.empty(held, np.int64)
        time: cython.longlong[::1] = memoryview(times)
        bit: cython.longlong[::1] = memoryview(bits)
        for i in range(held):
            at = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
            at += ((first + i) & mask) * self.stride
            time[i] = self.words[at] >> LANE_BITS
            bit[i] = self.words[at] & LANE_MASK
        return times, bits

    def forget(self, slot):
        """Drop everything held for a slot."""
        row: cython.longlong = self.pages.find(slot)
        if row >= ROWS:
            self._free(row)
            self._drop_if_empty(slot, row // ROWS)

    def state(self):
        """Everything held, as arrays and ints; `restore` of a fresh object of the same shape takes it."""
        rings = {f"ring_{name}": array for name, array in self.arena.state().items()}
        return rings | {
            "shape": self.shape(),
            "meta": np.array(np.asarray(self.meta)[: ROWS * self.pages.n_pages]),
            **self.pages.state(),
            "row": np.array(np.asarray(self.row)[: self.n_rows]),
            "total": np.array(np.asarray(self.total)[: self.n_rows]),
            "free_row": self.free_row,
            "newest": self.newest,
            "hand": self.hand,
        }

    def restore(self, state):
        """Become the object whose `state` this is."""
        assert np.array_equal(state["shape"], self.shape()), "the state is of a kernel of another shape"
        self.arena.restore({name[5:]: array for name, array in state.items() if name.startswith("ring_")})
        self.words = self.arena.words
        self.pages.restore(state)
        self.meta = enlarged(memoryview(state["meta"]), len(state["meta"]), ROWS)
        rows = len(state["row"])
        if rows > len(self.row):
            self._resize_rows(rows)
        np.asarray(self.row)[:rows] = state["row"]
        np.asarray(self.total)[:rows] = state["total"]
        self.n_rows = rows
        self.free_row = state["free_row"]
        self.newest = state["newest"]
        self.hand = state["hand"]

    def shape(self):
        """What must be equal for a state to fit."""
        lanes = [np.asarray(part) for part in (self.pair_at, self.pair_low, self.pair_high)]
        return np.concatenate([np.array([self.n_windows, self.n_sums, self.keep], np.int64), *lanes])

    def nbytes(self):
        """Bytes in use: per slot, rings with their free blocks, rows."""
        row = 8 * (self.row.shape[1] + self.total.shape[1])
        return self.pages.nbytes() + 16 * ROWS * self.pages.n_pages + self.arena.nbytes() + row * self.n_rows
