"""The instructions of the expression machine for one event: what `program` does in a loop each, here without the loops.

A loop over one event spends its time on beginning; a few hundred of them are most of what a single event takes.
What each instruction means is said in `program`; the tests hold the two together.
"""

import cython
import numpy as np
from cython.cimports.libc.math import asin, cos, floor, sin, sqrt

MARK = 28
_NAN = cython.declare(cython.double, float("nan"))
_NULL = cython.declare(cython.double, float("-inf"))
_WHOLE = cython.declare(cython.double, float(1 << 52))
_LARGEST = cython.declare(cython.double, float(1 << 53))
_DEGREE = cython.declare(cython.double, 0.017453292519943295)
_DIAMETER = cython.declare(cython.double, 2 * 6371.0088)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _less(x: cython.double, y: cython.double) -> cython.double:
    """Whether x < y; x must not be null."""
    if x < y:
        return 1.0 if x != _NULL else 0.0
    return 0.0 if x >= y else _NAN


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _at_most(x: cython.double, y: cython.double) -> cython.double:
    """Whether x <= y; x must not be null."""
    if x <= y:
        return 1.0 if x != _NULL else 0.0
    return 0.0 if x > y else _NAN


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _equal(x: cython.double, y: cython.double) -> cython.double:
    if x == y:
        return 1.0 if x != _NULL else 0.0
    return 0.0 if x == x and y == y else _NAN


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _merged(x: cython.double, y: cython.double) -> cython.double:
    return x if x == y else _NAN


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _fixed(y: cython.double) -> cython.double:
    if -_WHOLE < y < _WHOLE:
        return floor(y + 0.5)
    if y == _NULL:
        return _NAN
    if y > _LARGEST:
        return _LARGEST
    return max(y, -_LARGEST)


@cython.cfunc
@cython.exceptval(check=False)
def _number(op: cython.int, x: cython.double, y: cython.double) -> cython.double:
    """The rarer ones of those that compute a number."""
    if op == 4:
        return x / (y if y != 0 else _NAN)
    if op == 5:
        return x if x <= y else (y if y < x else _NAN)
    if op == 6:
        return x if x >= y else (y if y > x else _NAN)
    if op == 7:
        return -x if x < 0 else x
    if op == 8:
        return floor(x) if -1e300 < x < 1e300 else x
    if op == 9:
        y = x * 1e9
        return floor(y + 0.5) / 1e9 if -9e15 < y < 9e15 else x
    return _fixed(x * y)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _both(x: cython.double, y: cython.double) -> cython.double:
    if (x == x and x != 1) or (y == y and y != 1):
        return 0.0
    return 1.0 if x == x and y == y else _NAN


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _either(x: cython.double, y: cython.double) -> cython.double:
    if x == 1 or y == 1:
        return 1.0
    return 0.0 if x == x and y == y else _NAN


@cython.cclass
class RowProgram:
    """The instructions of a program, run for one event. Fields are declared in row_program.pxd."""

    def __init__(self, code: object):
        self.code = code

    def bind(self, chunk: object, fired: object, undecided: object, hit: object, open_: object) -> None:
        """Take the buffers of a chunk, and those for the rules' results."""
        n_cols, self.width = chunk.cols.shape
        steps = self.code.astype(np.int64)
        marks = steps[:, 0] == MARK
        rules = steps[marks, 3]
        steps[marks, 3] = 0
        assert steps.min(initial=0) >= 0, "no instruction has a column before the first"
        assert steps[:, 1:].max(initial=0) < n_cols, "every instruction has columns of the chunk"
        steps[:, 1:] *= self.width  # where a column begins, so that nothing is multiplied for every event
        steps[marks, 4] = rules
        self.steps = memoryview(steps.reshape(-1))
        self.cells = memoryview(chunk.cols.reshape(-1))
        self.items = memoryview(chunk.items)
        self.fired = memoryview(fired)
        self.undecided = memoryview(undecided)
        self.hit = memoryview(hit)
        self.open = memoryview(open_)

    @cython.cfunc
    @cython.exceptval(check=False)
    def run(self, first: cython.int, last: cython.int, p: cython.Py_ssize_t) -> cython.int:
        """Run instructions first .. last - 1 for the event at position p: one jump for each, and the frequent ones stand here."""
        steps: cython.p_longlong
        cells: cython.p_double
        k: cython.Py_ssize_t
        op: cython.int
        x: cython.double
        y: cython.double
        z: cython.double
        if first == last:
            return 0
        if cython.compiled:  # as addresses, since a view held here is counted, with a lock, at every call
            steps, cells = cython.address(self.steps[0]), cython.address(self.cells[p])
        else:
            steps, cells = self.steps, self.cells[p:]
        for k in range(6 * first, 6 * last, 6):
            op = steps[k]
            x = cells[steps[k + 2]]
            y = cells[steps[k + 3]]
            if op == 0:
                z = x
            elif op == 1:
                z = x + y
            elif op == 2:
                z = x - y
            elif op == 3:
                z = x * y
            elif op == 11:
                z = _less(x, y)
            elif op == 12:
                z = _at_most(x, y)
            elif op == 13:
                z = _less(y, x)
            elif op == 14:
                z = _at_most(y, x)
            elif op == 15:
                z = _equal(x, y)
            elif op == 16:
                z = 1.0 - _equal(x, y)
            elif op == 17:
                z = _merged(x, y)
            elif op == 18:
                z = _both(x, y)
            elif op == 19:
                z = _either(x, y)
            elif op == 20:
                z = 0.0 if x == 1 else (1.0 if x == x else _NAN)
            elif op == 21:
                z = 1.0 if x == x else 0.0
            elif op == 22:
                z = 1.0 if x == _NULL else (0.0 if x == x else _NAN)
            elif op == 23:
                z = x if x == x else y
            elif op == 24:  # unknown condition, equal branches: settled
                z = cells[steps[k + 4]]
                z = y if x == 1 else (z if x == x else _merged(y, z))
            elif op == 28:
                if not (x < 1 or x > 1):  # few rules hold, or are not known
                    self._mark(x, steps[k + 4], p)
                continue
            elif op == 29 or op == 30:
                z = x if x == x else op - 29.0
            elif op == 31:
                z = _merged(_less(x, y), _less(cells[steps[k + 4]], cells[steps[k + 5]]))
            elif op == 32:
                z = _merged(_at_most(x, y), _at_most(cells[steps[k + 4]], cells[steps[k + 5]]))
            elif op == 33:
                z = _merged(_less(y, x), _less(cells[steps[k + 5]], cells[steps[k + 4]]))
            elif op == 34:
                z = _merged(_at_most(y, x), _at_most(cells[steps[k + 5]], cells[steps[k + 4]]))
            elif op == 4 or op == 5 or op == 6 or op == 7 or op == 8 or op == 9 or op == 10:
                z = _number(op, x, y)
            else:
                z = self._rare(op, k, x, y, p)
            cells[steps[k + 1]] = z
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _rare(
        self, op: cython.int, k: cython.Py_ssize_t, x: cython.double, y: cython.double, p: cython.Py_ssize_t
    ) -> cython.double:
        length: cython.double
        if op == 27:
            return _km(x, y, self.cells[self.steps[k + 4] + p], self.cells[self.steps[k + 5] + p])
        length = self.cells[self.steps[k + 2] + self.width + p]  # a list's stands behind its offset
        if op == 26:
            return self._contains(x, length, y)
        return 0.0 if length == _NULL else length

    @cython.cfunc
    @cython.exceptval(check=False)
    def _mark(self, x: cython.double, rule: cython.int, p: cython.Py_ssize_t) -> cython.int:
        """Note a rule that holds (1), or of which it is not known whether it does (NaN)."""
        bit: cython.ulonglong = cython.cast(cython.ulonglong, 1) << (rule & 63)
        if x == 1:
            self.fired[rule >> 6, p] |= bit
            self.hit[p] = 1
        else:
            self.undecided[rule >> 6, p] |= bit
            self.open[p] = 1
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _contains(self, offset: cython.double, length: cython.double, wanted: cython.double) -> cython.double:
        i: cython.Py_ssize_t
        start: cython.Py_ssize_t
        if length == _NULL:
            return 0.0
        if length != length or wanted != wanted:
            return _NAN
        start = cython.cast(cython.Py_ssize_t, offset) if cython.compiled else int(offset)
        for i in range(
            start, start + (cython.cast(cython.Py_ssize_t, length) if cython.compiled else int(length))
        ):
            if self.items[i] == wanted:
                return 1.0
        return 0.0


@cython.cfunc
@cython.exceptval(check=False)
def _km(
    lat_a: cython.double, lon_a: cython.double, lat_b: cython.double, lon_b: cython.double
) -> cython.double:
    """Haversine distance; NaN unless all four coordinates are known numbers."""
    if not (-90 <= lat_a <= 90 and -90 <= lat_b <= 90 and -360 <= lon_a <= 360 and -360 <= lon_b <= 360):
        return _NAN
    u: cython.double = sin((lat_b - lat_a) * _DEGREE / 2)
    v: cython.double = sin((lon_b - lon_a) * _DEGREE / 2)
    h: cython.double = u * u + cos(lat_a * _DEGREE) * cos(lat_b * _DEGREE) * v * v
    return _DIAMETER * asin(sqrt(h if h < 1 else 1.0))
