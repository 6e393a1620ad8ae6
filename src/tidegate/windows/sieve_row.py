"""The sieves of a pass side by side: what no event of a chunk concerns is found out, and written, without a look at the kernels."""

import cython
import numpy as np

from tidegate.windows.growth import zeros
from tidegate.windows.sieve import ALWAYS_FEEDS, FEEDS

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.sieve import Fed, Sieve
else:
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.sieve import Fed, Sieve

if not cython.compiled:  # columns of `look`, `member` and `out`, as in sieve_row.pxd
    COLUMN, MANY, FED = range(3)
    SIEVE, ALWAYS, KEY, KEY_END, GATE, GATE_END, OUT, OUT_END = range(8)
    TO, LOOK, START = range(3)

NAN = cython.declare(cython.double, float("nan"))


@cython.final
@cython.cclass
class SieveRow(Kernel):
    """Steps the kernels behind sieves of one pass over a chunk; the same as stepping the sieves one by one.

    A *look* is a column of keys of an event type and the bytes of their slots: one for all sieves that go by the same keys.
    Fields are declared in sieve_row.pxd. sieves: their routes are complete. n_types: codes of event types are below it.
    """

    def __init__(self, sieves: list, n_types: int):
        self.sieves = sieves
        self.due = zeros(len(sieves), np.uint8)
        self.events = 0
        self.counted = zeros(len(sieves), np.int64)
        self._lay_out(n_types)

    def _lay_out(self, n_types):
        """Lay the routes of all sieves out by type; one unused row keeps arrays from being empty."""
        feds: list = []
        looks, members, keys, gates, outs, nones = [], [], [], [], [], []
        first_look, first = [0], [0]
        for type_code in range(n_types):
            seen: dict = {}
            for number, sieve in enumerate(self.sieves):
                if type_code not in sieve.routes:
                    continue
                if not any(fed is sieve.fed for fed in feds):
                    feds.append(sieve.fed)
                place = next(i for i, fed in enumerate(feds) if fed is sieve.fed)
                own_keys, own_gates, own_outs = sieve.routes[type_code]
                ways = [how for _, _, how in own_keys]
                begins = len(keys), len(gates), len(outs)
                for column, many, _ in own_keys:
                    look = (column, int(many), place)
                    keys.append(seen.setdefault(look, len(looks) + len(seen)))
                gates += own_gates if FEEDS in ways else ()
                for column, key, none, start in own_outs:
                    look = (key, 0, place)
                    if (key, 1, place) in seen:
                        look = (key, 1, place)
                    outs.append((column, seen.setdefault(look, len(looks) + len(seen)), start))
                    nones.append(none)
                ends = len(keys), len(gates), len(outs)
                at = [x for both in zip(begins, ends, strict=True) for x in both]
                members.append((number, int(ALWAYS_FEEDS in ways), *at))
            looks += seen
            first_look.append(len(looks))
            first.append(len(members))
        self.feds = feds
        self.first_look = memoryview(np.array(first_look, np.int32))
        self.first = memoryview(np.array(first, np.int32))
        self.look = memoryview(np.array([*looks, (0, 0, 0)], np.int32))
        self.member = memoryview(np.array([*members, (0,) * 8], np.int32))
        self.key = memoryview(np.array([*keys, 0], np.int32))
        self.gate = memoryview(np.array([*gates, 0], np.int32))
        self.out = memoryview(np.array([*outs, (0, 0, 0)], np.int32))
        self.none = memoryview(np.array([*nones, 0.0]))
        self.found = zeros(len(self.look), np.uint8)
        self.known = zeros(len(self.look), np.uint8)

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk; the sieves are bound by themselves."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)

    @cython.ccall
    def step(self, n: cython.Py_ssize_t) -> object:
        """Step the kernels over those of the first `n` events of the bound chunk that concern them."""
        j: cython.Py_ssize_t
        s: cython.Py_ssize_t = 0
        e: cython.Py_ssize_t
        m: cython.int
        ty: cython.int
        some: cython.bint = False
        if n == 1:
            self._step_one()
            return None
        for j in range(self.due.shape[0]):
            self.due[j] = 0
        self.events += n
        while s < n:
            ty = self.kind[s]
            e = self._end(s, n)
            self._look(ty, s, e)
            for m in range(self.first[ty], self.first[ty + 1]):
                j = self.member[m, SIEVE]
                if self._concerns(m, s, e):
                    self.due[j] = 1
                    some = True
                elif self.due[j] == 0:
                    self._write_none(m, s, e)
            s = e
        if some:
            self._step_due(n)
        return None

    def _step_one(self):
        """As `step`, for one event at position 0: loops over one event are all beginning."""
        ty: cython.int = self.kind[0]
        m: cython.int
        k: cython.int
        start: cython.int
        x: cython.double
        sieve: Sieve
        for k in range(self.first_look[ty], self.first_look[ty + 1]):
            x = self.cols[self.look[k, COLUMN], 0]
            self.known[k] = x >= -1
            if self.look[k, MANY]:
                self.found[k] = 255 * (x >= 0)
            else:
                self.found[k] = cython.cast(Fed, self.feds[self.look[k, FED]]).of(x)
        for m in range(self.first[ty], self.first[ty + 1]):
            sieve = cython.cast(Sieve, self.sieves[self.member[m, SIEVE]])
            if self._concerns_one(m, sieve):
                sieve.step_one()
                continue
            for k in range(self.member[m, OUT], self.member[m, OUT_END]):
                start = self.out[k, START]
                x = self.none[k] if self.known[self.out[k, LOOK]] else NAN
                if start >= 0 and self.cols[start, 0] != self.cols[start, 0]:
                    x = NAN
                self.cols[self.out[k, TO], 0] = x
        return 0

    def _concerns_one(self, m, sieve):
        """Whether the event at position 0 may concern the kernel of a sieve."""
        k: cython.int
        if not sieve.sieving or self.member[m, ALWAYS]:
            return True
        for k in range(self.member[m, KEY], self.member[m, KEY_END]):
            if self.found[self.key[k]] & sieve.bit:  # of lists all bits
                return True
        for k in range(self.member[m, GATE], self.member[m, GATE_END]):
            if self.cols[self.gate[k], 0] != 0:
                return True
        return False

    def _step_due(self, n):
        """Step the sieves that some event concerns; what was written for them is written anew."""
        j: cython.Py_ssize_t
        sieve: Sieve
        for j in range(self.due.shape[0]):
            if self.due[j]:
                sieve = cython.cast(Sieve, self.sieves[j])
                sieve.judged += self.events - self.counted[j] - n  # those that it did not see
                self.counted[j] = self.events
                sieve.step(n)
        return 0

    def _end(self, s, n):
        """Where the events of the kind that begins at position `s` end."""
        e: cython.Py_ssize_t = s + 1
        if self.kind[n - 1] == self.kind[s]:
            return n
        while self.kind[e] == self.kind[s]:
            e += 1
        return e

    def _look(self, ty, s, e):
        """Find out, per look of the type, which kernels were fed of any of the slots, and whether all keys are known."""
        g: cython.int
        p: cython.Py_ssize_t
        col: cython.int
        last: cython.longlong
        slot: cython.longlong
        end: cython.double
        x: cython.double
        found: cython.uchar
        known: cython.uchar
        byte: cython.uchar[::1]
        for g in range(self.first_look[ty], self.first_look[ty + 1]):
            col = self.look[g, COLUMN]
            found = 0
            known = 1
            if self.look[g, MANY]:
                for p in range(s, e):
                    found |= 255 * (self.cols[col, p] >= 0)
                    known &= self.cols[col, p] >= -1
            else:
                byte = cython.cast(Fed, self.feds[self.look[g, FED]]).byte
                last = byte.shape[0] - 1
                end = last
                for p in range(s, e):
                    x = self.cols[col, p]
                    slot = last
                    if 0 <= x < end:
                        slot = cython.cast(cython.longlong, x)
                    found |= byte[slot]
                    known &= x >= -1
            self.found[g] = found
            self.known[g] = known
        return 0

    def _concerns(self, m, s, e):
        """Whether some of the events may concern the kernel of a sieve."""
        sieve: Sieve = cython.cast(Sieve, self.sieves[self.member[m, SIEVE]])
        k: cython.int
        p: cython.Py_ssize_t
        col: cython.int
        open_: cython.uchar = 0
        if not sieve.sieving or self.member[m, ALWAYS]:
            return True
        for k in range(self.member[m, KEY], self.member[m, KEY_END]):
            if self.found[self.key[k]] & sieve.bit:  # of lists all bits
                return True
        for k in range(self.member[m, GATE], self.member[m, GATE_END]):
            col = self.gate[k]
            for p in range(s, e):
                open_ |= self.cols[col, p] != 0
        return open_ != 0

    def _write_none(self, m, s, e):
        """Write what is seen of slots that were never fed."""
        k: cython.int
        p: cython.Py_ssize_t
        out: cython.int
        key: cython.int
        start: cython.int
        nan: cython.double = NAN
        none: cython.double
        for k in range(self.member[m, OUT], self.member[m, OUT_END]):
            out = self.out[k, TO]
            start = self.out[k, START]
            none = self.none[k]
            if self.known[self.out[k, LOOK]]:
                for p in range(s, e):
                    self.cols[out, p] = none
            else:
                key = self.look[self.out[k, LOOK], COLUMN]
                for p in range(s, e):
                    self.cols[out, p] = none if self.cols[key, p] >= -1 else nan
            if start >= 0:
                for p in range(s, e):
                    if self.cols[start, p] != self.cols[start, p]:
                        self.cols[out, p] = nan
        return 0
