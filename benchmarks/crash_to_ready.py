"""From kill -9 to ready: recovery of a data folder with the memory of millions of events behind it.

Back of the envelope: a checkpoint of 200,000 active accounts has some 400 MB: half a second to read and to check, one to
load. The ids of the events of the log are learned at some 10 M/s. Of the log at most `checkpoint_events` are judged
again, at the rate of a replay.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.load import Load, profiles
from benchmarks.measure import Result, Row, Scale, Spread, main
from tidegate.events import decode_lines
from tidegate.journal import LiveEngine, LiveOptions
from tidegate.policies.loading import load_policy

GATE_S, STRETCH_S = 10.0, 3.0
EVENTS = {"tiny": 3_000, "quick": 500_000, "full": 5_000_000}
# events behind the last checkpoint; "full": a minute at 1,700 a second
BEHIND = {"tiny": 500, "quick": 100_000, "full": 100_000}
RUNS = {"tiny": 1, "quick": 2, "full": 2}
BATCH = 4096


def fill(folder: Path, scale: Scale) -> None:
    """Take the load, and die: what the child process does."""
    events, behind = EVENTS[scale], BEHIND[scale]
    load = Load(events, accounts=max(100, events // 26), block_events=BATCH)
    live = LiveEngine.open(folder, load_policy("messenger"), options=LiveOptions(checkpoint_events=1 << 60))
    for block in profiles(load.accounts):
        live.take(block)
    taken, done = 0, False
    for messages in load.blocks():
        live.take(decode_lines([line.encode() for line in messages.lines()]).block)
        taken += len(messages.ts)
        if not done and taken >= events - behind:
            live.checkpoint()
            done = True
    os.kill(os.getpid(), signal.SIGKILL)


def ready(folder: Path) -> dict[str, float]:
    """Recover, in a process of its own; return what it took: seconds until it would take an event."""
    code = f"import sys; from benchmarks.crash_to_ready import opened; opened({str(folder)!r})"
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    inside, replayed, memory = map(float, run.stdout.split())
    return {"seconds": seconds, "cpu": cpu, "inside": inside, "replayed": replayed, "memory_mb": memory}


def opened(folder: str) -> None:
    """Open the folder and say what it took."""
    begun = time.perf_counter()
    live = LiveEngine.open(
        Path(folder), load_policy("messenger"), options=LiveOptions(checkpoint_events=1 << 60)
    )
    inside = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(inside, live.recovered.events, peak)
    live.close()


def run(scale: Scale) -> Result:
    """Fill a folder, kill the process, and recover it, several times over."""
    with tempfile.TemporaryDirectory(prefix="crash-to-ready-") as name:
        folder = Path(name) / "data"
        code = f"from pathlib import Path; from benchmarks.crash_to_ready import fill; fill(Path({str(folder)!r}), {scale!r})"
        died = subprocess.run([sys.executable, "-c", code], check=False)
        assert died.returncode == -signal.SIGKILL, died.returncode
        found = [
            ready(folder) for _ in range(RUNS[scale])
        ]  # each finds what the kill left: none writes a checkpoint
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        checkpoint = max(path.stat().st_size for path in (folder / "checkpoints").iterdir()) / 1e6
    rows = [
        Row(
            "start of the process to ready", Spread.of([f["seconds"] for f in found]), "s", GATE_S, STRETCH_S
        ),
        Row("CPU time of it", Spread.of([f["cpu"] for f in found]), "s"),
        Row("of it opening the folder", Spread.of([f["inside"] for f in found]), "s"),
        Row("peak memory", Spread.of([f["memory_mb"] for f in found]), "MB"),
    ]
    load = f"{EVENTS[scale]:,} messages of {EVENTS[scale] // 26:,} accounts with a profile each"
    behind = f"the last {found[0]['replayed']:,.0f} events lie behind the checkpoint"
    sizes = f"the folder has {size:,.0f} MB, its checkpoint {checkpoint:,.0f} MB"
    notes = [
        f"{load}; {behind}; {sizes}",
        "files in the system's cache; the clock on the wall measures the neighbours too",
    ]
    return Result(
        "crash_to_ready",
        "seconds from kill -9 to ready, with the memory of the shipped policy",
        rows,
        {},
        notes,
    )


if __name__ == "__main__":
    main(run)
