"""The records of many slots in (ts, arrival) order: the newest in the slot's row, older ones in the shared past.

(reason for length: a record, its place in the past and the page its slot lies in change together)

A record carries the fold of all records up to itself, so the record before an event knows everything there is to know.
One that comes late is put in its place, and the newer ones are folded again.

    row of the slot -> past -> past -> gone            (newest to oldest)
         t=40           31       27
                            ^ an event late at 29: the record before it is that of 27; 31 and 40 are folded again

The rows of the past are float64 throughout (all integers in them are below 2**53). A slot's row is one word of 64 bits, its time
and the low bits of the number of the row before it, and as many float64 as there are other things to keep.
"""

import cython
import numpy as np

from tidegate.windows.growth import enlarged, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.pages import Pages
    from cython.cimports.tidegate.windows.past import Past
    from cython.cimports.tidegate.windows.records import COUNT, FIRST, FOLD_REGULAR, FOLD_RUN, LINK, START, TS
else:
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.pages import Pages
    from tidegate.windows.past import Past

    TS, FIRST, LINK, COUNT, START = range(5)  # as in records.pxd
    FOLD_RUN, FOLD_REGULAR = 1, 2

FOR_GOOD = cython.declare(cython.longlong, 1 << 60)
LINK_BITS = cython.declare(cython.int, 22)
LINK_MASK = cython.declare(cython.longlong, (1 << 22) - 1)
ROWS = cython.declare(cython.longlong, 64)  # of a page


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
        self.row = 0
        self.pages = Pages()
        self.newest_at = zeros(64, np.int64)
        self.first_at = -1
        self._lay_out()
        self.link = zeros(0, np.int64)
        self.wide = False
        self.past = Past(self.width + 1)
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

    def _lay_out(self):
        """Place the columns of `record`; before the first record."""
        self.count_at = self.first_at + 1 if self.fold else -1
        self.start_at = self.count_at + 1 if self.fold == FOLD_REGULAR else -1
        self.own_at = self.first_at + 1 + self.fold
        self.record = zeros((64, self.own_at + self.n_values), np.float64)

    def keep_first(self):
        """Keep when the first record of a slot was; before the first record."""
        assert self.pages.n_pages == 1, "what is kept is settled before the first record"
        self.first_at = 0
        self._lay_out()

    def open(self, slot):
        """Have a row for a slot, its number in `row`."""
        self.row = self.pages.open(slot)
        used: cython.longlong = ROWS * (self.pages.n_pages - 1)
        if used + ROWS > self.newest_at.shape[0]:
            self.newest_at = enlarged(self.newest_at, used, used + ROWS)
            self.record = enlarged(self.record, used, used + ROWS)
            if self.wide:
                self.link = enlarged(self.link, used, used + ROWS)
        return 0

    def find(self, slot, t):
        """Find the record before an event at `t`; `known` is false when there is none or it is `keep_ms` old."""
        self.late = False
        self.row = self.pages.find(slot)
        if self.newest_at[self.row] >> LINK_BITS > t + 1:
            self._find_late(slot, t)
        else:
            self._take_row()
        self.known = self.ts >= 0 and self.ts > t - self.keep
        return 0

    def add(self, slot, t, flagged):
        """Add a record at `t` after the one found; `first`, `count` and `start` become its own."""
        seq: cython.longlong = 0
        j: cython.int
        if self.late:
            return self._add_late(slot, t, flagged)
        self.open(slot)
        if self.lateness > 0 and self.ts >= 0:
            seq = self._retire(slot, t)
        self._follow(t, flagged)
        self._put_row(t)
        self._put_link(seq)
        for j in range(self.n_values):
            self.record[self.row, self.own_at + j] = self.own[j]
        return 0

    # ---- links

    def link_of(self, slot, row):
        """The row of the past that the record of a slot replaced; one that is gone or of another slot if there is none."""
        seq: cython.longlong
        if self.wide:
            return self.link[row]
        seq = self.past.next - 1 - ((self.past.next - 1 - self.newest_at[row]) & LINK_MASK)
        if seq >= self.past.tail and self.past.row[seq & self.past.mask, self.width] == slot:
            return seq
        return 0

    def _put_link(self, seq):
        """Note which row of the past the record in `row` replaced, 0 = none."""
        if self.wide:
            self.link[self.row] = seq
        self.newest_at[self.row] = (self.newest_at[self.row] & ~LINK_MASK) | (seq & LINK_MASK)
        return 0

    def _claim(self, slot, until):
        """A row of the past for a slot."""
        seq: cython.longlong
        if not self.wide and self.past.next - self.past.tail >= LINK_MASK:
            self._widen()
        seq = self.past.claim(until)
        self.past.row[seq & self.past.mask, self.width] = slot
        return seq

    def _widen(self):
        """Keep all bits of links from now on: there are too many rows to tell by the low ones."""
        row: cython.longlong
        owner: cython.longlong
        link: cython.longlong[::1] = zeros(len(self.newest_at), np.int64)
        for row in range(ROWS, ROWS * self.pages.n_pages):
            owner = ROWS * self.pages.owner[row // ROWS]
            link[row] = self.link_of(owner + row % ROWS, row)
        self.link = link
        self.wide = True
        return 0

    # ---- late events

    def _find_late(self, slot, t):
        """As `find`, for an event older than the newest record of its slot."""
        past: Past = self.past
        link: cython.longlong = self.link_of(slot, self.row)
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
            seq = self._claim(slot, past.row[successor & past.mask, TS] - 1)
            past.row[successor & past.mask, LINK] = seq
        else:
            link = self.link_of(slot, self.row)
            seq = self._claim(slot, (self.newest_at[self.row] >> LINK_BITS) - 1)
            self._put_link(seq)
        past.row[seq & past.mask, LINK] = link
        for j in range(self.n_values):
            past.row[seq & past.mask, self.values_at + j] = self.own[j]
        self._follow(t, flagged)
        self._put_past(seq & past.mask, t)
        return self._fold_newer()

    def _fold_newer(self):
        """Fold the records again that come after the one in hand, which stays in hand."""
        kept: tuple = (self.first, self.count, self.start)
        place: cython.longlong
        t: cython.longlong
        for seq in reversed(self.newer):
            place = seq & self.past.mask
            t = cython.cast(cython.longlong, self.past.row[place, TS]) - 1
            self._follow(t, self.fold == FOLD_RUN and self.past.row[place, COUNT] > 0)
            self._put_past(place, t)
        t = (self.newest_at[self.row] >> LINK_BITS) - 1
        self._follow(t, self.fold == FOLD_RUN and self.record[self.row, self.count_at] > 0)
        self._put_row(t)
        self.first, self.count, self.start = kept
        return 0

    # ---- the record in hand

    def _retire(self, slot, until):
        """Copy the record of a slot into the past; its sequence number."""
        link: cython.longlong = self.link_of(slot, self.row)
        seq: cython.longlong = self._claim(slot, until)
        place: cython.longlong = seq & self.past.mask
        j: cython.int
        self._put_past(place, self.ts)
        self.past.row[place, LINK] = link
        for j in range(self.n_values):
            self.past.row[place, self.values_at + j] = self.record[self.row, self.own_at + j]
        return seq

    def _take_row(self):
        """Take the record of `row` in hand."""
        self.place = -1
        self.ts = (self.newest_at[self.row] >> LINK_BITS) - 1
        if self.first_at >= 0:
            self.first = cython.cast(cython.longlong, self.record[self.row, self.first_at])
        if self.fold:
            self.count = cython.cast(cython.longlong, self.record[self.row, self.count_at])
            if self.fold == FOLD_REGULAR:
                self.start = cython.cast(cython.longlong, self.record[self.row, self.start_at])
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

    def _put_row(self, t):
        """Put the record in hand in `row`; its values and link are another matter."""
        self.newest_at[self.row] = (t + 1) << LINK_BITS | (self.newest_at[self.row] & LINK_MASK)
        if self.first_at >= 0:
            self.record[self.row, self.first_at] = self.first
        if self.fold:
            self.record[self.row, self.count_at] = self.count
            if self.fold == FOLD_REGULAR:
                self.record[self.row, self.start_at] = self.start
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
        freed: cython.longlong = 0
        todo: cython.longlong
        at: cython.longlong
        row: cython.longlong
        gone: cython.longlong = now - self.lateness - self.keep + 1
        self.advance(now)
        self.past.shrink()
        if self.keep == FOR_GOOD:
            return 0
        todo = min(budget, self.pages.bound)
        while todo > 0 and self.pages.bound > 0:
            at = self.hand // ROWS
            todo -= 1
            if self.hand >= self.pages.bound:
                self.hand = 0
            elif self.pages.page[at] == 0:
                self.hand = (at + 1) * ROWS
            else:
                row = self.pages.find(self.hand)
                if 0 < self.newest_at[row] >> LINK_BITS <= gone:
                    self._clear(row)
                    freed += 1
                self.hand += 1
                if self.hand % ROWS == 0 and self._is_empty(row // ROWS):
                    self._drop(self.hand - 1)
        return freed

    def _clear(self, row):
        """Empty a row."""
        j: cython.int
        self.newest_at[row] = 0
        for j in range(cython.cast(cython.int, self.record.shape[1])):
            self.record[row, j] = 0
        if self.wide:
            self.link[row] = 0
        return 0

    def _is_empty(self, page):
        """Whether no slot of a page has a record."""
        row: cython.longlong
        for row in range(ROWS * page, ROWS * (page + 1)):  # noqa: SIM110  `all` would make a generator
            if self.newest_at[row]:
                return False
        return True

    def _drop(self, slot):
        """Give back the page of a slot; all of it is empty."""
        page: cython.longlong = self.pages.drop(slot)
        last: cython.longlong = self.pages.n_pages
        for rows in [np.asarray(part) for part in (self.newest_at, self.record, self.link) if len(part)]:
            rows[ROWS * page : ROWS * (page + 1)] = rows[ROWS * last : ROWS * (last + 1)]
            rows[ROWS * last : ROWS * (last + 1)] = 0
        if 4 * last < self.newest_at.shape[0] // ROWS:
            self.newest_at = enlarged(self.newest_at, ROWS * last, ROWS)
            self.record = enlarged(self.record, ROWS * last, ROWS)
            if self.wide:
                self.link = enlarged(self.link, ROWS * last, ROWS)
        return 0

    def live(self, now):
        """1 for each slot of which an event to come may see a record, as uint8."""
        ts = (np.asarray(self.newest_at)[self.pages.rows()] >> LINK_BITS) - 1
        held = (ts >= 0) & (ts > now - self.lateness - self.keep)
        end = 1 + np.flatnonzero(ts >= 0)
        return held[: end[len(end) - 1] if len(end) else 0].astype(np.uint8)

    def values_held(self, number):
        """One of the values of all records an event to come may see, replaced ones too, in no order; NaN and null among them."""
        record = np.asarray(self.record)[np.asarray(self.newest_at) > 0]
        return np.concatenate((record[:, self.own_at + number], self.past.rows()[:, self.values_at + number]))

    def forget(self, slot):
        """Leave a slot as if never seen."""
        row: cython.longlong = self.pages.find(slot)
        if row >= ROWS:
            self._clear(row)
            if self._is_empty(row // ROWS):
                self._drop(slot)

    def state(self):
        """Everything remembered, as arrays and ints."""
        rows = ROWS * self.pages.n_pages
        return {
            "at": np.array(self.newest_at)[:rows],
            "record": np.array(self.record)[:rows],
            "link": np.array(self.link)[:rows],
            "newest": self.newest,
            "hand": self.hand,
            **self.pages.state(),
            **self.past.state(),
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.pages.restore(state)
        rows = len(state["at"])
        self.newest_at = enlarged(memoryview(state["at"]), rows, ROWS)
        self.record = enlarged(memoryview(state["record"]), rows, ROWS)
        self.wide = len(state["link"]) > 0
        self.link = enlarged(memoryview(state["link"]), rows, ROWS) if self.wide else zeros(0, np.int64)
        self.newest = int(state["newest"])
        self.hand = int(state["hand"])
        self.past.restore(state)

    def nbytes(self):
        """Bytes of the rows of all slots met, and of the past."""
        rows = ROWS * self.pages.n_pages
        return rows * 8 * (1 + self.record.shape[1] + self.wide) + self.pages.nbytes() + self.past.nbytes()
