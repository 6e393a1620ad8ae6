"""What the samples of an entity come to: their median, highest, a sum with a cap per member, the most frequent, how regular they are.

reason for length: one block of samples, five ways to read it, and the upkeep that every kernel has.

A slot's samples lie in a block sorted by (ts, arrival); a reading looks at those it sees:

    ts       10  20  30  40        at 40, the last 25 ms: median of 7, 3, 9 = 7
    value     4   7   3   9
"""

import cython
import numpy as np

from tidegate.windows.growth import zeros
from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks
else:
    from tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks

# what is read of the samples
MEDIAN = 0
HIGHEST = 1
CAPPED = 2
STEADY = 3
TOP = 4

SERIES = 1024  # samples a steady series has at most: more than two hours of one every eight seconds

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))
_ENDLESS = cython.declare(cython.double, float("inf"))
_FOR_GOOD = cython.declare(cython.longlong, 1 << 60)
_MEDIAN = cython.declare(cython.int, MEDIAN)
_HIGHEST = cython.declare(cython.int, HIGHEST)
_CAPPED = cython.declare(cython.int, CAPPED)
_STEADY = cython.declare(cython.int, STEADY)
_TOP = cython.declare(cython.int, TOP)
_SERIES = cython.declare(cython.longlong, SERIES)
_SLACK = cython.declare(cython.double, 1e-9)  # of a squared ratio: so that 0.1 of whole numbers is 0.1
_FEW = cython.declare(cython.longlong, 48)  # values: up to here putting them in order beats a call of NumPy

# columns of `path`, a row per event type; then come two output columns per window
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_VALUE = cython.declare(cython.int, 1)
_MEMBER = cython.declare(cython.int, 2)
_GATE = cython.declare(cython.int, 3)
_UNKNOWN = cython.declare(cython.int, 4)
_NEED = cython.declare(cython.int, 5)
_OUTS = cython.declare(cython.int, 6)

# words of a sample
_TS = cython.declare(cython.int, 0)
_IS = cython.declare(cython.int, 1)  # the value, as float64
_WHO = cython.declare(cython.int, 2)  # the member


@cython.final
@cython.cclass
class Samples(SlotBlocks):
    """The samples (ts, value, member) of a slot in windows (t - w, t] at each event, and one figure of them.

    windows : ascending lengths in ms; HIGHEST and STEADY take no window and ignore them
    fold    : MEDIAN   the middle value, of an even number the mean of the two in the middle; NaN of none
              HIGHEST  the greatest value ever; NaN of none
              CAPPED   sum of whole numbers, of each member at most `cap`
              STEADY   the longest series up to now, of at most SERIES samples, whose gaps have a coefficient of variation
                       (population) of at most `tolerance`: its duration in ms, and how many samples it has
              TOP      how many of the samples, of the newest SERIES at most, are of the `cap` most frequent members; 0 of fewer
                       than `least`, which are not looked at
    lateness: ms an event may be older than the newest one seen.

    Exact for any order of arrival within the lateness, any chunking and any sweeping. A reading costs a walk over the
    samples in its window (STEADY, TOP: over SERIES at most; HIGHEST: a search).
    Memory: 16 bytes per slot, and 24 per sample of the widest window and the lateness, rounded up to a power of two; of
    HIGHEST one for good, and those of the last `lateness` ms that were higher than all before; of STEADY the last SERIES.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=3)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.cols[1, :3] = [0, 30_000, 60_000], 7.0, [4.0, 7.0, 3.0]
    >>> samples = Samples(1, MEDIAN, [60_000], lateness=0)
    >>> samples.route(0, key=0, value=1, outs=[(2, -1)])
    >>> samples.bind(chunk)
    >>> samples.step(3)
    >>> chunk.cols[2, :3].tolist()  # at 60 s the first has just left the minute
    [4.0, 5.5, 5.0]
    """

    fold: cython.int
    n_windows: cython.int
    window: cython.longlong[::1]
    keep: cython.longlong
    cap: cython.longlong
    least: cython.longlong
    most: cython.double  # squared mean of gaps times this: the greatest mean of squared gaps
    lateness: cython.longlong
    path: cython.int[:, ::1]
    next_route: cython.int[::1]
    cols: cython.double[:, ::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    scratch: cython.double[::1]
    first: cython.longlong[::1]  # places of the most frequent members, -1 = none
    who: cython.longlong[::1]  # members met in one reading: hash table of member, sum, number of the reading
    sum: cython.longlong[::1]
    turn: cython.longlong[::1]
    turns: cython.longlong
    everything = cython.declare(cython.bint, visibility="public")  # outputs are asked for at every event
    warmed: cython.longlong  # means nothing; keeps the compiler from leaving the loads out

    def __init__(self, n_types, fold, windows=(), *, cap=0, least=0, tolerance=0.0, lateness):
        SlotBlocks.__init__(self, 3)
        self.fold = fold
        windows = windows if fold in (MEDIAN, CAPPED, TOP) else [1 << 60]
        self.n_windows = len(windows)
        self.window = memoryview(np.array(windows, np.int64))
        self.keep = max(windows)
        self.cap = cap
        self.least = least
        self.most = 1 + tolerance * tolerance + _SLACK
        self.lateness = lateness
        self.path = memoryview(np.full((n_types, _OUTS + 2 * len(windows)), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        self.scratch = zeros(64, np.float64)
        self.first = zeros(max(1, cap if fold == TOP else 1), np.int64)
        self.who = zeros(64, np.int64)
        self.sum = zeros(64, np.int64)
        self.turn = zeros(64, np.int64)
        self.turns = 0
        self.everything = False

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)

    def route(self, type_code, *, key, update=True, gate=ALWAYS, value=-1, member=-1, need=-1, outs=()):
        """Set what events of a type do. Columns: -1 = none; `outs`: a pair per window, the second for STEADY's number of samples.

        `need`: where this column is 0 nobody asks for the outputs: they are NaN, which costs nothing.
        A value that is not a number is no sample, nor is one of a member that is not known or null. STEADY and TOP need no value.
        """
        valued, named = self.fold not in (STEADY, TOP), self.fold in (CAPPED, TOP)
        lacks = (valued and value < 0) or (named and member < 0)
        row = np.asarray(self.path)[type_code]
        row[:_OUTS] = key, value, member, *flag_code(NEVER if lacks or not update else gate), need
        for k, pair in enumerate(outs):
            row[_OUTS + 2 * k : _OUTS + 2 * k + 2] = pair

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk, in arrival order."""
        i: cython.int
        p: cython.int
        kind: cython.int
        if cython.compiled:
            self._warm(n)
        for i in range(n):
            p = self.order[i]
            kind = self.kind[p]
            while kind >= 0:
                if self.path[kind, _KEY] >= 0:
                    self._event(kind, p)
                kind = self.next_route[kind]

    @cython.cfunc
    @cython.exceptval(-1)
    def _warm(self, n: cython.int) -> cython.int:
        """Bring near where samples of a chunk go: loads that wait for nothing overlap, those of the events themselves do not."""
        i: cython.int
        p: cython.int
        key: cython.double
        end: cython.double = self.n_slots
        slot: cython.longlong
        at: cython.longlong
        total: cython.longlong = 0
        for i in range(n):
            p = self.order[i]
            if self.path[self.kind[p], _KEY] >= 0:
                key = self.cols[self.path[self.kind[p], _KEY], p]
                if 0 <= key < end:
                    total += self.slot[cython.cast(cython.longlong, key), SIZE]
        for i in range(n):
            p = self.order[i]
            if self.path[self.kind[p], _KEY] >= 0:
                key = self.cols[self.path[self.kind[p], _KEY], p]
                if 0 <= key < end:
                    slot = cython.cast(cython.longlong, key)
                    at = self.slot[slot, UNIT] + (self.slot[slot, SIZE] >> 8) - 1
                    if at > 0:
                        total += self.words[3 * at]
        self.warmed = total
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        slot: cython.longlong
        value: cython.double = 0.0
        member: cython.longlong = 0
        if not key >= 0:
            return self._write_none(kind, p, key)
        slot = cython.cast(cython.longlong, key)
        if self.ts[p] > self.newest:
            self.newest = self.ts[p]
        if self._is_open(kind, p):
            if self.path[kind, _VALUE] >= 0:
                value = self.cols[self.path[kind, _VALUE], p]
            if self.path[kind, _MEMBER] >= 0:
                member = cython.cast(cython.longlong, self.cols[self.path[kind, _MEMBER], p])
            self._add(slot, self.ts[p], value, member)
        if not self.everything and self.path[kind, _NEED] >= 0 and self.cols[self.path[kind, _NEED], p] == 0:
            return self._write_none(kind, p, _NAN)
        return self._write(kind, p, slot, self.ts[p])

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event brings a sample: its gate lets it, its value is a number and its member known."""
        gate: cython.int = self.path[kind, _GATE]
        x: cython.double
        if gate >= 0:
            x = self.cols[gate, p]
            if not (x == 1.0 or (x != x and self.path[kind, _UNKNOWN] == 1)):
                return False
        elif gate != _ALWAYS:
            return False
        if self.path[kind, _VALUE] >= 0:
            x = self.cols[self.path[kind, _VALUE], p]
            if not -_ENDLESS < x < _ENDLESS:
                return False
        return self.path[kind, _MEMBER] < 0 or self.cols[self.path[kind, _MEMBER], p] >= 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _add(
        self, slot: cython.longlong, t: cython.longlong, value: cython.double, member: cython.longlong
    ) -> cython.int:
        """Put a sample in its place."""
        n: cython.longlong
        base: cython.longlong
        at: cython.longlong
        end: cython.longlong
        j: cython.int
        self._make_room(slot)
        n = self.slot[slot, SIZE] >> 8
        base = 3 * self.slot[slot, UNIT]
        at = base + 3 * self._after(base, n, t)
        end = base + 3 * n
        if self.fold == _HIGHEST:
            if at > base and self.values[at - 3 + _IS] >= value:
                return 0
            if at < end and self.values[at + _IS] <= value:
                return self._replace(slot, at, t, value)
        while end > at:
            for j in range(3):
                self.words[end + j] = self.words[end - 3 + j]
            end -= 3
        self.words[at + _TS] = t
        self.values[at + _IS] = value
        self.words[at + _WHO] = member
        self.slot[slot, SIZE] += 256
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _replace(
        self, slot: cython.longlong, at: cython.longlong, t: cython.longlong, value: cython.double
    ) -> cython.int:
        """Put a late record where it is: those after it that are no higher are none."""
        end: cython.longlong = 3 * (self.slot[slot, UNIT] + (self.slot[slot, SIZE] >> 8))
        q: cython.longlong = at + 3
        to: cython.longlong = at + 3
        while q < end and self.values[q + _IS] <= value:
            q += 3
        self.slot[slot, SIZE] -= 256 * ((q - to) // 3)
        while q < end:
            self.words[to + _TS] = self.words[q + _TS]
            self.values[to + _IS] = self.values[q + _IS]
            q += 3
            to += 3
        self.words[at + _TS] = t
        self.values[at + _IS] = value
        return 0

    # ---- readings

    @cython.cfunc
    @cython.exceptval(-1)
    def _write(
        self, kind: cython.int, p: cython.int, slot: cython.longlong, t: cython.longlong
    ) -> cython.int:
        """Write the figure per window."""
        base: cython.longlong = 0
        end: cython.longlong = 0
        begin: cython.longlong
        k: cython.int
        out: cython.int
        if slot < self.n_slots:
            base = 3 * self.slot[slot, UNIT]
            end = self._after(base, self.slot[slot, SIZE] >> 8, t)
        for k in range(self.n_windows):
            out = _OUTS + 2 * k
            if self.path[kind, out] < 0 and self.path[kind, out + 1] < 0:
                continue
            if self.fold == _STEADY:
                self._write_steady(kind, p, base, end)
            elif self.fold == _HIGHEST:
                self.cols[self.path[kind, out], p] = self.values[base + 3 * (end - 1) + _IS] if end else _NAN
            else:
                begin = self._after(base, end, t - self.window[k])
                if self.fold == _MEDIAN:
                    self.cols[self.path[kind, out], p] = self._median(base, begin, end)
                elif self.fold == _TOP:
                    self.cols[self.path[kind, out], p] = self._top(base, max(begin, end - _SERIES), end)
                else:
                    self.cols[self.path[kind, out], p] = self._capped(base, begin, end)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _write_none(self, kind: cython.int, p: cython.int, key: cython.double) -> cython.int:
        """Write what there is of a key that is not known, or (-1) of a pair never seen."""
        j: cython.int
        x: cython.double = _NAN
        if key == -1 and self.fold >= _CAPPED:
            x = 0.0
        for j in range(_OUTS, _OUTS + 2 * self.n_windows):
            if self.path[kind, j] >= 0:
                self.cols[self.path[kind, j], p] = x
        return 0

    @cython.cfunc
    def _median(self, base: cython.longlong, begin: cython.longlong, end: cython.longlong) -> cython.double:
        n: cython.longlong = end - begin
        half: cython.longlong = n >> 1
        i: cython.longlong
        j: cython.longlong
        x: cython.double
        if n == 0:
            return _NAN
        if n > self.scratch.shape[0]:
            self.scratch = zeros(2 * n, np.float64)
        if n > _FEW:
            for i in range(n):
                self.scratch[i] = self.values[base + 3 * (begin + i) + _IS]
            np.asarray(self.scratch)[:n].partition((half - 1, half))
        else:
            for i in range(n):
                x = self.values[base + 3 * (begin + i) + _IS]
                j = i
                while j > 0 and self.scratch[j - 1] > x:
                    self.scratch[j] = self.scratch[j - 1]
                    j -= 1
                self.scratch[j] = x
        if n & 1:
            return self.scratch[half]
        return (self.scratch[half - 1] + self.scratch[half]) / 2

    @cython.cfunc
    def _capped(self, base: cython.longlong, begin: cython.longlong, end: cython.longlong) -> cython.double:
        """The sum over the members of what each brings, the cap at most."""
        q: cython.longlong
        h: cython.longlong
        before: cython.longlong
        total: cython.longlong = 0
        self._clear(end - begin)
        for q in range(begin, end):
            h = self._place(self.words[base + 3 * q + _WHO])
            before = self.sum[h]
            self.sum[h] = before + cython.cast(cython.longlong, self.values[base + 3 * q + _IS])
            total += min(self.cap, self.sum[h]) - min(self.cap, before)
        return total

    @cython.cfunc
    def _top(self, base: cython.longlong, begin: cython.longlong, end: cython.longlong) -> cython.double:
        """How many samples are of the most frequent members: those are kept in order, the most frequent first."""
        q: cython.longlong
        h: cython.longlong
        j: cython.longlong
        count: cython.longlong
        total: cython.longlong = 0
        if end - begin < self.least:
            return 0
        self._clear(end - begin)
        for j in range(self.cap):
            self.first[j] = -1
        for q in range(begin, end):
            h = self._place(self.words[base + 3 * q + _WHO])
            count = self.sum[h] + 1
            self.sum[h] = count
            j = 0
            while j < self.cap and self.first[j] != h:
                j += 1
            if j == self.cap:
                if self.first[j - 1] >= 0 and self.sum[self.first[j - 1]] >= count:
                    continue
                j -= 1
                self.first[j] = h
            while j > 0 and (self.first[j - 1] < 0 or self.sum[self.first[j - 1]] < count):
                self.first[j] = self.first[j - 1]
                self.first[j - 1] = h
                j -= 1
        for j in range(self.cap):
            if self.first[j] >= 0:
                total += self.sum[self.first[j]]
        return total

    @cython.cfunc
    @cython.exceptval(-1)
    def _clear(self, n: cython.longlong) -> cython.int:
        """Have an empty table of members with room for `n` samples."""
        size: cython.longlong = self.who.shape[0]
        if 2 * n >= size:
            while 2 * n >= size:
                size *= 2
            self.who = zeros(size, np.int64)
            self.sum = zeros(size, np.int64)
            self.turn = zeros(size, np.int64)
            self.turns = 0
        self.turns += 1
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _place(self, member: cython.longlong) -> cython.longlong:
        """The place of a member in the table; a new one has the sum 0."""
        mask: cython.longlong = self.who.shape[0] - 1
        h: cython.longlong = (member ^ (member >> 7)) & mask
        while self.turn[h] == self.turns and self.who[h] != member:
            h = (h + 1) & mask
        if self.turn[h] != self.turns:
            self.turn[h] = self.turns
            self.who[h] = member
            self.sum[h] = 0
        return h

    @cython.cfunc
    @cython.exceptval(-1)
    def _write_steady(
        self, kind: cython.int, p: cython.int, base: cython.longlong, end: cython.longlong
    ) -> cython.int:
        """Write duration and number of samples of the longest steady series that ends with sample `end` - 1."""
        first: cython.longlong = max(cython.cast(cython.longlong, 0), end - _SERIES)
        q: cython.longlong = end - 1
        best: cython.longlong = q
        last: cython.longlong = 0
        gap: cython.double
        whole: cython.double
        squares: cython.double = 0.0
        if end:
            last = self.words[base + 3 * q + _TS]
        while q > first:
            q -= 1
            gap = self.words[base + 3 * q + 3 + _TS] - self.words[base + 3 * q + _TS]
            squares += gap * gap
            whole = last - self.words[base + 3 * q + _TS]
            if (end - 1 - q) * squares <= self.most * (whole * whole):
                best = q
        if self.path[kind, _OUTS] >= 0:
            self.cols[self.path[kind, _OUTS], p] = last - self.words[base + 3 * best + _TS] if end else 0
        if self.path[kind, _OUTS + 1] >= 0:
            self.cols[self.path[kind, _OUTS + 1], p] = end - best if end else 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _after(self, base: cython.longlong, n: cython.longlong, t: cython.longlong) -> cython.longlong:
        """How many of the first n samples of a block are at `t` or before."""
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
        """Have room for one more sample."""
        size: cython.longlong
        self._meet(slot)
        if self.slot[slot, SIZE] >> 8 == 0:
            self.forget(slot)
            self.slot[slot, UNIT] = self._allocate(0)
            return 0
        size = 1 << (self.slot[slot, SIZE] & 255)
        if self.slot[slot, SIZE] >> 8 == size and 4 * self._thin(slot) > 3 * size:
            self._move(slot, (self.slot[slot, SIZE] & 255) + 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _thin(self, slot: cython.longlong) -> cython.longlong:
        """Drop the samples that no event to come can see; how many stay."""
        n: cython.longlong = self.slot[slot, SIZE] >> 8
        base: cython.longlong = 3 * self.slot[slot, UNIT]
        settled: cython.longlong = self.newest - self.lateness
        q: cython.longlong
        to: cython.longlong
        if self.fold == _HIGHEST:  # the last one that all events to come see
            q = self._after(base, n, settled) - 1
        elif self.fold == _STEADY:
            q = self._after(base, n, settled) - _SERIES
        else:
            q = self._after(base, n, settled - self.keep)
        if q <= 0:
            return n
        for to in range(3 * (n - q)):
            self.words[base + to] = self.words[base + 3 * q + to]
        self.slot[slot, SIZE] -= 256 * q
        return n - q

    # ---- upkeep

    def sweep(self, now, budget):
        """In up to `budget` slots, drop what no event to come can see; how many slots that emptied."""
        _: cython.longlong
        n: cython.longlong
        order: cython.int
        freed = 0
        if now > self.newest:
            self.newest = now
        for _ in range(min(budget, self.n_slots)):
            self.hand = self.hand + 1 if self.hand + 1 < self.n_slots else 0
            if self.hand == 0:
                self._give_back()
            if self.slot[self.hand, UNIT]:
                n = self._thin(self.hand)
                order = self.slot[self.hand, SIZE] & 255
                if n == 0:
                    self.forget(self.hand)
                    freed += 1
                elif order and 4 * n <= 1 << order:
                    self._move(self.hand, order - 1)
        return freed

    def live(self, now):
        """1 for each slot of which an event to come may see a sample, as uint8."""
        answer = np.zeros(self.n_slots, np.uint8)
        if self.n_slots == 0:
            return answer
        rows = np.asarray(self.slot)[: self.n_slots]
        held = rows[:, SIZE] >> 8
        last = np.asarray(self.words)[3 * (rows[:, UNIT] + np.maximum(held, 1) - 1) + _TS]
        answer[:] = (held > 0) & ((self.keep == _FOR_GOOD) | (last > now - self.lateness - self.keep))
        return answer

    def members(self, now):
        """The members of all samples held, ascending, as int64, whatever `now`."""
        del now
        rows = np.asarray(self.slot)[: self.n_slots]
        words = np.asarray(self.words)
        found = [
            words[3 * unit + _WHO : 3 * (unit + (size >> 8)) : 3]
            for unit, size in rows[rows[:, SIZE] >> 8 > 0].tolist()
        ]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
