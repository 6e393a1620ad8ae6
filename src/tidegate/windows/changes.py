"""How often a value changed from one event to the next: per slot and window, exact for late events too.

A slot's records lie in a block sorted by (ts, arrival). Each carries how many changes there were up to itself, so that a
window costs two searches and a subtraction however busy the slot is:

    ts       10  20  30  40        at 40, the last 15 ms: 3 - 1 = 2 changes
    value     A   B   B   C   A
    changes   0   1   1   2   3

A record that is no change is of no use once no event can come before it; it is dropped when its block is full.
"""

import cython
import numpy as np

from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks
else:
    from tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))

# columns of `path`, a row per event type; then come the output columns of the windows
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_VALUE = cython.declare(cython.int, 1)
_GATE = cython.declare(cython.int, 2)
_UNKNOWN = cython.declare(cython.int, 3)
_OUTS = cython.declare(cython.int, 4)

# words of a record
_TS = cython.declare(cython.int, 0)
_IS = cython.declare(cython.int, 1)  # the value, as float64
_CHANGES = cython.declare(cython.int, 2)


@cython.final
@cython.cclass
class ChangeCounter(SlotBlocks):
    """Records in (t - w, t] whose value differs from that of the record directly before, per slot, at each event.

    windows : ascending lengths in ms. The record before may be older than any window; the first ever is no change.
    lateness: ms an event may be older than the newest one seen. A late record makes its successor be judged anew, and
              costs a walk over the newer ones of its slot.

    Exact for any order of arrival within the lateness, any chunking and any sweeping.
    Memory: 16 bytes per slot, and 24 per change of the widest window and per record of the last `lateness` ms, rounded up
    to a power of two; the last value is kept for good.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=3)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.cols[1, :3] = [0, 10_000, 20_000], 7.0, [1.0, 2.0, 2.0]
    >>> changes = ChangeCounter(1, [60_000], lateness=0)
    >>> changes.route(0, key=0, value=1, outs=[2])
    >>> changes.bind(chunk)
    >>> changes.step(3)
    >>> chunk.cols[2, :3].tolist()
    [0.0, 1.0, 1.0]
    """

    n_windows: cython.int
    window: cython.longlong[::1]
    widest: cython.longlong
    lateness: cython.longlong
    path: cython.int[:, ::1]
    next_route: cython.int[::1]
    cols: cython.double[:, ::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]

    def __init__(self, n_types, windows, *, lateness):
        SlotBlocks.__init__(self, 3)
        self.n_windows = len(windows)
        self.window = memoryview(np.array(windows, np.int64))
        self.widest = max(windows)
        self.lateness = lateness
        self.path = memoryview(np.full((n_types, _OUTS + len(windows)), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)

    def route(self, type_code, *, key, update=True, gate=ALWAYS, value=-1, outs=()):
        """Set what events of a type do. Columns: -1 = none; `outs`: one per window.

        A value that is not known is not recorded; null is a value like any other.
        """
        row = np.asarray(self.path)[type_code]
        row[:_OUTS] = key, value, *flag_code(gate if update and value >= 0 else NEVER)
        row[_OUTS : _OUTS + len(outs)] = outs

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk, in arrival order."""
        i: cython.int
        p: cython.int
        kind: cython.int
        for i in range(n):
            p = self.order[i]
            kind = self.kind[p]
            while kind >= 0:
                if self.path[kind, _KEY] >= 0:
                    self._event(kind, p)
                kind = self.next_route[kind]

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        slot: cython.longlong
        k: cython.int
        if not key >= 0:
            for k in range(self.n_windows):
                if self.path[kind, _OUTS + k] >= 0:  # key -1: a pair never seen
                    self.cols[self.path[kind, _OUTS + k], p] = 0.0 if key == -1 else _NAN
            return 0
        slot = cython.cast(cython.longlong, key)
        if self.ts[p] > self.newest:
            self.newest = self.ts[p]
        if self._is_open(kind, p):
            self._add(slot, self.ts[p], self.cols[self.path[kind, _VALUE], p])
        return self._write(kind, p, slot, self.ts[p])

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event is to be recorded: its gate lets it, and its value is known."""
        gate: cython.int = self.path[kind, _GATE]
        x: cython.double
        if gate >= 0:
            x = self.cols[gate, p]
            if not (x == 1.0 or (x != x and self.path[kind, _UNKNOWN] == 1)):
                return False
        elif gate != _ALWAYS:
            return False
        x = self.cols[self.path[kind, _VALUE], p]
        return x == x

    @cython.cfunc
    @cython.exceptval(-1)
    def _add(self, slot: cython.longlong, t: cython.longlong, value: cython.double) -> cython.int:
        """Put a record in its place; count it as a change, and its successor anew."""
        n: cython.longlong
        base: cython.longlong
        at: cython.longlong
        end: cython.longlong
        more: cython.longlong = 0
        self._make_room(slot)
        n = self.slot[slot, SIZE] >> 8
        base = 3 * self.slot[slot, UNIT]
        at = base + 3 * self._after(base, n, t)
        end = base + 3 * n
        if at < end and at > base:
            more -= self.values[at + _IS] != self.values[at - 3 + _IS]
        if at < end:
            more += self.values[at + _IS] != value
        if at > base:
            more += value != self.values[at - 3 + _IS]
        while end > at:
            self.words[end + _TS] = self.words[end - 3 + _TS]
            self.words[end + _IS] = self.words[end - 3 + _IS]
            self.words[end + _CHANGES] = self.words[end - 3 + _CHANGES] + more
            end -= 3
        self.words[at + _TS] = t
        self.values[at + _IS] = value
        self.words[at + _CHANGES] = 0
        if at > base:
            self.words[at + _CHANGES] = self.words[at - 3 + _CHANGES] + (value != self.values[at - 3 + _IS])
        self.slot[slot, SIZE] += 256
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _write(
        self, kind: cython.int, p: cython.int, slot: cython.longlong, t: cython.longlong
    ) -> cython.int:
        """Write the changes per window."""
        n: cython.longlong = 0
        base: cython.longlong = 0
        end: cython.longlong
        begin: cython.longlong
        changes: cython.longlong
        k: cython.int
        if slot < self.n_slots:
            n = self.slot[slot, SIZE] >> 8
            base = 3 * self.slot[slot, UNIT]
        end = self._after(base, n, t)
        for k in range(self.n_windows):
            if self.path[kind, _OUTS + k] >= 0:
                begin = self._after(base, end, t - self.window[k])
                changes = self.words[base + 3 * (end - 1) + _CHANGES] if end else 0
                if begin:
                    changes -= self.words[base + 3 * (begin - 1) + _CHANGES]
                self.cols[self.path[kind, _OUTS + k], p] = changes
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _after(self, base: cython.longlong, n: cython.longlong, t: cython.longlong) -> cython.longlong:
        """How many of the first n records of a block are at `t` or before."""
        low: cython.longlong = 0
        middle: cython.longlong
        if n == 0 or self.words[base + 3 * (n - 1) + _TS] <= t:
            return n
        while low < n:  # not among the first `low`, not beyond the first n
            middle = (low + n) >> 1
            if self.words[base + 3 * middle + _TS] <= t:
                low = middle + 1
            else:
                n = middle
        return low

    # ---- blocks

    @cython.cfunc
    @cython.exceptval(-1)
    def _make_room(self, slot: cython.longlong) -> cython.int:
        """Have room for one more record."""
        size: cython.longlong
        self._meet(slot)
        if self.slot[slot, SIZE] == 0:
            self.slot[slot, UNIT] = self._allocate(0)
            return 0
        size = 1 << (self.slot[slot, SIZE] & 255)
        if self.slot[slot, SIZE] >> 8 == size and 2 * self._thin(slot) > size:
            self._move(slot, (self.slot[slot, SIZE] & 255) + 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _thin(self, slot: cython.longlong) -> cython.longlong:
        """Drop the records that no event to come makes matter, and not the last one; how many stay."""
        n: cython.longlong = self.slot[slot, SIZE] >> 8
        base: cython.longlong = 3 * self.slot[slot, UNIT]
        settled: cython.longlong = self.newest - self.lateness
        q: cython.longlong = self._after(base, n, settled - self.widest)
        kept: cython.longlong = 0
        before: cython.longlong = -1
        j: cython.int
        if q:
            q -= 1  # the last record before all windows: its value is the one to differ from
        while q < n:
            if self.words[base + 3 * q + _TS] > settled or self.words[base + 3 * q + _CHANGES] != before:
                for j in range(3):
                    self.words[base + 3 * kept + j] = self.words[base + 3 * q + j]
                kept += 1
            before = self.words[base + 3 * q + _CHANGES]
            q += 1
        self.slot[slot, SIZE] = (kept << 8) | (self.slot[slot, SIZE] & 255)
        return kept

    # ---- upkeep

    def sweep(self, now, budget):
        """In up to `budget` slots, drop what no event to come makes matter; 0, since last values are kept for good."""
        _: cython.longlong
        n: cython.longlong
        order: cython.int
        if now > self.newest:
            self.newest = now
        for _ in range(min(budget, self.n_slots)):
            self.hand = self.hand + 1 if self.hand + 1 < self.n_slots else 0
            if self.hand == 0:
                self._give_back()
            if self.slot[self.hand, SIZE]:
                n = self._thin(self.hand)
                order = self.slot[self.hand, SIZE] & 255
                if order and 4 * n <= 1 << order:
                    self._move(self.hand, order - 1)
        return 0

    def live(self, now):
        """1 for each slot that ever had a value, as uint8: the last one is kept for good, whatever `now`."""
        del now
        return (np.asarray(self.slot)[: self.n_slots, SIZE] > 0).astype(np.uint8)

    def values_held(self, number):
        """The values of all records held, in no order, null among them. There is but one value, number 0."""
        assert number == 0
        rows = np.asarray(self.slot)[: self.n_slots]
        rows = rows[rows[:, SIZE] > 0]
        sizes = rows[:, SIZE] >> 8
        before = np.cumsum(sizes) - sizes
        places = np.repeat(3 * (rows[:, UNIT] - before), sizes) + 3 * np.arange(sizes.sum())
        return np.asarray(self.values)[places + _IS]
