"""The cost of an event as the number of accounts grows from a thousand to a million: only caches may show.

Every account has sent some messages before and all send alike, so that each event meets the same windows, only in more and
more memory. Back of the envelope: 20 slots of state, each one miss of 80 ns more once they fit no cache: +1.6 us at
worst, half of it hidden behind each other.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import sized_policy
from benchmarks.load import Columns, Load
from benchmarks.measure import Result, Row, Scale, Spread, cpu_ns, main
from tidegate.engine import Engine
from tidegate.engine.encode import Encoded
from tidegate.events.block import EVENTS_MAX
from tidegate.policies.loading import load_policy
from tidegate.policy import Policy

ACCOUNTS = {
    "tiny": (100, 400),
    "quick": (1_000, 10_000, 100_000),
    "full": (1_000, 10_000, 100_000, 1_000_000),
}
WARM_PER_ACCOUNT = 4  # messages before the measured ones, all of them within a week
MEASURED = {"tiny": 2_000, "quick": 100_000, "full": 400_000}
RUNS = 5


def ns_per_event(policy: Policy, accounts: int, measured: int) -> list[float]:
    """Return the CPU time of an event in several parts of a stream among so many accounts."""
    engine = Engine(policy)
    warm = max(accounts * WARM_PER_ACCOUNT, measured // 10)
    block_events = min(EVENTS_MAX, measured // RUNS)
    load = Load(warm + measured, accounts, even=True, per_week=WARM_PER_ACCOUNT, block_events=block_events)
    columns = Columns(engine, load)
    kept: list[Encoded] = []
    seen = 0
    for block in load.blocks():
        encoded = columns.encoded(block)
        seen += len(encoded)
        if seen <= warm:
            engine.step_encoded(encoded)
        else:
            kept.append(encoded)
    taken = []
    for part in np.array_split(np.arange(len(kept)), RUNS):
        mine = [kept[i] for i in part]
        taken.append(cpu_ns(partial(_judge, engine, mine)) / sum(map(len, mine)))
    return taken


def _judge(engine: Engine, blocks: list[Encoded]) -> None:
    for block in blocks:
        engine.step_encoded(block)


def run(scale: Scale) -> Result:
    """Measure the shipped policy and the made-up one at every number of accounts, and compare with the least."""
    rows = []
    for name, policy in (("shipped policy", load_policy("messenger")), ("sized policy", sized_policy.policy)):
        least: Spread | None = None
        for accounts in ACCOUNTS[scale]:
            spread = Spread.of(ns_per_event(policy, accounts, MEASURED[scale]))
            least = least or spread
            times = spread.median / least.median
            what = f"{name}, {accounts:,} accounts ({times:.2f} times the first)"
            rows.append(Row(what, spread, "ns/event"))
    return Result(
        "flatness",
        "the cost of an event does not grow with the number of accounts, but for cache misses",
        rows,
        notes=[
            f"{WARM_PER_ACCOUNT} messages per account within the week before, {MEASURED[scale]:,} measured"
        ],
    )


if __name__ == "__main__":
    main(run)
