"""The buffers one micro-batch of events is laid out in, shared by every kernel."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

ROWS: Final = 512  # 200 columns of it are 800 kB: they stay in the second-level cache
FIRST_ITEMS: Final = 1024
_LINE = 8  # values in a line of the cache


class Chunk:
    """Up to `rows` events, grouped by type in columns; `order` gives them back in arrival order.

    cols : float64[n_cols, >= rows] value of a column at a position; NaN = not known, -inf = null (known: none)
    ts   : int64[rows]            event time of a position, ms since the Unix epoch
    kind : int32[rows]            event type code of a position
    order: int32[rows]            position of the i-th event in arrival order
    items: float64[m]             the elements of all list values, back to back; with `regions` more such stretches of
                                  `item_room` elements behind them, for lists that kernels make of lists
    n    : int                    events held now

    A list value takes two columns: its offset into `items` (NaN = list not known) and its length.
    Kernels hold views of the arrays: whoever grows one binds every kernel again.
    """

    def __init__(self, n_cols: int, rows: int = ROWS, n_items: int = FIRST_ITEMS, regions: int = 0) -> None:
        self.rows = rows
        self.n = 0
        # a whole number of pages apart, all columns of an event would share eight lines of the first-level cache
        self._width = rows if rows % (64 * _LINE) else rows + _LINE
        self.cols: NDArray[np.float64] = np.full((n_cols, self._width), np.nan)
        self.ts: NDArray[np.int64] = np.zeros(rows, np.int64)
        self.kind: NDArray[np.int32] = np.zeros(rows, np.int32)
        self.order: NDArray[np.int32] = np.arange(rows, dtype=np.int32)
        self.regions = regions
        self.item_room = n_items
        self.items: NDArray[np.float64] = np.full((1 + regions) * n_items, np.nan)

    def grow_items(self, n_items: int) -> bool:
        """Make room for at least `n_items` list elements, values kept; True when kernels must be bound again.

        What stands in the further regions is not kept: it is made anew for every chunk.
        """
        held = self.item_room
        if n_items <= held:
            return False
        self.item_room = max(n_items, 2 * held)
        items = np.full((1 + self.regions) * self.item_room, np.nan)
        items[:held] = self.items[:held]
        self.items = items
        return True

    def nbytes(self) -> int:
        """Bytes of all five arrays."""
        return sum(a.nbytes for a in (self.cols, self.ts, self.kind, self.order, self.items))
