"""Which event ids have been seen before, each with a payload: the offset of its decision's line.

The table holds no ids, only 16 bytes per entry: a keyed 64-bit hash and the payload. It answers with *candidates*, and
the caller compares the id at the candidate's offset. Two ids with one hash are as good as impossible (with 1e9 ids
about 3 % that it ever happens), yet the caller stays exact: when no candidate's id is the same, it calls `add`.

The memory is the caller's: `allocate(n_words)` gives zeroed int64 arrays, e.g. of a mapped temporary file. Load stays
between 0.3 and 0.6, so an entry takes 27 to 53 bytes; while the table doubles the old one lives too.

Doubling takes no pause: every new entry moves a few of the old table's, a whole run of neighbours at a time, and the run
in which a hash would lie is moved before that hash is looked for. So what is sought lies in the new table, and entries
with one hash keep their order.
"""

import cython
import numpy as np

from tidegate.windows.siphash import FIXED_KEY, key_words

if cython.compiled:
    from cython.cimports.tidegate.windows.prefetch import prefetch
    from cython.cimports.tidegate.windows.siphash_inline import hash_bytes, hash_text
else:
    from tidegate.windows.siphash import hash_text

NEW = cython.declare(cython.longlong, -1)
BLOCK = cython.declare(cython.Py_ssize_t, 32)  # ids hashed ahead
SMALLEST = cython.declare(cython.longlong, 32)  # entries
MOVED_PER_ENTRY = cython.declare(
    cython.longlong, 8
)  # places of the old table: it is empty long before the new one is full
LENGTH_BITS = cython.declare(cython.int, 20)
LENGTH_MASK = cython.declare(cython.longlong, (1 << 20) - 1)


def zeros(n_words: int) -> np.ndarray:
    """Memory of the process, as zeroed int64 words."""
    return np.zeros(n_words, np.int64)


@cython.final
@cython.cclass
class SeenIds:
    """Event id -> payloads (int64 >= 0) of the entries with its hash, in the order they were added.

    `key` is the 16-byte key of the hash; give a random one where senders may be hostile.
    """

    key0: cython.ulonglong
    key1: cython.ulonglong
    allocate: object
    words: cython.longlong[::1]  # per entry: hash (0 = empty), payload
    mask: cython.longlong
    old: cython.longlong[::1]  # the table before it was doubled, of length 0 when all of it has been moved
    old_mask: cython.longlong
    hand: cython.longlong  # all old entries before it have been moved
    live: cython.longlong
    hashes: cython.longlong[::1]  # of the block of ids at hand

    def __init__(self, key: bytes = FIXED_KEY, allocate: object = zeros):
        self.key0, self.key1 = key_words(key)
        self.allocate = allocate
        self.live = 0
        self.hashes = memoryview(np.zeros(BLOCK, np.int64))
        self._drop_old()
        self._empty(SMALLEST)

    @cython.cfunc
    def _empty(self, size: cython.longlong):
        self.words = memoryview(self.allocate(2 * size))
        self.mask = size - 1
        assert len(self.words) == 2 * size, "`allocate` gives the number of words it is asked for"

    # ---- events

    def add_texts(
        self,
        buffer: cython.const[cython.uchar][::1],
        places: cython.longlong[::1],
        payloads: cython.longlong[::1],
        candidates: cython.longlong[::1],
    ) -> None:
        """Add every id that is new, in order, with its payload, and write -1 to its place in `candidates`.

        Ids lie in a buffer; a place is offset << 20 | length of the UTF-8, never negative. For an id whose hash is known,
        also from earlier in the list, nothing is added and the payload of the first entry with that hash is written
        instead; see `candidates`.
        """
        lo: cython.Py_ssize_t
        hi: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if not cython.compiled:
            buffer, places = memoryview(buffer), memoryview(places)
            payloads, candidates = memoryview(payloads), memoryview(candidates)
        assert len(places) <= len(payloads), "every id has a payload"
        assert len(places) <= len(candidates), "there must be room for every answer"
        for lo in range(0, len(places), BLOCK):
            hi = min(lo + BLOCK, len(places))
            for i in range(lo, hi):
                assert places[i] >= 0, "every event has an id"
                assert (places[i] >> LENGTH_BITS) + (places[i] & LENGTH_MASK) <= len(buffer), (
                    "within the buffer"
                )
                self.hashes[i - lo] = self._hash_at(buffer, places[i])
            self._add_block(lo, hi, payloads, candidates)

    def reserve(self, count: cython.longlong) -> None:
        """Make room for so many entries at once, while there are none: a table that grows to it is written anew at every step."""
        size: cython.longlong = self.mask + 1
        assert self.live == 0, "room is made before anything is added"
        while 5 * count > 3 * (size - 1):
            size *= 2
        if size > self.mask + 1:
            self._empty(size)

    def learn_texts(
        self,
        buffer: cython.const[cython.uchar][::1],
        places: cython.longlong[::1],
        first: cython.longlong,
        candidates: cython.longlong[::1],
    ) -> None:
        """Like `add_texts` with the payloads from `first` on; where there is room, other threads run meanwhile."""
        lo: cython.Py_ssize_t
        hi: cython.Py_ssize_t
        i: cython.Py_ssize_t
        at: cython.longlong
        if not cython.compiled:
            buffer, places, candidates = memoryview(buffer), memoryview(places), memoryview(candidates)
        n: cython.Py_ssize_t = len(places)
        assert n <= len(candidates), "there must be room for every answer"
        assert first >= 0, "a payload is an offset, not negative"
        if len(self.old) or 5 * (self.live + n) > 3 * self.mask:
            self.add_texts(buffer, places, np.arange(first, first + n, dtype=np.int64), candidates)
            return
        for i in range(n):
            assert places[i] >= 0, "every event has an id"
            assert (places[i] >> LENGTH_BITS) + (places[i] & LENGTH_MASK) <= len(buffer), "within the buffer"
        lo = 0
        with cython.nogil:
            while lo < n:
                hi = min(lo + BLOCK, n)
                for i in range(lo, hi):
                    self.hashes[i - lo] = self._hash_at(buffer, places[i])
                    if cython.compiled:
                        prefetch(cython.address(self.words[2 * (self.hashes[i - lo] & self.mask)]))
                for i in range(lo, hi):
                    at = self._first(self.hashes[i - lo])
                    if self.words[at] == 0:
                        candidates[i] = NEW
                        self.words[at] = self.hashes[i - lo]
                        self.words[at + 1] = first + i
                        self.live += 1
                    else:
                        candidates[i] = self.words[at + 1]
                lo = hi

    @cython.cfunc
    def _add_block(
        self,
        lo: cython.Py_ssize_t,
        hi: cython.Py_ssize_t,
        payloads: cython.longlong[::1],
        candidates: cython.longlong[::1],
    ):
        """Add the ids whose hashes are at hand."""
        i: cython.Py_ssize_t
        at: cython.longlong
        if cython.compiled:
            for i in range(hi - lo):
                prefetch(cython.address(self.words[2 * (self.hashes[i] & self.mask)]))
                if len(self.old):
                    prefetch(cython.address(self.old[2 * (self.hashes[i] & self.old_mask)]))
        for i in range(lo, hi):
            at = self._first(self.hashes[i - lo])
            if self.words[at] == 0:
                candidates[i] = NEW
                self._put(at, self.hashes[i - lo], payloads[i])
            else:
                candidates[i] = self.words[at + 1]

    def candidates(self, event_id: str) -> list:
        """Payloads of all entries with the hash of an id, oldest first; usually none or one."""
        found = []
        sought: cython.longlong = self._hash(event_id)
        at: cython.longlong = self._first(sought)
        while self.words[at] != 0:
            if self.words[at] == sought:
                found.append(self.words[at + 1])
            at = (at + 2) & (2 * self.mask + 1)
        return found

    def add(self, event_id: str, payload: int) -> None:
        """Add an id although its hash is known: the caller found that no candidate is the same id."""
        sought: cython.longlong = self._hash(event_id)
        at: cython.longlong = self._first(sought)
        while self.words[at] != 0:
            at = (at + 2) & (2 * self.mask + 1)
        self._put(at, sought, payload)

    def __len__(self) -> int:
        """Number of entries."""
        return self.live

    # ---- the table

    @cython.cfunc
    @cython.inline
    @cython.exceptval(0)
    def _hash(self, event_id: str) -> cython.longlong:
        """The hash as a signed word, never 0 (which marks an empty entry)."""
        word: cython.longlong
        if cython.compiled:
            word = cython.cast(cython.longlong, hash_text(event_id, self.key0, self.key1))
        else:
            word = hash_text(event_id, self.key0, self.key1)
            word -= (word >> 63) << 64
        return word if word != 0 else 1

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(0)
    def _hash_at(self, buffer: cython.const[cython.uchar][::1], place: cython.longlong) -> cython.longlong:
        at: cython.longlong = place >> LENGTH_BITS
        n: cython.longlong = place & LENGTH_MASK
        word: cython.longlong
        if not cython.compiled:
            return self._hash(bytes(buffer[at : at + n]).decode())
        word = cython.cast(
            cython.longlong,
            hash_bytes(cython.address(buffer[0]) + at if n else cython.NULL, n, self.key0, self.key1),
        )
        return word if word != 0 else 1

    @cython.cfunc
    @cython.inline
    @cython.nogil
    @cython.exceptval(check=False)
    def _first(self, sought: cython.longlong) -> cython.longlong:
        """Index of the first entry with a hash, or of the empty one at which the search for it ends."""
        at: cython.longlong = 2 * (sought & self.mask)
        if len(self.old):
            self._move_run(2 * (sought & self.old_mask))
        while self.words[at] != 0 and self.words[at] != sought:
            at = (at + 2) & (2 * self.mask + 1)
        return at

    @cython.cfunc
    def _put(self, at: cython.longlong, sought: cython.longlong, payload: cython.longlong):
        assert payload >= 0, "a payload is an offset, not negative"
        self.words[at] = sought
        self.words[at + 1] = payload
        self.live += 1
        if len(self.old):
            self._move_some()
        elif 5 * self.live > 3 * self.mask:
            self.old, self.old_mask, self.hand = self.words, self.mask, 0
            self._empty(2 * (self.mask + 1))

    @cython.cfunc
    def _drop_old(self):
        self.old = memoryview(np.zeros(0, np.int64))
        self.old_mask = 0
        self.hand = 0

    @cython.cfunc
    def _move_some(self):
        """Move the next old entries; let go of the old table behind the last of them."""
        end: cython.longlong = min(self.hand + 2 * MOVED_PER_ENTRY, len(self.old))
        while self.hand < end:
            self._move_run(self.hand)
            self.hand += 2
        if self.hand == len(self.old):
            self._drop_old()

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _move_run(self, at: cython.longlong) -> cython.void:
        """Move the old entries around a place, up to an empty one on either side, in the order in which they lie."""
        last: cython.longlong = 2 * self.old_mask + 1
        to: cython.longlong
        if self.old[at] == 0:
            return
        while self.old[(at - 2) & last] != 0:
            at = (at - 2) & last
        while self.old[at] != 0:
            to = 2 * (self.old[at] & self.mask)
            while self.words[to] != 0:
                to = (to + 2) & (2 * self.mask + 1)
            self.words[to] = self.old[at]
            self.words[to + 1] = self.old[at + 1]
            self.old[at] = 0
            at = (at + 2) & last

    # ---- the state

    def state(self) -> dict:
        """The hash key and the entries as int64[n, 2], those with the same hash in the order they were added."""
        while len(self.old):
            self._move_some()
        words = np.asarray(self.words).reshape(-1, 2)
        used = words[:, 0] != 0
        start = int(np.argmin(used))  # an empty entry: a run of entries may wrap around the end of the table
        entries = np.concatenate([words[start:][used[start:]], words[:start][used[:start]]])
        return {"key": np.array([self.key0, self.key1], np.uint64), "entries": entries}

    def restore(self, state: dict) -> None:
        """Load a state, with its key, into a freshly made table."""
        size: cython.longlong = SMALLEST
        at: cython.longlong
        i: cython.Py_ssize_t
        entries: cython.longlong[::1] = memoryview(np.array(state["entries"], np.int64).reshape(-1))
        self.key0, self.key1 = state["key"].tolist()
        self.live = len(entries) // 2
        while 5 * self.live > 3 * (size - 1):
            size *= 2
        self._drop_old()
        self._empty(size)
        for i in range(0, len(entries), 2):
            at = 2 * (entries[i] & self.mask)
            while self.words[at] != 0:
                at = (at + 2) & (2 * self.mask + 1)
            self.words[at] = entries[i]
            self.words[at + 1] = entries[i + 1]

    def nbytes(self) -> int:
        """Bytes of the table, and of the one before while it is being moved."""
        return self.words.nbytes + self.old.nbytes
