"""The records of many slots in (ts, arrival) order: the newest in the slot's row, older ones in the shared past.

A record carries the fold of all records up to itself, so the record before an event knows everything there is to know.
One that comes late is put in its place, and the newer ones are folded again.

    row of the slot -> past -> past -> gone            (newest to oldest)
         t=40           31       27
                            ^ an event late at 29: the record before it is that of 27; 31 and 40 are folded again

Rows are float64 throughout (all integers in them are below 2**53), so that a slot is one line of memory.
"""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.past import Past
    from cython.cimports.tidegate.windows.records import COUNT, FIRST, FOLD_REGULAR, FOLD_RUN, LINK, START, TS
else:
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.past import Past

    TS, FIRST, LINK, COUNT, START = range(5)  # as in records.pxd
    FOLD_RUN, FOLD_REGULAR = 1, 2

FOR_GOOD = cython.declare(cython.longlong, 1 << 60)


@cython.cclass
class Records(Kernel):
    """What Latest holds. Fields are declared in records.pxd.

    `find` the record before an event, then `add` the event's own (its values in `own`).
    """

    def __init__(self, values, fold, gap_low, gap_high, keep_ms, lateness):
        self.n_values = values
        self.fold = fold
        self.gap_low = gap_low
        self.gap_high = gap_high
        self.keep = FOR_GOOD if keep_ms is None else keep_ms
        self.lateness = lateness
        self.values_at = 3 + fold
        self.width = self.values_at + values
        self.record = zeros((64, self.width), np.float64)
        self.n_slots = 0
        self.past = Past(self.width)
        self.newest = -1
        self.hand = 0
        self.own = zeros(values, np.float64)
        self.known = self.late = False
        self.ts = self.place = -1
        self.first = self.count = self.start = 0
        self.newer = []

    def advance(self, t):
        """Take notice of an event at `t`, whatever its slot."""
        if t > self.newest:
            self.newest = t
            self.past.expire(t - self.lateness)
        return 0

    def meet(self, slot):
        """Have a row for a slot not met before."""
        self.n_slots = slot + 1
        if slot >= self.record.shape[0]:
            self.record = grown(self.record, 2 * self.n_slots)
        return 0

    def find(self, slot, t):
        """Find the record before an event at `t`; `known` is false when there is none or it is `keep_ms` old."""
        self.late = False
        if slot >= self.n_slots:
            self._take_past(-1)
        elif self.record[slot, TS] > t + 1:
            self._find_late(slot, t)
        else:
            self._take_row(slot)
        self.known = self.ts >= 0 and self.ts > t - self.keep
        return 0

    def add(self, slot, t, flagged):
        """Add a record at `t` after the one found; `first`, `count` and `start` become its own."""
        seq: cython.longlong = 0
        j: cython.int
        if self.late:
            return self._add_late(slot, t, flagged)
        if slot >= self.n_slots:
            self.meet(slot)
        if self.lateness > 0 and self.ts >= 0:
            seq = self._retire(slot, t)
        self._follow(t, flagged)
        self._put_row(slot, t)
        self.record[slot, LINK] = seq
        for j in range(self.n_values):
            self.record[slot, self.values_at + j] = self.own[j]
        return 0

    # ---- late events

    def _find_late(self, slot, t):
        """As `find`, for an event older than the newest record of its slot."""
        past: Past = self.past
        link: cython.longlong = cython.cast(cython.longlong, self.record[slot, LINK])
        self.late = True
        self.newer = []
        while link >= past.tail and past.row[link & past.mask, TS] > t + 1:
            self.newer.append(link)
            link = cython.cast(cython.longlong, past.row[link & past.mask, LINK])
        return self._take_past(link & past.mask if link >= past.tail else -1)

    def _add_late(self, slot, t, flagged):
        """As `add`; the records in `newer` and the slot's row come after it."""
        past: Past = self.past
        successor: cython.longlong = self.newer[len(self.newer) - 1] if self.newer else 0
        link: cython.double
        seq: cython.longlong
        j: cython.int
        if successor:
            link = past.row[successor & past.mask, LINK]
            seq = past.claim(past.row[successor & past.mask, TS] - 1)
            past.row[successor & past.mask, LINK] = seq
        else:
            link = self.record[slot, LINK]
            seq = past.claim(self.record[slot, TS] - 1)
            self.record[slot, LINK] = seq
        past.row[seq & past.mask, LINK] = link
        for j in range(self.n_values):
            past.row[seq & past.mask, self.values_at + j] = self.own[j]
        self._follow(t, flagged)
        self._put_past(seq & past.mask, t)
        return self._fold_newer(slot)

    def _fold_newer(self, slot):
        """Fold the records again that come after the one in hand, which stays in hand."""
        kept: tuple = (self.first, self.count, self.start)
        place: cython.longlong
        t: cython.longlong
        for seq in reversed(self.newer):
            place = seq & self.past.mask
            t = cython.cast(cython.longlong, self.past.row[place, TS]) - 1
            self._follow(t, self.fold == FOLD_RUN and self.past.row[place, COUNT] > 0)
            self._put_past(place, t)
        t = cython.cast(cython.longlong, self.record[slot, TS]) - 1
        self._follow(t, self.fold == FOLD_RUN and self.record[slot, COUNT] > 0)
        self._put_row(slot, t)
        self.first, self.count, self.start = kept
        return 0

    # ---- the record in hand

    def _retire(self, slot, until):
        """Copy the record of a slot into the past; its sequence number."""
        seq: cython.longlong = self.past.claim(until)
        j: cython.int
        for j in range(self.width):
            self.past.row[seq & self.past.mask, j] = self.record[slot, j]
        return seq

    def _take_row(self, slot):
        """Take the newest record of a slot in hand."""
        self.place = -1
        self.ts = cython.cast(cython.longlong, self.record[slot, TS]) - 1
        self.first = cython.cast(cython.longlong, self.record[slot, FIRST])
        if self.fold:
            self.count = cython.cast(cython.longlong, self.record[slot, COUNT])
            if self.fold == FOLD_REGULAR:
                self.start = cython.cast(cython.longlong, self.record[slot, START])
        return 0

    def _take_past(self, place):
        """Take a record of the past in hand, none at -1."""
        self.place = place
        if place < 0:
            self.ts = -1
            return 0
        self.ts = cython.cast(cython.longlong, self.past.row[place, TS]) - 1
        self.first = cython.cast(cython.longlong, self.past.row[place, FIRST])
        if self.fold:
            self.count = cython.cast(cython.longlong, self.past.row[place, COUNT])
            if self.fold == FOLD_REGULAR:
                self.start = cython.cast(cython.longlong, self.past.row[place, START])
        return 0

    def _follow(self, t, flagged):
        """Fold a record at `t` into the one in hand, and take it in hand."""
        known: cython.bint = self.ts >= 0 and self.ts > t - self.keep
        gap: cython.longlong = t - self.ts
        if not known:
            self.first = t
        if self.fold == FOLD_RUN:
            self.count = (self.count + 1 if known else 1) if flagged else 0
        elif self.fold == FOLD_REGULAR:
            if known and self.gap_low <= gap and gap <= self.gap_high:
                self.count += 1
            else:
                self.count = 1
                self.start = t
        self.ts = t
        return 0

    def _put_row(self, slot, t):
        """Put the record in hand in the row of a slot; its values and link are another matter."""
        self.record[slot, TS] = t + 1
        self.record[slot, FIRST] = self.first
        if self.fold:
            self.record[slot, COUNT] = self.count
            if self.fold == FOLD_REGULAR:
                self.record[slot, START] = self.start
        return 0

    def _put_past(self, place, t):
        """As `_put_row`, at a place of the past."""
        self.past.row[place, TS] = t + 1
        self.past.row[place, FIRST] = self.first
        if self.fold:
            self.past.row[place, COUNT] = self.count
            if self.fold == FOLD_REGULAR:
                self.past.row[place, START] = self.start
        return 0

    # ---- upkeep

    def sweep(self, now, budget):
        """Forget, in up to `budget` slots, what no event to come can see; how many slots that emptied."""
        freed = 0
        self.advance(now)
        self.past.shrink()
        if self.keep == FOR_GOOD:
            return 0
        for _ in range(min(budget, self.n_slots)):
            self.hand = self.hand + 1 if self.hand + 1 < self.n_slots else 0
            if 0 < self.record[self.hand, TS] <= now - self.lateness - self.keep + 1:
                self.forget(self.hand)
                freed += 1
        return freed

    def live(self, now):
        """1 for each slot of which an event to come may see a record, as uint8."""
        ts = np.asarray(self.record)[: self.n_slots, TS] - 1
        return ((ts >= 0) & (ts > now - self.lateness - self.keep)).astype(np.uint8)

    def values_held(self, number):
        """One of the values of all records an event to come may see, replaced ones too, in no order; NaN and null among them."""
        record, column = np.asarray(self.record)[: self.n_slots], self.values_at + number
        return np.concatenate((record[record[:, TS] > 0, column], self.past.rows()[:, column]))

    def forget(self, slot):
        """Leave a slot as if never seen."""
        if slot < self.n_slots:
            np.asarray(self.record)[slot] = 0

    def state(self):
        """Everything remembered, as arrays and ints."""
        return {
            "record": np.array(self.record)[: self.n_slots],
            "newest": self.newest,
            "hand": self.hand,
            **self.past.state(),
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.record = grown(state["record"], len(state["record"]) + 64)
        self.n_slots = len(state["record"])
        self.newest = int(state["newest"])
        self.hand = int(state["hand"])
        self.past.restore(state)

    def nbytes(self):
        """Bytes of the rows of all slots met, and of the past."""
        return 8 * self.n_slots * self.width + self.past.nbytes()
