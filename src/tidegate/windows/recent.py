"""Whom the newest events of an entity name: the members of the last hundred messages, as a list that other kernels read by.

A slot's events lie in a block in the order of (ts, arrival), the member and the low half of the time in a word:

    ts       10  20  30  40        at 40, of the newest 3: members 7, 5
    member    7   5   7   7
"""

import cython
import numpy as np

from tidegate.windows.growth import zeros
from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.prefetch import prefetch
    from cython.cimports.tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks
else:
    from tidegate.windows.slot_blocks import SIZE, UNIT, SlotBlocks

# window and lateness together lie below it: half a word tells moments apart that close
WINDOW_MAX_MS = 1 << 32

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))
_LOW = cython.declare(cython.longlong, 0xFFFFFFFF)

# columns of `path`, a row per event type
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_MEMBER = cython.declare(cython.int, 1)
_GATE = cython.declare(cython.int, 2)
_UNKNOWN = cython.declare(cython.int, 3)
_OUT = cython.declare(cython.int, 4)  # offset of the list, its length in the column behind; -1 = not read
_REGION = cython.declare(cython.int, 5)


@cython.final
@cython.cclass
class RecentMembers(SlotBlocks):
    """The different members of the newest `most` events of a slot in (t - window, t], the newest first; none of fewer than `least`.

    window, lateness: ms, together below 2**32.
    The list goes to a region of the chunk's items; every reading of a chunk takes up to `most` elements there, for which there
    must be room.

    Exact for any order of arrival within the lateness, any chunking and any sweeping. A reading costs a walk over `most` events.
    Memory: 16 bytes per slot; 8 per event of the newest `most` and of the lateness, and 8, rounded up to a power of two.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=4, regions=1)
    >>> chunk.ts[:4], chunk.cols[0, :4], chunk.cols[1, :4] = [10, 20, 30, 40], 0.0, [7.0, 5.0, 7.0, 7.0]
    >>> recent = RecentMembers(1, window=60_000, most=3, least=1, lateness=0)
    >>> recent.route(0, key=0, member=1, out=2, region=1)
    >>> recent.bind(chunk)
    >>> recent.step(4)
    >>> at = int(chunk.cols[2, 3])
    >>> chunk.items[at : at + int(chunk.cols[3, 3])].tolist()
    [7.0, 5.0]
    """

    window: cython.longlong
    most: cython.longlong
    least: cython.longlong
    lateness: cython.longlong
    path: cython.int[:, ::1]
    next_route: cython.int[::1]
    cols: cython.double[:, ::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    room: cython.longlong  # elements of a region of `items`
    filled: cython.longlong  # of them taken by the readings of this chunk
    met: cython.longlong[::1]  # members met in one reading: hash table of member, number of the reading
    turn: cython.longlong[::1]
    turns: cython.longlong

    def __init__(self, n_types, *, window, most, least, lateness):
        if window + lateness >= WINDOW_MAX_MS:
            raise ValueError(f"window and lateness of {window + lateness} ms: at most {WINDOW_MAX_MS - 1}")
        SlotBlocks.__init__(self, 2)
        self.window, self.most, self.least, self.lateness = window, most, least, lateness
        self.path = memoryview(np.full((n_types, 6), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        size = 1 << (2 * most).bit_length()
        self.met = zeros(size, np.int64)
        self.turn = zeros(size, np.int64)
        self.turns = 0

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)
        self.room = chunk.item_room

    def route(self, type_code, *, key, update=True, gate=ALWAYS, member=-1, out=-1, region=0):
        """Set what events of a type do. Columns: -1 = none; `out` and the one behind it: the list, in `region` (from 1 on).

        An event whose member is not known, or null, does not count.
        """
        gate = flag_code(gate if update and member >= 0 else NEVER)
        np.asarray(self.path)[type_code] = key, member, *gate, out, region

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk, in arrival order."""
        i: cython.Py_ssize_t
        p: cython.int
        kind: cython.int
        self.filled = 0
        if cython.compiled and n > 1:
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
    def _warm(self, n: cython.Py_ssize_t) -> cython.int:
        """Ask for the memory that the events of a chunk will need: the misses overlap instead of adding up."""
        i: cython.Py_ssize_t
        key: cython.double
        slot: cython.longlong
        base: cython.longlong
        for i in range(n):
            key = self._key(self.order[i])
            if 0 <= key < self.n_slots:
                prefetch(cython.address(self.slot[cython.cast(cython.longlong, key), UNIT]))
        for i in range(n):
            key = self._key(self.order[i])
            if 0 <= key < self.n_slots:
                slot = cython.cast(cython.longlong, key)
                base = 2 * self.slot[slot, UNIT]
                prefetch(cython.address(self.words[base]))
                prefetch(cython.address(self.words[base + (self.slot[slot, SIZE] >> 8)]))
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _key(self, p: cython.int) -> cython.double:
        """The key by which an event comes first; NaN where it comes by none."""
        column: cython.int = self.path[self.kind[p], _KEY]
        return self.cols[column, p] if column >= 0 else _NAN

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        out: cython.int = self.path[kind, _OUT]
        slot: cython.longlong
        if key >= 0:
            slot = cython.cast(cython.longlong, key)
            if self.ts[p] > self.newest:
                self.newest = self.ts[p]
            if self._is_open(kind, p):
                self._add(
                    slot, self.ts[p], cython.cast(cython.longlong, self.cols[self.path[kind, _MEMBER], p])
                )
            if out >= 0:
                self._write(kind, p, slot)
        elif out >= 0:  # nobody, or (-1) a pair never seen, of which nothing is kept
            self.cols[out, p] = 0.0 if key == -1 else _NAN
            self.cols[out + 1, p] = 0.0 if key == -1 else _NAN
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event counts: its gate lets it, and its member is known."""
        gate: cython.int = self.path[kind, _GATE]
        x: cython.double
        if gate >= 0:
            x = self.cols[gate, p]
            if not (x == 1.0 or (x != x and self.path[kind, _UNKNOWN] == 1)):
                return False
        elif gate != _ALWAYS:
            return False
        return self.cols[self.path[kind, _MEMBER], p] >= 0

    # ---- a block: its newest time, then a word per event

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _behind(self, base: cython.longlong, q: cython.longlong) -> cython.longlong:
        """How many ms event `q` of a block is behind the newest one of it."""
        return (self.words[base] - (self.words[base + 1 + q] >> 32)) & _LOW

    @cython.cfunc
    @cython.exceptval(-1)
    def _after(self, base: cython.longlong, n: cython.longlong, t: cython.longlong) -> cython.longlong:
        """How many of the n events of a block are at `t` or before."""
        least: cython.longlong
        low: cython.longlong = 0
        middle: cython.longlong
        if n == 0 or self.words[base] <= t:
            return n
        least = self.words[base] - t
        while low < n:  # not among the first `low`, not beyond the first n
            middle = (low + n) >> 1
            if self._behind(base, middle) >= least:
                low = middle + 1
            else:
                n = middle
        return low

    @cython.cfunc
    @cython.exceptval(-1)
    def _add(self, slot: cython.longlong, t: cython.longlong, member: cython.longlong) -> cython.int:
        """Put an event in its place."""
        n: cython.longlong
        base: cython.longlong
        at: cython.longlong
        end: cython.longlong
        word: cython.longlong = ((t & _LOW) << 32) | member
        if not cython.compiled and word >= 1 << 63:
            word -= 1 << 64
        self._make_room(slot, t)
        n = self.slot[slot, SIZE] >> 8
        base = 2 * self.slot[slot, UNIT]
        if n == 0:
            self.words[base] = t
        at = base + 1 + self._after(base, n, t)
        end = base + 1 + n
        while end > at:
            self.words[end] = self.words[end - 1]
            end -= 1
        self.words[at] = word
        if t > self.words[base]:
            self.words[base] = t
        self.slot[slot, SIZE] += 256
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _write(self, kind: cython.int, p: cython.int, slot: cython.longlong) -> cython.int:
        """Write the list that an event sees."""
        base: cython.longlong = 0
        begin: cython.longlong = 0
        end: cython.longlong = 0
        first: cython.longlong = self.filled + self.room * self.path[kind, _REGION]
        at: cython.longlong = first
        if slot < self.n_slots and self.slot[slot, UNIT]:
            base = 2 * self.slot[slot, UNIT]
            end = self._after(base, self.slot[slot, SIZE] >> 8, self.ts[p])
            begin = max(self._after(base, end, self.ts[p] - self.window), end - self.most)
        if end - begin >= self.least:
            if self.filled + end - begin > self.room:
                raise IndexError("no room for the lists of this chunk")
            self.turns += 1
            while end > begin:
                if self._is_new(self.words[base + end] & _LOW):
                    self.items[at] = self.words[base + end] & _LOW
                    at += 1
                end -= 1
        self.filled += at - first
        self.cols[self.path[kind, _OUT], p] = first
        self.cols[self.path[kind, _OUT] + 1, p] = at - first
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_new(self, member: cython.longlong) -> cython.bint:
        """Whether a member is met for the first time in this reading."""
        mask: cython.longlong = self.met.shape[0] - 1
        h: cython.longlong = (member ^ (member >> 7)) & mask
        while self.turn[h] == self.turns:
            if self.met[h] == member:
                return False
            h = (h + 1) & mask
        self.turn[h] = self.turns
        self.met[h] = member
        return True

    @cython.cfunc
    @cython.exceptval(-1)
    def _make_room(self, slot: cython.longlong, t: cython.longlong) -> cython.int:
        """Have room for one more event, at `t`; none stays that half a word could not tell from it."""
        base: cython.longlong
        size: cython.longlong
        self._meet(slot)
        base = 2 * self.slot[slot, UNIT]
        if base and t - self.words[base] + self._behind(base, 0) > _LOW:
            self._thin(slot)
        if self.slot[slot, SIZE] >> 8 == 0:
            self.forget(slot)
            self.slot[slot, UNIT] = self._allocate(0)
            return 0
        size = (2 << (self.slot[slot, SIZE] & 255)) - 1
        if self.slot[slot, SIZE] >> 8 == size and 4 * self._thin(slot) > 3 * size:
            self._move(slot, (self.slot[slot, SIZE] & 255) + 1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _thin(self, slot: cython.longlong) -> cython.longlong:
        """Drop the events that no event to come can see; how many stay."""
        n: cython.longlong = self.slot[slot, SIZE] >> 8
        base: cython.longlong = 2 * self.slot[slot, UNIT]
        settled: cython.longlong = self.newest - self.lateness
        q: cython.longlong = max(
            self._after(base, n, settled - self.window), self._after(base, n, settled) - self.most
        )
        to: cython.longlong
        if q <= 0:
            return n
        for to in range(n - q):
            self.words[base + 1 + to] = self.words[base + 1 + q + to]
        self.slot[slot, SIZE] -= 256 * q
        return n - q

    # ---- upkeep

    def sweep(self, now, budget):
        """In up to `budget` slots, drop what no event to come can see; how many slots that emptied."""
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
                elif order and 4 * (n + 1) <= 2 << order:
                    self._move(self.hand, order - 1)
        return freed

    def live(self, now):
        """1 for each slot of which an event to come may see an event, as uint8."""
        answer = np.zeros(self.n_slots, np.uint8)
        rows = np.asarray(self.slot)[: self.n_slots]
        last = np.asarray(self.words)[2 * rows[:, UNIT]]
        answer[:] = (rows[:, SIZE] >> 8 > 0) & (last > now - self.lateness - self.window)
        return answer

    def members(self, now):
        """The members of all events held, ascending, as int64, whatever `now`."""
        del now
        rows = np.asarray(self.slot)[: self.n_slots]
        words = np.asarray(self.words)
        found = [
            words[2 * unit + 1 : 2 * unit + 1 + (size >> 8)] & 0xFFFFFFFF
            for unit, size in rows[rows[:, SIZE] >> 8 > 0].tolist()
        ]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
