"""How many distinct members an entity has seen in sliding windows, e.g. the recipients of an account, counted exactly."""

import cython
import numpy as np

from tidegate.windows.growth import zeros
from tidegate.windows.route import ALWAYS, NEVER, flag_code

if cython.compiled:
    from cython.cimports.tidegate.windows.blocks import FORM
    from cython.cimports.tidegate.windows.membership import Membership
    from cython.cimports.tidegate.windows.recency import TS
    from cython.cimports.tidegate.windows.start import UNKNOWN, limit_of
else:
    from tidegate.windows.blocks import FORM
    from tidegate.windows.membership import Membership
    from tidegate.windows.recency import TS
    from tidegate.windows.start import UNKNOWN, limit_of

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))

# columns of `path`, a row per event type; then come the output columns of the windows, those of the starts, and the
# columns that tell the starts
_KEY = cython.declare(cython.int, 0)  # -1 = this type is not routed
_KEY_MANY = cython.declare(cython.int, 1)
_MEMBER = cython.declare(cython.int, 2)
_MEMBER_MANY = cython.declare(cython.int, 3)
_GATE = cython.declare(cython.int, 4)
_UNKNOWN = cython.declare(cython.int, 5)
_OUTS = cython.declare(cython.int, 6)


@cython.final
@cython.cclass
class DistinctWindow(Membership):
    """Distinct members (ints below 2**31) seen per slot in windows (t - w, t] ending at each event.

    windows : ascending lengths in ms
    starts  : windows that begin at a column's time instead (inclusive), at most `horizon` ms back. A start that only
              grows, like midnight, costs as little as a window; one that jumps costs a walk over the members between.
    lateness: ms an event may be older than the newest one seen. A late event costs a walk over the members of its slot
              seen since, and over their repeated sights of the last `lateness` ms.

    Exact for any order of arrival within the lateness, any chunking and any sweeping. Memory is bounded by the distinct
    pairs of the widest window, however often they are seen, and the events of the last `lateness` ms: see Membership.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=3)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.cols[1, :3] = [0, 30_000, 60_000], 7.0, [1.0, 2.0, 2.0]
    >>> distinct = DistinctWindow(1, [60_000], lateness=0)
    >>> distinct.route(0, key=0, member=1, outs=[2])
    >>> distinct.bind(chunk)
    >>> distinct.step(3)
    >>> chunk.cols[2, :3].tolist()  # at 60 s member 1 has just left the minute
    [1.0, 2.0, 1.0]
    """

    path: cython.int[:, ::1]
    next_route: cython.int[::1]  # a further reading of the same event, -1 = none
    cols: cython.double[:, ::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    row_ahead: cython.longlong[::1]  # per event of the chunk the row of its slot, -1 = none yet
    busy_ahead: cython.longlong[::1]  # .. and the node of its member if the slot is busy, 0 = none
    warmed: cython.longlong  # means nothing; keeps the compiler from leaving the loads out
    n_starts: cython.int
    horizon: cython.longlong
    low: cython.longlong[::1]  # per start: members seen after this time count

    def __init__(self, n_types, windows, starts=0, horizon=0, *, lateness):
        assert not starts or horizon > 0, "a window with a start needs a horizon"
        Membership.__init__(self, windows, starts, horizon, lateness)
        self.n_starts = starts
        self.horizon = horizon
        self.low = zeros(starts, np.int64)
        self.row_ahead = zeros(0, np.int64)
        self.busy_ahead = zeros(0, np.int64)
        self.path = memoryview(np.full((n_types, _OUTS + len(windows) + 2 * starts), -1, np.int32))
        self.next_route = memoryview(np.full(n_types, -1, np.int32))

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)

    def route(
        self,
        type_code,
        *,
        key,
        key_many=False,
        member=-1,
        member_many=False,
        update=True,
        gate=ALWAYS,
        outs=(),
        start_cols=(),
    ):
        """Set what events of a type do. Columns: -1 = none; `outs`: one per window, then one per start.

        start_cols: per start a column of times, or -1. NaN: the output is NaN; null (-inf): the whole horizon counts.

        A member that is not known or null is not recorded, the outputs are written all the same. With `member_many` all
        members of a list are recorded, with `key_many` under all keys of a list; an output is the greatest over the
        keys, 0 for an empty list.
        """
        row = np.asarray(self.path)[type_code]
        row[:_OUTS] = (
            key,
            key_many,
            member,
            member_many,
            *flag_code(gate if update and member >= 0 else NEVER),
        )
        row[_OUTS : _OUTS + len(outs)] = outs
        row[len(row) - self.n_starts : len(row) - self.n_starts + len(start_cols)] = start_cols

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
        """Bring what the events of a chunk will touch near, step by step from slots to members.

        Loads that wait for nothing overlap, those of the events themselves wait for each other.
        """
        i: cython.int
        p: cython.int
        kind: cython.int
        key: cython.double
        member: cython.double
        slot: cython.longlong
        end: cython.double = self.pages.bound
        total: cython.longlong = 0
        if n > self.row_ahead.shape[0]:
            self.row_ahead = zeros(n, np.int64)
            self.busy_ahead = zeros(n, np.int64)
        for i in range(n):
            p = self.order[i]
            kind = self.kind[p]
            self.row_ahead[i] = -1
            if self.path[kind, _KEY] >= 0:
                key = self.cols[self.path[kind, _KEY], p]
                if 0 <= key < end:
                    self.row_ahead[i] = self.pages.find(cython.cast(cython.longlong, key))
                    total += self.slot[self.row_ahead[i], FORM]
        for i in range(n):
            p = self.order[i]
            self.busy_ahead[i] = 0
            if self.row_ahead[i] >= 0 and self.path[self.kind[p], _MEMBER] >= 0:
                member = self.cols[self.path[self.kind[p], _MEMBER], p]
                if member >= 0:
                    slot = cython.cast(cython.longlong, self.cols[self.path[self.kind[p], _KEY], p])
                    self.busy_ahead[i] = self.near(
                        slot, self.row_ahead[i], cython.cast(cython.longlong, member)
                    )
        for i in range(n):
            total += self.busy.node[self.busy_ahead[i], TS]
        self.warmed = total
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        update: cython.bint
        first: cython.longlong
        j: cython.longlong
        if self.n_starts:
            self._begin(kind, p)
        if not key >= 0:
            return self._fill(kind, p, 0.0 if key == -1 else _NAN)  # -1: a pair never seen
        self.advance(self.ts[p])
        update = self._is_open(kind, p)
        if not self.path[kind, _KEY_MANY]:
            return self._touch(kind, p, cython.cast(cython.longlong, key), update, True)
        self._fill(kind, p, 0.0)
        first = cython.cast(cython.longlong, key)
        for j in range(first, first + cython.cast(cython.longlong, self.cols[self.path[kind, _KEY] + 1, p])):
            if self.items[j] >= 0:
                self._touch(kind, p, cython.cast(cython.longlong, self.items[j]), update, False)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _is_open(self, kind: cython.int, p: cython.int) -> cython.bint:
        """Whether the event is to be recorded: its gate lets it, and its member or list of members is known."""
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
    def _touch(
        self, kind: cython.int, p: cython.int, slot: cython.longlong, update: cython.bint, alone: cython.bint
    ) -> cython.int:
        """Record the event under a key and write its outputs; the greater of old and new unless the key is `alone`."""
        t: cython.longlong = self.ts[p]
        first: cython.longlong
        j: cython.longlong
        k: cython.int
        col: cython.int
        seen: cython.double
        if update:
            first = cython.cast(cython.longlong, self.cols[self.path[kind, _MEMBER], p])
            if not self.path[kind, _MEMBER_MANY]:
                self.record(slot, first, t)
            else:
                for j in range(
                    first, first + cython.cast(cython.longlong, self.cols[self.path[kind, _MEMBER] + 1, p])
                ):
                    if self.items[j] >= 0:
                        self.record(slot, cython.cast(cython.longlong, self.items[j]), t)
        self.read(slot, t)
        for k in range(self.n_windows):
            col = self.path[kind, _OUTS + k]
            if col >= 0 and (alone or self.found[k] > self.cols[col, p]):
                self.cols[col, p] = self.found[k]
        for k in range(self.n_starts):
            col = self.path[kind, _OUTS + self.n_windows + k]
            if col >= 0:
                seen = self.since(slot, k, self.low[k], t) if self.low[k] != UNKNOWN else _NAN
                if alone or seen > self.cols[col, p]:
                    self.cols[col, p] = seen
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _begin(self, kind: cython.int, p: cython.int) -> cython.int:
        """Set `low` from the columns of the starts."""
        k: cython.int
        col: cython.int
        for k in range(self.n_starts):
            col = self.path[kind, _OUTS + self.n_windows + self.n_starts + k]
            self.low[k] = limit_of(self.cols[col, p], self.ts[p], self.horizon) if col >= 0 else UNKNOWN
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _fill(self, kind: cython.int, p: cython.int, x: cython.double) -> cython.int:
        """Write the same to every output, NaN where it is not known when its window begins."""
        k: cython.int
        col: cython.int
        for k in range(self.n_windows + self.n_starts):
            col = self.path[kind, _OUTS + k]
            if col >= 0:
                self.cols[col, p] = (
                    _NAN if k >= self.n_windows and self.low[k - self.n_windows] == UNKNOWN else x
                )
        return 0
