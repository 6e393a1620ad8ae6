"""Memory that was freed, given back to the system: the C library keeps some of it otherwise, for as long as the process lives."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give back what is free; a matter of milliseconds, on any thread. Other C libraries than glibc do so by themselves."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
