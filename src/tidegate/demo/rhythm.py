"""When people are awake: the hours of a day, and the instants drawn from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# Share of a person's messages by local hour: a trough before dawn, a plateau over the working day, a peak at 19-22 h.
# The shape is that of published mobile-messaging logs; the figures are rounded by hand.
WAKING_HOURS = np.array(
    [12, 6, 3, 2, 2, 5, 14, 30, 42, 46, 48, 50, 56, 54, 50, 50, 54, 60, 66, 74, 78, 72, 52, 28],
    dtype=np.float64,
)
OFFICE_HOURS = np.array(
    [0, 0, 0, 0, 0, 0, 1, 6, 30, 60, 64, 60, 48, 50, 62, 60, 56, 40, 16, 6, 2, 1, 0, 0], dtype=np.float64
)


def instants(
    rng: np.random.Generator,
    day_ms: int,
    offsets_ms: NDArray[np.int64],
    hours: NDArray[np.float64] = WAKING_HOURS,
) -> NDArray[np.int64]:
    """Draw one instant per entry of ``offsets_ms`` (local time minus UTC, ms) in the UTC day that begins at ``day_ms``.

    The local hour follows the 24 weights ``hours``.
    """
    edges = np.concatenate(([0.0], np.cumsum(hours)))
    local_hour = np.interp(rng.random(len(offsets_ms)) * edges[-1], edges, np.arange(25.0))
    local_ms = (local_hour * HOUR_MS).astype(np.int64)
    result: NDArray[np.int64] = day_ms + (local_ms - offsets_ms) % DAY_MS
    return result


def bursts(
    rng: np.random.Generator, starts_ms: NDArray[np.int64], sizes: NDArray[np.int64], gap_ms: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Spread ``sizes[i]`` instants after ``starts_ms[i]``, with gaps of a fixed part plus an exponential one.

    ``gap_ms`` is (fixed part, mean of the exponential part). Returns the instants and, for each, its burst i.
    """
    burst = np.repeat(np.arange(len(sizes)), sizes)
    fixed, mean = gap_ms
    gaps = (fixed + rng.standard_exponential(len(burst)) * mean).astype(np.int64)
    firsts = np.cumsum(sizes) - sizes
    alive = sizes > 0
    gaps[firsts[alive]] = 0
    run = np.cumsum(gaps)
    return starts_ms[burst] + run - run[firsts[burst]], burst
