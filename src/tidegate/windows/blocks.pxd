from tidegate.windows.arena cimport Arena
from tidegate.windows.kernel cimport Kernel
from tidegate.windows.pages cimport Pages

cdef enum:  # columns of `slot`
    FORM = 0  # form | payload << 8
    AT = 1
    LINK = 2  # free for a subclass

cdef enum:  # forms of a slot
    EMPTY = 0
    ONE = 1  # payload: the member; AT: when it was last seen
    BUSY = 2  # too many members for a block: the subclass has them
    BLOCK = 3  # and up: BLOCK + order, a block of 2 << order members; payload: how many; AT: its unit
    LAST_BLOCK = 8

cdef enum:
    FULL = -2

cdef class Blocks(Kernel):
    cdef int n_windows
    cdef long long[::1] window
    cdef Pages pages  # which rows of `slot` are whose
    cdef long long[:, ::1] slot
    cdef Arena arena
    cdef long long[::1] when  # words of the arena; a block is first its times ..
    cdef int[::1] who  # .. then its members, two to a word; the same memory
    cdef long long gone  # members last seen at or before are seen by no event to come
    cdef int[::1] found  # answer of `read_block`, per window

    cdef long long open(self, long long slot) except -1
    cdef int close(self, long long slot) except -1
    cdef bint read_block(self, long long row, long long t) except -1
    cdef int block_since(self, long long row, long long low, long long t) except -1
    cdef long long see_one(self, long long row, long long member, long long t) except -3
    cdef long long see_block(self, long long row, long long member, long long t) except -3
    cdef bint _make_room(self, long long row) except -1
    cdef int thin(self, long long row) except -1
    cdef int move(self, long long row, int order) except -1
    cdef long long allocate(self, int order) except -1
