cdef class Pages:
    cdef int[::1] page  # per 64 slots their page of rows, 0 = none
    cdef int[::1] owner  # per page, which 64 slots it is of
    cdef readonly long long n_pages
    cdef readonly long long bound  # all slots with a row are below it

    cdef long long find(self, long long slot) except -1
    cdef long long open(self, long long slot) except -1
    cdef long long drop(self, long long slot) except -1
