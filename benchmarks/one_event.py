"""The latency of one event in process, and of a batch of 256: from the line of JSON, and from the decoded event.

Back of the envelope: a block costs some 60 passes of about 60 ns each to call, numpy's share of a dozen calls of 1 us,
and 2 us to decode: 6 us + 12 us + 2 us. In a batch of 256 those calls are shared.
"""

from __future__ import annotations

import gc
import time

import numpy as np

from benchmarks import sized_policy
from benchmarks.load import Load, message_lines, profiles
from benchmarks.measure import Result, Row, Scale, Spread, main
from tidegate.engine import Engine
from tidegate.events import EventBlock, decode_lines
from tidegate.policies.loading import load_policy
from tidegate.policy import Policy

SIZES = {"tiny": (300, 200), "quick": (20_000, 20_000), "full": (200_000, 100_000)}  # single events, accounts
BATCH = 256
RUNS = 5
# us: median, 99 of 100, 999 of 1000; gate and stretch
SINGLE = {50.0: (15.0, 6.0), 99.0: (40.0, 12.0), 99.9: (None, None)}
BATCHED = {50.0: (400.0, 220.0), 99.0: (700.0, 310.0), 99.9: (None, None)}


def latencies(engine: Engine, batches: list[list[bytes]], *, decode: bool) -> np.ndarray:
    """Time each batch in us, on the wall clock; `decode`: reading its lines is part of it."""
    blocks: list[EventBlock] = [] if decode else [decode_lines(lines).block for lines in batches]
    taken = np.empty(len(batches))
    clock = time.perf_counter_ns
    gc.collect()
    for i, lines in enumerate(batches):
        begun = clock()
        engine.step(decode_lines(lines).block if decode else blocks[i])
        taken[i] = clock() - begun
    return taken / 1000


def _rows(name: str, taken: np.ndarray, promised: dict[float, tuple[float | None, float | None]]) -> list[Row]:
    runs = np.array_split(taken, RUNS)
    return [
        Row(f"{name}, p{p:g}", Spread.of([np.percentile(run, p) for run in runs]), "us", gate, stretch)
        for p, (gate, stretch) in promised.items()
    ]


def _policy(name: str, policy: Policy, scale: Scale, *, judged: bool) -> list[Row]:
    """Measure one policy: single events and batches, decoding included and not. `judged`: beside what was promised."""
    singles, accounts = SIZES[scale]
    batches = max(5 * RUNS, singles // 20)
    warm = singles + BATCH * RUNS
    load = Load(warm + 2 * singles + 2 * batches * BATCH, accounts)
    lines = message_lines(load)
    engine = Engine(policy)
    for block in profiles(accounts):
        engine.step(block)
    engine.step(decode_lines([next(lines) for _ in range(warm)]).block)
    single, batched = SINGLE, BATCHED
    if not judged:
        single, batched = ({p: (None, None) for p in promised} for promised in (SINGLE, BATCHED))
    rows = []
    for what, size, count, promised in (("one event", 1, singles, single), (f"batch of {BATCH}", BATCH, batches, batched)):
        for decode in (False, True):
            taken = latencies(
                engine, [[next(lines) for _ in range(size)] for _ in range(count)], decode=decode
            )
            given = promised if not decode else {p: (None, None) for p in promised}
            rows += _rows(f"{name}, {what}{', decoding included' if decode else ''}", taken, given)
    return rows


def run(scale: Scale) -> Result:
    """Measure the shipped policy and the made-up one of full size."""
    rows = _policy("shipped policy", load_policy("messenger"), scale, judged=True)
    rows += _policy("sized policy", sized_policy.policy, scale, judged=True)
    return Result(
        "one_event",
        "one event judged in process: p50 15 us, p99 40 us; a batch of 256: 400 us, 700 us",
        rows,
        notes=["wall clock: other work on the machine shows in the tails; gates are for events that are decoded already"],
    )


if __name__ == "__main__":
    main(run)
