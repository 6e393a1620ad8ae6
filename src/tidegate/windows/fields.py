"""Fields of decoded events to numbers: a column of float64 per field, ids for names, NaN for missing, -inf for null."""

import cython
import numpy as np

_NAN = cython.declare(cython.double, float("nan"))
_NULL = cython.declare(cython.double, float("-inf"))

NUMBER, NAME, LIST = range(3)
_NAME = cython.declare(cython.int, 1)
_LIST = cython.declare(cython.int, 2)


@cython.final
@cython.cclass
class FieldReader:
    """Reads the same fields of events of one type. `unset` is what a missing field holds.

    names  : names of the attributes
    kinds  : NUMBER; NAME, text that `spaces` gives an id; LIST, which takes two columns, offset into the items and length
    spaces : per field the interner of its names, or of the texts in its lists; None where there are none
    pick   : per field what makes of the attribute the value that counts, None where it is the attribute itself
    columns: per field the (first) column of a chunk
    """

    names: tuple
    spaces: list
    pick: list
    unset: object
    kind: cython.int[::1]
    column: cython.int[::1]
    row: cython.int[::1]
    rows: cython.int
    n: cython.int
    seen: tuple  # the arrays of the chunk that `cols` and `items` are views of
    cols: cython.double[:, ::1]
    items: cython.double[::1]

    def __init__(self, names: tuple, kinds: list, spaces: list, pick: list, columns: list, unset: object):
        self.names = names
        self.spaces = spaces
        self.pick = pick
        self.unset = unset
        self.n = len(names)
        self.seen = (None, None)
        self.kind = memoryview(np.array(kinds, np.int32))
        self.column = memoryview(np.array(columns, np.int32))
        widths = np.array([2 if kind == LIST else 1 for kind in kinds], np.int32)
        self.row = memoryview((np.cumsum(widths) - widths).astype(np.int32))
        self.rows = int(widths.sum())

    def targets(self) -> list:
        """The chunk columns of the rows that `read` fills."""
        return [
            self.column[j] + more for j in range(self.n) for more in range(2 if self.kind[j] == LIST else 1)
        ]

    def read(self, records: list, held: cython.Py_ssize_t) -> tuple:
        """Numbers of all records: float64[rows, len(records)], and the members of their lists, placed from `held` on.

        New names get their ids field by field, in the order of the records.
        """
        n: cython.Py_ssize_t = len(records)
        values = np.empty((self.rows, n))
        out: cython.double[:, ::1] = memoryview(values)
        raw: list = [None] * self.n
        items: list = []
        i: cython.Py_ssize_t
        j: cython.int
        x: cython.double
        for j in range(self.n):
            if self.kind[j] != 0:
                raw[j] = [None] * n
        for i in range(n):
            record = records[i]
            for j in range(self.n):
                value = getattr(record, self.names[j])
                if self.pick[j] is not None:
                    value = self.pick[j](value)
                if self.kind[j] != 0:
                    raw[j][i] = value
                    continue
                if value is self.unset:
                    x = _NAN
                elif value is None:
                    x = _NULL
                else:
                    x = value
                out[self.row[j], i] = x
        for j in range(self.n):
            if self.kind[j] == _NAME:
                self._intern(raw[j], self.spaces[j], values[self.row[j]])
            elif self.kind[j] == _LIST:
                held += self._lists(
                    raw[j], self.spaces[j], values[self.row[j]], values[self.row[j] + 1], held, items
                )
        return values, items

    @cython.cfunc
    @cython.exceptval(-1)
    def _intern(self, texts: list, space: object, row: object) -> cython.int:
        """Write the ids of texts, NaN and -inf for what is none."""
        out: cython.double[::1] = memoryview(row)
        i: cython.Py_ssize_t
        nulls: list = []
        for i in range(len(texts)):
            if texts[i] is None:
                nulls.append(i)
            elif texts[i] is self.unset:
                texts[i] = None
        if len(nulls) < len(texts):
            space.intern_many(texts, row)
        for i in nulls:
            out[i] = _NULL
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _lists(
        self, lists: list, space: object, offset: object, length: object, held: cython.Py_ssize_t, items: list
    ) -> cython.Py_ssize_t:
        """Write offsets and lengths of lists, and append their members to `items` as arrays; how many there were."""
        offsets: cython.double[::1] = memoryview(offset)
        lengths: cython.double[::1] = memoryview(length)
        members: list = []
        i: cython.Py_ssize_t
        for i in range(len(lists)):
            value = lists[i]
            if value is None or value is self.unset:
                offsets[i] = lengths[i] = _NULL if value is None else _NAN
            else:
                offsets[i] = held + len(members)
                lengths[i] = len(value)
                members.extend(value)
        if members:
            flat = np.empty(len(members))
            if isinstance(members[0], str):
                space.intern_many(members, flat)
            else:
                flat[:] = members
            items.append(flat)
        return len(members)

    def read_one(self, record: object, chunk: object) -> bool:
        """Write the numbers of one event at position 0 of a chunk; False where its lists do not fit in."""
        j: cython.int
        held: cython.Py_ssize_t = 0
        size: cython.Py_ssize_t
        x: cython.double
        cols, items = chunk.cols, chunk.items
        if self.seen[0] is not cols or self.seen[1] is not items:
            self.seen = (cols, items)
            self.cols = memoryview(cols)
            self.items = memoryview(items)
        for j in range(self.n):
            value = getattr(record, self.names[j])
            if self.pick[j] is not None:
                value = self.pick[j](value)
            if value is self.unset or value is None:
                x = _NULL if value is None else _NAN
                if self.kind[j] == _LIST:
                    self.cols[self.column[j] + 1, 0] = x
            elif self.kind[j] == _LIST:
                size = len(value)
                if held + size > chunk.item_room:
                    return False
                x = held
                self.cols[self.column[j] + 1, 0] = size
                for member in value:
                    self.items[held] = self.spaces[j].intern(member) if isinstance(member, str) else member
                    held += 1
            elif self.kind[j] == _NAME:
                x = self.spaces[j].intern(value)
            else:
                x = value
            self.cols[self.column[j], 0] = x
        return True
