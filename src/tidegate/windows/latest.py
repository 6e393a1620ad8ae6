"""The newest record of an entity before each event: when it was, what it held, and how long things have gone on so."""

import cython
import numpy as np

from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.records import Records
else:
    from tidegate.windows.records import Records

# what is folded over the records of a slot
NONE = 0
RUN = 1
REGULAR = 2

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))
_NULL = cython.declare(cython.double, float("-inf"))
_SHORT_LIST = cython.declare(cython.int, 16)  # up to here, comparing all pairs beats a sort

# columns of `path`, a row per event type; then come the input columns, then the output columns of the values
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_MANY = cython.declare(cython.int, 1)
_GATE = cython.declare(cython.int, 2)
_UNKNOWN = cython.declare(cython.int, 3)
_FLAG = cython.declare(cython.int, 4)
_OUT_TS = cython.declare(cython.int, 5)
_OUT_FIRST = cython.declare(cython.int, 6)
_OUT_RUN = cython.declare(cython.int, 7)
_OUT_START = cython.declare(cython.int, 8)
_OUT_LENGTH = cython.declare(cython.int, 9)
_OUT_SEEN = cython.declare(cython.int, 10)
_VALUES = cython.declare(cython.int, 11)

OUTPUTS = {"ts": 5, "first": 6, "run": 7, "start": 8, "length": 9, "seen": 10}


@cython.final
@cython.cclass
class Latest(Records):
    """The latest record (ts and `values` numbers) per slot; all times in ms.

    fold    : RUN counts records in a row that are flagged, REGULAR records in a row whose gaps lie in [gap_low, gap_high]
    keep_ms : a record, with the first ts, the run and the series it ends, is as never seen once no newer one came for so
              long (ts <= t - keep_ms); None: kept for good
    lateness: ms an event may be older than the newest one seen. A late record costs a walk over the newer ones of its slot.

    Exact for any order of arrival within the lateness, any chunking and any sweeping.
    Memory: 8 + 8 * values bytes per slot (RUN 8, REGULAR 16 more, 8 more where the first is read), and 40 and more for each record
    that gave way to a newer one in the last `lateness` ms.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=3)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.cols[1, :3] = [10, 20, 15], 7.0, [1.0, 2.0, 3.0]
    >>> latest = Latest(1, 1, lateness=5)
    >>> latest.route(0, key=0, inputs=[1], outs={"value0": 2})
    >>> latest.bind(chunk)
    >>> latest.step(3)
    >>> chunk.cols[2, :3].tolist()  # the late event at 15 does not see the one at 20
    [nan, 1.0, 1.0]
    """

    path: cython.int[:, ::1]
    next_route: cython.int[::1]  # a further reading of the same event, -1 = none
    cols: cython.double[:, ::1]
    at: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    seen: cython.double  # keys with a record, of those touched for the event
    fresh: cython.bint  # outputs are set; else the greater of old and new is taken
    warmed: cython.double  # means nothing; keeps the compiler from leaving the loads out

    def __init__(self, n_types, values, fold=NONE, gap_low=0, gap_high=0, keep_ms=None, *, lateness):
        Records.__init__(self, values, fold, gap_low, gap_high, keep_ms, lateness)
        self.path = memoryview(np.full((n_types, _VALUES + 2 * values), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.at = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)

    def route(
        self, type_code, *, key, key_many=False, update=True, gate=ALWAYS, inputs=(), flag=-1, outs=None
    ):
        """Set what events of a type do. Columns: -1 = none.

        `inputs`: a column per value, -1 or missing: not known. `flag`: for RUN. `outs`: name -> column:
        "ts", "value0" ..  the record before the event in (ts, arrival) order; -inf, NaN .. when there is none
        "run"              flagged records in a row directly before the event
        "first"            ts of the first record, the event's own included; -inf when there is none
        "seen"             how many of the keys have a record, the event's own included
        "start", "length"  the series that ends with the event's own record, without one with the record before; -inf, 0
        With `key_many` every key of a list gets the record once; an output is the greatest over the keys, for an empty
        list that of a slot without records.
        """
        if "first" in (outs or {}) and self.first_at < 0:
            self.keep_first()
        row = np.asarray(self.path)[type_code]
        row[_KEY] = key
        row[_MANY] = key_many
        row[_GATE], row[_UNKNOWN] = flag_code(gate if update else NEVER)
        row[_FLAG] = flag
        row[_VALUES : _VALUES + len(inputs)] = inputs
        for name, col in (outs or {}).items():
            value = int(name[5:]) if name.startswith("value") else 0
            row[OUTPUTS.get(name, _VALUES + self.n_values + value)] = col

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: a reading by another key."""
        self.next_route[type_code] = then

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk, in arrival order."""
        i: cython.int
        p: cython.int
        kind: cython.int
        if cython.compiled:
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
    def _warm(self, n: cython.int) -> cython.int:
        """Bring the rows of a chunk near: loads that wait for nothing overlap, those of the events themselves do not."""
        i: cython.int
        p: cython.int
        col: cython.int
        key: cython.double
        row: cython.longlong
        end: cython.double = self.pages.bound
        total: cython.double = 0
        for i in range(n):
            p = self.order[i]
            col = self.path[self.kind[p], _KEY]
            if col >= 0:
                key = self.cols[col, p]
                if 0 <= key < end:
                    row = self.pages.find(cython.cast(cython.longlong, key))
                    total += self.newest_at[row]
                    if self.record.shape[1]:
                        total += self.record[row, 0]
        self.warmed = total
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        update: cython.bint
        j: cython.int
        col: cython.int
        self.fresh = True
        self.seen = 0
        if not key >= 0:
            if key == -1:  # a pair never seen: it has no state
                return self._write_all(kind, p, _NULL, 0.0)
            return self._write_all(kind, p, _NAN, _NAN)
        self.advance(self.at[p])
        update = self._is_open(kind, p)
        if update:
            for j in range(self.n_values):
                col = self.path[kind, _VALUES + j]
                self.own[j] = self.cols[col, p] if col >= 0 else _NAN
        if self.path[kind, _MANY]:
            return self._each_key(kind, p, update)
        return self._touch(kind, p, cython.cast(cython.longlong, key), update)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event's gate lets it be recorded."""
        gate: cython.int = self.path[kind, _GATE]
        x: cython.double
        if gate < 0:
            return gate == _ALWAYS
        x = self.cols[gate, p]
        return x == 1.0 or (x != x and self.path[kind, _UNKNOWN] == 1)

    @cython.cfunc
    @cython.exceptval(-1)
    def _each_key(self, kind: cython.int, p: cython.int, update: cython.bint) -> cython.int:
        """Touch every key of the list once; unknown ones are passed over."""
        first: cython.longlong = cython.cast(cython.longlong, self.cols[self.path[kind, _KEY], p])
        size: cython.longlong = cython.cast(cython.longlong, self.cols[self.path[kind, _KEY] + 1, p])
        keys: cython.double[::1] = self.items
        j: cython.longlong
        q: cython.longlong
        if size > _SHORT_LIST:
            keys = memoryview(np.unique(np.asarray(self.items)[first : first + size]))
            first = 0
            size = keys.shape[0]
        self._write_all(kind, p, _NULL, 0.0)
        for j in range(first, first + size):
            if keys[j] >= 0:
                q = first if size <= _SHORT_LIST else j
                while keys[q] != keys[j]:
                    q += 1
                if q == j:
                    self._touch(kind, p, cython.cast(cython.longlong, keys[j]), update)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _touch(
        self, kind: cython.int, p: cython.int, slot: cython.longlong, update: cython.bint
    ) -> cython.int:
        t: cython.longlong = self.at[p]
        flag: cython.int = self.path[kind, _FLAG]
        j: cython.int
        col: cython.int
        x: cython.double
        self.find(slot, t)
        self._write(self.path[kind, _OUT_TS], p, self.ts if self.known else _NULL)
        self._write(self.path[kind, _OUT_RUN], p, self.count if self.known else 0)
        for j in range(self.n_values):
            col = self.path[kind, _VALUES + self.n_values + j]
            if col >= 0:
                x = _NAN
                if self.known and self.place < 0:
                    x = self.record[self.row, self.own_at + j]
                elif self.known:
                    x = self.past.row[self.place, self.values_at + j]
                self._write(col, p, x)
        if update:
            self.add(slot, t, flag >= 0 and self.cols[flag, p] == 1.0)
            self.known = True
        self._write(self.path[kind, _OUT_FIRST], p, self.first if self.known else _NULL)
        self._write(self.path[kind, _OUT_START], p, self.start if self.known else _NULL)
        self._write(self.path[kind, _OUT_LENGTH], p, self.count if self.known else 0)
        self.seen += self.known
        self._write(self.path[kind, _OUT_SEEN], p, self.seen)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _write(self, col: cython.int, p: cython.int, x: cython.double) -> cython.int:
        """Write an output if it is wanted."""
        old: cython.double
        if col >= 0:
            if not self.fresh:
                old = self.cols[col, p]
                if old >= x or x != x:
                    return 0
            self.cols[col, p] = x
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _write_all(
        self, kind: cython.int, p: cython.int, time: cython.double, count: cython.double
    ) -> cython.int:
        """Write all outputs as of no key yet; later writes take the greater."""
        j: cython.int
        self._write(self.path[kind, _OUT_TS], p, time)
        self._write(self.path[kind, _OUT_FIRST], p, time)
        self._write(self.path[kind, _OUT_RUN], p, count)
        self._write(self.path[kind, _OUT_START], p, time)
        self._write(self.path[kind, _OUT_LENGTH], p, count)
        self._write(self.path[kind, _OUT_SEEN], p, count)
        for j in range(self.n_values):
            self._write(self.path[kind, _VALUES + self.n_values + j], p, _NAN)
        self.fresh = False
        return 0
