cdef class Kernel:
    cpdef object step(self, Py_ssize_t n)
