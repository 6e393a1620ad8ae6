"""Polars: `rolling` per account over the rows of a frame, closed on the right: (t - w, t]."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.rivals.stream import SPAN, WINDOWS, Stream


def prepare(stream: Stream) -> Callable[[], NDArray[np.float64]]:
    """Return the work: from a frame in memory to cells. Groups come out by account, so the order is restored by time."""
    frame = pl.DataFrame(
        {name: getattr(stream, name) for name in ("ts", "account", "recipient", "proactive", "bytes")}
    ).set_sorted("ts")

    def window(ms: int, *values: pl.Expr) -> pl.DataFrame:
        rolled = frame.rolling(index_column="ts", period=f"{ms}i", closed="right", group_by="account")
        return rolled.agg(*values).sort("ts").drop("account", "ts")

    def work() -> NDArray[np.float64]:
        both = (pl.len().alias("all"), pl.col("proactive").sum())
        parts = [window(ms, *both) for ms in WINDOWS]
        parts.append(window(SPAN, pl.col("recipient").n_unique(), pl.col("bytes").sum()))
        return np.concatenate([part.to_numpy().astype(np.float64) for part in parts], axis=1)

    return work
