from tidegate.windows.kernel cimport Kernel
from tidegate.windows.past cimport Past

cdef enum:  # what is folded over the records of a slot
    FOLD_NONE = 0
    FOLD_RUN = 1
    FOLD_REGULAR = 2

cdef enum:  # columns of `record` and of the rows of `past`, before those of the values
    TS = 0  # ts + 1; 0 = no record
    FIRST = 1
    LINK = 2  # in `past`: the next older record
    COUNT = 3  # length of the run or series, this record included
    START = 4  # ts at which the series began

cdef class Records(Kernel):
    cdef int n_values
    cdef int fold
    cdef long long gap_low
    cdef long long gap_high
    cdef long long keep
    cdef long long lateness
    cdef int values_at  # first column of the values
    cdef int width

    cdef double[:, ::1] record
    cdef long long n_slots  # slots met
    cdef Past past
    cdef long long newest
    cdef long long hand

    cdef double[::1] own  # values of the record to add
    # found: the record before an event, or what it becomes once the event's own is folded in
    cdef bint known
    cdef long long ts
    cdef long long first
    cdef long long count
    cdef long long start
    cdef long long place  # of the record found, in `past`; -1: it is the newest of its slot
    cdef bint late  # the slot has a newer record
    cdef list newer  # of a late event: rows of `past` newer than it, newest first

    cdef int advance(self, long long t) except -1
    cdef int meet(self, long long slot) except -1
    cdef int find(self, long long slot, long long t) except -1
    cdef int add(self, long long slot, long long t, bint flagged) except -1
    cdef int _find_late(self, long long slot, long long t) except -1
    cdef int _add_late(self, long long slot, long long t, bint flagged) except -1
    cdef long long _retire(self, long long slot, long long until) except -1
    cdef int _take_row(self, long long slot) except -1
    cdef int _take_past(self, long long place) except -1
    cdef int _follow(self, long long t, bint flagged) except -1
    cdef int _put_row(self, long long slot, long long t) except -1
    cdef int _put_past(self, long long place, long long t) except -1
