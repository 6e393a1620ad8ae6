"""Which events need a closer look: a rule fired on them, or there is something on record about an entity they name."""

import cython
import numpy as np


@cython.final
@cython.cclass
class Marks:
    """One byte per slot of each id space: 1 where something is on record. Finds the next such event in arrival order.

    `spaces` id spaces are numbered from 0; an event type names up to four entities, each as (space, column).
    """

    marked: list
    named: cython.bint
    held: cython.Py_ssize_t
    space: cython.int[:, ::1]
    column: cython.int[:, ::1]
    cols: cython.double[:, ::1]
    kind: cython.int[::1]
    order: cython.int[::1]
    hit: cython.uchar[::1]
    view0: cython.uchar[::1]
    view1: cython.uchar[::1]
    view2: cython.uchar[::1]
    view3: cython.uchar[::1]

    def __init__(self, n_types: int):
        self.space = memoryview(np.full((n_types, 4), -1, np.int32))
        self.column = memoryview(np.full((n_types, 4), -1, np.int32))
        self.named = False
        self.marked = [np.zeros(1024, np.uint8) for _ in range(4)]
        self._take()

    def _take(self):
        self.view0 = memoryview(self.marked[0])
        self.view1 = memoryview(self.marked[1])
        self.view2 = memoryview(self.marked[2])
        self.view3 = memoryview(self.marked[3])

    def bind(self, chunk: object, hit: object) -> None:
        """Take the buffers of a chunk, and `hit`: 1 at positions where a rule fired."""
        self.cols = memoryview(chunk.cols)
        self.kind = memoryview(chunk.kind)
        self.order = memoryview(chunk.order)
        self.hit = memoryview(hit)

    def route(self, type_code: int, entities: list) -> None:
        """Name the entities of an event type: at most four pairs (space, column), spaces 0 to 3."""
        for j, (space, column) in enumerate(entities):
            self.space[type_code, j] = space
            self.column[type_code, j] = column

    def mark(self, space: int, slot: int, *, on: bool) -> None:
        """Set or clear the mark of a slot."""
        held = self.marked[space]
        if slot >= len(held):
            if not on:
                return
            larger = np.zeros(max(2 * len(held), slot + 1), np.uint8)
            larger[: len(held)] = held
            self.marked[space] = larger
            self._take()
        self.marked[space][slot] = on

    def next(self, i: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Return the first arrival index from `i` on that needs a closer look; `n` where there is none."""
        p: cython.int
        while i < n:
            p = self.order[i]
            self.named = self._names_marked(p)
            if self.named or self.hit[p]:
                return i
            i += 1
        return n

    def on_record(self) -> bool:
        """Whether the event found last names an entity of which something is on record."""
        return self.named

    @cython.cfunc
    @cython.inline
    def _names_marked(self, p: cython.int) -> cython.bint:
        ty: cython.int = self.kind[p]
        j: cython.int
        for j in range(4):
            if self.column[ty, j] >= 0 and self._is_marked(
                self.space[ty, j], self.cols[self.column[ty, j], p]
            ):
                return True
        return False

    @cython.cfunc
    def _is_marked(self, space: cython.int, key: cython.double) -> cython.bint:
        slot: cython.Py_ssize_t
        if not key >= 0:
            return False
        slot = cython.cast(cython.Py_ssize_t, key) if cython.compiled else int(key)
        if space == 0:
            return slot < self.view0.shape[0] and self.view0[slot] != 0
        if space == 1:
            return slot < self.view1.shape[0] and self.view1[slot] != 0
        if space == 2:
            return slot < self.view2.shape[0] and self.view2[slot] != 0
        return slot < self.view3.shape[0] and self.view3[slot] != 0
