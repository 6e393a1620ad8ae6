"""The many members of busy slots: a hash table over all (slot, member) pairs, and per slot a list in order of last sight.

(reason for length: a node stands in the table, in its list and in every window; whatever changes one of them changes the others)

    newest                                          oldest
    ts 90    88    75    60  |  51    40  |  22    3  |  what no event to come can see is dropped
      head              1 hour       1 day       last

A row is a slot's list. It has a clock, the latest time it was advanced to; per window it holds the oldest node inside as
of the clock, and how many are inside. A read at the clock looks at the counts only; an earlier one walks over the nodes
between it and the clock.
"""

import cython
import numpy as np

from tidegate.windows.growth import grown, zeros

if cython.compiled:
    from cython.cimports.tidegate.windows.recency import KEY, NEWER, OLDER, TS
else:
    KEY, TS, NEWER, OLDER = range(4)  # as in recency.pxd

LOW_HALF = cython.declare(cython.longlong, (1 << 32) - 1)
ALL_BITS = (1 << 64) - 1
MUL1 = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
MUL2 = cython.declare(cython.ulonglong, 0xD6E8FEB86659FD93)
NEVER = cython.declare(cython.longlong, 1 << 60)
LEAST_TABLE = cython.declare(cython.longlong, 64)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _mix(key: cython.ulonglong) -> cython.ulonglong:
    x: cython.ulonglong = key * MUL1
    if not cython.compiled:
        x &= ALL_BITS
    x ^= x >> 32
    x = x * MUL2
    if not cython.compiled:
        x &= ALL_BITS
    return x ^ (x >> 29)


@cython.cclass
class Recency:
    """Rows of members by last sight, for `windows` (ascending, ms). Fields are declared in recency.pxd.

    starts: windows more that begin at a time that each read names; what they hold is kept as of the read before.
    Memory: 32 bytes per pair and 16 to 32 in the table, at the greatest number of pairs there ever was.
    """

    def __init__(self, windows, starts):
        self.n_windows = len(windows)
        self.n_starts = starts
        self.window = memoryview(np.array([*windows, 0], np.int64))
        self.node = zeros((64, 4), np.int64)
        self.n_nodes = 1
        self.free_node = 0
        self.table = zeros(LEAST_TABLE, np.int64)
        self.mask = LEAST_TABLE - 1
        self.live = 0
        self.tail = zeros((4, self.n_windows + 2 + starts), np.int64)
        self.due = zeros((4, self.n_windows + 2), np.int64)
        self.count = zeros((4, self.n_windows + 1 + starts), np.int32)
        self.edge = zeros((4, starts), np.int64)
        self.n_rows = 1
        self.free_row = 0
        self.found = zeros(self.n_windows, np.int32)

    def open(self):
        """A new, empty row."""
        row: cython.int = self.free_row
        k: cython.int
        if row:
            self.free_row = self.count[row, 0]
        else:
            row = self.n_rows
            if row >= self.tail.shape[0]:
                self.tail = grown(self.tail, 2 * row)
                self.due = grown(self.due, 2 * row)
                self.count = grown(self.count, 2 * row)
                self.edge = grown(self.edge, 2 * row)
            self.n_rows = row + 1
        for k in range(self.n_windows + 1):
            self.count[row, k] = 0
            self._aim(row, k, 0)
        self.tail[row, self.n_windows + 1] = 0
        self.due[row, self.n_windows + 1] = -1
        for k in range(self.n_starts):
            self.count[row, self.n_windows + 1 + k] = 0
            self.tail[row, self.n_windows + 2 + k] = 0
            self.edge[row, k] = -1
        return row

    def close(self, row):
        """Give back a row and its nodes."""
        x: cython.longlong = self.tail[row, self.n_windows]
        newer: cython.longlong
        while x:
            newer = self.node[x, NEWER]
            self._erase(self.node[x, KEY])
            self.node[x, TS] = -1
            self.node[x, OLDER] = self.free_node
            self.free_node = x
            x = newer
        self.count[row, 0] = self.free_row
        self.free_row = row
        return 0

    def advance(self, row, t):
        """Move the clock of a row to `t`, if that is later."""
        k: cython.int
        x: cython.longlong
        if t <= self.due[row, self.n_windows + 1]:
            return 0
        self.due[row, self.n_windows + 1] = t
        for k in range(self.n_windows):
            if self.due[row, k] <= t:
                x = self.tail[row, k]
                while x and self.node[x, TS] <= t - self.window[k]:
                    x = self.node[x, NEWER]
                    self.count[row, k] -= 1
                self._aim(row, k, x)
        return 0

    def drop(self, row, gone):
        """Drop the members last seen at `gone` or before; all windows must have left them behind."""
        x: cython.longlong
        newer: cython.longlong
        k: cython.int
        if self.due[row, self.n_windows] > gone:
            return 0
        for k in range(self.n_starts):  # not read lately, it may hold what goes
            if self.edge[row, k] < gone:
                self._begin_at(row, k, gone)
        x = self.tail[row, self.n_windows]
        while x and self.node[x, TS] <= gone:
            newer = self.node[x, NEWER]
            self._erase(self.node[x, KEY])
            self.node[x, TS] = -1
            self.node[x, OLDER] = self.free_node
            self.free_node = x
            self.count[row, self.n_windows] -= 1
            x = newer
        self._aim(row, self.n_windows, x)
        if x:
            self.node[x, OLDER] = 0
        else:
            self.tail[row, self.n_windows + 1] = 0
        return 0

    def near(self, slot, member):
        """Bring the entry of a member near; its node, most likely."""
        return self.table[_mix((slot << 32) | member) & self.mask] & LOW_HALF

    def see(self, row, slot, member, t):
        """Note that a member was seen at `t`, not after the clock; when it was last seen before, -1 = never.

        If that was at `t` or later, nothing changes.
        """
        key: cython.longlong = (slot << 32) | member
        h: cython.ulonglong = _mix(key)
        at: cython.longlong = self._entry(key, h)
        x: cython.longlong = self.table[at] & LOW_HALF
        seen: cython.longlong = -1
        if x:
            seen = self.node[x, TS]
            if seen >= t:
                return seen
            self._take(row, x)
        else:
            if (self.live + 1) * 2 > self.mask + 1:
                self._rehash(2 * (self.mask + 1))
                at = self._entry(key, h)
            x = self._claim()
            self.node[x, KEY] = key
            self.table[at] = (cython.cast(cython.longlong, h >> 33) << 32) | x
            self.live += 1
        self._add(row, x, t)
        return seen

    def read(self, row, t):
        """Fill `found`: members last seen in (t - w, t], per window; whether some were last seen after `t`."""
        k: cython.int
        head: cython.longlong = self.tail[row, self.n_windows + 1]
        if t != self.due[row, self.n_windows + 1]:
            self._read_past(row, t)
        else:
            for k in range(self.n_windows):
                self.found[k] = self.count[row, k]
        return head != 0 and self.node[head, TS] > t

    def _read_past(self, row, t):
        """As `read`, for a time before the clock."""
        newer: cython.int = 0
        x: cython.longlong = self.tail[row, self.n_windows + 1]
        k: cython.int
        n: cython.int
        while x and self.node[x, TS] > t:
            newer += 1
            x = self.node[x, OLDER]
        for k in range(self.n_windows):
            n = self.count[row, k]
            x = self.tail[row, k]
            x = self.node[x, OLDER] if x else self.tail[row, self.n_windows + 1]
            while x and self.node[x, TS] > t - self.window[k]:
                n += 1
                x = self.node[x, OLDER]
            self.found[k] = n - newer
        return 0

    def since(self, row, s, low, t):
        """How many members were last seen in (low, t], by the window with start number `s`; the clock is at `t` or later."""
        x: cython.longlong = self.tail[row, self.n_windows + 1]
        newer: cython.int = 0
        self._begin_at(row, s, low)
        while x and self.node[x, TS] > t:
            newer += 1
            x = self.node[x, OLDER]
        return self.count[row, self.n_windows + 1 + s] - newer

    def _begin_at(self, row, s, low):
        """Have a window with a start hold the members last seen after `low`."""
        x: cython.longlong = self.tail[row, self.n_windows + 2 + s]
        older: cython.longlong
        n: cython.int = 0
        if low > self.edge[row, s]:
            while x and self.node[x, TS] <= low:
                x = self.node[x, NEWER]
                n -= 1
        elif low < self.edge[row, s]:
            older = self.node[x, OLDER] if x else self.tail[row, self.n_windows + 1]
            while older and self.node[older, TS] > low:
                x = older
                n += 1
                older = self.node[older, OLDER]
        self.edge[row, s] = low
        self.tail[row, self.n_windows + 2 + s] = x
        self.count[row, self.n_windows + 1 + s] += n
        return 0

    def _aim(self, row, k, x):
        """Make a node the oldest of a window, or of all; note when the clock will leave it behind."""
        self.tail[row, k] = x
        self.due[row, k] = self.node[x, TS] + self.window[k] if x else NEVER
        return 0

    # ---- a node into a list and out of it

    def _add(self, row, x, t):
        """Put a node into the list of a row, at its place by time; after those of the same time."""
        clock: cython.longlong = self.due[row, self.n_windows + 1]
        older: cython.longlong = self.tail[row, self.n_windows + 1]
        newer: cython.longlong = 0
        k: cython.int
        while older and self.node[older, TS] > t:
            newer = older
            older = self.node[older, OLDER]
        self.node[x, TS] = t
        self.node[x, NEWER] = newer
        self.node[x, OLDER] = older
        if newer:
            self.node[newer, OLDER] = x
        else:
            self.tail[row, self.n_windows + 1] = x
        if older:
            self.node[older, NEWER] = x
        else:
            self._aim(row, self.n_windows, x)
        for k in range(self.n_windows):
            if t > clock - self.window[k]:
                self.count[row, k] += 1
                if self.tail[row, k] == 0 or self.tail[row, k] == newer:
                    self._aim(row, k, x)
        for k in range(self.n_starts):
            if t > self.edge[row, k]:
                self.count[row, self.n_windows + 1 + k] += 1
                if self.tail[row, self.n_windows + 2 + k] == newer:  # or none, as `newer` is then
                    self.tail[row, self.n_windows + 2 + k] = x
        self.count[row, self.n_windows] += 1
        return 0

    def _take(self, row, x):
        """Take a node out of the list of a row."""
        clock: cython.longlong = self.due[row, self.n_windows + 1]
        t: cython.longlong = self.node[x, TS]
        newer: cython.longlong = self.node[x, NEWER]
        older: cython.longlong = self.node[x, OLDER]
        k: cython.int
        for k in range(self.n_windows):
            if t > clock - self.window[k]:
                self.count[row, k] -= 1
                if self.tail[row, k] == x:
                    self._aim(row, k, newer)
        for k in range(self.n_starts):
            if t > self.edge[row, k]:
                self.count[row, self.n_windows + 1 + k] -= 1
                if self.tail[row, self.n_windows + 2 + k] == x:
                    self.tail[row, self.n_windows + 2 + k] = newer
        if newer:
            self.node[newer, OLDER] = older
        else:
            self.tail[row, self.n_windows + 1] = older
        if older:
            self.node[older, NEWER] = newer
        else:
            self._aim(row, self.n_windows, newer)
        self.count[row, self.n_windows] -= 1
        return 0

    def _claim(self):
        """An unused node."""
        x: cython.longlong = self.free_node
        if x:
            self.free_node = self.node[x, OLDER]
            return x
        x = self.n_nodes
        if x >= self.node.shape[0]:
            self.node = grown(self.node, 2 * x)
        self.n_nodes = x + 1
        return x

    # ---- the table: linear probing, deletion by shifting back

    def _entry(self, key, h):
        """Where `key` is in the table, or the empty entry where it belongs."""
        p: cython.longlong = h & self.mask
        tag: cython.longlong = h >> 33
        v: cython.longlong
        while True:
            v = self.table[p]
            if v == 0 or ((v >> 32) == tag and self.node[v & LOW_HALF, KEY] == key):
                return p
            p = (p + 1) & self.mask

    def _erase(self, key):
        p: cython.longlong = self._entry(key, _mix(key))
        q: cython.longlong = p
        home: cython.longlong
        while True:
            q = (q + 1) & self.mask
            if self.table[q] == 0:
                break
            home = _mix(self.node[self.table[q] & LOW_HALF, KEY]) & self.mask
            if ((q - home) & self.mask) >= ((q - p) & self.mask):
                self.table[p] = self.table[q]
                p = q
        self.table[p] = 0
        self.live -= 1
        return 0

    def _rehash(self, size):
        """Move to a table of `size` entries, a power of two."""
        old: cython.longlong[::1] = self.table
        key: cython.longlong
        i: cython.longlong
        self.table = zeros(size, np.int64)
        self.mask = size - 1
        for i in range(old.shape[0]):
            if old[i]:
                key = self.node[old[i] & LOW_HALF, KEY]
                self.table[self._entry(key, _mix(key))] = old[i]
        return 0

    # ---- upkeep

    def shrink(self):
        """Halve a table that is mostly empty."""
        if self.mask >= LEAST_TABLE and self.live * 8 < self.mask:
            self._rehash((self.mask + 1) // 2)

    def members(self, gone):
        """Members last seen after `gone`, of whatever slot."""
        node = np.asarray(self.node)[1 : self.n_nodes]
        return node[node[:, TS] > gone, KEY] & LOW_HALF

    def state(self):
        """Everything but the table, which `restore` builds anew."""
        return {
            "node": np.array(self.node)[: self.n_nodes],
            "tail": np.array(self.tail)[: self.n_rows],
            "due": np.array(self.due)[: self.n_rows],
            "count": np.array(self.count)[: self.n_rows],
            "edge": np.array(self.edge)[: self.n_rows],
            "free_node": self.free_node,
            "free_row": self.free_row,
            "live": self.live,
        }

    def restore(self, state):
        """Become the rows whose `state` this is."""
        x: cython.longlong
        h: cython.ulonglong
        size: cython.longlong = LEAST_TABLE
        self.n_nodes = len(state["node"])
        self.n_rows = len(state["tail"])
        self.node = grown(state["node"], self.n_nodes + 64)
        self.tail = grown(state["tail"], self.n_rows + 4)
        self.due = grown(state["due"], self.n_rows + 4)
        self.count = grown(state["count"], self.n_rows + 4)
        edge = state.get("edge", np.zeros((self.n_rows, 0), np.int64))  # of a build without starts
        self.edge = grown(edge, self.n_rows + 4)
        self.free_node = int(state["free_node"])
        self.free_row = int(state["free_row"])
        self.live = int(state["live"])
        while size < 2 * self.live:
            size *= 2
        self.table = zeros(size, np.int64)
        self.mask = size - 1
        for x in range(1, self.n_nodes):
            if self.node[x, TS] >= 0:
                h = _mix(self.node[x, KEY])
                self.table[self._entry(self.node[x, KEY], h)] = (
                    cython.cast(cython.longlong, h >> 33) << 32
                ) | x

    def nbytes(self):
        """Bytes of nodes, rows and table."""
        return (
            32 * self.n_nodes
            + 8 * (self.mask + 1)
            + self.n_rows * (20 * (self.n_windows + self.n_starts) + 36)
        )
