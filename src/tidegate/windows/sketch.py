"""How alike entities are by the members they have in common, estimated from small samples of each.

Source: Broder, "On the resemblance and containment of documents", 1997: of each set keep the k least hashes. Of the k
least hashes of the union, the share that lies in both sets estimates the Jaccard similarity |A and B| / |A or B|. Of
several sets, the share that lies in two or more estimates the same of their members.
"""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros
from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.arena import Arena
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.arena import Arena
    from tidegate.windows.kernel import Kernel

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))
ALL_BITS = (1 << 64) - 1
MUL1 = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
MUL2 = cython.declare(cython.ulonglong, 0xD6E8FEB86659FD93)
INVERSE1 = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))  # of MUL1 and MUL2: what undoes the multiplication
INVERSE2 = np.uint64(pow(0xD6E8FEB86659FD93, -1, 1 << 64))
ID_BOUND = 1 << 53  # members are ids, which columns hold as float64
OTHERS_MAX = 7  # keys that one is compared with at once
_END = cython.declare(cython.longlong, (1 << 63) - 1)  # above every hash but itself

# columns of `path`, a row per event type
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_MEMBER = cython.declare(cython.int, 1)
_GATE = cython.declare(cython.int, 2)
_UNKNOWN = cython.declare(cython.int, 3)
_OTHERS = cython.declare(cython.int, 4)  # how many other keys it is compared with
_OUT = cython.declare(cython.int, 5)
_MEMBER_MANY = cython.declare(cython.int, 6)

# columns of `slot`
_UNIT = cython.declare(cython.int, 0)  # first unit of the block; a unit holds two hashes
_SIZE = cython.declare(cython.int, 1)  # hashes << 8 | order of the block; no hashes: no block


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _mix(member: cython.ulonglong) -> cython.longlong:
    """A fixed hash of 63 bits."""
    x: cython.ulonglong = (member + 1) * MUL1
    if not cython.compiled:
        x &= ALL_BITS
    x = (x ^ (x >> 32)) * MUL2
    if not cython.compiled:
        x &= ALL_BITS
    return (x ^ (x >> 29)) >> 1


def _unmixed(hashes):
    """What may have been mixed to these hashes, as uint64: two numbers each, since a hash has lost one bit."""
    whole = np.asarray(hashes).astype(np.uint64) << np.uint64(1)
    x = np.concatenate((whole, whole | np.uint64(1)))
    x = (x ^ (x >> np.uint64(29)) ^ (x >> np.uint64(58))) * INVERSE2
    return (x ^ (x >> np.uint64(32))) * INVERSE1 - np.uint64(1)


@cython.final
@cython.cclass
class Sketch(Kernel):
    """The k least hashes of the members of each slot, and the similarity of two slots, or of several.

    Members are added one by one and stay, or come as a list, which is all there are from then on.

    The estimate's standard error is sqrt(s * (1 - s) / k), at most 1 / (2 * sqrt(k)): 0.031 for k = 256. It is exact
    while the slots have at most k members between them.

    A sketch has no time: members never expire, and an event that comes late brings its members, and is answered, as of its
    arrival. `lateness` is taken for the likeness of kernels and not used.
    Memory: 16 bytes per slot, 8 per hash rounded up to a power of two.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=4)
    >>> chunk.cols[0, :4], chunk.cols[1, :4], chunk.cols[2, :4] = [0, 0, 1, 1], [5, 6, 6, 7], [1, 1, 0, 0]
    >>> sketch = Sketch(1, lateness=0)
    >>> sketch.route(0, key=0, member=1, against=[2], out=3)
    >>> sketch.bind(chunk)
    >>> sketch.step(4)
    >>> chunk.cols[3, :4].tolist()  # {5, 6} and {6}, then {5, 6} and {6, 7}
    [nan, nan, 0.5, 0.3333333333333333]
    """

    k: cython.longlong
    path: cython.int[:, ::1]
    others: cython.int[:, ::1]  # columns of the other keys
    next_route: cython.int[::1]
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    slot: cython.longlong[:, ::1]
    n_slots: cython.longlong
    arena: Arena
    words: cython.longlong[::1]  # of the arena; a block is ascending
    compared: cython.longlong[
        :, ::1
    ]  # of each slot compared: itself, the place of its next hash, the end of them

    def __init__(self, n_types, k=256, *, lateness):
        del lateness
        self.k = k
        self.path = memoryview(np.full((n_types, 7), -1, np.int32))
        self.others = memoryview(np.full((n_types, OTHERS_MAX), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        self.slot = zeros((64, 2), np.int64)
        self.n_slots = 0
        self.arena = Arena(2)
        self.words = self.arena.words
        self.compared = zeros((1 + OTHERS_MAX, 3), np.int64)

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)

    def route(
        self, type_code, *, key, update=True, gate=ALWAYS, member=-1, member_many=False, against=(), out=-1
    ):
        """Set what events of a type do. Columns: -1 = none.

        `member` is added to slot `key`, if known; with `member_many` a list takes the place of all members of the slot. Then `out` is
        the share of the members of slot `key` and of those in the columns `against` that are in two or more of these slots. A slot
        named twice is one; alone it is like itself. A column of `against` that names none is left out; NaN when all do, when `key` is
        not known, or when one of the slots has no members.
        """
        row = np.asarray(self.path)[type_code]
        opens = flag_code(gate if update and member >= 0 else NEVER)
        row[:] = key, member, *opens, len(against), out, member_many
        np.asarray(self.others)[type_code, : len(against)] = against

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
        out: cython.int = self.path[kind, _OUT]
        if key >= 0 and self._is_open(kind, p):
            self._bring(kind, p, cython.cast(cython.longlong, key))
        if out >= 0:
            self.cols[out, p] = self._similarity(self._compare(kind, p, key))
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _compare(self, kind: cython.int, p: cython.int, key: cython.double) -> cython.int:
        """Note the different slots that the event compares; return how many, 0 when that cannot be told."""
        n: cython.int
        j: cython.int
        named: cython.bint = False
        other: cython.double
        n = self._note(0, key)
        if n == 0:
            return 0
        for j in range(self.path[kind, _OTHERS]):
            other = self.cols[self.others[kind, j], p]
            if other >= 0:
                named = True
                n = self._note(n, other)
                if n == 0:
                    return 0
        return n if named else 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _note(self, n: cython.int, key: cython.double) -> cython.int:
        """Put a slot beside `n` that are noted, unless it is one of them; return how many there are, 0 when it has no members."""
        slot: cython.longlong
        j: cython.int
        if not (key >= 0 and key < self.n_slots):
            return 0
        slot = cython.cast(cython.longlong, key)
        if self.slot[slot, _SIZE] == 0:
            return 0
        for j in range(n):
            if self.compared[j, 0] == slot:
                return n
        self.compared[n, 0] = slot
        self.compared[n, 1] = 2 * self.slot[slot, _UNIT]
        self.compared[n, 2] = self.compared[n, 1] + (self.slot[slot, _SIZE] >> 8)
        return n + 1

    @cython.cfunc
    @cython.exceptval(-1)
    def _bring(self, kind: cython.int, p: cython.int, slot: cython.longlong) -> cython.int:
        """Add what the event brings, a member; or have those of a list that are known in place of all there were."""
        member: cython.double = self.cols[self.path[kind, _MEMBER], p]
        first: cython.longlong
        j: cython.longlong
        if self.path[kind, _MEMBER_MANY] != 1:
            return self._add(slot, _mix(cython.cast(cython.ulonglong, member)))
        if slot < self.n_slots:
            self.forget(slot)
        first = cython.cast(cython.longlong, member)
        for j in range(
            first, first + cython.cast(cython.longlong, self.cols[self.path[kind, _MEMBER] + 1, p])
        ):
            if self.items[j] >= 0:
                self._add(slot, _mix(cython.cast(cython.ulonglong, self.items[j])))
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event's member is to be added: its gate lets it, and it is known."""
        gate: cython.int = self.path[kind, _GATE]
        x: cython.double
        if gate >= 0:
            x = self.cols[gate, p]
            if not (x == 1.0 or (x != x and self.path[kind, _UNKNOWN] == 1)):
                return False
        elif gate != _ALWAYS:
            return False
        return self.cols[self.path[kind, _MEMBER], p] >= 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _add(self, slot: cython.longlong, h: cython.longlong) -> cython.int:
        """Put a hash among the least of a slot, if it belongs there."""
        n: cython.longlong
        base: cython.longlong
        low: cython.longlong = 0
        high: cython.longlong
        middle: cython.longlong
        if slot >= self.n_slots:
            self.n_slots = slot + 1
            if slot >= self.slot.shape[0]:
                self.slot = grown(self.slot, 2 * self.n_slots)
        n = self.slot[slot, _SIZE] >> 8
        base = 2 * self.slot[slot, _UNIT]
        if n == self.k and h >= self.words[base + n - 1]:
            return 0
        high = n
        while low < high:
            middle = (low + high) >> 1
            if self.words[base + middle] < h:
                low = middle + 1
            else:
                high = middle
        if low < n and self.words[base + low] == h:
            return 0
        if n < self.k:
            self._make_room(slot)
            base = 2 * self.slot[slot, _UNIT]
            self.slot[slot, _SIZE] += 256
            n += 1
        n -= 1
        while n > low:
            self.words[base + n] = self.words[base + n - 1]
            n -= 1
        self.words[base + low] = h
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _make_room(self, slot: cython.longlong) -> cython.int:
        """Have room for one more hash."""
        n: cython.longlong = self.slot[slot, _SIZE] >> 8
        order: cython.int = self.slot[slot, _SIZE] & 255
        unit: cython.longlong = self.slot[slot, _UNIT]
        new: cython.longlong
        j: cython.longlong
        if n and n < 2 << order:
            return 0
        new = self.arena.allocate(order + 1 if n else 0)
        self.words = self.arena.words
        for j in range(n):
            self.words[2 * new + j] = self.words[2 * unit + j]
        if n:
            self.arena.release(unit, order)
            self.slot[slot, _SIZE] += 1
        self.slot[slot, _UNIT] = new
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _similarity(self, n: cython.int) -> cython.double:
        """The share of the k least hashes of the `n` noted slots together that lies in two or more of them."""
        least: cython.longlong
        j: cython.int
        times: cython.int
        both: cython.double = 0
        seen: cython.double = 0
        if n <= 1:
            return 1.0 if n else _NAN
        while seen < self.k:
            least = _END
            times = 0
            for j in range(n):
                if self.compared[j, 1] < self.compared[j, 2] and self.words[self.compared[j, 1]] < least:
                    least = self.words[self.compared[j, 1]]
            for j in range(n):
                if self.compared[j, 1] < self.compared[j, 2] and self.words[self.compared[j, 1]] == least:
                    self.compared[j, 1] += 1
                    times += 1
            if times == 0:
                break
            seen += 1
            both += times >= 2
        return both / seen

    # ---- upkeep

    def sweep(self, now, budget):
        """Nothing ever expires."""
        del now, budget
        return 0

    def live(self, now):
        """1 for each slot that has members, as uint8, whatever `now`."""
        del now
        return (np.asarray(self.slot)[: self.n_slots, _SIZE] > 0).astype(np.uint8)

    def members(self, now):
        """The members whose hashes are held, ascending, as int64, whatever `now`. In rare cases with one that was never added."""
        del now
        rows = np.asarray(self.slot)[: self.n_slots]
        sizes = rows[:, _SIZE] >> 8
        before = np.cumsum(sizes) - sizes
        places = np.repeat(2 * rows[:, _UNIT] - before, sizes) + np.arange(sizes.sum())
        found = _unmixed(np.asarray(self.words)[places])
        return np.unique(found[found < ID_BOUND]).astype(np.int64)

    def forget(self, slot):
        """Leave a slot as if never seen."""
        if slot < self.n_slots and self.slot[slot, _SIZE]:
            self.arena.release(self.slot[slot, _UNIT], self.slot[slot, _SIZE] & 255)
            np.asarray(self.slot)[slot] = 0

    def state(self):
        """Everything remembered, as arrays."""
        return {
            "slot": np.array(self.slot)[: self.n_slots],
            **{f"blocks.{name}": part for name, part in self.arena.state().items()},
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.n_slots = len(state["slot"])
        self.slot = grown(state["slot"], self.n_slots + 64)
        self.arena.restore({name: state[f"blocks.{name}"] for name in ("words", "mark", "first")})
        self.words = self.arena.words

    def nbytes(self):
        """Bytes of the rows of all slots met, and of the blocks."""
        return 16 * self.n_slots + self.arena.nbytes()
