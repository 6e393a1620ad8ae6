cdef long long parse_bytes(const unsigned char* raw, Py_ssize_t start, Py_ssize_t n) noexcept nogil
cdef int write_bytes(unsigned char* raw, long long ms) noexcept nogil
