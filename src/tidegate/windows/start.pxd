cdef extern from *:
    """
    #define TIDEGATE_UNKNOWN (-(1LL << 62))
    """
    const long long UNKNOWN "TIDEGATE_UNKNOWN"  # a lower limit that is not known

cdef long long limit_of(double start, long long t, long long horizon) noexcept
