"""Arrays that grow: zeroed pages are committed on first touch, so room ahead costs no memory until it is used."""

import numpy as np


def zeros(shape: object, dtype: object) -> memoryview:
    """A zeroed array; indexing the view yields plain ints and floats, also when the kernels run interpreted."""
    return memoryview(np.zeros(shape, dtype))


def grown(view: object, rows: int) -> memoryview:
    """A copy of `view` with `rows` rows, the new ones zero."""
    old = np.asarray(view)
    new = np.zeros((rows, *old.shape[1:]), old.dtype)
    new[: len(old)] = old
    return memoryview(new)
