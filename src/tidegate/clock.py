"""The only reader of the wall clock. Event time never comes from here: it comes with the events."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Return the time of day in ms since the epoch."""
    return time.time_ns() // 1_000_000


def monotonic_s() -> float:
    """Return seconds of a clock that never goes back; only differences mean something."""
    return time.monotonic()
