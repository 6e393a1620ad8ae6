"""The same features on the same stream by Tidegate, DuckDB, Polars and plain Python; all must agree in every cell.

Counts per account over 60 s, 5 min, 1 h, 24 h and 7 d, of all messages and of those that answer nobody; distinct recipients
and the sum of bytes over 24 h: twelve numbers per event. Ids are whole numbers for everybody; loading does not count.
DuckDB and Polars see all of the stream at once and could not answer event by event; time is CPU time over all their threads.
"""

from __future__ import annotations

import gc

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Result, Row, Scale, Spread, cpu_ns, main
from benchmarks.rivals import duckdb_sql, plain_python, polars_rolling, tidegate_engine
from benchmarks.rivals.stream import FEATURES, Stream, stream_of

SIZES = {"tiny": (3000, 60), "quick": (200_000, 5_000), "full": (2_000_000, 50_000)}
RUNS = {"tiny": 1, "quick": 3, "full": 5}
RIVALS = {
    "Tidegate": tidegate_engine,
    "DuckDB": duckdb_sql,
    "Polars": polars_rolling,
    "plain Python": plain_python,
}


def timed(rival: object, stream: Stream) -> tuple[float, NDArray[np.float64]]:
    """Return events per CPU second, and the cells."""
    work = rival.prepare(stream)  # type: ignore[attr-defined]
    found: list[NDArray[np.float64]] = []
    gc.collect()
    ns = cpu_ns(lambda: found.append(work()))
    return len(stream) / ns * 1e9, found[0]


def assert_equal(name: str, cells: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    """Fail where any cell differs, and say which."""
    differs = np.argwhere(cells != expected)
    if cells.shape != expected.shape or len(differs):
        where = [(int(i), FEATURES[j], cells[i, j], expected[i, j]) for i, j in differs[:3]]
        message = f"{name} differs in {len(differs)} of {expected.size} cells, first {where}"
        raise AssertionError(message)


def run(scale: Scale) -> Result:
    """Run all rivals in turns, compare the cells of the first turn."""
    events, accounts = SIZES[scale]
    stream = stream_of(events, accounts)
    rates: dict[str, list[float]] = {name: [] for name in RIVALS}
    for turn in range(RUNS[scale]):
        expected: NDArray[np.float64] | None = None
        for name, rival in RIVALS.items():
            rate, found = timed(rival, stream)
            rates[name].append(rate / 1e6)
            if expected is None:
                expected = found
            elif turn == 0:
                assert_equal(name, found, expected)
    cells = events * len(FEATURES)
    rows = [Row(name, Spread.of(seen), "M events/s", better="more") for name, seen in rates.items()]
    ratios = [
        Row(
            f"Tidegate / {name}",
            Spread.of([a / b for a, b in zip(rates["Tidegate"], seen, strict=True)]),
            "times",
            better="more",
        )
        for name, seen in rates.items()
        if name != "Tidegate"
    ]
    return Result(
        "peers",
        "the same twelve features on the same stream, equal in every cell",
        rows + ratios,
        notes=[f"{events:,} messages of {accounts:,} accounts; {cells:,} cells compared, 0 differ"],
    )


if __name__ == "__main__":
    main(run)
