"""Events made durable and judged, per second, at batches of 1, 256 and 4096: one write and one sync of the log per batch.

Back of the envelope: a sync takes what the disk takes (some 0.1 to 5 ms); a batch of 4096 shares it, and costs what
judging costs. The log alone (no judging) says what is left for the disk.
"""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.load import Load, profiles
from benchmarks.measure import Result, Row, Scale, Spread, main
from tidegate.events import decode_lines
from tidegate.events.block import EventBlock
from tidegate.events.json_columns import LineDecoder
from tidegate.journal import LiveEngine, LiveOptions
from tidegate.journal.entries import ndjson
from tidegate.journal.frame import Kind
from tidegate.journal.segments import LogWriter
from tidegate.policies.loading import load_policy
from tidegate.windows import COMPILED

BATCHES = (1, 256, 4096)
EVENTS = {"tiny": {1: 50, 256: 512, 4096: 4096}, "quick": {1: 2_000, 256: 100_000, 4096: 400_000}}
EVENTS["full"] = {1: 5_000, 256: 300_000, 4096: 1_000_000}
ACCOUNTS = {"tiny": 100, "quick": 20_000, "full": 100_000}
RUNS = {"tiny": 1, "quick": 2, "full": 3}


def blocks(load: Load, batch: int) -> list[EventBlock]:
    """Return the load as blocks read from lines, as they come in over HTTP."""
    decoder = LineDecoder() if COMPILED else None
    found: list[EventBlock] = []
    for messages in load.blocks():
        lines = messages.lines()
        for at in range(0, len(lines), batch):
            part = lines[at : at + batch]
            if decoder is None or batch == 1:
                found.append(decode_lines([line.encode() for line in part]).block)
            else:
                text = ("\n".join(part) + "\n").encode()
                found.append(decoder.decode(text, 0, rows=len(part), file="", first_line=1).decoded.block)
    return found


def judged_rate(batch: int, scale: Scale) -> float:
    """Return the events a second of a live engine, durable and judged."""
    load = Load(EVENTS[scale][batch], ACCOUNTS[scale])
    made = blocks(load, batch)
    with tempfile.TemporaryDirectory(prefix="durable-ingest-") as name:
        policy = load_policy("messenger")
        with LiveEngine.open(Path(name), policy, options=LiveOptions(checkpoint_events=1 << 60)) as live:
            for block in islice(profiles(load.accounts), 3):
                live.take(block)
            begun = time.perf_counter()
            for block in made:
                live.take(block)
            seconds = time.perf_counter() - begun
    return load.events / seconds


def log_rate(batch: int, scale: Scale) -> float:
    """Return the events a second of the log alone: framed, written, synced."""
    load = Load(EVENTS[scale][batch], ACCOUNTS[scale])
    made = blocks(load, batch)
    with tempfile.TemporaryDirectory(prefix="durable-ingest-") as name:
        log = LogWriter(Path(name), cipher=None, segment_bytes=64 << 20)
        begun = time.perf_counter()
        for block in made:
            if log.full:
                log.begin(b"{}")
            log.append(Kind.EVENTS, ndjson(block), len(block))
        seconds = time.perf_counter() - begun
        log.close()
    return load.events / seconds


def run(scale: Scale) -> Result:
    """Measure each size of batch, judged and in the log alone."""
    rows = []
    for batch in BATCHES:
        for what, measured in (("durable and judged", judged_rate), ("durable", log_rate)):
            rates = Spread.of([measured(batch, scale) for _ in range(RUNS[scale])])
            rows.append(Row(f"batches of {batch:,}, {what}", rates, "events/s", better="more"))
    notes = ["by the clock on the wall: a sync waits for the disk", "one thread, the shipped policy"]
    return Result(
        "durable_ingest",
        "events a second through the journal, each synced before it is answered",
        rows,
        {},
        notes,
    )


if __name__ == "__main__":
    main(run)
