"""Events placed in a chunk: those of one kind side by side, their order of arrival kept beside."""

import cython
import numpy as np


@cython.final
@cython.cclass
class Arranger:
    """Places events in a chunk by kind, arrival order kept beside; `kinds` is how many there may be.

    After `arrange`, `found` lists the kinds that occur as (kind, start, end), and `events[i]` is the index of the i-th event placed.
    """

    count: cython.longlong[::1]
    ts: cython.longlong[::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    cols: cython.double[:, ::1]
    event: cython.longlong[::1]
    events = cython.declare(object, visibility="readonly")
    found = cython.declare(list, visibility="readonly")

    def __init__(self, kinds: int):
        self.count = memoryview(np.zeros(kinds, np.int64))
        self.events = None
        self.found = []

    def bind(self, chunk: object) -> None:
        """Take the buffers of a chunk; again whenever one of them was replaced."""
        self.ts = memoryview(chunk.ts)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.cols = memoryview(chunk.cols)

    def arrange(
        self, kinds: cython.int[::1], ts: cython.longlong[::1], lo: cython.Py_ssize_t, hi: cython.Py_ssize_t
    ) -> int:
        """Place events lo .. hi - 1, but those of kind -1; how many were placed."""
        i: cython.Py_ssize_t
        k: cython.int
        n: cython.int = 0
        p: cython.int
        at: cython.longlong
        if not cython.compiled:
            kinds, ts = memoryview(kinds), memoryview(ts)
        for i in range(lo, hi):
            if kinds[i] >= 0:
                self.count[kinds[i]] += 1
                n += 1
        self.found = []
        at = 0
        for k in range(self.count.shape[0]):
            if self.count[k]:
                self.found.append((k, at, at + self.count[k]))
                at += self.count[k]
                self.count[k] = at - self.count[k]
        self.events = np.empty(n, np.int64)
        self.event = memoryview(self.events)
        n = 0
        for i in range(lo, hi):
            k = kinds[i]
            if k >= 0:
                p = cython.cast(cython.int, self.count[k])
                self.count[k] += 1
                self.order[n] = p
                self.kind[p] = k
                self.ts[p] = ts[i]
                self.cols[0, p] = ts[i]
                self.event[n] = i
                n += 1
        for entry in self.found:
            self.count[entry[0]] = 0
        return n

    def place_one(self, kind: cython.int, ts: cython.longlong) -> None:
        """Place one event alone."""
        self.order[0] = 0
        self.kind[0] = kind
        self.ts[0] = ts
        self.cols[0, 0] = ts

    def fill(
        self, targets: cython.int[::1], values: cython.double[:, ::1], lo: cython.Py_ssize_t, hi: cython.Py_ssize_t,
        start: cython.Py_ssize_t,
    ) -> None:  # fmt: skip
        """Copy events lo .. hi - 1 of the rows of `values` to the columns `targets`, from position `start` on."""
        j: cython.Py_ssize_t
        i: cython.Py_ssize_t
        if not cython.compiled:
            targets, values = memoryview(targets), memoryview(values)
        for j in range(targets.shape[0]):
            for i in range(lo, hi):
                self.cols[targets[j], start + i - lo] = values[j, i]
