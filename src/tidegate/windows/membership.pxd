from tidegate.windows.blocks cimport Blocks
from tidegate.windows.past cimport Past
from tidegate.windows.recency cimport Recency

cdef enum:  # columns of the rows of `past`: a member was last seen at SINCE, until it was seen again
    MEMBER = 0
    SINCE = 1
    CHAIN = 2  # the next older row of the slot
    UNTIL = 3

cdef class Membership(Blocks):  # BUSY slots: the payload is a row of `busy`; LINK is their newest row of `past`
    cdef long long widest
    cdef long long lateness
    cdef Recency busy
    cdef Past past
    cdef long long newest
    cdef long long hand
    cdef long long warmed  # means nothing; keeps the compiler from leaving the loads of `near` out

    cdef int advance(self, long long t) except -1
    cdef long long near(self, long long slot, long long row, long long member) except -1
    cdef int record(self, long long slot, long long member, long long t) except -1
    cdef int read(self, long long slot, long long t) except -1
    cdef int since(self, long long slot, int s, long long low, long long t) except -1
    cdef int _note(self, long long row, long long member, long long since, long long until) except -1
    cdef int _note_late(self, long long row, long long member, long long t, long long last) except -1
    cdef int _read_late(self, long long row, long long t) except -1
    cdef long long _see_busy(self, long long slot, long long row, long long member, long long t) except -2
    cdef int _promote(self, long long slot, long long row) except -1
    cdef int _demote(self, long long row) except -1
    cdef int _begin_anew(self) except -1
    cdef bint _sweep_row(self, long long row) except -1
    cdef int _empty(self, long long row) except -1
