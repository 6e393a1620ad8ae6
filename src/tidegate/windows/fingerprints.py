"""Fingerprints of 64 bits taken apart, compared, and what is asked of lists; most events have none of them."""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.tidegate.windows.kernel import Kernel
else:
    from tidegate.windows.kernel import Kernel

_NAN = cython.declare(cython.double, float("nan"))
_NULL = cython.declare(cython.double, float("-inf"))
_LOW = cython.declare(cython.ulonglong, (1 << 32) - 1)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _bits(x: cython.ulonglong) -> cython.ulonglong:
    """How many of 32 bits are set."""
    x = x - (x >> 1 & 0x55555555)
    x = (x & 0x33333333) + (x >> 2 & 0x33333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F
    return (x * 0x01010101 & 0xFFFFFFFF) >> 24


@cython.final
@cython.cclass
class Fingerprints(Kernel):
    """Halves and likenesses of fingerprints, last members of lists and how many of their moments are new, at events of one type.

    halves: (interner of the fingerprints, column of the fingerprint, whether the high half, column of the result)
    pairs : (four columns of halves: high and low of one, high and low of the other; column of the result), the share of bits in
            common: NaN where one is not known, 0 where one is none
    lists : (column of a list, column of its last member)
    windows: (column of a list of moments, ms, column of how many lie in (ts - ms, ts] of the event); 0 where the list is null
    """

    type_code: cython.int
    space: list
    half: cython.int[:, ::1]  # column, whether the high one, column of the result
    pair: cython.int[:, ::1]
    last: cython.int[:, ::1]
    window: cython.longlong[:, ::1]
    cols: cython.double[:, ::1]
    items: cython.double[::1]
    kind: cython.int[::1]
    ts: cython.longlong[::1]

    def __init__(self, type_code: int, halves: list, pairs: list, lists: list, windows: list):
        halves = sorted(halves, key=lambda half: half[1])  # a fingerprint is looked up once for both
        self.type_code = type_code
        self.space = [half[0] for half in halves]
        self.half = memoryview(np.array([*(half[1:] for half in halves), (0, 0, 0)], np.int32))
        self.pair = memoryview(np.array([*((*columns, out) for columns, out in pairs), (0,) * 5], np.int32))
        self.last = memoryview(np.array([*lists, (0, 0)], np.int32))
        self.window = memoryview(np.array([*windows, (0, 0, 0)], np.int64))

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.cols = memoryview(chunk.cols)
        self.items = memoryview(chunk.items)
        self.kind = memoryview(chunk.kind)
        self.ts = memoryview(chunk.ts)

    @cython.ccall
    def step(self, n: cython.Py_ssize_t):
        """Process the first `n` events of the bound chunk."""
        p: cython.Py_ssize_t
        k: cython.Py_ssize_t
        for p in range(n):
            if self.kind[p] == self.type_code:
                self._halve(p)
                for k in range(self.last.shape[0] - 1):
                    self.cols[self.last[k, 1], p] = self._last(self.last[k, 0], p)
                for k in range(self.window.shape[0] - 1):
                    self.cols[self.window[k, 2], p] = self._within(k, p)
                for k in range(self.pair.shape[0] - 1):
                    self.cols[self.pair[k, 4], p] = self._alike(k, p)

    @cython.cfunc
    @cython.exceptval(-1)
    def _halve(self, p: cython.Py_ssize_t) -> cython.int:
        k: cython.Py_ssize_t
        x: cython.double
        seen: cython.int = -1
        whole: cython.ulonglong = 0
        for k in range(self.half.shape[0] - 1):
            x = self.cols[self.half[k, 0], p]
            if x >= 0:
                if self.half[k, 0] != seen:
                    seen = self.half[k, 0]
                    whole = int(self.space[k].text(int(x)), 16)
                x = whole >> 32 if self.half[k, 1] else whole & _LOW
            self.cols[self.half[k, 2], p] = x  # what is not known, or none, stays so
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _last(self, column: cython.int, p: cython.Py_ssize_t) -> cython.double:
        length: cython.double = self.cols[column + 1, p]
        if length > 0:
            return self.items[cython.cast(cython.Py_ssize_t, self.cols[column, p] + length) - 1]
        return _NULL if length == _NULL else _NAN

    @cython.cfunc
    @cython.exceptval(check=False)
    def _within(self, k: cython.Py_ssize_t, p: cython.Py_ssize_t) -> cython.double:
        column: cython.Py_ssize_t = self.window[k, 0]
        length: cython.double = self.cols[column + 1, p]
        moment: cython.double
        found: cython.Py_ssize_t = 0
        first: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if length != length:
            return _NAN
        if length > 0:
            first = cython.cast(cython.Py_ssize_t, self.cols[column, p])
            for i in range(first, first + cython.cast(cython.Py_ssize_t, length)):
                moment = self.items[i]
                if self.ts[p] - self.window[k, 1] < moment <= self.ts[p]:
                    found += 1
        return found

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _alike(self, k: cython.Py_ssize_t, p: cython.Py_ssize_t) -> cython.double:
        a: cython.double = self.cols[self.pair[k, 0], p]
        b: cython.double = self.cols[self.pair[k, 1], p]
        c: cython.double = self.cols[self.pair[k, 2], p]
        d: cython.double = self.cols[self.pair[k, 3], p]
        apart: cython.ulonglong
        if a == _NULL or b == _NULL or c == _NULL or d == _NULL:
            return 0.0
        if not (a >= 0 and b >= 0 and c >= 0 and d >= 0):
            return _NAN
        apart = _bits(cython.cast(cython.ulonglong, a) ^ cython.cast(cython.ulonglong, c))
        apart += _bits(cython.cast(cython.ulonglong, b) ^ cython.cast(cython.ulonglong, d))
        return 1.0 - apart / 64.0
