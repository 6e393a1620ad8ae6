# Ask for a cache line that will be needed soon: independent misses overlap instead of adding up.

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define tidegate_prefetch(address) __builtin_prefetch(address)
    #else
    #define tidegate_prefetch(address) ((void)(address))
    #endif
    """
    void prefetch "tidegate_prefetch"(const void* address) noexcept nogil
