"""Which members each slot has seen, and when last: one in the slot's row, up to 64 in a sorted block, more in a list.

A late event asks for the members last seen at or before its own time. Most answer with their last sight; for those seen
again since, `past` tells for how long an earlier sight was the last one:

    member a    seen 10, 25, 31       last sight 31;  past: (10 until 25), (25 until 31)
    late read at 29: a counts as seen at 25
"""

import cython
import numpy as np

from tidegate.windows.growth import enlarged

if cython.compiled:
    from cython.cimports.tidegate.windows.blocks import (
        AT,
        BLOCK,
        BUSY,
        EMPTY,
        FORM,
        FULL,
        LAST_BLOCK,
        LINK,
        ONE,
        Blocks,
    )
    from cython.cimports.tidegate.windows.membership import CHAIN, MEMBER, SINCE, UNTIL
    from cython.cimports.tidegate.windows.past import Past
    from cython.cimports.tidegate.windows.recency import KEY, NEWER, TS, Recency
else:
    from tidegate.windows.blocks import AT, BLOCK, BUSY, EMPTY, FORM, FULL, LAST_BLOCK, LINK, ONE, Blocks
    from tidegate.windows.past import Past
    from tidegate.windows.recency import KEY, NEWER, TS, Recency

    MEMBER, SINCE, CHAIN, UNTIL = range(4)  # as in membership.pxd

ROWS = cython.declare(cython.longlong, 64)  # of a page
# A list goes back to a block at so few: not at 64, or it would come and go.
DEMOTE = cython.declare(cython.int, 24)


@cython.cclass
class Membership(Blocks):
    """What DistinctWindow holds. Fields are declared in membership.pxd.

    horizon: ms that `since` may look back, 0 where nobody asks
    Memory: 24 bytes per slot of a page with a member, 12 per member of a block rounded up to a power of two, about 64 per member of a list;
    32 for each repeated sight of the last `lateness` ms.
    """

    def __init__(self, windows, starts, horizon, lateness):
        Blocks.__init__(self, windows)
        self.widest = max(max(windows, default=0), horizon)
        self.lateness = lateness
        self.busy = Recency(windows, starts)
        self.past = Past(3)
        self.newest = -1
        self.hand = 0

    def advance(self, t):
        """Take notice of an event at `t`, whatever its slot."""
        if t > self.newest:
            self.newest = t
            self.gone = t - self.lateness - self.widest
            self.past.expire(t - self.lateness)
        return 0

    def near(self, slot, row, member):
        """Bring near what `record` will read; if the slot is busy, the member's node, most likely, else 0."""
        form: cython.int = self.slot[row, FORM] & 255
        base: cython.longlong
        if form == BUSY:
            return self.busy.near(slot, member)
        if form >= BLOCK:
            base = 3 * self.slot[row, AT]
            self.warmed += self.when[base] + self.who[2 * (base + (2 << (form - BLOCK)))]
        return 0

    # ---- a member is seen

    def record(self, slot, member, t):
        """Note that a slot saw a member at `t`."""
        row: cython.longlong = self.open(slot)
        form: cython.int = self.slot[row, FORM] & 255
        last: cython.longlong
        if form <= ONE:
            last = self.see_one(row, member, t)
        elif form >= BLOCK:
            last = self.see_block(row, member, t)
            if last == FULL:
                self._promote(slot, row)
                last = self._see_busy(slot, row, member, t)
        else:
            last = self._see_busy(slot, row, member, t)
        if last >= 0 and last != t and self.lateness > 0:
            if last < t:
                self._note(row, member, last, t)
            else:
                self._note_late(row, member, t, last)
        return 0

    def _note(self, row, member, since, until):
        """Put into the past that a member was last seen at `since` until it was seen again."""
        seq: cython.longlong = self.past.claim(until)
        place: cython.longlong = seq & self.past.mask
        self.past.row[place, MEMBER] = member
        self.past.row[place, SINCE] = since
        self.past.row[place, CHAIN] = self.slot[row, LINK]
        self.slot[row, LINK] = seq
        return 0

    def _note_late(self, row, member, t, last):
        """Put a late sight into the past: it ends the one before it, and is ended by the one after it."""
        seq: cython.longlong = self.slot[row, LINK]
        place: cython.longlong
        since: cython.longlong
        until: cython.longlong = last
        while seq >= self.past.tail:
            place = seq & self.past.mask
            if self.past.row[place, MEMBER] == member:
                since = cython.cast(cython.longlong, self.past.row[place, SINCE])
                if since == t:
                    return 0
                if since > t:
                    if since < until:
                        until = since
                elif self.past.row[place, UNTIL] > t:
                    until = cython.cast(cython.longlong, self.past.row[place, UNTIL])
                    self.past.row[place, UNTIL] = t
                    break
            seq = cython.cast(cython.longlong, self.past.row[place, CHAIN])
        return self._note(row, member, t, until)

    # ---- members are counted

    def read(self, slot, t):
        """Fill `found`: the distinct members a slot saw in (t - w, t], per window."""
        k: cython.int
        row: cython.longlong = self.pages.find(slot)  # one of page 0: an empty one
        form: cython.int = self.slot[row, FORM] & 255
        busy: cython.int
        late: cython.bint
        if form == BUSY:
            busy = self.slot[row, FORM] >> 8
            self.busy.advance(busy, t)
            self.busy.drop(busy, self.gone)
            late = self.busy.read(busy, t)
            for k in range(self.n_windows):
                self.found[k] = self.busy.found[k]
        elif form >= BLOCK:
            late = self.read_block(row, t)
        else:
            late = form == ONE and self.slot[row, AT] > t
            for k in range(self.n_windows):
                self.found[k] = form == ONE and not late and self.slot[row, AT] > t - self.window[k]
        if late:
            self._read_late(row, t)
        return 0

    def _read_late(self, row, t):
        """Add to `found` the members seen again after `t`."""
        seq: cython.longlong = self.slot[row, LINK]
        place: cython.longlong
        k: cython.int
        while seq >= self.past.tail:
            place = seq & self.past.mask
            if self.past.row[place, SINCE] <= t and self.past.row[place, UNTIL] > t:
                for k in range(self.n_windows):
                    self.found[k] += self.past.row[place, SINCE] > t - self.window[k]
            seq = cython.cast(cython.longlong, self.past.row[place, CHAIN])
        return 0

    def since(self, slot, s, low, t):
        """How many distinct members a slot saw in (low, t], the window of start number `s`; after `read` for the same time."""
        row: cython.longlong = self.pages.find(slot)
        form: cython.int = self.slot[row, FORM] & 255
        seq: cython.longlong = self.slot[row, LINK]
        place: cython.longlong
        newest: cython.longlong
        busy: cython.int
        n: cython.int
        if form == BUSY:
            busy = self.slot[row, FORM] >> 8
            n = self.busy.since(busy, s, low, t)
            newest = self.busy.node[self.busy.tail[busy, self.n_windows + 1], TS]
        elif form >= BLOCK:
            n = self.block_since(row, low, t)
            newest = self.when[3 * self.slot[row, AT] + (self.slot[row, FORM] >> 8) - 1]
        else:
            newest = self.slot[row, AT]
            n = form == ONE and low < newest <= t
        if newest <= t:  # nobody was seen again since: most events are not late
            return n
        while seq >= self.past.tail:  # of those seen again after `t`
            place = seq & self.past.mask
            n += low < self.past.row[place, SINCE] <= t and self.past.row[place, UNTIL] > t
            seq = cython.cast(cython.longlong, self.past.row[place, CHAIN])
        return n

    # ---- more members

    def _see_busy(self, slot, row, member, t):
        """As Recency.see, with what is out of date dropped first."""
        busy: cython.int = self.slot[row, FORM] >> 8
        self.busy.advance(busy, t)
        self.busy.drop(busy, self.gone)
        return self.busy.see(busy, slot, member, t)

    def _promote(self, slot, row):
        """Turn the largest block into a list."""
        base: cython.longlong = 3 * self.slot[row, AT]
        size: cython.int = 2 << (LAST_BLOCK - BLOCK)
        busy: cython.int = self.busy.open()
        q: cython.int
        self.busy.advance(busy, self.when[base + size - 1])
        for q in range(size):
            self.busy.see(busy, slot, self.who[2 * (base + size) + q], self.when[base + q])
        self.arena.release(self.slot[row, AT], LAST_BLOCK - BLOCK)
        self.slot[row, FORM] = BUSY | (cython.cast(cython.longlong, busy) << 8)
        return 0

    def _demote(self, row):
        """Turn a list of at most DEMOTE members, and not none, into a block."""
        busy: cython.int = self.slot[row, FORM] >> 8
        order: cython.int = 0
        n: cython.int = 0
        size: cython.int
        unit: cython.longlong
        x: cython.longlong = self.busy.tail[busy, self.n_windows]
        while (2 << order) < self.busy.count[busy, self.n_windows]:
            order += 1
        size = 2 << order
        unit = self.allocate(order)
        while x:
            self.when[3 * unit + n] = self.busy.node[x, TS]
            self.who[2 * (3 * unit + size) + n] = self.busy.node[x, KEY] & 0x7FFFFFFF
            n += 1
            x = self.busy.node[x, NEWER]
        self.busy.close(busy)
        self.slot[row, FORM] = (BLOCK + order) | (n << 8)
        self.slot[row, AT] = unit
        return 0

    # ---- upkeep

    def sweep(self, now, budget):
        """In up to `budget` slots, drop what no event to come can see; how many slots that emptied."""
        freed: cython.longlong = 0
        row: cython.longlong
        todo: cython.longlong
        self.advance(now)
        self.past.shrink()
        self.busy.shrink()
        todo = min(budget, self.pages.bound)
        while todo > 0 and self.pages.bound > 0:
            todo -= 1
            if self.hand >= self.pages.bound:
                self._begin_anew()
            row = self.pages.find(self.hand)
            if row < ROWS:  # none of these slots has a member
                self.hand = (self.hand // ROWS + 1) * ROWS
                continue
            freed += self._sweep_row(row)
            self.hand += 1
            if self.hand % ROWS == 0:
                self.close(self.hand - 1)
        if self.hand >= self.pages.bound:
            self._begin_anew()
        return freed

    def _begin_anew(self):
        """Go on at the first slot, and give back blocks that nobody has."""
        self.hand = 0
        if self.arena.trim():
            self._view_blocks()
        return 0

    def _sweep_row(self, row):
        """Drop what is gone from a slot, and give back room; whether that emptied it."""
        form: cython.int = self.slot[row, FORM] & 255
        busy: cython.int
        n: cython.int
        if form == EMPTY:
            return False
        if form == BUSY:
            busy = self.slot[row, FORM] >> 8
            self.busy.advance(busy, self.newest - self.lateness)
            self.busy.drop(busy, self.gone)
            n = self.busy.count[busy, self.n_windows]
            if 0 < n <= DEMOTE:
                self._demote(row)
        elif form == ONE:
            n = self.slot[row, AT] > self.gone
        else:
            n = self.thin(row)
            if n > 0 and n * 4 <= 2 << (form - BLOCK):
                self.move(row, form - BLOCK - 1)
        if n == 0:
            self._empty(row)
        return n == 0

    def _empty(self, row):
        """Leave a row as if its slot had never been seen."""
        form: cython.int = self.slot[row, FORM] & 255
        k: cython.int
        if form == BUSY:
            self.busy.close(self.slot[row, FORM] >> 8)
        elif form >= BLOCK:
            self.arena.release(self.slot[row, AT], form - BLOCK)
        for k in range(3):
            self.slot[row, k] = 0
        return 0

    def live(self, now):
        """1 for each slot of which an event to come may see a member, as uint8."""
        gone = now - self.lateness - self.widest
        rows = np.asarray(self.slot)[: ROWS * self.pages.n_pages]
        form, last = rows[:, FORM] & 255, rows[:, AT].copy()
        block = np.flatnonzero(form >= BLOCK)
        last[block] = np.asarray(self.when)[3 * rows[block, AT] + (rows[block, FORM] >> 8) - 1]
        busy = np.flatnonzero(form == BUSY)
        newest = np.asarray(self.busy.tail)[rows[busy, FORM] >> 8, self.n_windows + 1]
        last[busy] = np.where(newest != 0, np.asarray(self.busy.node)[newest, TS], gone)
        return ((form != EMPTY) & (last > gone))[self.pages.rows()].astype(np.uint8)

    def members(self, now):
        """The members an event to come may see in some slot, ascending, as int64."""
        gone = now - self.lateness - self.widest
        rows = np.asarray(self.slot)[: ROWS * self.pages.n_pages]
        form = rows[:, FORM] & 255
        one = rows[(form == ONE) & (rows[:, AT] > gone)]
        parts = [one[:, FORM] >> 8, self.busy.members(gone)]
        when, who = np.asarray(self.when), np.asarray(self.who)
        for order in range(LAST_BLOCK - BLOCK + 1):
            blocks = rows[form == BLOCK + order]
            cells = np.arange(2 << order)
            base = 3 * blocks[:, AT, np.newaxis]
            held = (cells < (blocks[:, FORM, np.newaxis] >> 8)) & (when[base + cells] > gone)
            parts.append(who[2 * (base + (2 << order)) + cells][held])
        return np.unique(np.concatenate(parts).astype(np.int64))

    def forget(self, slot):
        """Leave a slot as if never seen."""
        row: cython.longlong = self.pages.find(slot)
        if row >= ROWS:
            self._empty(row)
            self.close(slot)

    def state(self):
        """Everything remembered, as arrays and ints."""
        return {
            "slot": np.array(np.asarray(self.slot)[: ROWS * self.pages.n_pages]),
            **self.pages.state(),
            "newest": self.newest,
            "hand": self.hand,
            **{f"blocks.{name}": part for name, part in self.arena.state().items()},
            **self.busy.state(),
            **self.past.state(),
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.pages.restore(state)
        self.slot = enlarged(memoryview(state["slot"]), len(state["slot"]), ROWS)
        self.newest = int(state["newest"])
        self.gone = self.newest - self.lateness - self.widest
        self.hand = int(state["hand"])
        self.arena.restore({name: state[f"blocks.{name}"] for name in ("words", "mark", "first")})
        self._view_blocks()
        self.busy.restore(state)
        self.past.restore(state)

    def nbytes(self):
        """Bytes of the rows in use, the blocks, the lists and the past."""
        rows = 24 * ROWS * self.pages.n_pages + self.pages.nbytes()
        return rows + self.arena.nbytes() + self.busy.nbytes() + self.past.nbytes()
