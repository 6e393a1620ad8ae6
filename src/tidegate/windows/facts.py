"""The last known values of many facts about an entity, side by side: one or two lines of memory answer all of them.

(reason for length: a kernel declares every field and every local with its C type; 90 lines are nothing else)

A fact may also be how many events in a row were flagged, up to the newest: a run. It changes with every event that counts.
"""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros
from tidegate.windows.route import ALWAYS

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.past import Past
else:
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.past import Past

if not cython.compiled:  # as in facts.pxd
    _SHORT_LIST, _RUN = 16, 1
    _KEY, _MANY, _IN, _IN_END, _OUT, _OUT_END, _REACH = range(7)
    _TS, _LINK, _VALUES = range(3)
    _OLDER, _FACT, _OLD, _SINCE = range(4)

_ALWAYS = cython.declare(cython.int, ALWAYS)
_NAN = cython.declare(cython.double, float("nan"))
_NULL = cython.declare(cython.double, float("-inf"))

# what an event makes of a fact: it brings a value, or carries on a run (flagged events in a row) or ends it
VALUE = 0
RUN = 1

# what is read where there is none: not known, null, no events in a row
NOT_KNOWN, NONE, ZERO = range(3)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _carried(before: cython.double, flagged: cython.double) -> cython.double:
    """Return the length of a run with an event more."""
    if flagged == 0:
        return 0.0
    return before + 1.0 if before == before else 1.0


@cython.final
@cython.cclass
class Facts(Kernel):
    """The last known value of each of `facts` facts per slot, kept for good.

    folds: fact -> RUN where it is the length of a run and not the value that an event brings. A value that is not known
    changes nothing; a flag that is not 1 ends a run. Each event sees the values before itself in (ts, arrival) order, NaN where there is
    none. lateness: ms an event may be older than the newest one seen; it costs a walk over the newer changes of its slot.

    Exact for any order of arrival within the lateness, any chunking and any sweeping.
    A fact has a column of the rows from its first value on: what a platform never says takes no memory.
    Memory: 16 bytes per slot and 8 for each fact of which some slot has a value, and 40 for each change of the last `lateness` ms.

    >>> from tidegate.windows.chunk import Chunk
    >>> chunk = Chunk(n_cols=3)
    >>> chunk.ts[:3], chunk.cols[0, :3], chunk.cols[1, :3] = [10, 20, 15], 7.0, [1.0, 2.0, 3.0]
    >>> facts = Facts(1, 1, lateness=5)
    >>> facts.route(0, key=0, inputs=[(0, ALWAYS, 1)], outs=[(0, 2)])
    >>> facts.bind(chunk)
    >>> facts.step(3)
    >>> chunk.cols[2, :3].tolist()  # the late event at 15 does not see the one at 20
    [nan, 1.0, 1.0]
    """

    fold: cython.int[::1]
    lateness: cython.longlong
    record: cython.double[:, ::1]
    column: cython.int[::1]  # of each fact, in `record`; 0 = no value yet
    width: cython.int  # columns of `record`
    n_slots: cython.longlong
    past: Past
    newest: cython.longlong
    path: cython.int[:, ::1]
    next_route: cython.int[::1]  # a further route of the same event, -1 = none
    inputs: cython.int[:, ::1]  # fact, gate, column
    outs: cython.int[:, ::1]  # fact, column
    none: cython.double[::1]  # .. and what is read where there is none
    cols: cython.double[:, ::1]
    at: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    items: cython.double[::1]
    warmed: cython.double  # means nothing; keeps the compiler from leaving the loads out

    def __init__(self, n_types, facts, folds=None, *, lateness):
        self.fold = memoryview(np.array([(folds or {}).get(f, VALUE) for f in range(facts)], np.int32))
        self.lateness = lateness
        self.column = zeros(facts, np.int32)
        self.width = _VALUES
        self.record = zeros((64, _VALUES), np.float64)
        self.n_slots = 0
        self.past = Past(3)
        self.newest = -1
        path = np.zeros((n_types, 7), np.int32)
        path[:, _KEY] = -1
        self.path = memoryview(path)
        self.next_route = memoryview(np.full(n_types, -1, np.int32))
        self.inputs = memoryview(np.zeros((0, 3), np.int32))
        self.outs = memoryview(np.zeros((0, 2), np.int32))
        self.none = memoryview(np.zeros(0))

    def bind(self, chunk):
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.at = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.items = memoryview(chunk.items)

    def route(self, type_code, *, key, key_many=False, inputs=(), outs=()):
        """Set what events of a type do, by one key column.

        `inputs`: (fact, gate, column) for each fact that the event may bring; it does where its gate, a column, is 1 (ALWAYS: no
        gate) and its value is known; for a run the column is the flag. `outs`: (fact, column) for each fact read: its value before
        the event, where there is none NaN, null with (fact, column, NONE), 0 with (fact, column, ZERO). With `key_many` every key
        of a list is told, and read is the greatest value over the keys.
        """
        row = np.asarray(self.path)[type_code]
        row[_KEY], row[_MANY] = key, key_many
        row[_IN], row[_OUT] = len(self.inputs), len(self.outs)
        self.inputs = memoryview(
            np.array([*np.asarray(self.inputs).tolist(), *inputs], np.int32).reshape(-1, 3)
        )
        wanted = [out[:2] for out in outs]
        self.outs = memoryview(np.array([*np.asarray(self.outs).tolist(), *wanted], np.int32).reshape(-1, 2))
        none = [(_NAN, _NULL, 0.0)[out[2] if len(out) > 2 else NOT_KNOWN] for out in outs]
        self.none = memoryview(np.array([*np.asarray(self.none).tolist(), *none]))
        row[_IN_END], row[_OUT_END] = len(self.inputs), len(self.outs)
        self._look_how_far()

    def chain(self, type_code, then):
        """After an event of one type, follow the route of another type for the same event: by another key."""
        self.next_route[type_code] = then

    def _look_how_far(self):
        """Note the last column that each route reads."""
        path, column = np.asarray(self.path), np.asarray(self.column)
        facts = np.asarray(self.outs)[:, 0]
        for row in path:
            row[_REACH] = column[facts[row[_OUT] : row[_OUT_END]]].max(initial=_TS)

    def _add_column(self, fact):
        """Make room for the values of a fact that has none yet."""
        old, held = np.asarray(self.record), self.n_slots
        new = np.zeros((len(old), self.width + 1))  # rows to come are not touched: room ahead costs nothing
        new[:held, : self.width] = old[:held]
        new[:held, self.width] = np.nan
        self.record = memoryview(new)
        self.column[fact] = self.width
        self.width += 1
        self._look_how_far()

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
            if self.at[p] > self.newest:
                self.newest = self.at[p]
                self.past.expire(self.newest - self.lateness)
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
        j: cython.int
        key: cython.double
        slot: cython.longlong
        end: cython.double = self.n_slots
        total: cython.double = 0
        for i in range(n):
            p = self.order[i]
            col = self.path[self.kind[p], _KEY]
            if col >= 0:
                key = self.cols[col, p]
                if 0 <= key < end:
                    slot = cython.cast(cython.longlong, key)
                    for j in range(0, self.path[self.kind[p], _REACH], 8):  # a line of memory each
                        total += self.record[slot, j]
                    total += self.record[slot, self.path[self.kind[p], _REACH]]
        self.warmed = total
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _event(self, kind: cython.int, p: cython.int) -> cython.int:
        key: cython.double = self.cols[self.path[kind, _KEY], p]
        k: cython.int
        x: cython.double
        if not key >= 0 or self.path[kind, _MANY]:
            for k in range(self.path[kind, _OUT], self.path[kind, _OUT_END]):
                # -1: a pair never seen, of which nothing is known
                self.cols[self.outs[k, 1], p] = self.none[k] if key >= 0 or key == -1 else _NAN
            if key >= 0:
                self._each_key(kind, p)
            return 0
        slot: cython.longlong = cython.cast(cython.longlong, key)
        if slot >= self.n_slots or self.record[slot, _TS] <= self.at[p] + 1:
            self._read(kind, p, slot)
        else:
            for k in range(self.path[kind, _OUT], self.path[kind, _OUT_END]):
                x = self._before(slot, self.outs[k, 0], self.at[p])
                self.cols[self.outs[k, 1], p] = self.none[k] if x != x else x
        if self.path[kind, _IN] < self.path[kind, _IN_END]:
            self._learn(kind, p, slot)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _newest(self, slot: cython.longlong, fact: cython.int) -> cython.double:
        """The newest value of a fact of a slot that has a row."""
        return self.record[slot, self.column[fact]] if self.column[fact] else _NAN

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _read(self, kind: cython.int, p: cython.int, slot: cython.longlong) -> cython.int:
        """Write the newest values of a slot."""
        k: cython.int
        x: cython.double
        if slot < self.n_slots and self.record[slot, _TS] > 0:
            for k in range(self.path[kind, _OUT], self.path[kind, _OUT_END]):
                x = self._newest(slot, self.outs[k, 0])
                self.cols[self.outs[k, 1], p] = self.none[k] if x != x else x
        else:
            for k in range(self.path[kind, _OUT], self.path[kind, _OUT_END]):
                self.cols[self.outs[k, 1], p] = self.none[k]
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _each_key(self, kind: cython.int, p: cython.int) -> cython.int:
        """Read and tell every key of the list once; unknown ones are passed over."""
        first: cython.longlong = cython.cast(cython.longlong, self.cols[self.path[kind, _KEY], p])
        size: cython.longlong = cython.cast(cython.longlong, self.cols[self.path[kind, _KEY] + 1, p])
        keys: cython.double[::1] = self.items
        j: cython.longlong
        q: cython.longlong
        k: cython.int
        slot: cython.longlong
        x: cython.double
        if size > _SHORT_LIST:
            keys = memoryview(np.unique(np.asarray(self.items)[first : first + size]))
            first = 0
            size = keys.shape[0]
        for j in range(first, first + size):
            if keys[j] >= 0:
                q = first if size <= _SHORT_LIST else j
                while keys[q] != keys[j]:
                    q += 1
                if q == j:
                    slot = cython.cast(cython.longlong, keys[j])
                    for k in range(self.path[kind, _OUT], self.path[kind, _OUT_END]):
                        x = self._before(slot, self.outs[k, 0], self.at[p])
                        if x == x and not self.cols[self.outs[k, 1], p] >= x:
                            self.cols[self.outs[k, 1], p] = x
                    self._learn(kind, p, slot)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _before(self, slot: cython.longlong, fact: cython.int, t: cython.longlong) -> cython.double:
        """The value of a fact before an event at `t`: the newest, with the changes undone that came later."""
        link: cython.longlong
        x: cython.double
        if slot >= self.n_slots or self.record[slot, _TS] == 0:
            return _NAN
        x = self._newest(slot, fact)
        if self.record[slot, _TS] <= t + 1:
            return x
        link = cython.cast(cython.longlong, self.record[slot, _LINK])
        while link >= self.past.tail and self.past.row[link & self.past.mask, _SINCE] > t:
            if self.past.row[link & self.past.mask, _FACT] == fact:
                x = self.past.row[link & self.past.mask, _OLD]
            link = cython.cast(cython.longlong, self.past.row[link & self.past.mask, _OLDER])
        return x

    @cython.cfunc
    @cython.exceptval(-1)
    def _learn(self, kind: cython.int, p: cython.int, slot: cython.longlong) -> cython.int:
        """Take in what an event brings."""
        k: cython.int
        gate: cython.int
        x: cython.double
        for k in range(self.path[kind, _IN], self.path[kind, _IN_END]):
            gate = self.inputs[k, 1]
            x = self.cols[self.inputs[k, 2], p]
            if self.fold[self.inputs[k, 0]] == _RUN:
                x = x == 1.0
            if x == x and (gate == _ALWAYS or (gate >= 0 and self.cols[gate, p] == 1.0)):
                self._change(slot, self.inputs[k, 0], self.at[p], x)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _change(
        self, slot: cython.longlong, fact: cython.int, t: cython.longlong, x: cython.double
    ) -> cython.int:
        j: cython.int
        seq: cython.longlong
        old: cython.double
        if slot >= self.n_slots:
            self.n_slots = slot + 1
            if slot >= self.record.shape[0]:
                self.record = grown(self.record, 2 * self.n_slots)
        if self.column[fact] == 0:
            self._add_column(fact)
        if self.record[slot, _TS] == 0:
            for j in range(_VALUES, self.width):
                self.record[slot, j] = _NAN
        if self.record[slot, _TS] > t + 1:
            return self._change_late(slot, fact, t, x)
        old = self.record[slot, self.column[fact]]
        if self.fold[fact] == _RUN:
            x = _carried(old, x)
        if self.lateness > 0:
            seq = self._note(t, fact, old)
            self.past.row[seq & self.past.mask, _OLDER] = self.record[slot, _LINK]
            self.record[slot, _LINK] = seq
        self.record[slot, self.column[fact]] = x
        self.record[slot, _TS] = t + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _change_late(
        self, slot: cython.longlong, fact: cython.int, t: cython.longlong, x: cython.double
    ) -> cython.int:
        """Put a change in its place among the newer ones; the next one of the same fact undoes to it from now on."""
        link: cython.longlong = cython.cast(cython.longlong, self.record[slot, _LINK])
        newer: cython.longlong = -1  # the change that follows in time
        same: cython.longlong = -1  # the first to follow of the same fact
        seq: cython.longlong
        old: cython.double = self.record[slot, self.column[fact]]
        while link >= self.past.tail and self.past.row[link & self.past.mask, _SINCE] > t:
            if self.past.row[link & self.past.mask, _FACT] == fact:
                same = link
                old = self.past.row[link & self.past.mask, _OLD]
            newer = link
            link = cython.cast(cython.longlong, self.past.row[link & self.past.mask, _OLDER])
        if self.fold[fact] == _RUN:
            x = _carried(old, x)
            self._lengthen(slot, fact, same, x - old if old == old else x)
        seq = self._note(t, fact, old)
        self.past.row[seq & self.past.mask, _OLDER] = link
        if newer < 0:
            self.record[slot, _LINK] = seq
        else:
            self.past.row[newer & self.past.mask, _OLDER] = seq
        if same < 0:
            self.record[slot, self.column[fact]] = x
        else:
            self.past.row[same & self.past.mask, _OLD] = x
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _lengthen(
        self, slot: cython.longlong, fact: cython.int, since: cython.longlong, by: cython.double
    ) -> cython.int:
        """Add to a run what came into it late: to its lengths from the change `since` on, until an event ended it.

        A change holds the length that it replaced, so the length that a change made is with the next one of the fact, that
        of the newest in the slot's row.
        """
        link: cython.longlong = cython.cast(cython.longlong, self.record[slot, _LINK])
        place: cython.longlong
        end: cython.longlong = 0  # the change that holds the first 0 since; -1: the slot's row does, 0: none
        if since < 0 or by == 0:
            return 0
        if self.record[slot, self.column[fact]] == 0:
            end = -1
        while link != since:
            place = link & self.past.mask
            if self.past.row[place, _FACT] == fact and self.past.row[place, _OLD] == 0:
                end = link
            link = cython.cast(cython.longlong, self.past.row[place, _OLDER])
        if end == 0:
            self.record[slot, self.column[fact]] += by
        link = cython.cast(cython.longlong, self.record[slot, _LINK])
        while link != since:
            place = link & self.past.mask
            if end <= 0 and self.past.row[place, _FACT] == fact:
                self.past.row[place, _OLD] += by
            if link == end:
                end = 0
            link = cython.cast(cython.longlong, self.past.row[place, _OLDER])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _note(self, t: cython.longlong, fact: cython.int, old: cython.double) -> cython.longlong:
        """Remember what a change at `t` replaced; the number of the note."""
        seq: cython.longlong = self.past.claim(t)
        self.past.row[seq & self.past.mask, _FACT] = fact
        self.past.row[seq & self.past.mask, _OLD] = old
        return seq

    # ---- upkeep

    def sweep(self, now, budget):
        """Give back room of notes; values are kept for good, so no slot is ever emptied: 0."""
        del budget
        if now > self.newest:
            self.newest = now
            self.past.expire(self.newest - self.lateness)
        self.past.shrink()
        return 0

    def live(self, now):
        """1 for each slot of which an event to come may see a value, as uint8."""
        del now
        return (np.asarray(self.record)[: self.n_slots, _TS] > 0).astype(np.uint8)

    def values_held(self, fact):
        """All values of a fact that an event to come may see, replaced ones too, in no order; NaN and null among them."""
        record, notes = np.asarray(self.record)[: self.n_slots], self.past.rows()
        replaced = notes[notes[:, _FACT] == fact, _OLD]
        newest = record[record[:, _TS] > 0, self.column[fact]] if self.column[fact] else np.empty(0)
        return np.concatenate((newest, replaced))

    def forget(self, slot):
        """Leave a slot as if never told."""
        if slot < self.n_slots:
            np.asarray(self.record)[slot] = 0

    def state(self):
        """Everything remembered, as arrays and ints."""
        return {
            "record": np.array(self.record)[: self.n_slots],
            "columns": np.array(self.column),
            "newest": self.newest,
            **self.past.state(),
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.record = grown(state["record"], len(state["record"]) + 64)
        self.n_slots, self.width = state["record"].shape
        self.column = memoryview(np.array(state["columns"], np.int32))
        self._look_how_far()
        self.newest = int(state["newest"])
        self.past.restore(state)

    def nbytes(self):
        """Bytes of the rows of all slots met, and of the notes."""
        return 8 * self.n_slots * self.width + self.past.nbytes()
