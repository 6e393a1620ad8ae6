cdef class RowProgram:
    cdef object code
    cdef long long[::1] steps
    cdef double[::1] cells
    cdef Py_ssize_t width
    cdef double[::1] items
    cdef unsigned long long[:, ::1] fired
    cdef unsigned long long[:, ::1] undecided
    cdef unsigned char[::1] hit
    cdef unsigned char[::1] open

    cdef int run(self, int first, int last, Py_ssize_t p) noexcept
    cdef double _rare(self, int op, Py_ssize_t k, double x, double y, Py_ssize_t p) noexcept
    cdef double _contains(self, double offset, double length, double wanted) noexcept
    cdef int _mark(self, double x, int rule, Py_ssize_t p) noexcept
