cdef class Arena:
    cdef readonly int unit_words
    cdef readonly long long size
    cdef readonly long long free
    cdef long long[::1] words
    cdef unsigned char[::1] mark
    cdef int[::1] first

    cpdef int allocate(self, int order) except -1
    cpdef int release(self, int unit, int order) except -1
    cpdef bint trim(self) except -1
    cpdef bint spare(self) except -1
    cdef int _grow(self, long long units) except -1
    cdef int _resize(self, long long capacity) except -1
    cdef int _push(self, int unit, int order) except -1
    cdef int _unlink(self, int unit, int order) except -1
