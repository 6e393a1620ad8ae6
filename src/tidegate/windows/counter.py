"""Exact counts and sums of an entity's events over sliding windows.

(reason for length: a kernel declares every field and every local with its C type; 60 lines are nothing else)

Up to 32 events of a slot are recounted newest to oldest on every read: windows are nested, so one walk serves all. A slot
with more has a row of running counts (see rings.py). An event in order then costs one addition and, later, one
subtraction per window. A late one reads the running counts too, less what is newer than itself.
"""

import cython
import numpy as np

from tidegate.windows.counter_routes import CounterRoutes
from tidegate.windows.rings import LITTLE_ENDIAN

if cython.compiled:
    from cython.cimports.tidegate.windows.rings import (
        FORM,
        HEAD,
        LANE_BITS,
        ORDER_MASK,
        TAIL,
        TAILS,
        UNIT,
        SlotRings,
    )
    from cython.cimports.tidegate.windows.start import UNKNOWN, limit_of
else:
    from tidegate.windows.rings import (
        FORM,
        HEAD,
        LANE_BITS,
        ORDER_MASK,
        TAIL,
        TAILS,
        UNIT,
        SlotRings,
    )
    from tidegate.windows.start import UNKNOWN, limit_of

if not cython.compiled:  # as in counter.pxd
    MAX_LANES, NOT_STORED, LAST_LANES = 21, -2, 31
    _TO, _LANE, _BYTE, _BEFORE, _ALL = range(5)

MAX_AMOUNT = cython.declare(cython.double, float(1 << 53))
COUNT_MASK = cython.declare(cython.longlong, (1 << 32) - 1)
LOW_UNIT = cython.declare(cython.double, float(1 << 26))  # 2**LOW_BITS of rings.py
NAN = cython.declare(cython.double, float("nan"))
NULL = cython.declare(cython.double, float("-inf"))


# bit j of b as byte j: one addition counts eight lanes
SPREAD = np.array([sum((b >> j & 1) << 8 * j for j in range(8)) for b in range(256)], np.int64)


@cython.final
@cython.cclass
class WindowCounter(SlotRings):
    """Counts of up to 21 boolean lanes and exact sums, per slot, in windows (t - w, t] ending at each event.

    windows : ascending lengths in ms
    sums    : number of integer amounts summed beside the lanes; an amount is clamped to +-2**53
    starts  : windows that begin at a column's time instead (inclusive), at most `horizon` ms back; they follow the
              fixed ones. A start that only grows, like midnight, costs as little as a fixed window; one that jumps
              costs a walk over the events between.
    lateness: ms an event may be older than the newest one seen. A late event costs a walk over what is newer.

    Values are exact for any order of arrival within the lateness, any chunking and any sweeping. Sums are given as the
    nearest float64. Times are >= 0 and below 2**42 ms.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=2)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.n = [0, 50_000, 60_000], 7.0, 3
    >>> counter = WindowCounter(1, [60_000], lanes=1)
    >>> counter.route(0, key=0, flags=[ALWAYS], outs=[[1]])
    >>> counter.bind(chunk)
    >>> counter.step(chunk.n)
    >>> chunk.cols[1, :3].tolist()  # at 60 s the first event has just left the minute
    [1.0, 2.0, 2.0]
    """

    horizon: cython.longlong
    window: cython.longlong[::1]
    spread: cython.longlong[::1]

    routes: object
    next_route: cython.int[::1]  # a further reading of the same event, -1 = none
    key_col: cython.int[::1]
    key_many: cython.uchar[::1]
    update: cython.uchar[::1]
    set_bits: cython.int[::1]
    flag_at: cython.int[::1]
    flag_col: cython.int[::1]
    flag_true: cython.int[::1]
    flag_unknown: cython.int[::1]
    amount_col: cython.int[:, ::1]
    start_col: cython.int[:, ::1]
    emit_at: cython.int[:, ::1]
    emit: cython.int[:, ::1]  # per output: see _TO and the others
    reads: cython.uchar[:, ::1]
    warmed: cython.uchar[::1]  # types whose every event comes to its slot, not only what is stored

    cols: cython.double[:, ::1]
    items: cython.double[::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]

    # of the event being processed
    acc: cython.longlong[::1]  # per sum, while recounting
    counting: cython.longlong[::1]  # lanes while recounting, a byte each: SMALL events fit
    counted: cython.uchar[::1]  # the same memory
    warm_slots: cython.Py_ssize_t[::1]
    n_warm: cython.Py_ssize_t
    met: cython.uchar[::1]  # slots of the current list of keys

    def __init__(self, n_types, windows, lanes, sums=0, starts=0, horizon=0, lateness=0):
        assert list(windows) == sorted(windows), "windows ascend"
        assert lanes <= MAX_LANES, "a ring word has room for 21 lanes"
        assert not starts or horizon > 0, "a window with a start needs a horizon"
        widest = max(max(windows, default=0), horizon if starts else 0)
        SlotRings.__init__(self, len(windows), len(windows) + starts, lanes, sums, widest + lateness)
        self.horizon = horizon
        self.window = memoryview(np.array(windows, np.int64))
        self.spread = memoryview(SPREAD)
        self.acc = memoryview(np.zeros(sums, np.int64))
        counting = np.zeros(3, np.int64)
        self.counting = memoryview(counting)
        self.counted = memoryview(counting.view(np.uint8))
        self.met = memoryview(np.zeros(64, np.uint8))
        self.warm_slots = memoryview(np.zeros(1024, np.intp))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        self.routes = CounterRoutes(n_types, self.n_windows, lanes, sums, starts)
        self._take_routes()

    # ---- wiring

    def bind(self, chunk):
        """Read from and write to this chunk from now on."""
        self.cols = memoryview(chunk.cols)
        self.items = memoryview(chunk.items)
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)

    def route(
        self, type_code, *, key, outs, key_many=False, update=True, flags=(), amounts=(), start_cols=()
    ):
        """Wire one event type.

        key       : column of the slot, or of a list of slots (key_many): all are updated, each once, and outputs are
                    the largest over them, 0 for an empty list. Key or list not known or null: outputs are NaN.
        flags     : per lane ALWAYS, NEVER or (column, when_unknown). Missing ones are NEVER.
        amounts   : per sum a column of integral values, or -1; NaN and null count 0
        start_cols: per start a column of times, or -1. NaN: the output is NaN; null (-inf): the whole horizon counts.
        outs      : int[windows + starts, lanes + sums], the columns to write, or -1; read after the update
        An event that sets no lane and has no amount but 0 is not stored.
        """
        self.routes.add(type_code, key, key_many, update, flags, amounts, start_cols, outs)
        self._take_routes()

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    def _take_routes(self):
        routes = self.routes
        self.key_col = memoryview(routes.key_col)
        self.key_many = memoryview(routes.key_many)
        self.update = memoryview(routes.update)
        self.set_bits = memoryview(routes.set_bits)
        self.flag_at = memoryview(routes.flag_at)
        self.flag_col = memoryview(routes.flag_col)
        self.flag_true = memoryview(routes.flag_true)
        self.flag_unknown = memoryview(routes.flag_unknown)
        self.amount_col = memoryview(routes.amount_col)
        self.start_col = memoryview(routes.start_col)
        self.emit_at = memoryview(routes.emit_at)
        self.reads = memoryview(routes.reads)
        self.warmed = memoryview(((routes.set_bits != 0) | routes.reads.any(axis=1)).astype(np.uint8))
        self.count_lanes(routes.lanes_read())
        self.emit = memoryview(
            np.array(
                [
                    (
                        column,
                        lane,
                        lane if LITTLE_ENDIAN else lane ^ 7,
                        self.place(window, lane),
                        self.place(self.n_windows, lane),
                    )
                    for window, lane, column in routes.emitted
                ]
                or [(0, 0, 0, 0, 0)],
                np.int32,
            )
        )

    # ---- events

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first n events of the bound chunk in the order of their arrival."""
        i: cython.Py_ssize_t
        p: cython.Py_ssize_t
        ty: cython.int
        t: cython.longlong
        if cython.compiled and n > 1:
            self._warm(n)
        for i in range(n):
            p = self.order[i]
            ty = self.kind[p]
            t = self.ts[p]
            if t > self.newest:
                self.newest = t
            while ty >= 0:
                if self.key_col[ty] >= 0:
                    self._event(ty, p, t)
                ty = self.next_route[ty]

    @cython.cfunc
    @cython.exceptval(-1)
    def _warm(self, n: cython.Py_ssize_t) -> cython.int:
        """Touch what the next n events will need: misses that follow one another cost ten times those side by side."""
        i: cython.Py_ssize_t
        p: cython.Py_ssize_t
        ty: cython.int
        key: cython.double
        self.n_warm = 0
        for i in range(n):
            p = self.order[i]
            ty = self.kind[p]
            if self.key_col[ty] >= 0 and not self.key_many[ty]:
                key = self.cols[self.key_col[ty], p]
                if 0 <= key < self.pages.bound and (self.warmed[ty] or self._lanes(ty, p) != NOT_STORED):
                    if self.n_warm == len(self.warm_slots):
                        break
                    self.warm_slots[self.n_warm] = self.pages.find(cython.cast(cython.longlong, key))
                    self.n_warm += 1
        return self.touch(self.warm_slots, self.n_warm)

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.inline
    def _event(self, ty: cython.int, p: cython.Py_ssize_t, t: cython.longlong) -> cython.int:
        bits: cython.int
        key: cython.double = self.cols[self.key_col[ty], p]
        self._limits(ty, p, t)
        if not key >= 0:  # -1: a pair never seen, which has no state; else NaN or null
            self._emit_all(ty, p, 0.0 if key == -1 else NAN)
            return 0
        bits = self._lanes(ty, p)
        if bits == NOT_STORED and self.emit_at[ty, 0] == self.emit_at[ty, self.n_windows]:
            return 0
        if self.key_many[ty]:
            self._many(ty, p, t, bits)
        else:
            self._one(cython.cast(cython.Py_ssize_t, key), ty, p, t, bits, False)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.inline
    def _lanes(self, ty: cython.int, p: cython.Py_ssize_t) -> cython.int:
        """Lane bits of the event, NOT_STORED when there is nothing to store; its amounts go to `amount`."""
        f: cython.int
        s: cython.int
        x: cython.double
        bits: cython.int = self.set_bits[ty]
        stored: cython.bint
        if not self.update[ty]:
            return NOT_STORED
        for f in range(self.flag_at[ty], self.flag_at[ty + 1]):
            x = self.cols[self.flag_col[f], p]
            bits |= self.flag_true[f] * (x == 1.0)  # no branch: nobody can foresee a flag
            bits |= self.flag_unknown[f] * (x != x)
        stored = bits != 0
        for s in range(self.n_sums):
            x = 0.0
            if self.amount_col[ty, s] >= 0:
                x = self.cols[self.amount_col[ty, s], p]
                if x != x or x == NULL:
                    x = 0.0
                elif x > MAX_AMOUNT:
                    x = MAX_AMOUNT
                elif x < -MAX_AMOUNT:
                    x = -MAX_AMOUNT
            self.amount[s] = cython.cast(cython.longlong, x)
            if self.amount[s] != 0:
                stored = True
        return bits if stored else NOT_STORED

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.inline
    def _limits(self, ty: cython.int, p: cython.Py_ssize_t, t: cython.longlong) -> cython.int:
        """Set `low`: an event counts in window k, if the type reads it, if its time is above low[k]. Never above t."""
        k: cython.int
        col: cython.int
        for k in range(self.n_fixed):
            self.low[k] = t - self.window[k] if self.reads[ty, k] else UNKNOWN
        for k in range(self.n_fixed, self.n_windows):
            col = self.start_col[ty, k - self.n_fixed]
            self.low[k] = limit_of(self.cols[col, p], t, self.horizon) if col >= 0 else UNKNOWN
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _many(self, ty: cython.int, p: cython.Py_ssize_t, t: cython.longlong, bits: cython.int) -> cython.int:
        """Process an event whose key is a list of slots."""
        first: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, self.cols[self.key_col[ty], p])
        last: cython.Py_ssize_t = first + cython.cast(cython.Py_ssize_t, self.cols[self.key_col[ty] + 1, p])
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        fold: cython.bint = False
        for i in range(first, last):
            if not self.items[i] >= 0:
                continue
            slot = cython.cast(cython.Py_ssize_t, self.items[i])
            if slot >= len(self.met):
                self.met = memoryview(np.concatenate([np.asarray(self.met), np.zeros(slot + 1, np.uint8)]))
            if self.met[slot]:
                continue
            self.met[slot] = 1
            self._one(slot, ty, p, t, bits, fold)
            fold = True
        for i in range(first, last):
            if self.items[i] >= 0:
                self.met[cython.cast(cython.Py_ssize_t, self.items[i])] = 0
        if not fold:
            self._emit_all(ty, p, 0.0)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _one(
        self,
        slot: cython.Py_ssize_t,
        ty: cython.int,
        p: cython.Py_ssize_t,
        t: cython.longlong,
        bits: cython.int,
        fold: cython.bint,
    ) -> cython.int:
        """Store the event in a slot and write what the slot's windows hold; `fold`: keep larger values."""
        row: cython.int
        if bits >= 0:
            slot = self.open(slot)
        else:
            slot = self.pages.find(slot)  # one of page 0: an empty ring
        self.expire(slot)
        if bits >= 0:
            self.push(slot, t, bits)
        if self.emit_at[ty, 0] == self.emit_at[ty, self.n_windows]:
            return 0
        row = self.meta[slot, FORM] >> 5
        if row:
            return self._read_row(slot, row, ty, p, t, fold)
        return self._recount(slot, ty, p, t, fold)

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.inline
    def _put(self, e: cython.int, p: cython.Py_ssize_t, x: cython.double, fold: cython.bint) -> cython.int:
        if not (fold and self.cols[self.emit[e, _TO], p] > x):
            self.cols[self.emit[e, _TO], p] = x
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _emit_all(self, ty: cython.int, p: cython.Py_ssize_t, x: cython.double) -> cython.int:
        """Write x to every output (x = 0: NaN where the window's start is not known)."""
        k: cython.int
        e: cython.int
        for k in range(self.n_windows):
            for e in range(self.emit_at[ty, k], self.emit_at[ty, k + 1]):
                self.cols[self.emit[e, _TO], p] = x if x != x or self.low[k] != UNKNOWN else NAN
        return 0

    # ---- few events: recount

    @cython.cfunc
    @cython.exceptval(-1)
    def _recount(
        self,
        slot: cython.Py_ssize_t,
        ty: cython.int,
        p: cython.Py_ssize_t,
        t: cython.longlong,
        fold: cython.bint,
    ) -> cython.int:
        base: cython.longlong = cython.cast(cython.longlong, self.meta[slot, UNIT]) * self.unit_words
        mask: cython.int = (2 << (self.meta[slot, FORM] & ORDER_MASK)) - 1
        tail: cython.int = self.meta[slot, TAIL]
        top: cython.int = self.meta[slot, HEAD]
        stride: cython.int = self.stride
        q: cython.int
        k: cython.int
        s: cython.int
        at: cython.longlong
        word: cython.longlong
        low: cython.longlong
        a: cython.longlong = 0  # lanes 0..7, one byte each
        b: cython.longlong = 0  # lanes 8..15
        c: cython.longlong = 0  # lanes 16..20
        while top != tail and (self.words[base + ((top - 1) & mask) * stride] >> LANE_BITS) > t:
            top -= 1
        q = top
        for k in range(self.n_windows):
            if k == 0 or k >= self.n_fixed:  # not nested in the window before: count from the newest event on
                q = top
                a = 0
                b = 0
                c = 0
                for s in range(self.n_sums):
                    self.acc[s] = 0
            low = self.low[k]
            if not self.reads[ty, k]:
                continue
            while q != tail and low != UNKNOWN:
                at = base + ((q - 1) & mask) * stride
                word = self.words[at]
                if (word >> LANE_BITS) <= low:
                    break
                a += self.spread[word & 255]
                b += self.spread[(word >> 8) & 255]
                c += self.spread[(word >> 16) & LAST_LANES]
                for s in range(self.n_sums):
                    self.acc[s] += self.words[at + 1 + s]
                q -= 1
            if low != UNKNOWN:
                self.counting[0] = a
                self.counting[1] = b
                self.counting[2] = c
            self._emit_counted(ty, k, p, fold)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.inline
    def _emit_counted(
        self, ty: cython.int, k: cython.int, p: cython.Py_ssize_t, fold: cython.bint
    ) -> cython.int:
        """Write what was counted in a window; NaN where it is not known where the window begins."""
        e: cython.int
        x: cython.double
        for e in range(self.emit_at[ty, k], self.emit_at[ty, k + 1]):
            if self.low[k] == UNKNOWN:
                x = NAN
            elif self.emit[e, _LANE] < MAX_LANES:
                x = self.counted[self.emit[e, _BYTE]]
            else:
                x = self.acc[self.emit[e, _LANE] - MAX_LANES]
            self._put(e, p, x, fold)
        return 0

    # ---- many events: a row

    @cython.cfunc
    @cython.exceptval(-1)
    def _read_row(
        self,
        slot: cython.Py_ssize_t,
        row: cython.int,
        ty: cython.int,
        p: cython.Py_ssize_t,
        t: cython.longlong,
        fold: cython.bint,
    ) -> cython.int:
        late: cython.bint = self.sum_newer(slot, t)
        newer: cython.int = 2 * (TAILS + self.n_windows + self.pair_at[self.n_windows])
        all_sums: cython.int = 2 * self.n_windows * self.n_sums
        j: cython.int
        k: cython.int
        e: cython.int
        i: cython.int
        lane: cython.int
        word: cython.longlong
        high: cython.longlong
        low: cython.longlong
        x: cython.double
        self.aim(slot, row, t)
        for k in range(self.n_windows):
            for e in range(self.emit_at[ty, k], self.emit_at[ty, k + 1]):
                lane = self.emit[e, _LANE]
                if self.low[k] == UNKNOWN:
                    x = NAN
                elif lane < MAX_LANES:
                    i = self.emit[e, _ALL]
                    word = self.count[row, i]
                    if late:
                        word -= self.newer_count[i - newer]
                    x = (word - self.count[row, self.emit[e, _BEFORE]]) & COUNT_MASK
                else:
                    i = 2 * (lane - MAX_LANES)
                    j = 2 * k * self.n_sums + i
                    high = self.total[row, all_sums + i] - self.total[row, j]
                    low = self.total[row, all_sums + i + 1] - self.total[row, j + 1]
                    if late:
                        high -= self.newer_total[i]
                        low -= self.newer_total[i + 1]
                    x = cython.cast(cython.double, high) * LOW_UNIT + cython.cast(cython.double, low)
                self._put(e, p, x, fold)
        return 0

    def nbytes(self):
        """Bytes in use: per slot, rings with their free blocks, rows."""
        return SlotRings.nbytes(self) + len(self.met)
