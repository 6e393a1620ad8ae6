"""Texts that lie in a buffer, by their places: joined to lines, and written into the lines of plain decisions.

A place is offset << 20 | length; -1 stands for missing, -2 for null. No object is made per text, and no lock is held.
"""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.libc.string import memcpy
    from cython.cimports.tidegate.windows.timestamps import write_bytes
else:
    from tidegate.windows.timestamps import format_rfc3339

LENGTH_BITS = cython.declare(cython.int, 20)
LENGTH_MASK = cython.declare(cython.longlong, (1 << 20) - 1)
TIME_BYTES = cython.declare(cython.int, 24)
BEFORE_ID = b'{"event_id":'
BEFORE_TIME = b',"ts":"'
BEFORE_ENTRIES = b',"verdict":"allow","score":0.0,"fired":['
NULL = b"null"
FIXED_BYTES = cython.declare(cython.longlong, 128)  # of a line: what is neither text, head nor tail


def joined(buffer: cython.const[cython.uchar][::1], places: cython.longlong[::1]) -> tuple:
    """The texts one after the other, each ended by a line feed, as uint8; and where each begins (int64, one more)."""
    n: cython.Py_ssize_t = len(places)
    i: cython.Py_ssize_t
    at: cython.longlong = 0
    if not cython.compiled:
        buffer, places = memoryview(buffer), memoryview(places)
    begins = np.empty(n + 1, np.int64)
    begin: cython.longlong[::1] = memoryview(begins)
    for i in range(n):
        begin[i] = at
        at += _length(places[i]) + 1
    begin[n] = at
    made = np.empty(at, np.uint8)
    out: cython.uchar[::1] = memoryview(made)
    with cython.nogil:
        for i in range(n):
            _copy(out, begin[i], buffer, places[i])
            out[begin[i + 1] - 1] = 10
    return made, begins


@cython.final
@cython.cclass
class PlainLines:
    """Writes lines of decisions that allow: they differ in id, time, head (the type), account, entries of `fired`, and tail only.

    `heads` and `tails` are the parts that occur, as bytes; a tail is all that follows the entries.
    """

    heads: cython.uchar[::1]
    head_at: cython.longlong[::1]
    tails: cython.uchar[::1]
    tail_at: cython.longlong[::1]

    def __init__(self, heads: list):
        self.heads, self.head_at = _parts(heads)
        self.tails, self.tail_at = _parts([])

    def set_tails(self, tails: list) -> None:
        """Take these tails from now on."""
        self.tails, self.tail_at = _parts(tails)

    def write(
        self,
        ids: cython.const[cython.uchar][::1],
        id_places: cython.longlong[::1],
        accounts: cython.const[cython.uchar][::1],
        account_places: cython.longlong[::1],
        ts: cython.longlong[::1],
        head: cython.int[::1],
        entries: cython.const[cython.uchar][::1],
        entry_places: cython.longlong[::1],
        tail: cython.int[::1],
    ) -> tuple:
        """The lines as uint8, and where each begins (int64, one more). A line whose tail is -1 is left empty.

        Entries are JSON already, those of a line with commas between them.
        """
        n: cython.Py_ssize_t = len(tail)
        i: cython.Py_ssize_t
        room: cython.longlong = 0
        if not cython.compiled:
            ids, id_places, accounts, account_places = map(
                memoryview, (ids, id_places, accounts, account_places)
            )
            ts, head, tail = map(memoryview, (ts, head, tail))
            entries, entry_places = memoryview(entries), memoryview(entry_places)
        assert n <= min(len(id_places), len(account_places)), "every line has an id and an account"
        assert n <= len(entry_places), "of every line it is said what it exceeds"
        assert n <= min(len(ts), len(head)), "every line has a time and a type"
        begins = np.empty(n + 1, np.int64)
        begin: cython.longlong[::1] = memoryview(begins)
        for i in range(n):
            if tail[i] >= 0:
                assert tail[i] + 1 < len(self.tail_at), "its tail is known"
                assert 0 <= head[i] < len(self.head_at) - 1, "its head is known"
                room += 2 * (_length(id_places[i]) + _length(account_places[i])) + FIXED_BYTES
                room += _length(entry_places[i])
                room += self.head_at[head[i] + 1] - self.head_at[head[i]]
                room += self.tail_at[tail[i] + 1] - self.tail_at[tail[i]]
        made = np.empty(room, np.uint8)
        out: cython.uchar[::1] = memoryview(made)
        at: cython.longlong = 0
        before_id: cython.const[cython.uchar][::1] = memoryview(BEFORE_ID)
        before_time: cython.const[cython.uchar][::1] = memoryview(BEFORE_TIME)
        before_entries: cython.const[cython.uchar][::1] = memoryview(BEFORE_ENTRIES)
        null: cython.const[cython.uchar][::1] = memoryview(NULL)
        with cython.nogil:
            for i in range(n):
                begin[i] = at
                if tail[i] < 0:
                    continue
                at = _put(out, at, before_id, 0, before_id.shape[0])
                at = _quoted(out, at, ids, id_places[i])
                at = _put(out, at, before_time, 0, before_time.shape[0])
                at = _time(out, at, ts[i])
                at = _put(out, at, self.heads, self.head_at[head[i]], self.head_at[head[i] + 1])
                if account_places[i] < 0:
                    at = _put(out, at, null, 0, null.shape[0])
                else:
                    at = _quoted(out, at, accounts, account_places[i])
                at = _put(out, at, before_entries, 0, before_entries.shape[0])
                at = _copy(out, at, entries, entry_places[i])
                at = _put(out, at, self.tails, self.tail_at[tail[i]], self.tail_at[tail[i] + 1])
        begin[n] = at
        return made[:at], begins


def _parts(parts: list) -> tuple:
    """Parts one after the other, and where each begins."""
    at = np.cumsum([0, *map(len, parts)]).astype(np.int64)
    return memoryview(np.frombuffer(b"".join(parts) + b"\0", np.uint8).copy()), memoryview(at)


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _length(place: cython.longlong) -> cython.longlong:
    return place & LENGTH_MASK if place >= 0 else 0


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _put(
    out: cython.uchar[::1],
    at: cython.longlong,
    part: cython.const[cython.uchar][::1],
    start: cython.longlong,
    end: cython.longlong,
) -> cython.longlong:
    """Write part[start:end] to out[at:]; give the place behind it."""
    if not cython.compiled:
        out[at : at + end - start] = part[start:end]
    elif end > start:
        memcpy(cython.address(out[at]), cython.address(part[start]), end - start)
    return at + end - start


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _copy(
    out: cython.uchar[::1],
    at: cython.longlong,
    buffer: cython.const[cython.uchar][::1],
    place: cython.longlong,
) -> cython.longlong:
    """Write a text as it is."""
    if place < 0:
        return at
    return _put(out, at, buffer, place >> LENGTH_BITS, (place >> LENGTH_BITS) + (place & LENGTH_MASK))


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _quoted(
    out: cython.uchar[::1],
    at: cython.longlong,
    buffer: cython.const[cython.uchar][::1],
    place: cython.longlong,
) -> cython.longlong:
    """Write a text without control characters as a JSON string."""
    i: cython.longlong
    first: cython.longlong = place >> LENGTH_BITS
    out[at] = 34
    at += 1
    for i in range(first, first + (place & LENGTH_MASK)):
        if buffer[i] == 34 or buffer[i] == 92:
            out[at] = 92
            at += 1
        out[at] = buffer[i]
        at += 1
    out[at] = 34
    return at + 1


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _time(out: cython.uchar[::1], at: cython.longlong, ms: cython.longlong) -> cython.longlong:
    if cython.compiled:
        return at + write_bytes(cython.address(out[at]), ms)
    out[at : at + TIME_BYTES] = format_rfc3339(ms).encode()
    return at + TIME_BYTES
