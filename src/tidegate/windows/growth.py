"""Arrays that grow: zeroed pages are committed on first touch, so room ahead costs no memory until it is used."""

import numpy as np

MANY = 4096  # rows; from here on, what room ahead costs weighs more than a copy now and then


def zeros(shape: object, dtype: object) -> memoryview:
    """A zeroed array; indexing the view yields plain ints and floats, also when the kernels run interpreted."""
    return memoryview(np.zeros(shape, dtype))


def grown(view: object, rows: int) -> memoryview:
    """A copy of `view` with `rows` rows, the new ones zero."""
    old = np.asarray(view)
    new = np.zeros((rows, *old.shape[1:]), old.dtype)
    new[: len(old)] = old
    return memoryview(new)


def enlarged(view: object, used: int, least: int) -> memoryview:
    """A copy of the first `used` rows of `view` with room for as many again, of many for a quarter more; the rest is zero.

    `least` is the least room.
    """
    old = np.asarray(view)
    new = np.zeros((max(used + (used >> 2 if used >= MANY else used), least), *old.shape[1:]), old.dtype)
    new[:used] = old[:used]
    return memoryview(new)
