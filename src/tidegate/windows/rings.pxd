cimport cython

from tidegate.windows.arena cimport Arena
from tidegate.windows.kernel cimport Kernel
from tidegate.windows.pages cimport Pages

cdef enum:  # columns of SlotRings.meta
    UNIT = 0  # first unit of the ring in the arena, 0 = no ring
    TAIL = 1  # oldest event; 0 <= TAIL < length of the ring
    HEAD = 2  # one past the newest event; TAIL <= HEAD <= TAIL + length
    FORM = 3  # row << 5 | order; row 0 = none; a ring has room for 2 << order events
    ORDER_MASK = 31
    # columns of SlotRings.row
    AIMED = 0  # latest time a window was read at; of windows that are not read again, the tail stands earlier
    TAILS = 1  # per window, the first event in it; of a free row, the first of these is the next free one
    # then, per window, pairs of running counts
    LANE_BITS = 21  # of a word; the rest is a time before the year 2109
    LANE_MASK = 2097151

cdef class SlotRings(Kernel):
    cdef int n_sums
    cdef int n_fixed
    cdef int n_windows
    cdef int stride  # words per event
    cdef int unit_words
    cdef long long keep  # an event so much older than the newest is of no use to any event to come

    cdef Arena arena
    cdef long long[::1] words  # of the arena
    cdef Pages pages  # of the slots with a ring; what is called slot below is their row of `meta`
    cdef int[:, ::1] meta
    cdef int[::1] pair_at  # pairs of lanes counted per window; window n_windows: all events
    cdef int[::1] pair_low  # two counts share a word, 32 bits each
    cdef int[::1] pair_high
    cdef long long[:, ::1] row
    cdef unsigned int[:, ::1] count  # the same memory, a count each; see place()
    cdef long long[:, ::1] total  # total[row, 2 * (window * n_sums + s)]: high half, then low half
    cdef int n_rows
    cdef int free_row
    cdef long long newest
    cdef long long hand
    cdef long long[::1] amount  # of the event about to be pushed
    cdef long long touched
    cdef long long[::1] low  # per window: events after this time count; UNKNOWN = window not read
    cdef long long[::1] newer  # per pair of lanes: events after a late one
    cdef unsigned int[::1] newer_count  # the same memory
    cdef long long[::1] newer_total  # per sum, high half and low half

    cdef long long open(self, long long slot) except -1
    cdef int expire(self, Py_ssize_t slot) except -1
    cdef int push(self, Py_ssize_t slot, long long t, int bits) except -1
    cdef int aim(self, Py_ssize_t slot, int row, long long t) except -1
    cdef bint sum_newer(self, Py_ssize_t slot, long long t) except -1
    cdef int touch(self, Py_ssize_t[::1] slots, Py_ssize_t n) except -1
    @cython.final
    cdef int _tally(self, int row, int k, long long at, int sign) except -1
    cdef int _insert_late(self, int row, int q, long long at) except -1
    cdef int _promote(self, Py_ssize_t slot) except -1
    cdef int _demote(self, Py_ssize_t slot) except -1
    cdef int _shift(self, Py_ssize_t slot, int by) except -1
    cdef int _move(self, Py_ssize_t slot, int order) except -1
    cdef int _free(self, Py_ssize_t slot) except -1
    cdef bint _sweep_slot(self, Py_ssize_t slot) except -1
    cdef int _pack(self) except -1
    cdef int _ask_for(self, long long slot) except -1
    cdef int _drop_if_empty(self, long long slot, long long page) except -1
    cdef int _move_all(self) except -1
    cdef int _pack_rows(self) except -1
