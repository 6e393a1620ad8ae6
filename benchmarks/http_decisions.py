"""Decisions over HTTP, durable: requests and events per CPU second of the server, and how long answers take.

Back of the envelope, single JSON: 12 us to read and write two packets, 6 us to parse a request, 3 us for the key, 3 us to
decode, 5 us to judge, 4 us for the journal's index and line, 10 us for queue, turns of the loop and the answer: 43 us. Lines:
0.3 us to decode, 5 us to judge, 1 us for a line. Arrow: 0.2 us in, 5 us, 1 us for the line of the journal and the answer.
The CPU time of a server holds what the kernel does for its sockets and files.
"""

from __future__ import annotations

import tempfile
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from benchmarks.http_load import Served, batches, closed_loop, open_loop, requests, served
from benchmarks.load import Load, message_lines
from benchmarks.measure import Result, Row, Scale, Spread, main

SIZES = {
    "tiny": (600, 2000),
    "quick": (20_000, 60_000),
    "full": (100_000, 1_000_000),
}  # requests, events in batches
# so many that events lie seconds apart: what overtakes others on another connection must not come too late
ACCOUNTS = {"tiny": 50_000, "quick": 200_000, "full": 200_000}
RATES = {"tiny": (200.0,), "quick": (500.0, 2000.0), "full": (500.0, 2000.0, 5000.0)}  # requests a second
RUNS = 3
CONNECTIONS = 256  # as many as make a batch that is worth a sync
PER_BATCH = 2000
NDJSON, ARROW = "application/x-ndjson", "application/vnd.apache.arrow.stream"


class Traffic:
    """Lines of messages, each once, whoever asks for some."""

    def __init__(self, scale: Scale) -> None:
        singles, batched = SIZES[scale]
        self.lines = message_lines(Load(40 * (singles + batched), ACCOUNTS[scale]))

    def singles(self, count: int) -> list[bytes]:
        return list(islice(self.lines, count))

    def as_lines(self, count: int) -> list[bytes]:
        return [b"\n".join(self.singles(PER_BATCH)) for _ in range(0, count, PER_BATCH)]

    def as_arrow(self, count: int) -> list[bytes]:
        return [arrow(self.singles(PER_BATCH)) for _ in range(0, count, PER_BATCH)]


def arrow(lines: list[bytes]) -> bytes:
    """Return lines as a stream of one batch."""
    batch = pa.RecordBatch.from_pylist([msgspec.json.decode(line) for line in lines])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _rate(server: Served, events: int, work: object) -> float:
    before = server.cpu_s()
    assert callable(work)
    work()
    return events / max(server.cpu_s() - before, 0.01)


def throughput(server: Served, traffic: Traffic, scale: Scale, name: str, *, promised: bool) -> list[Row]:
    """Measure the three forms: events per CPU second of the server."""
    singles, batched = SIZES[scale]
    closed_loop(server, requests(server, traffic.singles(singles // 4)), CONNECTIONS)  # warm
    found: dict[str, list[float]] = {"single JSON": [], "NDJSON": [], "Arrow": []}
    for _ in range(RUNS):
        whole = requests(server, traffic.singles(singles))
        found["single JSON"].append(
            _rate(server, singles, lambda w=whole: closed_loop(server, w, CONNECTIONS))
        )
        lines = traffic.as_lines(batched)
        found["NDJSON"].append(
            _rate(server, PER_BATCH * len(lines), lambda b=lines: batches(server, b, NDJSON))
        )
        columns = traffic.as_arrow(batched)
        found["Arrow"].append(
            _rate(server, PER_BATCH * len(columns), lambda b=columns: batches(server, b, ARROW))
        )
    gates = {"single JSON": (15e3, 25e3), "NDJSON": (150e3, 240e3), "Arrow": (400e3, 1e6)}
    return [
        Row(
            f"{name}: {form}",
            Spread.of(rates),
            "events per server CPU s",
            *(gates[form] if promised else (None, None)),
            better="more",
        )
        for form, rates in found.items()
    ]


def latencies(server: Served, traffic: Traffic, scale: Scale) -> list[Row]:
    """Measure how long single events take under an open loop."""
    rows = []
    for per_s in RATES[scale]:
        runs = [
            open_loop(
                server, requests(server, traffic.singles(SIZES[scale][0] // 4)), per_s, CONNECTIONS, seed
            )
            for seed in range(RUNS)
        ]
        rows += [
            Row(
                f"single JSON at {per_s:g}/s, p{p:g}",
                Spread.of([float(np.percentile(run, p)) for run in runs]),
                "ms",
            )
            for p in (50, 99, 99.9)
        ]
    return rows


def run(scale: Scale) -> Result:
    """Measure HTTP by itself, then the whole with the journal synced per batch and the whole policy."""
    traffic = Traffic(scale)
    with tempfile.TemporaryDirectory() as folder:
        with served(Path(folder) / "none", engine="none") as server:
            rows = throughput(server, traffic, scale, "HTTP and decoding alone", promised=False)
        with served(Path(folder) / "data") as server:
            rows += throughput(server, traffic, scale, "durable, whole policy", promised=True)
            rows += latencies(server, traffic, scale)
    notes = [
        "every decision is answered after its event is synced to disk; the client shares the machine with the server",
        "an open loop sends at random times, whatever the server does, and counts from when a request was due",
    ]
    return Result("http_decisions", "durable decisions over HTTP, per server core", rows, notes=notes)


if __name__ == "__main__":
    main(run)
