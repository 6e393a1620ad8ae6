"""What occurs in columns, each once, and which of it each place has: by sorting values alone, which numpy does without the places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_RADIX_MAX = 1 << 62


def values_in(column: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the values that occur, ascending, each once (NaN last), and which of them each place has.

    >>> values, which = values_in(np.array([3.0, np.nan, 1.0, 3.0, np.nan]))
    >>> values.tolist(), which.tolist()
    ([1.0, 3.0, nan], [1, 2, 0, 1, 2])
    """
    ordered = np.sort(column)
    begins = np.ones(len(ordered), np.bool_)
    begins[1:] = ordered[1:] != ordered[:-1]
    if len(ordered) and np.isnan(ordered[-1]):  # each differs from the one before
        begins[np.searchsorted(ordered, np.nan) + 1 :] = False
    values = ordered[begins]
    return values, np.searchsorted(values, column)


def combinations_in(
    columns: Sequence[NDArray[Any]], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first place of every combination that occurs in columns of small numbers from 0 on, and which one each place has.

    >>> first, which = combinations_in([np.array([1, 0, 1]), np.array([2, 2, 2])], 3)
    >>> first.tolist(), which.tolist()
    ([1, 0], [1, 0, 1])
    """
    packed, radix = np.zeros(size, np.int64), 1
    for column in columns:
        count = int(column.max(initial=0)) + 1
        if radix * count >= _RADIX_MAX:
            packed = values_in(packed)[1]
            radix = int(packed.max(initial=0)) + 1
        packed, radix = packed * count + column, radix * count
    found, which = values_in(packed)
    first = np.zeros(len(found), np.int64)
    first[which[::-1]] = np.arange(size)[::-1]  # of several places, the last assigned stays
    return first, which
