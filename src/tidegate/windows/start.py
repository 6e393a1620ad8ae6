"""The lower limit of a window that begins at a moment which a column tells, such as midnight."""

import cython

if not cython.compiled:  # as in start.pxd
    UNKNOWN = -(1 << 62)


@cython.cfunc
@cython.exceptval(check=False)
def limit_of(start: cython.double, t: cython.longlong, horizon: cython.longlong) -> cython.longlong:
    """Events after this time, in ms, lie in the window [start, t]; UNKNOWN where the start is NaN.

    The window looks at most `horizon` ms back; null (-inf) stands for all of them. It holds nothing of after t.
    """
    whole: cython.longlong
    if start != start:
        return UNKNOWN
    if start <= t - horizon:
        return t - horizon
    if start > t:
        return t
    whole = cython.cast(cython.longlong, start)
    return whole if whole < start else whole - 1
