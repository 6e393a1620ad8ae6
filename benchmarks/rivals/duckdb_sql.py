"""DuckDB: window functions over a table in memory, RANGE frames in ms; distinct recipients by its windowed count(distinct)."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.rivals.stream import SPAN, WINDOWS, Stream


def query() -> str:
    """Return the SQL: one row per event, one column per feature, in the order of the stream."""
    counts = [
        f"count(*) {kind} over w{w} as c{w}{letter}"
        for w in range(len(WINDOWS))
        for letter, kind in (("a", ""), ("b", "filter (where proactive)"))
    ]
    frames = [
        f"w{w} as (partition by account order by ts range between {window - 1} preceding and current row)"
        for w, window in enumerate((*WINDOWS, SPAN))
    ]
    last = len(WINDOWS)
    distinct, total = f"count(distinct recipient) over w{last} as d", f"sum(bytes) over w{last} as s"
    columns = ", ".join([*counts, distinct, total])
    return f"select {columns} from messages window {', '.join(frames)} order by ts"  # noqa: S608  our own numbers


def prepare(stream: Stream) -> Callable[[], NDArray[np.float64]]:
    """Return the work: from a table in memory to cells."""
    columns = {name: getattr(stream, name) for name in ("ts", "account", "recipient", "proactive", "bytes")}
    messages = pa.table(columns)
    database = duckdb.connect()
    database.execute("set threads = 1")
    database.execute("set preserve_insertion_order = false")
    database.execute("create table messages as select * from messages")
    del messages

    def work() -> NDArray[np.float64]:
        found = database.execute(query()).fetchnumpy()
        return np.stack([np.asarray(column, np.float64) for column in found.values()], axis=1)

    return work
