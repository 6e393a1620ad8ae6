# Loops over columns that become vector code: no fault of a number is ever looked at.

cdef extern from *:
    """
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC optimize ("O3,no-trapping-math,no-math-errno")
    #endif
    """
