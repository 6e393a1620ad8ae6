"""Dense ids for pairs of entities, e.g. (account, recipient): the slots of kernels that keep state per pair.

The second part may be a list, e.g. (account, each link of the message): the ids of its pairs are a list then, too.

An open addressing table of 12-byte entries (both parts, id) in the order of their hashes, between 64 and 80 % full: 15 to 19
bytes a pair. Released ids are handed out again, the lowest first, so that what kernels keep by id stays dense. Nothing here
has a time: the engine releases the pairs whose state has expired.
"""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.prefetch import prefetch
else:
    from tidegate.windows.kernel import Kernel

if not cython.compiled:  # as in pairs.pxd
    A, B, OUT, ADD, NEXT, REGION = range(6)
    NOT_ROUTED, NO_KEY = -1, -1

NO_REGION = 0  # the second part of a route's pairs is one id, not a list


NO_PAIR = cython.declare(cython.longlong, -1)
LOW32 = cython.declare(cython.longlong, 0xFFFFFFFF)
LEAST_TABLE = cython.declare(cython.longlong, 32)
LARGEST_PART = cython.declare(cython.longlong, 0x7FFFFFFF)
LEAST_PART = cython.declare(cython.double, -1.0)
ALL_ONES = cython.declare(cython.ulonglong, (1 << 64) - 1)
MUL1 = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)  # 2**64 / golden ratio
MUL2 = cython.declare(cython.ulonglong, 0xD6E8FEB86659FD93)  # degski's 64-bit mixer


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _hash(key: cython.longlong, seed: cython.ulonglong) -> cython.longlong:
    """32 bits of hash."""
    x: cython.ulonglong = (cython.cast(cython.ulonglong, key) ^ seed) * MUL1
    if not cython.compiled:
        x &= (1 << 64) - 1
    x ^= x >> 32
    x *= MUL2
    if not cython.compiled:
        x &= (1 << 64) - 1
    return cython.cast(cython.longlong, x >> 32)


@cython.final
@cython.cclass
class PairIndex(Kernel):
    """(a, b) -> dense id, for parts 0 <= a, b < 2**31; (a, b) and (b, a) are two pairs.

    `seed` (below 2**64) makes the table's order unpredictable to senders; ids do not depend on it.
    """

    routes: cython.int[:, ::1]
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    room: cython.longlong  # elements of a region of `items`
    entry: cython.int[::1]  # per place: first part or NO_KEY, second part, id
    size: cython.longlong  # places
    live: cython.longlong
    used: cython.ulonglong[::1]  # a bit per id: handed out
    n_ids: cython.longlong  # all ids handed out are below it
    full: cython.longlong  # words of `used` before it have no 0
    seed: cython.ulonglong

    def __init__(self, n_types: int, seed: int = 0):
        self.routes = memoryview(np.full((n_types, 6), NOT_ROUTED, np.int32))
        self.used = memoryview(np.zeros(1, np.uint64))
        self.n_ids = 0
        self.full = 0
        self.live = 0
        self._empty(LEAST_TABLE)
        self.seed = seed

    # ---- the kernel

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)
        self.room = chunk.item_room

    def route(
        self, type_code: int, *, a: int, b: int, out: int, add: bool = True, region: int = NO_REGION
    ) -> None:
        """For events of a type, read the parts from columns `a` and `b` and write the pair's id to column `out`.

        With a `region` (from 1 on; one per route) `b` is a list, and `out` becomes one: ids in that region of the chunk's items.
        """
        self.routes[type_code, A] = a
        self.routes[type_code, B] = b
        self.routes[type_code, OUT] = out
        self.routes[type_code, ADD] = add
        self.routes[type_code, REGION] = region

    def chain(self, type_code: int, then: int) -> None:
        """Serve events of a type by the route of `then`, a code no event has, once their own route is done."""
        self.routes[type_code, NEXT] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t) -> object:
        """Write the pair ids of the first `n` events of the chunk, in arrival order.

        NaN when a part is NaN or null; -1.0 when both are known but the pair has no id and the route adds none (or a
        part is itself a pair without an id): a key of -1.0 stands for a slot without any state.
        """
        i: cython.Py_ssize_t
        p: cython.int
        ty: cython.int
        a: cython.double
        b: cython.double
        key: cython.longlong
        if cython.compiled and n > 1:
            self._warm(n)
        for i in range(n):
            p = self.order[i]
            ty = self.kind[p]
            while ty != NOT_ROUTED and self.routes[ty, A] != NOT_ROUTED:
                a = self.cols[self.routes[ty, A], p]
                b = self.cols[self.routes[ty, B], p]
                if self.routes[ty, REGION] != 0:
                    self._list(ty, p, a, b)
                elif not (a >= LEAST_PART and b >= LEAST_PART):
                    self.cols[self.routes[ty, OUT], p] = float("nan")
                elif a < 0 or b < 0:
                    self.cols[self.routes[ty, OUT], p] = NO_PAIR
                else:
                    key = cython.cast(cython.longlong, a) << 32 | cython.cast(cython.longlong, b)
                    self.cols[self.routes[ty, OUT], p] = self._id(key, self.routes[ty, ADD])
                ty = self.routes[ty, NEXT]

    @cython.cfunc
    @cython.exceptval(-2)
    def _warm(self, n: cython.Py_ssize_t) -> cython.int:
        """Ask for the memory that the pairs of a chunk will need: the misses overlap instead of adding up."""
        i: cython.Py_ssize_t
        p: cython.int
        ty: cython.int
        a: cython.double
        b: cython.double
        for i in range(n):
            p = self.order[i]
            ty = self.kind[p]
            if self.routes[ty, A] != NOT_ROUTED and self.routes[ty, REGION] == 0:
                a = self.cols[self.routes[ty, A], p]
                b = self.cols[self.routes[ty, B], p]
                if a >= 0 and b >= 0:
                    prefetch(
                        cython.address(
                            self.entry[
                                3
                                * self._home(
                                    cython.cast(cython.longlong, a) << 32 | cython.cast(cython.longlong, b)
                                )
                            ]
                        )
                    )
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def _list(self, ty: cython.int, p: cython.int, a: cython.double, b: cython.double) -> cython.int:
        """Write the ids of the pairs of `a` and each member of the list at offset `b`; a list not known makes one."""
        out: cython.int = self.routes[ty, OUT]
        length: cython.double = self.cols[self.routes[ty, B] + 1, p]
        start: cython.longlong
        to: cython.longlong
        j: cython.longlong
        second: cython.double
        key: cython.longlong
        if not (a >= LEAST_PART and b >= 0):
            self.cols[out, p] = float("nan") if b >= 0 else b
            self.cols[out + 1, p] = float("nan") if b >= 0 else length
            return 0
        start = cython.cast(cython.longlong, b)
        to = start + self.room * self.routes[ty, REGION]
        for j in range(cython.cast(cython.longlong, length)):
            second = self.items[start + j]
            if a < 0 or not second >= 0:
                self.items[to + j] = NO_PAIR
            else:
                key = cython.cast(cython.longlong, a) << 32 | cython.cast(cython.longlong, second)
                self.items[to + j] = self._id(key, self.routes[ty, ADD])
        self.cols[out, p] = to
        self.cols[out + 1, p] = length
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-2)
    def _home(self, key: cython.longlong) -> cython.longlong:
        """Where a pair belongs: the order of homes is that of hashes, whatever the size."""
        return (_hash(key, self.seed) * self.size) >> 32

    @cython.cfunc
    @cython.exceptval(-2)
    def _id(self, key: cython.longlong, add: cython.bint) -> cython.longlong:
        a: cython.int = cython.cast(cython.int, key >> 32)
        b: cython.int = cython.cast(cython.int, key & LOW32)
        at: cython.longlong = self._home(key)
        new: cython.longlong
        while self.entry[3 * at] != NO_KEY:
            if self.entry[3 * at] == a and self.entry[3 * at + 1] == b:
                return self.entry[3 * at + 2]
            at = at + 1 if at + 1 < self.size else 0
        if not add:
            return NO_PAIR
        new = self._new_id()
        self._set(at, a, b, cython.cast(cython.int, new))
        self.live += 1
        if 5 * self.live > 4 * self.size:
            self._resize(self.size + (self.size >> 2))
        return new

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-2)
    def _set(self, at: cython.longlong, a: cython.int, b: cython.int, number: cython.int) -> cython.int:
        self.entry[3 * at] = a
        self.entry[3 * at + 1] = b
        self.entry[3 * at + 2] = number
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def _new_id(self) -> cython.longlong:
        """The lowest id that is free."""
        bit: cython.longlong = 0
        word: cython.ulonglong
        while self.full < len(self.used) and self.used[self.full] == ALL_ONES:
            self.full += 1
        if self.full == len(self.used):
            larger = np.zeros(self.full + (self.full >> 2) + 1, np.uint64)
            larger[: self.full] = self.used
            self.used = memoryview(larger)
        word = self.used[self.full]
        while word & 1:
            word >>= 1
            bit += 1
        self.used[self.full] |= cython.cast(cython.ulonglong, 1) << bit
        bit += 64 * self.full
        if bit >= self.n_ids:
            self.n_ids = bit + 1
        return bit

    @cython.cfunc
    @cython.exceptval(-2)
    def _empty(self, size: cython.longlong) -> cython.int:
        entries = np.zeros(3 * size, np.int32)
        entries[::3] = NO_KEY
        self.entry = memoryview(entries)
        self.size = size
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def _resize(self, size: cython.longlong) -> cython.int:
        """Move the entries whose ids are handed out to a table of another size."""
        self._fill(np.asarray(self.entry).reshape(-1, 3), size)
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def _fill(self, entries: object, size: cython.longlong) -> cython.int:
        """Make a table of `size` of those of the entries (a, b, id) that are none or have an id that is handed out."""
        old: cython.int[:, ::1] = memoryview(entries)
        n: cython.Py_ssize_t = len(entries)
        i: cython.Py_ssize_t
        at: cython.longlong
        number: cython.longlong
        self._empty(size)
        for i in range(n):
            number = old[i, 2]
            if old[i, 0] == NO_KEY or number >= self.n_ids:
                continue
            if self.used[number >> 6] >> (number & 63) & 1:
                at = self._home(
                    cython.cast(cython.longlong, old[i, 0]) << 32 | cython.cast(cython.longlong, old[i, 1])
                )
                while self.entry[3 * at] != NO_KEY:
                    at = at + 1 if at + 1 < self.size else 0
                self._set(at, old[i, 0], old[i, 1], old[i, 2])
        return 0

    # ---- single pairs

    def id_of(self, a: cython.longlong, b: cython.longlong, add: cython.bint = False) -> int:
        """Id of a pair, -1 when it has none and `add` is False."""
        assert 0 <= a <= LARGEST_PART, "parts of a pair are 0 <= part < 2**31"
        assert 0 <= b <= LARGEST_PART, "parts of a pair are 0 <= part < 2**31"
        return self._id(a << 32 | b, add)

    def parts(self, pair: cython.longlong) -> tuple:
        """(a, b) of a live id; it costs a walk over all pairs, see `pairs`."""
        found = [row for row in self.pairs().tolist() if row[2] == pair]
        assert found, "not the id of a pair"
        return tuple(found[0][:2])

    def release(self, pair: cython.longlong) -> None:
        """Forget a pair, at the cost of a walk over all: `release_many` takes no longer."""
        assert self.parts(pair), "not the id of a pair"
        self.release_many(np.array([pair]))

    # ---- many pairs

    def __len__(self) -> int:
        """Number of live pairs."""
        return self.live

    def entries(self) -> np.ndarray:
        """All pairs as rows (first part, second part, id) of an int32 array, in no order."""
        entries = np.asarray(self.entry).reshape(-1, 3)
        return entries[entries[:, 0] != NO_KEY]

    def pairs(self) -> np.ndarray:
        """The same in the order of ids."""
        entries = self.entries()
        rank = np.cumsum(self._bits(), dtype=np.int32)  # ids are dense: no need to sort
        ordered = np.empty_like(entries)
        ordered[rank[entries[:, 2]] - 1] = entries
        return ordered

    def ids(self) -> np.ndarray:
        """Live ids as int64, ascending."""
        return np.flatnonzero(self._bits())

    def _bits(self) -> np.ndarray:
        """1 for each id that is a pair, as uint8."""
        return np.unpackbits(np.asarray(self.used).view(np.uint8), bitorder="little")

    def release_many(self, pairs: object) -> None:
        """Release live ids, an int64 array; they may be handed out again, so the kernels must have forgotten the slots before."""
        if not len(pairs):
            return
        bits = self._bits()
        assert bits[pairs].all(), "a released id is no pair"
        bits[pairs] = 0
        last = np.flatnonzero(bits)
        self.n_ids = int(last[len(last) - 1]) + 1 if len(last) else 0
        self.used = memoryview(
            np.packbits(bits, bitorder="little").view(np.uint64)[: (self.n_ids >> 6) + 1].copy()
        )
        self.full = 0
        self.live = len(last)
        self._resize(
            self.size if 2 * self.live > self.size else max(LEAST_TABLE, self.live + (self.live >> 1))
        )

    # ---- the state

    def state(self) -> dict:
        """The pairs; table and free ids are made of them."""
        return {"pairs": self.pairs()}

    def restore(self, state: dict) -> None:
        """Load a state into a freshly made index; routes and bound buffers are the caller's to set."""
        saved = np.ascontiguousarray(state["pairs"], np.int32)
        self.live = len(saved)
        self.n_ids = int(saved[self.live - 1, 2]) + 1 if self.live else 0
        bits = np.zeros(((self.n_ids >> 6) + 1) * 64, np.uint8)
        bits[saved[:, 2]] = 1
        self.used = memoryview(np.packbits(bits, bitorder="little").view(np.uint64))
        self.full = 0
        self._fill(saved, max(LEAST_TABLE, self.live + (self.live >> 1)))

    def nbytes(self) -> int:
        """Bytes of the table and of what is known of ids."""
        return self.entry.nbytes + self.used.nbytes + self.routes.nbytes
