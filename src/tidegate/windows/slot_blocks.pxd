from tidegate.windows.arena cimport Arena
from tidegate.windows.kernel cimport Kernel

cdef enum:  # columns of `slot`
    UNIT = 0  # first unit of the block, 0: none
    SIZE = 1  # what it holds << 8 | order of the block

cdef class SlotBlocks(Kernel):
    cdef long long[:, ::1] slot
    cdef long long n_slots
    cdef Arena arena
    cdef long long[::1] words  # of the arena
    cdef double[::1] values  # the same memory as float64
    cdef long long newest
    cdef long long hand  # slot that a sweep came to

    cdef int _view_blocks(self) except -1
    cdef int _meet(self, long long slot) except -1
    cdef long long _allocate(self, int order) except -1
    cdef int _copy(self, long long[::1] source, long long unit, long long to, int order) except -1
    cdef int _move(self, long long slot, int order) except -1
    cdef int _give_back(self) except -1
