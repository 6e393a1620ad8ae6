"""`tidegate replay FILE` with string ids: rate, peak memory at two sizes, and the same decisions for any batch and format.

Back of the envelope: 0.4 us to read a line of JSON into cells, 0.1 us per id to intern, 0.2 us to see that an event is new, the
passes, 0.5 us to put a decision's line together and write it. Reading and writing hold no lock and have threads of their
own where there is a second core, so that the judging is what remains of the time on the clock.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from benchmarks.load import Load
from benchmarks.measure import Result, Row, Scale, Spread, main
from tidegate.demo.stream import MessageBlock

GATE, STRETCH = 0.6, 1.16  # million events a second
EVENTS = {"tiny": 2_000, "quick": 500_000, "full": 5_000_000}
ACCOUNTS = {"tiny": 200, "quick": 20_000, "full": 100_000}
BATCHES = (8192, 1777)
RUNS = {"tiny": 1, "quick": 1, "full": 3}
COMMAND = "import sys; from tidegate.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Replayed:
    """What a replay took: seconds on the clock, CPU seconds, peak memory in MB; and a digest of its decisions."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    decisions: str


def replay(file: Path, batch: int, out: Path, *, one_core: bool = False) -> Replayed:
    """Replay a file in a process of its own, on one of its cores or on all."""
    code = (
        f"import os; os.sched_setaffinity(0, {{min(os.sched_getaffinity(0))}}); {COMMAND}"
        if one_core
        else COMMAND
    )
    command = [sys.executable, "-c", code, "replay", str(file), "--out", str(out), "--batch", str(batch)]
    begun = time.perf_counter()
    with subprocess.Popen([*command, "--no-plot", "--json"], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    assert process.returncode == 0, f"the replay of {file.name} failed with status {process.returncode}"
    with (out / "decisions.ndjson").open("rb") as decisions:
        digest = hashlib.file_digest(decisions, "sha256").hexdigest()
    return Replayed(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, digest)


def write_ndjson(load: Load, path: Path) -> None:
    """Write the messages as lines of JSON."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        for block in load.blocks():
            file.write("\n".join(block.lines()) + "\n")


def write_parquet(load: Load, path: Path) -> None:
    """Write the messages as Parquet."""
    with pyarrow.parquet.ParquetWriter(path, SCHEMA) as writer:
        for block in load.blocks():
            writer.write_batch(record_batch(block))


def write_arrow(load: Load, path: Path) -> None:
    """Write the messages as Arrow IPC."""
    with pyarrow.ipc.new_file(path, SCHEMA) as writer:
        for block in load.blocks():
            writer.write_batch(record_batch(block))


SCHEMA = pa.schema(
    {
        "event_id": pa.string(), "type": pa.string(), "ts": pa.int64(), "account_id": pa.string(),
        "recipient_id": pa.string(), "recipient_is_contact": pa.bool_(), "is_reply": pa.bool_(),
        "message_type": pa.string(), "is_forward": pa.bool_(), "is_broadcast": pa.bool_(),
        "link_hashes": pa.list_(pa.string()),
    }
)  # fmt: skip
FORMATS: dict[str, tuple[str, Callable[[Load, Path], None]]] = {
    "NDJSON": ("events.ndjson", write_ndjson),
    "Parquet": ("events.parquet", write_parquet),
    "Arrow": ("events.arrow", write_arrow),
}


def record_batch(block: MessageBlock) -> pa.RecordBatch:
    """Return the messages of a block as the columns of SCHEMA: what `MessageBlock.lines` says in JSON."""
    n = len(block.ts)
    no = np.zeros(n, np.bool_)
    columns = [
        pa.array([f"e-{number:08d}" for number in range(block.first, block.first + n)]),
        pa.array(["message_sent"] * n),
        pa.array(block.ts),
        pa.array([f"a{code:06d}" for code in block.sender.tolist()]),
        pa.array([f"a{code:06d}" for code in block.recipient.tolist()]),
        pa.array(block.is_contact),
        pa.array(block.is_reply),
        pa.array(np.where(block.link < 0, "text", "link").tolist()),
        pa.array(no),
        pa.array(no),
        pa.array(
            [[] if code < 0 else [f"l-{code:08d}"] for code in block.link.tolist()], pa.list_(pa.string())
        ),
    ]
    return pa.record_batch(columns, schema=SCHEMA)


def run(scale: Scale) -> Result:
    """Replay every format, once per size of batch, and half as many events for the memory that they take."""
    events, accounts = EVENTS[scale], ACCOUNTS[scale]
    load = Load(events, accounts)
    rows: list[Row] = []
    digests: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="tidegate-benchmark-") as folder:
        place = Path(folder)
        for number, (name, (file_name, write)) in enumerate(FORMATS.items()):
            file = place / file_name
            write(load, file)
            batches = chain([BATCHES[number % 2]] * RUNS[scale], BATCHES if scale == "full" else ())
            done = [replay(file, batch, place / "out") for batch in batches]
            alone = [replay(file, BATCHES[0], place / "out", one_core=True) for _ in range(RUNS[scale])]
            digests |= {one.decisions for one in done + alone}
            rows += _rates(name, events, done, alone)
            rows.append(
                Row(f"{name}: peak memory, {events:,} events", Spread.of([one.peak_mb for one in done]), "MB")
            )
            file.unlink()
            if scale != "tiny":
                write(Load(events // 2, accounts), file)
                half = replay(file, BATCHES[0], place / "out").peak_mb
                file.unlink()
                rows.append(Row(f"{name}: peak memory, {events // 2:,} events", Spread.of([half]), "MB"))
    assert len(digests) == 1, f"decisions differ between batches of {BATCHES} or between formats"
    same = f"batches of {BATCHES[0]:,} and {BATCHES[1]:,} and three formats give the same decisions, byte for byte"
    notes = [
        f"{same} (sha256 {next(iter(digests))[:16]}...)",
        f"{events:,} messages of {accounts:,} accounts, shipped policy; decisions written",
    ]
    return Result("replay_file", "`tidegate replay FILE` with string ids", rows, notes=notes)


def _rates(name: str, events: int, done: list[Replayed], alone: list[Replayed]) -> list[Row]:
    return [
        Row(f"{name}: on the clock, all cores", Spread.of([events / one.seconds / 1e6 for one in done]), "M events/s", GATE, STRETCH, "more"),
        Row(f"{name}: on the clock, one core", Spread.of([events / one.seconds / 1e6 for one in alone]), "M events/s", better="more"),
        Row(f"{name}: per CPU second", Spread.of([events / one.cpu_seconds / 1e6 for one in done]), "M events/s", better="more"),
    ]  # fmt: skip


if __name__ == "__main__":
    main(run)
