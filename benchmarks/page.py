"""docs/benchmarks.md, made of the committed results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.measure import RESULTS, figure
from tidegate.handbook.words import shortened

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
NAME_CHARS_MAX = 120  # a line of a table on a wide screen; conditions written out fill pages
LISTED_NS_LEAST = 20.0  # what an event takes is thousands; the rest is shown as one row
INTRODUCTION = """\
# Benchmarks

One file per promise in `benchmarks/`; this page is made of the results in `benchmarks/results/`. Those of a
release stand at its tag.

```sh
make bench                                          # all of them at reduced sizes, and this page
.venv/bin/python -m benchmarks --full               # at the sizes of the promises
.venv/bin/python -m benchmarks.replay_interned      # one of them
```

How to read it:

- A *gate* is what a release must reach on the machine that the promises were made for, a *stretch* is what is hoped for. `x gate`
  is how many times better than the gate the median is; below 1 the gate is missed.
- Figures are medians with the least and the greatest of several runs. Rates are per second of CPU time unless a row says
  otherwise: machines are shared, and a clock on the wall measures the neighbours too.
- CPU time is not free of neighbours either: they take cache and memory bandwidth. Every result says how fast a fixed piece of
  work went just before and after it (*yardstick*): figures taken while it was slow are pessimistic by about as much.
  Ratios of figures taken in turns in the same run, as in `peers`, hold better than the figures.
"""
ORDER = (
    "replay_interned",
    "replay_file",
    "one_event",
    "memory",
    "screening",
    "peers",
    "flatness",
    "crash_to_ready",
    "durable_ingest",
    "http_decisions",
    "http_soak",
)


def write_page(folder: Path = RESULTS, page: Path = PAGE) -> None:
    """Write the page anew."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    names = [name for name in ORDER if name in found] + [name for name in found if name not in ORDER]
    parts = [INTRODUCTION, *(_section(found[name]) for name in names)]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(parts), "utf-8")


def _section(data: dict[str, Any]) -> str:
    lines = [
        f"## {data['benchmark']}",
        "",
        f"{data['promise'][0].upper()}{data['promise'][1:]}. `{_command(data)}`",
        "",
        "| | median | min to max | unit | gate | stretch | x gate |",
        "|---|---:|---:|---|---:|---:|---:|",
        *(_row(row) for row in data["rows"]),
        "",
    ]
    lines += [f"- {note}" for note in data["notes"]]
    lines += [f"- {row['what']}: {row['note']}" for row in data["rows"] if row["note"]]
    lines += [f"- {_machine(data)}", ""]
    for title, entries in data["details"].items():
        unit = entries[0][2]
        lines += ["<details>", f"<summary>{title}</summary>", "", f"| | {unit} |", "|---|---:|"]
        lines += [f"| {what} | {figure(value)} |" for what, value in _legible(entries, unit)]
        lines += ["", "</details>", ""]
    return "\n".join(lines)


def _legible(entries: list[tuple[str, float, str]], unit: str) -> list[tuple[str, float]]:
    """Return parts of a whole with names of bounded length; passes that take little as one. The results have them all."""
    small = [value for _, value, _ in entries if value < LISTED_NS_LEAST] if unit == "ns" else []
    if len(small) < 2:
        small = []
    kept = [(what, value) for what, value, _ in entries if not (small and value < LISTED_NS_LEAST)]
    others = [(f"{len(small)} others", sum(small))] if small else []
    return [(shortened(what, NAME_CHARS_MAX), value) for what, value in kept] + others


def _command(data: dict[str, Any]) -> str:
    return f"python -m benchmarks.{data['benchmark']}{' --full' if data['scale'] == 'full' else ''}"


def _row(row: dict[str, Any]) -> str:
    spread, gate = row["spread"], row["gate"]
    ratio = ""
    if gate is not None:
        better = spread["median"] / gate if row["better"] == "more" else gate / spread["median"]
        ratio = f"{better:.2f}"
    span = f"{figure(spread['least'])} to {figure(spread['most'])}" if spread["runs"] > 1 else ""
    cells = (
        row["what"],
        figure(spread["median"]),
        span,
        row["unit"],
        figure(gate),
        figure(row["stretch"]),
        ratio,
    )
    return f"| {' | '.join(cells)} |"


def _machine(data: dict[str, Any]) -> str:
    machine, busy = data["machine"], data["busyness"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    loops = " and ".join(f"{b['loop_ns']:g}" for b in busy)
    reads = " and ".join(f"{b['read_ns']:g}" for b in busy)
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, kernels {machine['kernels']}; {packages}; yardstick before and after: "
        f"{loops} ns per turn of an empty loop, {reads} ns per read all over 256 MB"
    )


if __name__ == "__main__":
    write_page()
