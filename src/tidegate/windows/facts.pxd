cdef enum:
    _SHORT_LIST = 16  # up to here, comparing all pairs beats a sort
    _RUN = 1

cdef enum:  # columns of `path`, a row per route
    _KEY = 0  # -1 = not routed
    _MANY = 1
    _IN = 2  # its rows of `inputs`: from, to
    _IN_END = 3
    _OUT = 4  # its rows of `outs`: from, to
    _OUT_END = 5
    _REACH = 6  # the last column of `record` that it reads

cdef enum:  # columns of `record`, before those of the values
    _TS = 0  # ts + 1 of the newest value; 0 = nothing known
    _LINK = 1  # the last change, in `past`
    _VALUES = 2

cdef enum:  # columns of the rows of `past`: what to undo for an event older than a change; `until` is when the change was
    _OLDER = 0  # the change before
    _FACT = 1
    _OLD = 2
    _SINCE = 3
