"""Which events of a chunk a kernel is stepped over: those that bring it something, or name an entity that it may hold something of.

Most kernels hold something of few entities, and most fields of an event are left out. All that such an event sees of such a
kernel is "none"; a bit per entity tells, without fetching its state.
"""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.kernel import Kernel

_NAN = cython.declare(cython.double, float("nan"))
_NEVER_SEEN = cython.declare(cython.double, -1.0)  # key of a pair without an id

# columns of `path`, a row per event type
_KEY = cython.declare(cython.int, 0)  # its rows of `keys`: from, to
_KEY_END = cython.declare(cython.int, 1)
_GATE = cython.declare(cython.int, 2)  # its entries of `gates`: from, to
_GATE_END = cython.declare(cython.int, 3)
_OUT = cython.declare(cython.int, 4)  # its rows of `outs`: from, to
_OUT_END = cython.declare(cython.int, 5)

_ENOUGH = cython.declare(cython.longlong, 1 << 15)  # events after which it is seen whether sieving is of use
_MOST = cython.declare(cython.longlong, 8)  # it is none where all but one of so many pass

# what an event does by a key
READS = 0  # it sees what is held
FEEDS = 1  # it brings something where a gate is not closed
ALWAYS_FEEDS = 2
_READS = cython.declare(cython.int, READS)
_ALWAYS_FEEDS = cython.declare(cython.int, ALWAYS_FEEDS)


class _Own:
    """A chunk with an order of its own."""

    def __init__(self, chunk, order):
        self.order = order
        self.cols, self.ts, self.kind = chunk.cols, chunk.ts, chunk.kind
        self.items, self.item_room, self.rows = chunk.items, chunk.item_room, chunk.rows


@cython.final
@cython.cclass
class Sieve(Kernel):
    """Steps a kernel over some events of a chunk, in arrival order, and writes what the others see: none.

    kernel: has `step(n)`, `bind(chunk)` and `live(now)`; of a slot that was never fed every output is what the route says.

    >>> from tidegate.windows.chunk import Chunk
    >>> from tidegate.windows.counter import WindowCounter
    >>> from tidegate.windows.route import ALWAYS
    >>> counter = WindowCounter(2, [60_000], lanes=1)
    >>> counter.route(0, key=0, flags=[ALWAYS], outs=[[-1]])  # type 0 is counted
    >>> counter.route(1, key=0, update=False, outs=[[1]])  # type 1 reads how often
    >>> sieve = Sieve(counter, 2)
    >>> sieve.route(0, keys=[(0, False, ALWAYS_FEEDS)])
    >>> sieve.route(1, keys=[(0, False, READS)], outs=[(1, 0, 0.0, -1)])
    >>> chunk = Chunk(n_cols=2)
    >>> chunk.cols[0, :3], chunk.kind[:3], chunk.n = [7.0, 7.0, 8.0], [0, 1, 1], 3
    >>> sieve.bind(chunk)
    >>> sieve.step(3)  # the counter is not asked about 8
    >>> chunk.cols[1, 1:3].tolist()
    [1.0, 0.0]
    """

    kernel = cython.declare(Kernel, visibility="readonly")
    routes: dict
    path: cython.int[:, ::1]
    keys: cython.int[:, ::1]  # column, whether it is a list, what the event does by it
    gates: cython.int[::1]
    outs: cython.int[:, ::1]  # column, that of its key, that of the start of its window or -1
    none: cython.double[::1]
    fed: cython.uchar[::1]  # a bit per slot, the last one never set
    size: cython.longlong  # slots that have one; 0: the kernel is stepped over all events
    judged: cython.longlong  # events looked at since, and how many of them passed
    passed: cython.longlong
    chunk: object
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    own: cython.int[::1]
    take: cython.uchar[::1]  # per position, whether the event passes

    def __init__(self, kernel: object, n_types: int):
        self.kernel = kernel
        self.routes = {}
        self.chunk = None
        self.path = memoryview(np.zeros((n_types, 6), np.int32))
        self._flatten()
        self._take_bits(np.zeros(128, np.uint8))

    def _take_bits(self, bits):
        """Begin with these bits."""
        self.fed = memoryview(bits)
        self.size = 8 * len(bits) - 1
        self.judged = self.passed = 0
        if self.chunk is not None:
            self.bind(self.chunk)

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk, and give them to the kernel; again whenever one of them was replaced."""
        own = np.zeros(len(chunk.order), np.int32)
        self.chunk = chunk
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.own = memoryview(own)
        self.take = memoryview(np.zeros(len(own), np.uint8))
        self.kernel.bind(_Own(chunk, own) if self.size else chunk)

    def route(self, type_code: int, *, keys: list, gates: object = (), outs: object = ()) -> None:
        """Say what events of a type do.

        keys : (column, whether it is a list of keys, READS, FEEDS or ALWAYS_FEEDS)
        gates: columns; an event FEEDS where one of them is not 0
        outs : (column, column of its key, what it is where there is none, column of a window's start or -1); NaN where the key or
               the start is not known. An event with a list of keys is left to the kernel.
        """
        self.routes[type_code] = (list(keys), list(gates), list(outs))
        self._flatten()

    def _flatten(self):
        """Lay the lists of all types out in arrays; one unused row keeps them from being empty."""
        keys, gates, outs = [], [], []
        for type_code, (some_keys, some_gates, some_outs) in self.routes.items():
            at = [len(keys), 0, len(gates), 0, len(outs), 0]
            keys += some_keys
            gates += some_gates
            outs += some_outs
            at[1::2] = len(keys), len(gates), len(outs)
            np.asarray(self.path)[type_code] = at
        self.keys = memoryview(np.array([*keys, (0, 0, 0)], np.int32))
        self.gates = memoryview(np.array([*gates, 0], np.int32))
        self.outs = memoryview(
            np.array([*((out, key, start) for out, key, _, start in outs), (0, 0, 0)], np.int32)
        )
        self.none = memoryview(np.array([*(none for _, _, none, _ in outs), 0.0]))

    @cython.ccall
    def step(self, n: cython.Py_ssize_t) -> object:
        """Step the kernel over those of the first `n` events of the bound chunk that concern it."""
        passed: cython.Py_ssize_t
        if self.size == 0:
            self.kernel.step(n)
            return None
        passed = self._choose(n)
        self.judged += n
        self.passed += passed
        if passed:
            self.kernel.step(passed)
        if self.judged >= _ENOUGH:
            if _MOST * self.passed > (_MOST - 1) * self.judged:
                self._leave()
            self.judged = self.passed = 0
        return None

    @cython.cfunc
    @cython.exceptval(-1)
    def _choose(self, n: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Put the events that pass into `own`, and write what the others see; how many pass."""
        s: cython.Py_ssize_t = 0
        e: cython.Py_ssize_t
        i: cython.Py_ssize_t
        p: cython.int
        m: cython.Py_ssize_t = 0
        some: cython.uchar = 0
        while s < n:
            e = self._end(s, n)
            self._feed(self.kind[s], s, e)
            s = e
        if self.size == 0:  # a list fed it
            for i in range(n):
                self.own[i] = self.order[i]
            return n
        s = 0
        while s < n:
            e = self._end(s, n)
            self._look_up(self.kind[s], s, e)
            self._write_none(self.kind[s], s, e)
            s = e
        for i in range(n):
            some |= self.take[i]
        if some == 0:
            return 0
        for i in range(n):
            p = self.order[i]
            self.own[m] = p
            m += self.take[p]
        return m

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _end(self, s: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Where the events of the kind that begins at position `s` end."""
        e: cython.Py_ssize_t = s + 1
        if self.kind[n - 1] == self.kind[s]:
            return n
        while e < n and self.kind[e] == self.kind[s]:
            e += 1
        return e

    @cython.cfunc
    @cython.exceptval(-1)
    def _feed(self, ty: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t) -> cython.int:
        """Note the slots that events bring something, and let those events pass."""
        k: cython.int
        g: cython.int
        p: cython.Py_ssize_t
        col: cython.int
        x: cython.double
        feeds: cython.bint = False
        always: cython.uchar = 0
        for k in range(self.path[ty, _KEY], self.path[ty, _KEY_END]):
            feeds |= self.keys[k, 2] != _READS
            always |= self.keys[k, 2] == _ALWAYS_FEEDS
        if not feeds:
            return 0
        for p in range(s, e):
            self.take[p] = always
        for g in range(self.path[ty, _GATE], self.path[ty, _GATE_END]):
            col = self.gates[g]
            for p in range(s, e):
                self.take[p] |= self.cols[col, p] != 0
        for k in range(self.path[ty, _KEY], self.path[ty, _KEY_END]):
            if self.keys[k, 2] == _READS:
                continue
            col = self.keys[k, 0]
            for p in range(s, e):
                x = self.cols[col, p]
                if self.take[p] and x >= 0:
                    if self.keys[k, 1]:
                        self._leave()
                        return 0
                    self._set(cython.cast(cython.longlong, x))
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _look_up(self, ty: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t) -> cython.int:
        """Let the events pass that name a slot which was fed, and no others."""
        k: cython.int
        p: cython.Py_ssize_t
        col: cython.int
        x: cython.double
        end: cython.double = self.size
        slot: cython.longlong
        for p in range(s, e):
            self.take[p] = 0
        for k in range(self.path[ty, _KEY], self.path[ty, _KEY_END]):
            col = self.keys[k, 0]
            if self.keys[k, 1]:
                for p in range(s, e):
                    self.take[p] |= self.cols[col, p] >= 0
                continue
            for p in range(s, e):
                x = self.cols[col, p]
                slot = self.size
                if 0 <= x < end:
                    slot = cython.cast(cython.longlong, x)
                self.take[p] |= self.fed[slot >> 3] >> (slot & 7) & 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _write_none(self, ty: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t) -> cython.int:
        """Write what is seen of a slot that was never fed."""
        k: cython.int
        p: cython.Py_ssize_t
        out: cython.int
        key: cython.int
        start: cython.int
        nan: cython.double = _NAN
        never_seen: cython.double = _NEVER_SEEN
        none: cython.double
        for k in range(self.path[ty, _OUT], self.path[ty, _OUT_END]):
            out = self.outs[k, 0]
            key = self.outs[k, 1]
            start = self.outs[k, 2]
            none = self.none[k]
            for p in range(s, e):
                self.cols[out, p] = none if self.cols[key, p] >= never_seen else nan
            if start >= 0:
                for p in range(s, e):
                    if self.cols[start, p] != self.cols[start, p]:
                        self.cols[out, p] = nan
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _set(self, slot: cython.longlong) -> cython.int:
        if slot >= self.size:
            self.fed = grown(self.fed, 2 * ((slot >> 3) + 1))
            self.size = 8 * len(self.fed) - 1
        self.fed[slot >> 3] |= 1 << (slot & 7)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _leave(self) -> cython.int:
        """Step the kernel over all events from now on, until the bits are taken anew."""
        self.size = 0
        self.fed = zeros(1, np.uint8)
        self.kernel.bind(self.chunk)
        return 0

    def renew(self, now: int) -> None:
        """Take from the kernel of which slots it holds what an event at `now`, or later, or little before may see."""
        bits = np.packbits(np.asarray(self.kernel.live(now)) != 0, bitorder="little")
        self._take_bits(np.concatenate([bits, np.zeros(128, np.uint8)]))

    def nbytes(self) -> int:
        """Bytes of the bits."""
        return self.fed.nbytes
