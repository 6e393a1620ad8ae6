cdef class Past:
    cdef readonly int width  # columns that belong to the user; the next one is UNTIL
    cdef double[:, ::1] row  # row[seq & mask]
    cdef long long mask
    cdef long long tail  # oldest row kept
    cdef long long next  # seq of the row to come

    cdef long long claim(self, double until) except -1
    cdef int expire(self, double limit) except -1
    cdef int _resize(self, long long size) except -1
