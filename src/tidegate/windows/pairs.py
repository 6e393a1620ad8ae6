"""Dense ids for pairs of entities, e.g. (account, recipient): the slots of kernels that keep state per pair.

The second part may be a list, e.g. (account, each link of the message): the ids of its pairs are a list then, too.

An open addressing table of 8-byte words (31 bits of hash, id + 1) over one 8-byte key per pair: 20 to 40 bytes a pair.
Released ids are handed out again. Nothing here has a time: the engine releases the pairs whose state has expired.
"""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.kernel import Kernel

NO_REGION = 0  # the second part of a route's pairs is one id, not a list

A = cython.declare(cython.int, 0)  # columns of `routes`
B = cython.declare(cython.int, 1)
OUT = cython.declare(cython.int, 2)
ADD = cython.declare(cython.int, 3)
NEXT = cython.declare(cython.int, 4)
REGION = cython.declare(cython.int, 5)
NOT_ROUTED = cython.declare(cython.int, -1)

NO_PAIR = cython.declare(cython.longlong, -1)
END_OF_FREE = cython.declare(cython.longlong, -1)
FIRST_LINK = cython.declare(cython.longlong, -2)  # key of a released id: FIRST_LINK - next released id
LOW32 = cython.declare(cython.longlong, 0xFFFFFFFF)
LARGEST_PART = cython.declare(cython.longlong, 0x7FFFFFFF)
LEAST_PART = cython.declare(cython.double, -1.0)
MUL1 = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)  # 2**64 / golden ratio
MUL2 = cython.declare(cython.ulonglong, 0xD6E8FEB86659FD93)  # degski's 64-bit mixer


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _tag(key: cython.longlong, seed: cython.ulonglong) -> cython.longlong:
    """31 bits of hash; their low bits are the home position, so a table grows without looking at the keys."""
    x: cython.ulonglong = (cython.cast(cython.ulonglong, key) ^ seed) * MUL1
    if not cython.compiled:
        x &= (1 << 64) - 1
    x ^= x >> 32
    x *= MUL2
    if not cython.compiled:
        x &= (1 << 64) - 1
    return cython.cast(cython.longlong, x >> 33)


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
    key: cython.longlong[::1]  # per id: a << 32 | b, or a link of the list of released ids
    n_ids: cython.longlong
    free: cython.longlong
    live: cython.longlong
    table: cython.longlong[::1]  # tag << 32 | id + 1, 0 = empty
    mask: cython.longlong
    seed: cython.ulonglong
    ahead: cython.longlong[::1]  # per event of the chunk the id + 1 that it will find first
    warmed: cython.longlong  # means nothing; keeps the compiler from leaving the loads out

    def __init__(self, n_types: int, seed: int = 0):
        self.routes = memoryview(np.full((n_types, 6), NOT_ROUTED, np.int32))
        self.key = memoryview(np.empty(16, np.int64))
        self.n_ids = 0
        self.free = END_OF_FREE
        self.live = 0
        self.table = memoryview(np.zeros(32, np.int64))
        self.mask = 31
        self.seed = seed
        self.ahead = memoryview(np.zeros(0, np.int64))

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
    @cython.exceptval(-1)
    def _warm(self, n: cython.Py_ssize_t) -> cython.int:
        """Bring near what the pairs of a chunk will be looked up in: loads that wait for nothing overlap."""
        i: cython.Py_ssize_t
        p: cython.int
        ty: cython.int
        a: cython.double
        b: cython.double
        at: cython.longlong
        total: cython.longlong = 0
        if n > self.ahead.shape[0]:
            self.ahead = memoryview(np.zeros(n, np.int64))
        for i in range(n):
            p = self.order[i]
            ty = self.kind[p]
            self.ahead[i] = 0
            if self.routes[ty, A] != NOT_ROUTED and self.routes[ty, REGION] == 0:
                a = self.cols[self.routes[ty, A], p]
                b = self.cols[self.routes[ty, B], p]
                if a >= 0 and b >= 0:
                    at = _tag(
                        cython.cast(cython.longlong, a) << 32 | cython.cast(cython.longlong, b), self.seed
                    )
                    self.ahead[i] = self.table[at & self.mask] & LOW32
        for i in range(n):
            if self.ahead[i]:
                total += self.key[self.ahead[i] - 1]
        self.warmed = total
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
    @cython.exceptval(-2)
    def _id(self, key: cython.longlong, add: cython.bint) -> cython.longlong:
        tag: cython.longlong = _tag(key, self.seed)
        at: cython.longlong = tag & self.mask
        word: cython.longlong = self.table[at]
        new: cython.longlong
        while word != 0:
            if word >> 32 == tag and self.key[(word & LOW32) - 1] == key:
                return (word & LOW32) - 1
            at = (at + 1) & self.mask
            word = self.table[at]
        if not add:
            return NO_PAIR
        new = self._new_id()
        self.key[new] = key
        self.table[at] = tag << 32 | (new + 1)
        self.live += 1
        if 3 * self.live > 2 * self.mask:
            self._rehash(2 * (self.mask + 1))
        return new

    @cython.cfunc
    @cython.exceptval(-2)
    def _new_id(self) -> cython.longlong:
        new: cython.longlong = self.free
        if new != END_OF_FREE:
            self.free = FIRST_LINK - self.key[new]
            return new
        new = self.n_ids
        if new == len(self.key):
            larger = np.empty(2 * new, np.int64)
            larger[:new] = self.key
            self.key = memoryview(larger)
        self.n_ids += 1
        return new

    @cython.cfunc
    def _rehash(self, size: cython.longlong):
        """Move the words to an empty table of `size` (a power of two)."""
        old: cython.longlong[::1] = self.table
        i: cython.Py_ssize_t
        at: cython.longlong
        self.table = memoryview(np.zeros(size, np.int64))
        self.mask = size - 1
        for i in range(len(old)):
            if old[i] != 0:
                at = (old[i] >> 32) & self.mask
                while self.table[at] != 0:
                    at = (at + 1) & self.mask
                self.table[at] = old[i]

    # ---- single pairs

    def id_of(self, a: cython.longlong, b: cython.longlong, add: cython.bint = False) -> int:
        """Id of a pair, -1 when it has none and `add` is False."""
        assert 0 <= a <= LARGEST_PART, "parts of a pair are 0 <= part < 2**31"
        assert 0 <= b <= LARGEST_PART, "parts of a pair are 0 <= part < 2**31"
        return self._id(a << 32 | b, add)

    def parts(self, pair: cython.longlong) -> tuple:
        """(a, b) of a live id."""
        assert 0 <= pair < self.n_ids, "not an id"
        assert self.key[pair] >= 0, "a released id is no pair"
        return self.key[pair] >> 32, self.key[pair] & LOW32

    def release(self, pair: cython.longlong) -> None:
        """Forget a pair; its id may be handed out again, so the kernels must have forgotten the slot before."""
        at: cython.longlong
        assert 0 <= pair < self.n_ids, "not an id"
        assert self.key[pair] >= 0, "a released id is no pair"
        at = _tag(self.key[pair], self.seed) & self.mask
        while (self.table[at] & LOW32) != pair + 1:
            at = (at + 1) & self.mask
        self._close_gap(at)
        self.key[pair] = FIRST_LINK - self.free
        self.free = pair
        self.live -= 1

    @cython.cfunc
    def _close_gap(self, gap: cython.longlong):
        """Empty a table position and shift back the words that a search would no longer reach."""
        at: cython.longlong = (gap + 1) & self.mask
        word: cython.longlong = self.table[at]
        home: cython.longlong
        while word != 0:
            home = word >> 32
            if ((at - home) & self.mask) >= (
                (at - gap) & self.mask
            ):  # the way from home to here leads over the gap
                self.table[gap] = word
                gap = at
            at = (at + 1) & self.mask
            word = self.table[at]
        self.table[gap] = 0

    # ---- many pairs

    def __len__(self) -> int:
        """Number of live pairs."""
        return self.live

    def ids(self) -> np.ndarray:
        """Live ids as int64, ascending."""
        return np.flatnonzero(self._keys() >= 0)

    def ids_with(self, a_dead: object = None, b_dead: object = None) -> np.ndarray:
        """Live ids, ascending, whose first part is marked in `a_dead` or whose second is in `b_dead`.

        The masks are uint8, indexed by part (1 = the part's id is about to be recycled); parts beyond a mask are alive.
        """
        keys = self._keys()
        hit = np.zeros(len(keys), bool)
        for dead, part in ((a_dead, keys >> 32), (b_dead, keys & LOW32)):
            if dead is not None and len(dead):
                inside = (keys >= 0) & (part < len(dead))
                hit[inside] |= np.asarray(dead)[part[inside]] != 0
        return np.flatnonzero(hit)

    def release_many(self, pairs: object) -> None:
        """Release every id of an int64 array."""
        for pair in pairs.tolist():
            self.release(pair)

    def _keys(self) -> np.ndarray:
        return np.asarray(self.key)[: self.n_ids]

    # ---- the state

    def state(self) -> dict:
        """The pairs and released ids; the table is rebuilt from them."""
        return {"key": self._keys().copy(), "free": self.free}

    def restore(self, state: dict) -> None:
        """Load a state into a freshly made index; routes and bound buffers are the caller's to set."""
        size: cython.longlong = 32
        at: cython.longlong
        tag: cython.longlong
        i: cython.Py_ssize_t
        saved = state["key"]
        self.n_ids = len(saved)
        self.live = int((saved >= 0).sum())
        self.free = state["free"]
        keys = np.empty(max(16, len(saved)), np.int64)
        keys[: len(saved)] = saved
        self.key = memoryview(keys)
        while 3 * self.live > 2 * (size - 1):
            size *= 2
        self.table = memoryview(np.zeros(size, np.int64))
        self.mask = size - 1
        for i in range(self.n_ids):
            if self.key[i] >= 0:
                tag = _tag(self.key[i], self.seed)
                at = tag & self.mask
                while self.table[at] != 0:
                    at = (at + 1) & self.mask
                self.table[at] = tag << 32 | (i + 1)

    def nbytes(self) -> int:
        """Bytes of keys and table."""
        return self.key.nbytes + self.table.nbytes + self.routes.nbytes
