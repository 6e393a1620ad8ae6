"""Which members each slot has seen, and when last: one in the slot's row, up to 64 in a sorted block, more in a list.

A late event asks for the members last seen at or before its own time. Most answer with their last sight; for those seen
again since, `past` tells for how long an earlier sight was the last one:

    member a    seen 10, 25, 31       last sight 31;  past: (10 until 25), (25 until 31)
    late read at 29: a counts as seen at 25
"""

import cython
import numpy as np

from tidegate.windows.growth import grown

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

DEMOTE = cython.declare(
    cython.int, 24
)  # a list goes back to a block at so few: not at 64, or it would come and go


@cython.cclass
class Membership(Blocks):
    """What DistinctWindow holds. Fields are declared in membership.pxd.

    Memory: 24 bytes per slot, 12 per member of a block rounded up to a power of two, about 64 per member of a list;
    32 for each repeated sight of the last `lateness` ms.
    """

    def __init__(self, windows, lateness):
        Blocks.__init__(self, windows)
        self.widest = max(windows)
        self.lateness = lateness
        self.busy = Recency(windows)
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

    def near(self, slot, member):
        """Bring near what `record` will read; if the slot is busy, the member's node, most likely, else 0."""
        form: cython.int = self.slot[slot, FORM] & 255
        base: cython.longlong
        if form == BUSY:
            return self.busy.near(slot, member)
        if form >= BLOCK:
            base = 3 * self.slot[slot, AT]
            self.warmed += self.when[base] + self.who[2 * (base + (2 << (form - BLOCK)))]
        return 0

    # ---- a member is seen

    def record(self, slot, member, t):
        """Note that a slot saw a member at `t`."""
        form: cython.int
        last: cython.longlong
        if slot >= self.n_slots:
            self.meet(slot)
        form = self.slot[slot, FORM] & 255
        if form <= ONE:
            last = self.see_one(slot, member, t)
        elif form >= BLOCK:
            last = self.see_block(slot, member, t)
            if last == FULL:
                self._promote(slot)
                last = self._see_busy(slot, member, t)
        else:
            last = self._see_busy(slot, member, t)
        if last >= 0 and last != t and self.lateness > 0:
            if last < t:
                self._note(slot, member, last, t)
            else:
                self._note_late(slot, member, t, last)
        return 0

    def _note(self, slot, member, since, until):
        """Put into the past that a member was last seen at `since` until it was seen again."""
        seq: cython.longlong = self.past.claim(until)
        place: cython.longlong = seq & self.past.mask
        self.past.row[place, MEMBER] = member
        self.past.row[place, SINCE] = since
        self.past.row[place, CHAIN] = self.slot[slot, LINK]
        self.slot[slot, LINK] = seq
        return 0

    def _note_late(self, slot, member, t, last):
        """Put a late sight into the past: it ends the one before it, and is ended by the one after it."""
        seq: cython.longlong = self.slot[slot, LINK]
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
        return self._note(slot, member, t, until)

    # ---- members are counted

    def read(self, slot, t):
        """Fill `found`: the distinct members a slot saw in (t - w, t], per window."""
        k: cython.int
        form: cython.int = EMPTY
        row: cython.int
        late: cython.bint = False
        if slot < self.n_slots:
            form = self.slot[slot, FORM] & 255
        if form == BUSY:
            row = self.slot[slot, FORM] >> 8
            self.busy.advance(row, t)
            self.busy.drop(row, self.gone)
            late = self.busy.read(row, t)
            for k in range(self.n_windows):
                self.found[k] = self.busy.found[k]
        elif form >= BLOCK:
            late = self.read_block(slot, t)
        else:
            late = form == ONE and self.slot[slot, AT] > t
            for k in range(self.n_windows):
                self.found[k] = form == ONE and not late and self.slot[slot, AT] > t - self.window[k]
        if late:
            self._read_late(slot, t)
        return 0

    def _read_late(self, slot, t):
        """Add to `found` the members seen again after `t`."""
        seq: cython.longlong = self.slot[slot, LINK]
        place: cython.longlong
        k: cython.int
        while seq >= self.past.tail:
            place = seq & self.past.mask
            if self.past.row[place, SINCE] <= t and self.past.row[place, UNTIL] > t:
                for k in range(self.n_windows):
                    self.found[k] += self.past.row[place, SINCE] > t - self.window[k]
            seq = cython.cast(cython.longlong, self.past.row[place, CHAIN])
        return 0

    # ---- more members

    def _see_busy(self, slot, member, t):
        """As Recency.see, with what is out of date dropped first."""
        row: cython.int = self.slot[slot, FORM] >> 8
        self.busy.advance(row, t)
        self.busy.drop(row, self.gone)
        return self.busy.see(row, slot, member, t)

    def _promote(self, slot):
        """Turn the largest block into a list."""
        base: cython.longlong = 3 * self.slot[slot, AT]
        size: cython.int = 2 << (LAST_BLOCK - BLOCK)
        row: cython.int = self.busy.open()
        q: cython.int
        self.busy.advance(row, self.when[base + size - 1])
        for q in range(size):
            self.busy.see(row, slot, self.who[2 * (base + size) + q], self.when[base + q])
        self.arena.release(self.slot[slot, AT], LAST_BLOCK - BLOCK)
        self.slot[slot, FORM] = BUSY | (cython.cast(cython.longlong, row) << 8)
        return 0

    def _demote(self, slot):
        """Turn a list of at most DEMOTE members, and not none, into a block."""
        row: cython.int = self.slot[slot, FORM] >> 8
        order: cython.int = 0
        n: cython.int = 0
        size: cython.int
        unit: cython.longlong
        x: cython.longlong = self.busy.tail[row, self.n_windows]
        while (2 << order) < self.busy.count[row, self.n_windows]:
            order += 1
        size = 2 << order
        unit = self.allocate(order)
        while x:
            self.when[3 * unit + n] = self.busy.node[x, TS]
            self.who[2 * (3 * unit + size) + n] = self.busy.node[x, KEY] & 0x7FFFFFFF
            n += 1
            x = self.busy.node[x, NEWER]
        self.busy.close(row)
        self.slot[slot, FORM] = (BLOCK + order) | (n << 8)
        self.slot[slot, AT] = unit
        return 0

    # ---- upkeep

    def sweep(self, now, budget):
        """In up to `budget` slots, drop what no event to come can see; how many slots that emptied."""
        freed: cython.longlong = 0
        _: cython.longlong
        self.advance(now)
        self.past.shrink()
        self.busy.shrink()
        for _ in range(min(budget, self.n_slots)):
            self.hand = self.hand + 1 if self.hand + 1 < self.n_slots else 0
            if self.hand == 0 and self.arena.trim():
                self._view_blocks()
            freed += self._sweep_slot(self.hand)
        return freed

    def _sweep_slot(self, slot):
        """Drop what is gone from a slot, and give back room; whether that emptied it."""
        form: cython.int = self.slot[slot, FORM] & 255
        row: cython.int
        n: cython.int
        if form == EMPTY:
            return False
        if form == BUSY:
            row = self.slot[slot, FORM] >> 8
            self.busy.advance(row, self.newest - self.lateness)
            self.busy.drop(row, self.gone)
            n = self.busy.count[row, self.n_windows]
            if 0 < n <= DEMOTE:
                self._demote(slot)
        elif form == ONE:
            n = self.slot[slot, AT] > self.gone
        else:
            n = self.thin(slot)
            if n > 0 and n * 4 <= 2 << (form - BLOCK):
                self.move(slot, form - BLOCK - 1)
        if n == 0:
            self.forget(slot)
        return n == 0

    def _is_live(self, slot, gone):
        """Whether a slot has a member last seen after `gone`."""
        form: cython.int = self.slot[slot, FORM] & 255
        x: cython.longlong
        if form == BUSY:
            x = self.busy.tail[self.slot[slot, FORM] >> 8, self.n_windows + 1]
            return x != 0 and self.busy.node[x, TS] > gone
        if form <= ONE:
            return form == ONE and self.slot[slot, AT] > gone
        return self.when[3 * self.slot[slot, AT] + (self.slot[slot, FORM] >> 8) - 1] > gone

    def live(self, now):
        """1 for each slot of which an event to come may see a member, as uint8."""
        slot: cython.longlong
        answer = np.zeros(self.n_slots, np.uint8)
        out: cython.uchar[::1] = memoryview(answer)
        for slot in range(self.n_slots):
            out[slot] = self._is_live(slot, now - self.lateness - self.widest)
        return answer

    def members(self, now):
        """The members an event to come may see in some slot, ascending, as int64."""
        gone = now - self.lateness - self.widest
        rows = np.asarray(self.slot)[: self.n_slots]
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
        if slot >= self.n_slots:
            return
        form = self.slot[slot, FORM] & 255
        if form == BUSY:
            self.busy.close(self.slot[slot, FORM] >> 8)
        elif form >= BLOCK:
            self.arena.release(self.slot[slot, AT], form - BLOCK)
        np.asarray(self.slot)[slot] = 0

    def state(self):
        """Everything remembered, as arrays and ints."""
        return {
            "slot": np.array(self.slot)[: self.n_slots],
            "newest": self.newest,
            "hand": self.hand,
            **{f"blocks.{name}": part for name, part in self.arena.state().items()},
            **self.busy.state(),
            **self.past.state(),
        }

    def restore(self, state):
        """Take over a `state()`, in a kernel built with the same arguments."""
        self.n_slots = len(state["slot"])
        self.slot = grown(state["slot"], self.n_slots + 64)
        self.newest = int(state["newest"])
        self.gone = self.newest - self.lateness - self.widest
        self.hand = int(state["hand"])
        self.arena.restore({name: state[f"blocks.{name}"] for name in ("words", "mark", "first")})
        self._view_blocks()
        self.busy.restore(state)
        self.past.restore(state)

    def nbytes(self):
        """Bytes of the rows of all slots met, the blocks, the lists and the past."""
        return 24 * self.n_slots + self.arena.nbytes() + self.busy.nbytes() + self.past.nbytes()
