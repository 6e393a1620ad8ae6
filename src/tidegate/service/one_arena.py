"""One heap for all threads: glibc gives each its own, and what a checkpoint's thread has freed would stay with it."""

from __future__ import annotations

import contextlib
import ctypes

_M_ARENA_MAX = -8  # of mallopt(3)


def use_one_arena() -> None:
    """Let all threads that begin from now on share one heap; nothing where the C library has no such thing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
