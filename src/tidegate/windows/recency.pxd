cdef enum:  # columns of `node`
    KEY = 0  # slot << 32 | member
    TS = 1  # when the member was last seen; -1 = the node is free
    NEWER = 2
    OLDER = 3  # of a free node: the next free one

cdef class Recency:
    cdef int n_windows
    cdef int n_starts
    cdef long long[::1] window  # and 0
    cdef long long[:, ::1] node  # node 0 means "none"
    cdef long long n_nodes
    cdef long long free_node
    cdef long long[::1] table  # upper half of the hash << 32 | node; 0 = empty
    cdef long long mask
    cdef long long live
    # per row; row 0 means "none"
    cdef long long[:, ::1] tail  # per window its oldest node; then the oldest of all, and the newest; then per start
    cdef long long[:, ::1] due  # per window the clock at which that node leaves; when the oldest was seen; the clock
    cdef int[:, ::1] count  # per window its nodes; then all. Of a free row, count[row, 0] is the next free one; then per start
    cdef long long[:, ::1] edge  # per start, after which time its nodes were last seen
    cdef int n_rows
    cdef int free_row
    cdef int[::1] found  # answer of `read`

    cdef int open(self) except -1
    cdef int close(self, int row) except -1
    cdef long long near(self, long long slot, long long member) except -1
    cdef long long see(self, int row, long long slot, long long member, long long t) except -2
    cdef int advance(self, int row, long long t) except -1
    cdef int drop(self, int row, long long gone) except -1
    cdef bint read(self, int row, long long t) except -1
    cdef int since(self, int row, int s, long long low, long long t) except -1
    cdef int _begin_at(self, int row, int s, long long low) except -1
    cdef int _read_past(self, int row, long long t) except -1
    cdef int _aim(self, int row, int k, long long x) except -1
    cdef int _add(self, int row, long long x, long long t) except -1
    cdef int _take(self, int row, long long x) except -1
    cdef long long _claim(self) except -1
    cdef long long _entry(self, long long key, unsigned long long h) except -1
    cdef int _erase(self, long long key) except -1
    cdef int _rehash(self, long long size) except -1
