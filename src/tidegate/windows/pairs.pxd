cdef enum:  # columns of `routes`
    A = 0
    B = 1
    OUT = 2
    ADD = 3
    NEXT = 4
    REGION = 5

cdef enum:
    NOT_ROUTED = -1
    NO_KEY = -1  # first part of an empty entry
