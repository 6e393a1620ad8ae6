from tidegate.windows.kernel cimport Kernel
from tidegate.windows.pages cimport Pages
from tidegate.windows.past cimport Past

cdef enum:  # what is folded over the records of a slot
    FOLD_NONE = 0
    FOLD_RUN = 1
    FOLD_REGULAR = 2

cdef enum:  # columns of the rows of `past`, before those of the values and, last, the slot
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
    cdef int values_at  # first column of the values, in `past`
    cdef int width  # columns up to the last value, in `past`

    cdef Pages pages
    cdef long long[::1] newest_at  # per row (ts + 1) << LINK_BITS | low bits of the link, 0 = no record
    cdef double[:, ::1] record  # per row what else is kept: first if it is read, count, start, values
    cdef int first_at  # columns of `record`, -1 = not kept
    cdef int count_at
    cdef int start_at
    cdef readonly int own_at  # first column of the values, in `record`
    cdef long long[::1] link  # per row all bits of the link; only once there were too many to tell by the low ones
    cdef bint wide
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
    cdef long long row  # of the slot, in `record`
    cdef bint late  # the slot has a newer record
    cdef list newer  # of a late event: rows of `past` newer than it, newest first

    cdef int advance(self, long long t) except -1
    cdef int open(self, long long slot) except -1
    cdef long long link_of(self, long long slot, long long row) except -1
    cdef int _widen(self) except -1
    cdef int find(self, long long slot, long long t) except -1
    cdef int add(self, long long slot, long long t, bint flagged) except -1
    cdef int _find_late(self, long long slot, long long t) except -1
    cdef int _add_late(self, long long slot, long long t, bint flagged) except -1
    cdef long long _claim(self, long long slot, double until) except -1
    cdef long long _retire(self, long long slot, long long until) except -1
    cdef int _take_row(self) except -1
    cdef int _put_link(self, long long seq) except -1
    cdef bint _is_empty(self, long long page) except -1
    cdef int _drop(self, long long slot) except -1
    cdef int _clear(self, long long row) except -1
    cdef int _fold_newer(self) except -1
    cdef int _take_past(self, long long place) except -1
    cdef int _follow(self, long long t, bint flagged) except -1
    cdef int _put_row(self, long long t) except -1
    cdef int _put_past(self, long long place, long long t) except -1
