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

SHARERS = 8  # kernels that a byte per slot tells of

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
class Fed:
    """Which slots of a space brought something to each of up to eight kernels: a bit each, in a byte per slot.

    Fields are declared in sieve.pxd. Kernels whose slots are of one space share it: one look tells of all of them.
    """

    def __init__(self):
        self.byte = zeros(128, np.uint8)  # the last one is never set
        self.shared = 0

    def share(self) -> int:
        """The bit of a kernel more."""
        assert self.shared < SHARERS, "a byte has eight bits"
        self.shared += 1
        return 1 << (self.shared - 1)

    def full(self) -> bool:
        """Whether all bits are taken."""
        return self.shared == SHARERS

    def mark(self, slot, bit):
        """Set a kernel's bit of a slot."""
        if slot + 1 >= self.byte.shape[0]:
            self.byte = grown(self.byte, 2 * (slot + 1))
        self.byte[slot] |= bit
        return 0

    def of(self, key):
        """The bits of the slot that a key names; none where it names none."""
        last: cython.longlong = self.byte.shape[0] - 1
        if not (key >= 0 and key < last):
            return 0
        return self.byte[cython.cast(cython.longlong, key)]

    def renew(self, bit, held):
        """Set a kernel's bit of the slots that are marked in `held`, and of no others."""
        if len(held) >= self.byte.shape[0]:
            self.byte = grown(self.byte, len(held) + 128)
        byte = np.asarray(self.byte)
        byte &= 255 - bit
        byte[: len(held)] |= held.astype(np.uint8) * np.uint8(bit)


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

    def __init__(self, kernel: object, n_types: int, fed: object = None):
        self.kernel = kernel
        self.fed = fed or Fed()
        self.bit = self.fed.share()
        self.routes = {}
        self.chunk = None
        self.path = memoryview(np.zeros((n_types, 6), np.int32))
        self._flatten()
        self._begin()

    def _begin(self):
        """Let only those events pass that concern the kernel, as far as the bits tell."""
        self.sieving = True
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
        self.kernel.bind(_Own(chunk, own) if self.sieving else chunk)

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
        if not self.sieving:
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

    def step_one(self):
        """Step the kernel over the only event of a chunk, at position 0, which may concern it."""
        if self.sieving:
            self.own[0] = 0
            self._feed(self.kind[0], 0, 1)
        self.kernel.step(1)
        return 0

    def _choose(self, n):
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
        if not self.sieving:  # a list fed it
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

    def _end(self, s, n):
        """Where the events of the kind that begins at position `s` end."""
        e: cython.Py_ssize_t = s + 1
        if self.kind[n - 1] == self.kind[s]:
            return n
        while e < n and self.kind[e] == self.kind[s]:
            e += 1
        return e

    def _feed(self, ty, s, e):
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
                    self.fed.mark(cython.cast(cython.longlong, x), self.bit)
        return 0

    def _look_up(self, ty, s, e):
        """Let the events pass that name a slot which was fed, and no others."""
        k: cython.int
        p: cython.Py_ssize_t
        col: cython.int
        x: cython.double
        last: cython.longlong = self.fed.byte.shape[0] - 1
        end: cython.double = last
        bit: cython.uchar = self.bit
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
                slot = last
                if 0 <= x < end:
                    slot = cython.cast(cython.longlong, x)
                self.take[p] |= (self.fed.byte[slot] & bit) != 0
        return 0

    def _write_none(self, ty, s, e):
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

    def _leave(self):
        """Step the kernel over all events from now on, until the bits are taken anew."""
        self.sieving = False
        self.kernel.bind(self.chunk)
        return 0

    def renew(self, now: int) -> None:
        """Take from the kernel of which slots it holds what an event at `now`, or later, or little before may see."""
        self.fed.renew(self.bit, np.asarray(self.kernel.live(now)) != 0)
        self._begin()

    def nbytes(self) -> int:
        """Bytes of its share of what is known of slots; 0 as long as all events pass."""
        return self.fed.byte.nbytes // self.fed.shared if self.sieving else 0
