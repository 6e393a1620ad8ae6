# The C side of siphash.py, inlined into every kernel that cimports it (a kernel must not depend on another's binary).

from cpython.unicode cimport PyUnicode_AsUTF8AndSize


cdef inline unsigned long long rotl(unsigned long long x, int bits) noexcept nogil:
    return (x << bits) | (x >> (64 - bits))


cdef inline unsigned long long load64(const unsigned char* raw) noexcept nogil:
    # little endian on every machine; compilers make one load of it
    return (
        <unsigned long long>raw[0]
        | <unsigned long long>raw[1] << 8
        | <unsigned long long>raw[2] << 16
        | <unsigned long long>raw[3] << 24
        | <unsigned long long>raw[4] << 32
        | <unsigned long long>raw[5] << 40
        | <unsigned long long>raw[6] << 48
        | <unsigned long long>raw[7] << 56
    )


cdef inline unsigned long long hash_bytes(
    const unsigned char* raw, Py_ssize_t n, unsigned long long key0, unsigned long long key1
) noexcept nogil:
    cdef unsigned long long v0 = key0 ^ 0x736F6D6570736575ULL
    cdef unsigned long long v1 = key1 ^ 0x646F72616E646F6DULL
    cdef unsigned long long v2 = key0 ^ 0x6C7967656E657261ULL
    cdef unsigned long long v3 = key1 ^ 0x7465646279746573ULL
    cdef Py_ssize_t whole = n >> 3
    cdef unsigned long long word
    cdef unsigned long long last = <unsigned long long>(n & 255) << 56
    cdef Py_ssize_t i
    cdef Py_ssize_t r
    for i in range(n & 7):
        last |= <unsigned long long>raw[8 * whole + i] << (8 * i)
    for r in range(whole + 4):  # one round per word of text and one for the rest, then three without
        word = 0
        if r < whole:
            word = load64(raw + 8 * r)
        elif r == whole:
            word = last
        elif r == whole + 1:
            v2 ^= 255
        v3 ^= word
        v0 += v1
        v2 += v3
        v1 = rotl(v1, 13) ^ v0
        v3 = rotl(v3, 16) ^ v2
        v0 = rotl(v0, 32)
        v2 += v1
        v0 += v3
        v1 = rotl(v1, 17) ^ v2
        v3 = rotl(v3, 21) ^ v0
        v2 = rotl(v2, 32)
        v0 ^= word
    return v0 ^ v1 ^ v2 ^ v3


cdef inline unsigned long long hash_text(str text, unsigned long long key0, unsigned long long key1) except? 0:
    cdef Py_ssize_t n = 0
    cdef const char* raw = PyUnicode_AsUTF8AndSize(text, &n)
    return hash_bytes(<const unsigned char*>raw, n, key0, key1)
