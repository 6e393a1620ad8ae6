# Loops over columns that become vector code: no fault of a number is ever looked at.

cdef extern from *:
    """
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC optimize ("O3,no-trapping-math,no-math-errno")
    #endif
    """

from tidegate.windows.kernel cimport Kernel

cdef class Fed:
    cdef unsigned char[::1] byte
    cdef readonly int shared

    cdef unsigned char of(self, double key) noexcept
    cdef int mark(self, long long slot, unsigned char bit) except -1

cdef class Sieve(Kernel):
    cdef readonly Kernel kernel
    cdef readonly Fed fed
    cdef unsigned char bit
    cdef readonly bint sieving  # False: the kernel is stepped over all events
    cdef readonly dict routes
    cdef int[:, ::1] path
    cdef int[:, ::1] keys  # column, whether it is a list, what the event does by it
    cdef int[::1] gates
    cdef int[:, ::1] outs  # column, that of its key, that of the start of its window or -1
    cdef double[::1] none
    cdef long long judged  # events looked at since it was last seen whether sieving is of use, and how many of them passed
    cdef long long passed
    cdef object chunk
    cdef double[:, ::1] cols
    cdef int[::1] kind
    cdef int[::1] order
    cdef int[::1] own
    cdef unsigned char[::1] take  # per position, whether the event passes

    cdef int step_one(self) except -1
    cdef Py_ssize_t _choose(self, Py_ssize_t n) except -1
    cdef Py_ssize_t _end(self, Py_ssize_t s, Py_ssize_t n) except -1
    cdef int _feed(self, int ty, Py_ssize_t s, Py_ssize_t e) except -1
    cdef int _look_up(self, int ty, Py_ssize_t s, Py_ssize_t e) except -1
    cdef int _write_none(self, int ty, Py_ssize_t s, Py_ssize_t e) except -1
    cdef int _leave(self) except -1
