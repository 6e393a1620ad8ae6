# Loops over columns that become vector code: no fault of a number is ever looked at.

cdef extern from *:
    """
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC optimize ("O3,no-trapping-math,no-math-errno")
    #endif
    """

from tidegate.windows.kernel cimport Kernel
from tidegate.windows.sieve cimport Sieve

cdef enum:  # columns of `look`
    COLUMN = 0  # of the keys
    MANY = 1  # whether each is a list
    FED = 2  # place of the bytes in `feds`

cdef enum:  # columns of `member`
    SIEVE = 0
    ALWAYS = 1  # whether every event of the type feeds the kernel
    KEY = 2  # its entries of `key`: from, to
    KEY_END = 3
    GATE = 4
    GATE_END = 5
    OUT = 6
    OUT_END = 7

cdef enum:  # columns of `out`
    TO = 0
    LOOK = 1  # of the key
    START = 2  # column of the start of its window, -1 = none

cdef class SieveRow(Kernel):
    cdef readonly list sieves
    cdef list feds
    cdef int[::1] first_look  # per type, its rows of `look`
    cdef int[::1] first  # per type, its rows of `member`
    cdef int[:, ::1] look
    cdef int[:, ::1] member  # the part of a sieve in a type
    cdef int[::1] key  # looks by which a kernel is reached
    cdef int[::1] gate  # columns; an event brings something where one of them is not 0
    cdef int[:, ::1] out
    cdef double[::1] none
    cdef unsigned char[::1] found  # per look, the bits of all slots together
    cdef unsigned char[::1] known  # per look, whether there is a key at every event
    cdef unsigned char[::1] due  # per sieve, whether some event concerns it
    cdef long long events  # stepped over so far
    cdef long long[::1] counted  # per sieve, of them when it was last stepped
    cdef double[:, ::1] cols
    cdef int[::1] kind

    cdef int _step_one(self) except -1
    cdef bint _concerns_one(self, int m, Sieve sieve) except -1
    cdef int _step_due(self, Py_ssize_t n) except -1
    cdef Py_ssize_t _end(self, Py_ssize_t s, Py_ssize_t n) except -1
    cdef int _look(self, int ty, Py_ssize_t s, Py_ssize_t e) except -1
    cdef bint _concerns(self, int m, Py_ssize_t s, Py_ssize_t e) except -1
    cdef int _write_none(self, int m, Py_ssize_t s, Py_ssize_t e) except -1
