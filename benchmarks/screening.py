"""A pool of accounts screened in all dimensions with a history of events: list in, every file out.

The command runs in a process of its own. Its memory is that of all its processes together, shared pages counted once. The clock on
the wall measures the neighbours as well; CPU seconds say what the work takes, and the share of them that a second core can have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Result, Row, Scale, Spread, main
from benchmarks.pool_load import END, PoolLoad, write_list, write_ndjson, write_parquet

COMMAND = "import sys; from tidegate.cli import main; sys.exit(main())"
OK = (0, 3)  # 3: some rows could not be read, and are named
SIZES = {
    "tiny": ((200, 1_500),),
    "quick": ((20_000, 1_000_000),),
    "full": ((100_000, 5_000_000), (1_000_000, 5_000_000)),
}
GATES = {100_000: 10.0, 1_000_000: 100.0}  # seconds
MEMORY_GATE = 2_048.0  # MB
RUNS = {100_000: 3}  # of other sizes one
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Screened:
    """What a screening took: seconds on the clock, CPU seconds, peak memory in MB, runnable processes of the machine meanwhile."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    load: float


class Peak:
    """The most memory that a process and its descendants had at a time, in MB: their proportional share of pages (Linux)."""

    def __init__(self, pid: int) -> None:
        self.mb = 0.0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the peak, and look no more."""
        self._done.set()
        self._thread.join()
        return self.mb

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_S):
            self.mb = max(self.mb, sum(map(_share_mb, _family(self._pid))))


def _family(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += _numbers(task)
    return found


def _numbers(file: Path) -> list[int]:
    try:
        return [int(word) for word in file.read_text("ascii").split()]
    except OSError:  # it has ended
        return []


def _share_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def screened(pool: Path, events: Path, out: Path, environment: dict[str, str]) -> Screened:
    """Screen a pool in a process of its own."""
    command = [sys.executable, "-c", COMMAND, "screen", str(pool), "--events", str(events), "--out", str(out)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [*command, "--at", END.isoformat(), "--limit", "2000000", "--json"],
        stdout=subprocess.DEVNULL, env=os.environ | environment,
    ) as process:  # fmt: skip
        peak = Peak(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    assert process.returncode in OK, f"the screening of {pool.name} failed with status {process.returncode}"
    megabytes = max(peak.stop(), used.ru_maxrss / 1024)
    return Screened(seconds, used.ru_utime + used.ru_stime, megabytes, os.getloadavg()[0])


def run(scale: Scale) -> Result:
    """Screen pools of each size: the list as XLSX and as CSV, the events as lines and as Parquet."""
    rows: list[Row] = []
    notes = ["all dimensions; lists per tier, workbook, results, summary and PDF are written"]
    with tempfile.TemporaryDirectory(prefix="tidegate-benchmark-") as folder:
        place = Path(folder)
        # as installed: modules are compiled once, not by every process
        environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(place / "compiled")}
        if scale != "tiny":
            _written(PoolLoad(50, 500), place)
            screened(place / "pool.csv", place / "events.ndjson", place / "out", environment)
        for accounts, events in SIZES[scale]:
            _written(PoolLoad(accounts, events), place)
            for pool, history in (("pool.xlsx", "events.ndjson"), ("pool.csv", "events.parquet")):
                done = [
                    screened(place / pool, place / history, place / "out", environment)
                    for _ in range(RUNS.get(accounts, 1))
                ]
                rows += _rows(
                    f"{accounts:,} accounts, {events:,} events ({_form(pool)}, {_form(history)})",
                    accounts,
                    done,
                )
                loads = ", ".join(f"{one.load:.1f}" for one in done)
                notes.append(
                    f"{accounts:,} accounts, {_form(pool)} and {_form(history)}: load of the machine {loads}"
                )
    return Result(
        "screening", "`tidegate screen` of a pool with a history, all files written", rows, notes=notes
    )


def _written(load: PoolLoad, place: Path) -> None:
    writers: dict[str, Callable[[PoolLoad, Path], None]] = {
        "pool.xlsx": write_list, "pool.csv": write_list, "events.ndjson": write_ndjson,
    }  # fmt: skip
    for name, write in writers.items():
        write(load, place / name)
    write_parquet(place / "events.ndjson", place / "events.parquet")


def _form(name: str) -> str:
    return {"xlsx": "XLSX", "csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet"}[name.rpartition(".")[2]]


def _rows(what: str, accounts: int, done: list[Screened]) -> list[Row]:
    return [
        Row(f"{what}: on the clock", Spread.of([one.seconds for one in done]), "s", GATES.get(accounts)),
        Row(f"{what}: CPU time", Spread.of([one.cpu_seconds for one in done]), "s"),
        Row(f"{what}: peak memory", Spread.of([one.peak_mb for one in done]), "MB", MEMORY_GATE if accounts in GATES else None),
    ]  # fmt: skip


if __name__ == "__main__":
    main(run)
