"""The expression machine: typed instructions over the columns of a chunk, one loop per instruction.

(reason for length: the instructions of one machine, each a loop of its own)

Columns are float64. A value that is not known is NaN, a known `null` is -inf (an age computed from it is +inf).
Truth is 1.0, 0.0 or NaN, and `and` / `or` follow Kleene: what is known may settle a result that is not known in full.
A null flag is as little true as 0.0.
Instructions are rows `(op, dst, a, b, c, d)` of columns; they never branch on data except element by element, so the
result for one event does not depend on the events beside it. The file runs compiled (Cython) and interpreted.

The loops take one step after another, without `and` / `or` between comparisons, and hold the special values in
variables of their own (what a store changes may be a global, for all a compiler knows): so they become vector code.
"""

import cython
import numpy as np
from cython.cimports.libc.math import floor

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
    from cython.cimports.tidegate.windows.row_program import RowProgram
else:
    from tidegate.windows.kernel import Kernel
    from tidegate.windows.row_program import RowProgram

MOVE, ADD, SUB, MUL, DIV, MIN, MAX, ABS, FLOOR, ROUND, FIXED = range(11)
LT, LE, GT, GE, EQ, NE, MERGE, AND, OR, NOT, KNOWN, NULL, ELSE, SELECT = range(11, 25)
SIZE, CONTAINS, KM, MARK, DEFINITE, POSSIBLE = range(25, 31)
LT_BOTH, LE_BOTH, GT_BOTH, GE_BOTH = range(31, 35)  # compares at both bounds of values: a with b, c with d
BOTH = {LT: LT_BOTH, LE: LE_BOTH, GT: GT_BOTH, GE: GE_BOTH}
WIDTH = 6

_NULL = cython.declare(cython.double, float("-inf"))
_NAN = cython.declare(cython.double, float("nan"))
_WHOLE = cython.declare(cython.double, float(1 << 52))  # no float64 from here on has a fraction
_LARGEST = cython.declare(cython.double, float(1 << 53))
_STRETCH = cython.declare(cython.Py_ssize_t, 128)  # events whose marks are looked at as one
_FEW = cython.declare(cython.Py_ssize_t, 2)  # events of a span up to which each is better taken alone


@cython.final
@cython.cclass
class Program:
    """Instructions per stage and event type, run over the positions that events of that type take in the chunk.

    `fired[w, p]` and `undecided[w, p]` hold rules 64 w .. 64 w + 63 of the event at position p (the caller clears them);
    `hit[p]` is 1 where a rule fired, `open[p]` where one is undecided.
    """

    code: cython.int[:, ::1]
    first: cython.int[:, ::1]
    last: cython.int[:, ::1]
    row: RowProgram
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    fired: cython.ulonglong[:, ::1]
    undecided: cython.ulonglong[:, ::1]
    hit: cython.uchar[::1]
    open: cython.uchar[::1]

    def __init__(self, stages: list):
        """Take, per stage, a dict of event type code -> list of instructions."""
        types = max((t for stage in stages for t in stage), default=0) + 1
        rows = []
        first = np.zeros((len(stages), types), np.int32)
        last = np.zeros((len(stages), types), np.int32)
        for s, stage in enumerate(stages):
            for t in sorted(stage):
                first[s, t] = len(rows)
                rows.extend(tuple(row) + (0,) * (WIDTH - len(row)) for row in stage[t])
                last[s, t] = len(rows)
        code = np.array(rows, np.int32).reshape(-1, WIDTH)
        self.code = memoryview(code)
        self.row = RowProgram(code)
        self.first = memoryview(first)
        self.last = memoryview(last)

    def bind(self, chunk: object, fired: object, undecided: object, hit: object, open_: object) -> None:
        """Take the buffers of a chunk, and those for the rules' results."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.fired = memoryview(fired)
        self.undecided = memoryview(undecided)
        self.hit = memoryview(hit)
        self.open = memoryview(open_)
        self.row.bind(chunk, fired, undecided, hit, open_)

    @cython.ccall
    def clear(self, n: cython.Py_ssize_t) -> object:
        """Forget the results of the first `n` events."""
        w: cython.Py_ssize_t
        p: cython.Py_ssize_t
        for w in range(self.fired.shape[0]):
            for p in range(n):
                self.fired[w, p] = 0
                self.undecided[w, p] = 0
        for p in range(n):
            self.hit[p] = 0
            self.open[p] = 0

    @cython.ccall
    def clear_fired(self, n: cython.Py_ssize_t) -> object:
        """Forget what fired on the first `n` events, but not what is undecided about them."""
        w: cython.Py_ssize_t
        p: cython.Py_ssize_t
        for w in range(self.fired.shape[0]):
            for p in range(n):
                self.fired[w, p] = 0
        for p in range(n):
            self.hit[p] = 0

    @cython.ccall
    def run_all(self, stage: cython.int, n: cython.Py_ssize_t) -> object:
        """Run the instructions of a stage for the first `n` events of the chunk, which stand there type by type."""
        s: cython.Py_ssize_t = 0
        e: cython.Py_ssize_t
        kind: cython.int
        while s < n:
            kind = self.kind[s]
            e = n
            if self.kind[n - 1] != kind:
                e = s + 1
                while self.kind[e] == kind:
                    e += 1
            self.run(stage, kind, s, e)
            s = e

    @cython.ccall
    def run(
        self, stage: cython.int, kind: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        """Run the instructions of a stage for events of type `kind` at positions s .. e - 1."""
        k: cython.int
        p: cython.Py_ssize_t
        if kind >= self.first.shape[1]:
            return 0
        if e - s <= _FEW:
            for p in range(s, e):
                self.row.run(self.first[stage, kind], self.last[stage, kind], p)
            return 0
        for k in range(self.first[stage, kind], self.last[stage, kind]):
            op: cython.int = self.code[k, 0]
            if op <= 10:
                self._number(k, op, s, e)
            elif op <= 16:
                self._compare(k, op, s, e)
            elif op <= 24:
                self._truth(k, op, s, e)
            elif op <= 30:
                self._special(k, op, s, e)
            else:
                self._compare_both(k, op, s, e)
        return 0

    @cython.cfunc
    def _number(
        self, k: cython.int, op: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        d: cython.int = self.code[k, 1]
        a: cython.int = self.code[k, 2]
        b: cython.int = self.code[k, 3]
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        x: cython.double
        y: cython.double
        if op == 0:
            for p in range(s, e):
                self.cols[d, p] = self.cols[a, p]
        elif op == 1:
            for p in range(s, e):
                self.cols[d, p] = self.cols[a, p] + self.cols[b, p]
        elif op == 2:
            for p in range(s, e):
                self.cols[d, p] = self.cols[a, p] - self.cols[b, p]
        elif op == 3:
            for p in range(s, e):
                self.cols[d, p] = self.cols[a, p] * self.cols[b, p]
        elif op == 4:
            for p in range(s, e):
                y = self.cols[b, p]
                y = y if y != 0 else nan
                self.cols[d, p] = self.cols[a, p] / y
        elif op == 5:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                self.cols[d, p] = x if x <= y else (y if y < x else nan)
        elif op == 6:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                self.cols[d, p] = x if x >= y else (y if y > x else nan)
        elif op == 7:
            for p in range(s, e):
                x = self.cols[a, p]
                self.cols[d, p] = -x if x < 0 else x
        elif op == 8:
            for p in range(s, e):
                x = self.cols[a, p]
                self.cols[d, p] = floor(x) if -1e300 < x < 1e300 else x
        elif op == 9:  # nine decimals: products of decimal factors compare as decimals (12 x 0.7 is 8.4)
            for p in range(s, e):
                x = self.cols[a, p]
                y = x * 1e9
                self.cols[d, p] = floor(y + 0.5) / 1e9 if -9e15 < y < 9e15 else x
        else:
            self._fixed(d, a, b, s, e)
        return 0

    @cython.cfunc
    def _fixed(
        self, d: cython.int, a: cython.int, b: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        """Amounts in units of 1/scale: the nearest whole number, at most what a column keeps exact."""
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        null: cython.double = _NULL
        whole: cython.double = _WHOLE
        largest: cython.double = _LARGEST
        y: cython.double
        for p in range(s, e):
            y = self.cols[a, p] * self.cols[b, p]
            if -whole < y < whole:
                y = floor(y + 0.5)
            elif y == null:
                y = nan
            elif y > largest:
                y = largest
            elif y < -largest:
                y = -largest
            self.cols[d, p] = y
        return 0

    @cython.cfunc
    def _compare(
        self, k: cython.int, op: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        d: cython.int = self.code[k, 1]
        a: cython.int = self.code[k, 2]
        b: cython.int = self.code[k, 3]
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        null: cython.double = _NULL
        x: cython.double
        y: cython.double
        z: cython.double
        u: cython.double
        if op == 11:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x >= y else nan
                u = 1.0 if x != null else 0.0
                self.cols[d, p] = u if x < y else z
        elif op == 12:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x > y else nan
                u = 1.0 if x != null else 0.0
                self.cols[d, p] = u if x <= y else z
        elif op == 13:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x <= y else nan
                u = 1.0 if y != null else 0.0
                self.cols[d, p] = u if x > y else z
        elif op == 14:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x < y else nan
                u = 1.0 if y != null else 0.0
                self.cols[d, p] = u if x >= y else z
        elif op == 15:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x == x else nan
                z = z if y == y else nan
                u = 1.0 if x != null else 0.0
                self.cols[d, p] = u if x == y else z
        elif op == 16:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 1.0 if x == x else nan
                z = z if y == y else nan
                u = 0.0 if x != null else 1.0
                self.cols[d, p] = u if x == y else z
        return 0

    @cython.cfunc
    def _compare_both(
        self, k: cython.int, op: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        """What holds at the lower and at the upper bound of a value holds, what holds at one of them is not known."""
        d: cython.int = self.code[k, 1]
        a: cython.int = self.code[k, 2]
        b: cython.int = self.code[k, 3]
        c: cython.int = self.code[k, 4]
        f: cython.int = self.code[k, 5]
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        null: cython.double = _NULL
        u: cython.double
        v: cython.double
        x: cython.double
        y: cython.double
        z: cython.double
        if op == 31:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x >= y else nan
                u = 1.0 if x != null else 0.0
                v = u if x < y else z
                x = self.cols[c, p]
                y = self.cols[f, p]
                z = 0.0 if x >= y else nan
                u = 1.0 if x != null else 0.0
                z = u if x < y else z
                self.cols[d, p] = v if v == z else nan
        elif op == 32:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x > y else nan
                u = 1.0 if x != null else 0.0
                v = u if x <= y else z
                x = self.cols[c, p]
                y = self.cols[f, p]
                z = 0.0 if x > y else nan
                u = 1.0 if x != null else 0.0
                z = u if x <= y else z
                self.cols[d, p] = v if v == z else nan
        elif op == 33:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x <= y else nan
                u = 1.0 if y != null else 0.0
                v = u if x > y else z
                x = self.cols[c, p]
                y = self.cols[f, p]
                z = 0.0 if x <= y else nan
                u = 1.0 if y != null else 0.0
                z = u if x > y else z
                self.cols[d, p] = v if v == z else nan
        else:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x < y else nan
                u = 1.0 if y != null else 0.0
                v = u if x >= y else z
                x = self.cols[c, p]
                y = self.cols[f, p]
                z = 0.0 if x < y else nan
                u = 1.0 if y != null else 0.0
                z = u if x >= y else z
                self.cols[d, p] = v if v == z else nan
        return 0

    @cython.cfunc
    def _truth(self, k: cython.int, op: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t) -> cython.int:
        d: cython.int = self.code[k, 1]
        a: cython.int = self.code[k, 2]
        b: cython.int = self.code[k, 3]
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        null: cython.double = _NULL
        x: cython.double
        y: cython.double
        z: cython.double
        if op == 17:  # what holds at the lower and at the upper bound of a value holds
            for p in range(s, e):
                x = self.cols[a, p]
                self.cols[d, p] = x if x == self.cols[b, p] else nan
        elif op == 18:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 1.0 if x == x else nan
                z = z if y == y else nan
                x -= 1
                y -= 1
                z = 0.0 if x * x > 0 else z  # known, and not 1
                self.cols[d, p] = 0.0 if y * y > 0 else z
        elif op == 19:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                z = 0.0 if x == x else nan
                z = z if y == y else nan
                z = 1.0 if x == 1 else z
                self.cols[d, p] = 1.0 if y == 1 else z
        elif op == 20:
            for p in range(s, e):
                x = self.cols[a, p]
                z = 1.0 if x == x else nan
                self.cols[d, p] = 0.0 if x == 1 else z
        elif op == 21:
            for p in range(s, e):
                x = self.cols[a, p]
                self.cols[d, p] = 1.0 if x == x else 0.0
        elif op == 22:
            for p in range(s, e):
                x = self.cols[a, p]
                z = 0.0 if x == x else nan
                self.cols[d, p] = 1.0 if x == null else z
        elif op == 23:
            for p in range(s, e):
                x = self.cols[a, p]
                y = self.cols[b, p]
                self.cols[d, p] = x if x == x else y
        else:  # SELECT: unknown condition, equal branches: settled
            self._select(d, a, b, self.code[k, 4], s, e)
        return 0

    @cython.cfunc
    def _select(
        self,
        d: cython.int,
        a: cython.int,
        b: cython.int,
        c: cython.int,
        s: cython.Py_ssize_t,
        e: cython.Py_ssize_t,
    ) -> cython.int:
        p: cython.Py_ssize_t
        nan: cython.double = _NAN
        x: cython.double
        y: cython.double
        z: cython.double
        u: cython.double
        for p in range(s, e):
            x = self.cols[a, p]
            y = self.cols[b, p]
            z = self.cols[c, p]
            u = y if y == z else nan
            u = z if x == x else u
            self.cols[d, p] = y if x == 1 else u
        return 0

    @cython.cfunc
    def _special(
        self, k: cython.int, op: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        d: cython.int = self.code[k, 1]
        a: cython.int = self.code[k, 2]
        b: cython.int = self.code[k, 3]
        p: cython.Py_ssize_t
        x: cython.double
        y: cython.double
        if op == 25:
            for p in range(s, e):
                x = self.cols[a + 1, p]
                self.cols[d, p] = 0.0 if x == _NULL else x
        elif op <= 27:  # no loops to be made vectors of
            for p in range(s, e):
                self.row.run(k, k + 1, p)
        elif op == 28:
            self._mark(a, b, s, e)
        else:  # DEFINITE / POSSIBLE: the lower / upper bound of a condition
            y = 0.0 if op == 29 else 1.0
            for p in range(s, e):
                x = self.cols[a, p]
                self.cols[d, p] = x if x == x else y
        return 0

    @cython.cfunc
    def _mark(
        self, a: cython.int, rule: cython.int, s: cython.Py_ssize_t, e: cython.Py_ssize_t
    ) -> cython.int:
        w: cython.int = rule >> 6
        bit: cython.ulonglong = cython.cast(cython.ulonglong, 1) << (rule & 63)
        p: cython.Py_ssize_t
        q: cython.Py_ssize_t
        x: cython.double
        found: cython.longlong
        one: cython.longlong
        for q in range(s, e, _STRETCH):
            found = 0
            for p in range(q, min(q + _STRETCH, e)):
                x = self.cols[a, p]
                x = x if x == x else 1.0
                one = 1 if x == 1 else 0
                found |= one
            if found:  # few rules hold for any event of a stretch
                self._mark_each(a, w, bit, q, min(q + _STRETCH, e))
        return 0

    @cython.cfunc
    def _mark_each(
        self,
        a: cython.int,
        w: cython.int,
        bit: cython.ulonglong,
        s: cython.Py_ssize_t,
        e: cython.Py_ssize_t,
    ) -> cython.int:
        p: cython.Py_ssize_t
        x: cython.double
        for p in range(s, e):
            x = self.cols[a, p]
            if x == 1:
                self.fired[w, p] |= bit
                self.hit[p] = 1
            elif x != x:
                self.undecided[w, p] |= bit
                self.open[p] = 1
        return 0


@cython.final
@cython.cclass
class Stage(Kernel):
    """A stage of a program, as what is run over a chunk."""

    program: Program
    stage = cython.declare(cython.int, visibility="readonly")

    def __init__(self, program: Program, stage: int):
        self.program = program
        self.stage = stage

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Run the stage for the first `n` events of the chunk."""
        self.program.run_all(self.stage, n)


@cython.final
@cython.cclass
class Clear(Kernel):
    """Forgets the results of a program; with `undecided` False, only what fired."""

    program: Program
    undecided: cython.bint

    def __init__(self, program: Program, *, undecided: bool = True):
        self.program = program
        self.undecided = undecided

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Forget them for the first `n` events of the chunk."""
        if self.undecided:
            self.program.clear(n)
        else:
            self.program.clear_fired(n)
