"""Which event ids have been seen before, each with a payload: the offset of its decision's line.

The table holds no ids, only 16 bytes per entry: a keyed 64-bit hash and the payload. It answers with *candidates*, and
the caller compares the id at the candidate's offset. Two ids with one hash are as good as impossible (with 1e9 ids
about 3 % that it ever happens), yet the caller stays exact: when no candidate's id is the same, it calls `add`.

The memory is the caller's: `allocate(n_words)` gives zeroed int64 arrays, e.g. of a mapped temporary file. Load stays
between 0.3 and 0.6, so an entry takes 27 to 53 bytes; while the table doubles the old one lives too.
"""

import cython
import numpy as np

from tidegate.windows.siphash import FIXED_KEY, key_words

if cython.compiled:
    from cython.cimports.tidegate.windows.prefetch import prefetch
    from cython.cimports.tidegate.windows.siphash_inline import hash_text
else:
    from tidegate.windows.siphash import hash_text

NEW = cython.declare(cython.longlong, -1)
NO_MORE = cython.declare(cython.longlong, -1)
BLOCK = cython.declare(cython.Py_ssize_t, 32)  # ids hashed ahead
SMALLEST = cython.declare(cython.longlong, 32)  # entries


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
    live: cython.longlong
    hashes: cython.longlong[::1]  # of the block of ids at hand

    def __init__(self, key: bytes = FIXED_KEY, allocate: object = zeros):
        self.key0, self.key1 = key_words(key)
        self.allocate = allocate
        self.live = 0
        self.hashes = memoryview(np.zeros(BLOCK, np.int64))
        self._empty(SMALLEST)

    @cython.cfunc
    def _empty(self, size: cython.longlong):
        self.words = memoryview(self.allocate(2 * size))
        self.mask = size - 1
        assert len(self.words) == 2 * size, "`allocate` gives the number of words it is asked for"

    # ---- events

    def add_many(self, ids: list, payloads: cython.longlong[::1], candidates: cython.longlong[::1]) -> None:
        """Add every id that is new, in order, with its payload, and write -1 to its place in `candidates`.

        For an id whose hash is known, also from earlier in the list, nothing is added and the payload of the first entry
        with that hash is written instead; see `next_candidate`.
        """
        lo: cython.Py_ssize_t
        hi: cython.Py_ssize_t
        i: cython.Py_ssize_t
        at: cython.longlong
        if not cython.compiled:
            payloads = memoryview(payloads)
            candidates = memoryview(candidates)
        assert len(ids) <= len(payloads), "every id has a payload"
        assert len(ids) <= len(candidates), "there must be room for every answer"
        for lo in range(0, len(ids), BLOCK):
            hi = min(lo + BLOCK, len(ids))
            for i in range(lo, hi):
                self.hashes[i - lo] = self._hash(ids[i])
                if cython.compiled:
                    prefetch(cython.address(self.words[2 * (self.hashes[i - lo] & self.mask)]))
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

    def next_candidate(self, event_id: str, payload: int) -> int:
        """The candidate after `payload` (as given before for this id, or by this method), -1 when there is none."""
        later = self.candidates(event_id)
        at = later.index(payload) + 1
        return later[at] if at < len(later) else NO_MORE

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
    @cython.exceptval(check=False)
    def _first(self, sought: cython.longlong) -> cython.longlong:
        """Index of the first entry with a hash, or of the empty one at which the search for it ends."""
        at: cython.longlong = 2 * (sought & self.mask)
        while self.words[at] != 0 and self.words[at] != sought:
            at = (at + 2) & (2 * self.mask + 1)
        return at

    @cython.cfunc
    def _put(self, at: cython.longlong, sought: cython.longlong, payload: cython.longlong):
        assert payload >= 0, "a payload is an offset, not negative"
        self.words[at] = sought
        self.words[at + 1] = payload
        self.live += 1
        if 5 * self.live > 3 * self.mask:
            old: cython.longlong[::1] = self.words
            self._empty(2 * (self.mask + 1))
            self._fill(old)

    @cython.cfunc
    def _fill(self, old: cython.longlong[::1]):
        """Put the entries of another table into this one, those with the same hash in the order they were added.

        The walk starts behind an empty entry, because a run of entries may wrap around the end of the table.
        """
        n: cython.Py_ssize_t = len(old)
        start: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        at: cython.longlong
        while start < n and old[start] != 0:
            start += 2
        for i in range(start, start + n, 2):
            j = i if i < n else i - n
            if old[j] != 0:
                at = 2 * (old[j] & self.mask)
                while self.words[at] != 0:
                    at = (at + 2) & (2 * self.mask + 1)
                self.words[at] = old[j]
                self.words[at + 1] = old[j + 1]

    # ---- the state

    def state(self) -> dict:
        """The hash key and the entries as int64[n, 2], those with the same hash in the order they were added."""
        words = np.asarray(self.words).reshape(-1, 2)
        used = words[:, 0] != 0
        start = int(np.argmin(used))  # an empty entry, see _fill
        entries = np.concatenate([words[start:][used[start:]], words[:start][used[:start]]])
        return {"key": np.array([self.key0, self.key1], np.uint64), "entries": entries}

    def restore(self, state: dict) -> None:
        """Load a state, with its key, into a freshly made table."""
        size: cython.longlong = SMALLEST
        entries = np.ascontiguousarray(state["entries"], np.int64).reshape(-1)
        self.key0, self.key1 = state["key"].tolist()
        self.live = len(entries) // 2
        while 5 * self.live > 3 * (size - 1):
            size *= 2
        self._empty(size)
        self._fill(memoryview(entries))

    def nbytes(self) -> int:
        """Bytes of the table."""
        return self.words.nbytes
