"""Figures with their spread, beside what was promised; how busy the machine was; one file of results per promise."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"
Scale = Literal["tiny", "quick", "full"]
console = Console(highlight=False)


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of several runs."""

    median: float
    least: float
    most: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of the values of several runs."""
        return cls(float(statistics.median(values)), float(min(values)), float(max(values)), len(values))


@dataclass(frozen=True)
class Row:
    """A measured figure. `gate` must be reached, `stretch` is hoped for; None where nothing was promised.

    `better` says which way: more of a rate, less of a time or of memory.
    """

    what: str
    spread: Spread
    unit: str
    gate: float | None = None
    stretch: float | None = None
    better: Literal["more", "less"] = "less"
    note: str = ""

    @property
    def times_better_than_gate(self) -> float | None:
        """How many times better than the gate the median is; below 1 it is missed."""
        if self.gate is None:
            return None
        return self.spread.median / self.gate if self.better == "more" else self.gate / self.spread.median


@dataclass
class Result:
    """What one benchmark found. `details` are further figures, by name of a list: shown, not judged."""

    name: str
    promise: str
    rows: list[Row]
    details: dict[str, list[tuple[str, float, str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Busyness:
    """How fast a fixed piece of work went: an interpreter's loop (ns per turn) and reads all over 256 MB (ns each).

    On a machine that does nothing else the same processor always gives about the same; more means that the figures
    beside it are too pessimistic by about as much.
    """

    loop_ns: float
    read_ns: float
    sha256_mb_s: float


def busyness() -> Busyness:
    """Do the fixed work, the best of three times."""
    at = np.random.default_rng(1).integers(0, 1 << 25, 1 << 20)
    memory = np.zeros(1 << 25)
    loop, read, hashed = [], [], []
    for _ in range(3):
        begun = time.process_time()
        total = 0
        for turn in range(1_000_000):
            total += turn
        loop.append((time.process_time() - begun) * 1e3)
        begun = time.process_time()
        memory[at].sum()
        read.append((time.process_time() - begun) / len(at) * 1e9)
        begun = time.process_time()
        hashlib.sha256(memory[: 1 << 20].tobytes()).digest()
        hashed.append(8.388608 / (time.process_time() - begun))
    return Busyness(round(min(loop), 1), round(min(read), 1), round(max(hashed)))


def machine() -> dict[str, Any]:
    """Describe the machine by what matters to speed; nothing in it says which machine it is."""
    from importlib.metadata import version

    from tidegate.windows import COMPILED

    packages = ("tidegate", "numpy", "pyarrow", "msgspec", "duckdb", "polars")
    return {
        "processor": _processor(),
        "cores": len(_cores()),
        "memory_gb": _memory_gb(),
        "system": platform.system(),
        "python": platform.python_version(),
        "kernels": "compiled" if COMPILED else "interpreted",
        "packages": {name: version(name) for name in packages},
    }


def _cores() -> set[int]:
    import os

    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gb() -> int:
    import os

    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def cpu_ns(work: Callable[[], object]) -> int:
    """Return the CPU time of this process that the work takes."""
    begun = time.process_time_ns()
    work()
    return time.process_time_ns() - begun


def save(result: Result, scale: Scale, busy: Sequence[Busyness], folder: Path = RESULTS) -> Path:
    """Write the result with machine, scale and busyness before and after; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "benchmark": result.name,
        "scale": scale,
        "machine": machine(),
        "busyness": [asdict(b) for b in busy],
        **{k: v for k, v in asdict(result).items() if k != "name"},
    }
    path = folder / f"{result.name}.json"
    path.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return path


def show(result: Result) -> None:
    """Print a result as tables."""
    table = Table(title=f"{result.name}: {result.promise}", title_justify="left", box=None, pad_edge=False)
    for column in ("", "median", "min-max", "unit", "gate", "stretch", "x gate"):
        table.add_column(column, justify="left" if column in ("", "unit") else "right")
    for row in result.rows:
        ratio = row.times_better_than_gate
        table.add_row(
            row.what,
            figure(row.spread.median),
            f"{figure(row.spread.least)}-{figure(row.spread.most)}",
            row.unit,
            figure(row.gate),
            figure(row.stretch),
            "" if ratio is None else f"{ratio:.2f}",
        )
    console.print(table)
    for title, entries in result.details.items():
        console.print(f"  {title}", style="dim", no_wrap=True, overflow="ellipsis")
        for name, value, unit in entries:
            console.print(
                f"    {figure(value):>10} {unit}  {name}", style="dim", no_wrap=True, overflow="ellipsis"
            )
    for note in result.notes:
        console.print(f"  {note}", style="dim")
    console.print()


def figure(value: float | None) -> str:
    """Write a figure with three digits that count; nothing for None."""
    if value is None:
        return ""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def main(run: Callable[[Scale], Result]) -> None:
    """Run one benchmark by itself: `--full` for the sizes of the promise, `--tiny` to see that it works."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes of the promise")
    parser.add_argument("--tiny", action="store_true", help="only to see that it works; nothing is written")
    given = parser.parse_args()
    scale: Scale = "full" if given.full else "tiny" if given.tiny else "quick"
    measured(run, scale)


def _check_kernels() -> None:
    from tidegate.windows import COMPILED

    if not COMPILED:
        sys.exit("not all kernels are compiled: what would be measured is the interpreter; run `make setup`")


def measured(run: Callable[[Scale], Result], scale: Scale) -> Result:
    """Run a benchmark between two looks at how busy the machine is; print it, and write it unless it is tiny."""
    if scale != "tiny":
        _check_kernels()
    before = busyness() if scale != "tiny" else None
    result = run(scale)
    if before is not None:
        save(result, scale, [before, busyness()])
    show(result)
    return result
