"""The latency of one event in process, and of a batch of 256: from the decoded event, and from the line of JSON.

Back of the envelope: a block costs some 30 passes of 60 ns each to call, their work on one row at 20 ns, a dozen fields to
encode at 0.2 us, and 2 us to decode: 2 us + 1 us + 3 us + 2 us. In a batch of 256 the calls are shared.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import sized_policy
from benchmarks.load import Load, message_lines, profiles
from benchmarks.measure import Result, Row, Scale, Spread, main
from tidegate.engine import Engine
from tidegate.events import EventBlock, decode_lines
from tidegate.policies.loading import load_policy
from tidegate.policy import Policy

SIZES = {"tiny": (50, 200), "quick": (10_000, 20_000), "full": (200_000, 100_000)}  # single events, accounts
BATCH = 256
RUNS = 5


class Promise(NamedTuple):
    """Percentile, gate and stretch in us."""

    percentile: float
    gate: float | None = None
    stretch: float | None = None


SINGLE = (Promise(50, 15, 6), Promise(99, 40, 12), Promise(99.9))
BATCHED = (Promise(50, 400, 220), Promise(99, 700, 310), Promise(99.9))


def latencies(
    engine: Engine, batches: list[list[bytes]], *, decode: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Judge batch by batch; return us on the clock and us of CPU time. `decode`: reading the lines is part of it."""
    blocks: list[EventBlock] = [] if decode else [decode_lines(lines).block for lines in batches]
    wall, cpu = np.empty(len(batches)), np.empty(len(batches))
    wall_ns, cpu_ns = time.perf_counter_ns, time.thread_time_ns
    gc.collect()
    for i, lines in enumerate(batches):
        cpu_begun, wall_begun = cpu_ns(), wall_ns()
        engine.step(decode_lines(lines).block if decode else blocks[i])
        wall[i], cpu[i] = wall_ns() - wall_begun, cpu_ns() - cpu_begun
    return wall / 1000, cpu / 1000


def _rows(name: str, taken: NDArray[np.float64], promises: tuple[Promise, ...]) -> list[Row]:
    runs = np.array_split(taken, RUNS)
    return [
        Row(
            f"{name}, p{p.percentile:g}",
            Spread.of([float(np.percentile(run, p.percentile)) for run in runs]),
            "us",
            p.gate,
            p.stretch,
        )
        for p in promises
    ]


def _batches(lines: Iterator[bytes], size: int, count: int) -> list[list[bytes]]:
    return [list(islice(lines, size)) for _ in range(count)]


def measure_policy(name: str, policy: Policy, scale: Scale) -> list[Row]:
    """Measure single events and batches: on the clock beside the promise, CPU time, and with decoding."""
    singles, accounts = SIZES[scale]
    many = max(2 * RUNS, singles // 40)
    warm = 2 * accounts
    lines = message_lines(Load(warm + 2 * singles + 2 * many * BATCH, accounts))
    engine = Engine(policy)
    for block in profiles(accounts):
        engine.step(block)
    for batch in _batches(lines, accounts // 10, 20):
        engine.step(decode_lines(batch).block)
    rows = []
    for what, size, count, promises in (
        ("one event", 1, singles, SINGLE),
        (f"{BATCH} events", BATCH, many, BATCHED),
    ):
        plain = tuple(Promise(p.percentile) for p in promises[:2])
        wall, cpu = latencies(engine, _batches(lines, size, count), decode=False)
        rows += _rows(f"{name}, {what}", wall, promises)
        rows += _rows(f"{name}, {what}, CPU time", cpu, plain)
        wall, _ = latencies(engine, _batches(lines, size, count), decode=True)
        rows += _rows(f"{name}, {what} from JSON", wall, plain)
    return rows


def run(scale: Scale) -> Result:
    """Measure the shipped policy and the made-up one of full size."""
    rows = measure_policy("shipped policy", load_policy("messenger"), scale)
    rows += measure_policy("sized policy", sized_policy.policy, scale)
    return Result(
        "one_event",
        "one event judged in process: p50 15 us, p99 40 us; a batch of 256: 400 us, 700 us",
        rows,
        notes=[
            "on the clock unless a row says otherwise: other work on the machine shows, most of all in the tails"
        ],
    )


if __name__ == "__main__":
    main(run)
