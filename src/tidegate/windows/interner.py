"""Dense ids for texts: every entity id of the stream (account, ip, device, ...) becomes 0, 1, 2, ... here.

reason for length: one table, asked by texts and by places of a buffer, compiled and interpreted, and what keeps it small.

Compiled, the UTF-8 bytes of all texts lie in one arena and an open addressing table of 8-byte words (31 bits of keyed
hash, id + 1) finds them: 40 to 64 bytes an id of 12 characters, as the doubling stands, against 124 bytes of a dict
and a list of str; and 35 to 130 ns a text in batches (100 k to 1 M ids), a third to an eighth of the dict's time, whose
misses do not overlap. Interpreted, a dict stands in for the table; ids and state are the same.
"""

import cython
import numpy as np

from tidegate.windows.siphash import FIXED_KEY, key_words

if cython.compiled:
    from cython.cimports.cpython.unicode import PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
    from cython.cimports.libc.string import memcmp, memcpy
    from cython.cimports.tidegate.windows.prefetch import prefetch
    from cython.cimports.tidegate.windows.siphash_inline import hash_bytes, hash_text

UNKNOWN = cython.declare(cython.longlong, -1)
END_OF_FREE = cython.declare(cython.longlong, -1)
FIRST_LINK = cython.declare(cython.longlong, -2)  # place of a recycled id: FIRST_LINK - next recycled id
LENGTH_BITS = cython.declare(
    cython.int, 20
)  # a text has less than 1 MiB of UTF-8, all of them less than 8 TiB
LENGTH_MASK = cython.declare(cython.longlong, (1 << 20) - 1)
LOW32 = cython.declare(cython.longlong, 0xFFFFFFFF)
BLOCK = cython.declare(cython.Py_ssize_t, 32)  # texts hashed ahead
SMALLEST = cython.declare(cython.longlong, 32)  # table words
MISSING = cython.declare(cython.double, float("nan"))
NULL = cython.declare(cython.double, float("-inf"))


@cython.final
@cython.cclass
class IdInterner:
    """str -> dense int id, exact (texts are compared byte by byte), with recycling of ids.

    `key` is the 16-byte key of the hash; give a random one where senders may be hostile. Ids do not depend on it.
    Not for two threads at a time: texts that have an id are looked up without the interpreter's lock.
    """

    key0: cython.ulonglong
    key1: cython.ulonglong
    arena: cython.uchar[::1]
    used: cython.longlong  # bytes of the arena, those of recycled texts included
    garbage: cython.longlong  # bytes of recycled texts
    place: cython.longlong[::1]  # per id: offset << LENGTH_BITS | length, or a link to a recycled id
    n_ids: cython.longlong
    free: cython.longlong
    live: cython.longlong
    table: cython.longlong[::1]  # hash << 32 | id + 1, 0 = empty
    mask: cython.longlong
    tags: cython.longlong[::1]  # hashes of the block of texts at hand
    known: dict  # interpreted: text -> id

    def __init__(self, key: bytes = FIXED_KEY):
        self.key0, self.key1 = key_words(key)
        self.arena = memoryview(np.empty(256, np.uint8))
        self.used = 0
        self.garbage = 0
        self.place = memoryview(np.empty(16, np.int64))
        self.n_ids = 0
        self.free = END_OF_FREE
        self.live = 0
        self.table = memoryview(np.zeros(SMALLEST, np.int64))
        self.mask = SMALLEST - 1
        self.tags = memoryview(np.zeros(BLOCK, np.int64))
        self.known = {}

    # ---- texts to ids

    def intern(self, text: str) -> int:
        """Id of a text, a new one when it has none."""
        return self._id(text, self._tag(text), True)

    def get(self, text: str) -> int:
        """Id of a text, -1 when it has none."""
        return self._id(text, self._tag(text), False)

    def intern_many(self, texts: list, out: cython.double[::1]) -> None:
        """Write the id of each text (new ones are added in order) to out[0:len(texts)], NaN where it is None."""
        lo: cython.Py_ssize_t
        hi: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if not cython.compiled:
            out = memoryview(out)
        assert len(texts) <= len(out), "there must be room for every id"
        for lo in range(0, len(texts), BLOCK):
            hi = min(lo + BLOCK, len(texts))
            if cython.compiled:
                self._fetch(texts, lo, hi)
            for i in range(lo, hi):
                if texts[i] is None:
                    out[i] = float("nan")
                else:
                    out[i] = self._id(texts[i], self.tags[i - lo], True)

    def intern_texts(
        self,
        buffer: cython.const[cython.uchar][::1],
        places: cython.longlong[::1],
        out: cython.double[::1],
    ) -> None:
        """Write the id of each text of a buffer, given by its place: offset << 20 | length of its UTF-8.

        As `intern_many` does; NaN where a place is -1 (missing), minus infinity where it is -2 (null).
        """
        i: cython.Py_ssize_t
        at: cython.longlong
        n: cython.longlong
        new: cython.longlong
        assert len(places) <= len(out), "there must be room for every id"
        if not cython.compiled:
            self._intern_each(memoryview(buffer), memoryview(places), memoryview(out))
            return
        size: cython.longlong = len(buffer)
        raw: cython.p_const_uchar = cython.address(buffer[0]) if size else cython.NULL
        with cython.nogil:  # most have an id: other threads go on meanwhile
            new = self._find_all(raw, size, places, out)
        if new == 0:
            return
        for i in range(len(places)):
            if out[i] == UNKNOWN:
                at = places[i] >> LENGTH_BITS
                n = places[i] & LENGTH_MASK
                assert at + n <= len(buffer), "a place lies within the buffer"
                out[i] = self._id_of(raw + at, n, self._tag_of(raw + at, n), True)

    def _intern_each(self, buffer, places, out):
        """What `intern_texts` does, interpreted."""
        for i, place in enumerate(places):
            at, n = place >> LENGTH_BITS, place & LENGTH_MASK
            if place < 0:
                out[i] = MISSING if place == UNKNOWN else NULL
            else:
                assert at + n <= len(buffer), "a place lies within the buffer"
                out[i] = self._id(bytes(buffer[at : at + n]).decode(), 0, True)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _find_all(
        self,
        raw: cython.p_const_uchar,
        size: cython.longlong,
        places: cython.longlong[::1],
        out: cython.double[::1],
    ) -> cython.longlong:
        """Write the ids of the texts that have one, UNKNOWN for the others; how many these are. Compiled only."""
        lo: cython.Py_ssize_t = 0
        hi: cython.Py_ssize_t
        i: cython.Py_ssize_t
        at: cython.longlong
        n: cython.longlong
        new: cython.longlong = 0
        while lo < places.shape[0]:
            hi = min(lo + BLOCK, places.shape[0])
            for i in range(lo, hi):
                at = places[i] >> LENGTH_BITS
                n = places[i] & LENGTH_MASK
                self.tags[i - lo] = UNKNOWN
                if places[i] >= 0 and at + n <= size:
                    self.tags[i - lo] = self._tag_of(raw + at, n)
            self._ask(hi - lo)
            for i in range(lo, hi):
                if places[i] < 0:
                    out[i] = MISSING if places[i] == UNKNOWN else NULL
                    continue
                at = UNKNOWN
                if self.tags[i - lo] >= 0:
                    at = places[i] >> LENGTH_BITS
                    n = places[i] & LENGTH_MASK
                    at = (self.table[self._word_of(raw + at, n, self.tags[i - lo])] & LOW32) - 1
                out[i] = at
                new += at == UNKNOWN
            lo = hi
        return new

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _tag_of(self, raw: cython.p_const_uchar, n: cython.longlong) -> cython.longlong:
        """As `_tag`, of a text given as bytes; compiled only."""
        return cython.cast(cython.longlong, hash_bytes(raw, n, self.key0, self.key1) >> 33)

    @cython.cfunc
    def _fetch(self, texts: list, lo: cython.Py_ssize_t, hi: cython.Py_ssize_t):
        """Hash a block of texts and ask for the memory they will need: the misses overlap instead of adding up."""
        i: cython.Py_ssize_t
        for i in range(hi - lo):
            if texts[lo + i] is not None:
                self.tags[i] = self._tag(texts[lo + i])
        self._ask(hi - lo)

    @cython.cfunc
    @cython.nogil
    @cython.exceptval(check=False)
    def _ask(self, n: cython.Py_ssize_t) -> cython.void:
        """Ask for the memory that a block of hashed texts will need; a negative hash stands for none."""
        i: cython.Py_ssize_t
        word: cython.longlong
        for i in range(n):
            prefetch(cython.address(self.table[self.tags[i] & self.mask]))
        for i in range(n):
            word = self.table[self.tags[i] & self.mask]
            if word != 0:
                prefetch(cython.address(self.place[(word & LOW32) - 1]))
        for i in range(n):
            word = self.table[self.tags[i] & self.mask]
            if word != 0:
                prefetch(cython.address(self.arena[self.place[(word & LOW32) - 1] >> LENGTH_BITS]))

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-2)
    def _tag(self, text: str) -> cython.longlong:
        """31 bits of hash; their low bits are the home position in a table of any size."""
        if not cython.compiled:
            return 0
        return cython.cast(cython.longlong, hash_text(text, self.key0, self.key1) >> 33)

    @cython.cfunc
    @cython.exceptval(-2)
    def _id(self, text: str, tag: cython.longlong, add: cython.bint) -> cython.longlong:
        new: cython.longlong
        if not cython.compiled:
            new = self.known.get(text, UNKNOWN)
            if new == UNKNOWN and add:
                encoded = text.encode()
                new = self.known[text] = self._new_id(len(encoded))
                self.arena[self.used - len(encoded) : self.used] = encoded
            return new
        n: cython.Py_ssize_t = 0
        raw: cython.p_const_char = PyUnicode_AsUTF8AndSize(text, cython.address(n))
        return self._id_of(cython.cast(cython.p_const_uchar, raw), n, tag, add)

    @cython.cfunc
    @cython.exceptval(-2)
    def _id_of(
        self, raw: cython.p_const_uchar, n: cython.Py_ssize_t, tag: cython.longlong, add: cython.bint
    ) -> cython.longlong:
        """The id of a text, given as bytes; compiled only."""
        new: cython.longlong
        at: cython.longlong = self._word_of(raw, n, tag)
        if self.table[at] != 0:
            return (self.table[at] & LOW32) - 1
        if not add:
            return UNKNOWN
        new = self._new_id(n)
        memcpy(cython.address(self.arena[self.used - n]), raw, n)
        self.table[at] = tag << 32 | (new + 1)
        if 3 * self.live > 2 * self.mask:
            self._rehash()
        return new

    @cython.cfunc
    @cython.nogil
    @cython.inline
    @cython.exceptval(check=False)
    def _word_of(
        self, raw: cython.p_const_uchar, n: cython.Py_ssize_t, tag: cython.longlong
    ) -> cython.longlong:
        """Where the word of a text stands in the table, or would: then it is 0 there. Compiled only."""
        at: cython.longlong = tag & self.mask
        word: cython.longlong = self.table[at]
        place: cython.longlong
        while word != 0:
            if word >> 32 == tag:
                place = self.place[(word & LOW32) - 1]
                if (place & LENGTH_MASK) == n and (
                    memcmp(cython.address(self.arena[place >> LENGTH_BITS]), raw, n) == 0
                ):
                    break
            at = (at + 1) & self.mask
            word = self.table[at]
        return at

    @cython.cfunc
    @cython.exceptval(-2)
    def _new_id(self, n: cython.Py_ssize_t) -> cython.longlong:
        """An id whose text is to be copied to the last `n` bytes of the used arena."""
        new: cython.longlong = self.free
        assert n <= LENGTH_MASK, "a text of a mebibyte is no id"
        if new != END_OF_FREE:
            self.free = FIRST_LINK - self.place[new]
        else:
            new = self.n_ids
            self.n_ids += 1
            if new == len(self.place):
                places = np.empty(2 * new, np.int64)
                places[:new] = self.place
                self.place = memoryview(places)
        if self.used + n >= len(self.arena):  # one byte stays free, so that an empty text has an address
            arena = np.empty(2 * (self.used + n), np.uint8)
            arena[: self.used] = self.arena[: self.used]
            self.arena = memoryview(arena)
        self.place[new] = self.used << LENGTH_BITS | n
        self.used += n
        self.live += 1
        return new

    @cython.cfunc
    def _rehash(self):
        """Move the words of live ids to a table of the right size; the hash in a word is its home in any table."""
        old: cython.longlong[::1] = self.table
        word: cython.longlong
        at: cython.longlong
        i: cython.Py_ssize_t
        size: cython.longlong = SMALLEST
        while 3 * self.live > 2 * (size - 1):
            size *= 2
        self.table = memoryview(np.zeros(size, np.int64))
        self.mask = size - 1
        for i in range(len(old)):
            word = old[i]
            if word != 0 and self.place[(word & LOW32) - 1] >= 0:
                at = (word >> 32) & self.mask
                while self.table[at] != 0:
                    at = (at + 1) & self.mask
                self.table[at] = word

    # ---- ids to texts

    def text(self, number: cython.longlong) -> str:
        """The text of a live id."""
        assert 0 <= number < self.n_ids, "not an id"
        assert self.place[number] >= 0, "a recycled id has no text"
        start: cython.longlong = self.place[number] >> LENGTH_BITS
        n: cython.longlong = self.place[number] & LENGTH_MASK
        if not cython.compiled:
            return str(self.arena[start : start + n], "utf-8")
        raw: cython.p_char = cython.cast(cython.p_char, cython.address(self.arena[start]))
        return PyUnicode_DecodeUTF8(raw, n, cython.NULL)

    def __len__(self) -> int:
        """Number of live ids."""
        return self.live

    def bound(self) -> int:
        """All ids ever handed out are below it: the size a mask of ids needs."""
        return self.n_ids

    # ---- recycling

    def recycle(self, mask: object) -> np.ndarray:
        """Forget every id that is 0 in `mask` (uint8, 1 = keep; ids beyond it are kept); gives those ids, ascending.

        The next new texts take them, the lowest first. Costs a walk over mask and table: call it once in a while.
        """
        keep = np.asarray(mask)[: self.n_ids]
        places = np.asarray(self.place)[: len(keep)]
        gone = np.flatnonzero((keep == 0) & (places >= 0))
        if not len(gone):
            return gone
        if not cython.compiled:
            for number in gone.tolist():
                del self.known[self.text(number)]
        self.garbage += int((places[gone] & LENGTH_MASK).sum())
        self.live -= len(gone)
        places[gone] = FIRST_LINK - np.append(gone[1:], self.free)
        self.free = int(gone[0])
        if cython.compiled:
            self._rehash()
        if 4 * self.garbage > self.used:
            self._compact()
        return gone

    @cython.cfunc
    def _compact(self):
        """Copy the live texts to a new arena, in the order of their ids."""
        old: cython.uchar[::1] = self.arena
        new: cython.uchar[::1]
        total: cython.longlong = self.used - self.garbage
        start: cython.longlong
        n: cython.longlong
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        new = memoryview(np.empty(max(256, total + total // 2), np.uint8))
        total = 0
        for i in range(self.n_ids):
            if self.place[i] >= 0:
                start = self.place[i] >> LENGTH_BITS
                n = self.place[i] & LENGTH_MASK
                for j in range(n):
                    new[total + j] = old[start + j]
                self.place[i] = total << LENGTH_BITS | n
                total += n
        self.arena = new
        self.used = total
        self.garbage = 0

    # ---- the state

    def state(self) -> dict:
        """Texts and recycled ids; the table is rebuilt from them, under any key."""
        return {
            "arena": np.asarray(self.arena)[: self.used].copy(),
            "place": np.asarray(self.place)[: self.n_ids].copy(),
            "free": self.free,
        }

    def restore(self, state: dict) -> None:
        """Load a state into a freshly made interner."""
        i: cython.Py_ssize_t
        start: cython.longlong
        n: cython.longlong
        at: cython.longlong
        tag: cython.longlong
        saved = state["place"]
        texts = state["arena"]
        self.n_ids = len(saved)
        self.used = len(texts)
        self.free = state["free"]
        places = np.empty(max(16, len(saved)), np.int64)
        places[: len(saved)] = saved
        self.place = memoryview(places)
        arena = np.empty(max(256, len(texts) + 1), np.uint8)
        arena[: len(texts)] = texts
        self.arena = memoryview(arena)
        alive = saved[saved >= 0]
        self.live = len(alive)
        self.garbage = self.used - int((alive & LENGTH_MASK).sum())
        if not cython.compiled:
            self.known = {self.text(i): i for i in range(self.n_ids) if self.place[i] >= 0}
            return
        self.table = memoryview(np.zeros(0, np.int64))
        self._rehash()  # an empty table of the right size
        for i in range(self.n_ids):
            if self.place[i] >= 0:
                n = self.place[i] & LENGTH_MASK
                start = self.place[i] >> LENGTH_BITS
                tag = cython.cast(
                    cython.longlong,
                    hash_bytes(cython.address(self.arena[start]), n, self.key0, self.key1) >> 33,
                )
                at = tag & self.mask
                while self.table[at] != 0:
                    at = (at + 1) & self.mask
                self.table[at] = tag << 32 | (i + 1)

    def nbytes(self) -> int:
        """Bytes of texts, places and table (interpreted: without the dict)."""
        return self.arena.nbytes + self.place.nbytes + self.table.nbytes
