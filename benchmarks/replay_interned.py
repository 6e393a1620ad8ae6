"""Replay in memory: events whose ids are interned, through `Engine.step_encoded`, on one core.

Back of the envelope: an event touches about 20 slots of state (a cache line or two each, mostly cold: 30 ns) and runs
through some 700 instructions over columns (0.5 ns each when they vectorise): 600 ns + 350 ns, so 1 M events/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks import sized_policy
from benchmarks.load import Load, prepared
from benchmarks.measure import Result, Row, Scale, Spread, cpu_ns, main
from tidegate.engine import Engine
from tidegate.engine.encode import Encoded
from tidegate.events.block import EVENTS_MAX
from tidegate.policies.loading import load_policy
from tidegate.policy import Policy
from tidegate.replay.passes import Passes

GATE, STRETCH = 0.8, 1.2  # million events per CPU second
SIZES = {"tiny": (20_000, 500), "quick": (600_000, 100_000), "full": (4_000_000, 100_000)}
RUNS = 8  # parts of the stream that are timed one by one
WARM = 4  # as many such parts go before them: windows fill


@dataclass
class Timed:
    """What a run over a stream took: events per CPU second by part, and how many events had to be explained."""

    rates: list[float]
    closer: float
    passes: dict[str, float]  # ns per event


def timed(policy: Policy, load: Load, *, rows: int | None = None) -> Timed:
    """Run the load through a fresh engine; time its parts, then the passes on the last of them."""
    engine = Engine(policy) if rows is None else Engine(policy, rows=rows)
    blocks = prepared(engine, load)
    parts = np.array_split(np.arange(len(blocks)), RUNS + WARM + 2)
    rates, closer, events = [], 0, 0
    for number, part in enumerate(parts[:-2]):
        mine = [blocks[i] for i in part]
        judged: list[int] = []
        ns = cpu_ns(partial(_judge, engine, mine, judged))
        if number >= WARM and mine:
            size = sum(map(len, mine))
            rates.append(size / ns * 1e3)
            closer += sum(judged)
            events += size
    last = [blocks[i] for part in parts[-2:] for i in part]
    spent = Passes(engine).run(partial(_judge, engine, last, []))
    size = sum(map(len, last)) or 1
    return Timed(rates, closer / max(1, events), {name: ns / size for name, ns in spent.items()})


def _judge(engine: Engine, blocks: list[Encoded], closer: list[int]) -> None:
    closer.extend(len(engine.step_encoded(block).closer) for block in blocks)


def run(scale: Scale) -> Result:
    """Measure the made-up policy of full size at three shares of marked messages, and the shipped policy."""
    events, accounts = SIZES[scale]
    shipped = load_policy("messenger")
    sized = sized_policy.policy
    rows, details = [], {}
    for name, policy, marked in (
        ("sized policy, no rule fires", sized, 0.0),
        ("sized policy, some fire", sized, 0.02),
        ("shipped policy", shipped, 0.0),
    ):
        found = timed(policy, Load(events, accounts, marked, block_events=min(EVENTS_MAX, events // 64)))
        what = f"{name} ({len(policy.rules)} rules, {sized_policy.features_of(policy)} features)"
        note = f"{found.closer:.2%} of the events explained"
        rows.append(Row(what, Spread.of(found.rates), "M events/s", GATE, STRETCH, "more", note))
        details[f"{name}: ns per event and pass; {note}"] = [
            (what, ns, "ns") for what, ns in found.passes.items() if ns >= 1
        ]
    return Result(
        "replay_interned",
        "a replay of interned events, 60+ features and a full policy, on one core",
        rows,
        details,
        [
            f"{events:,} messages of {accounts:,} accounts, blocks of {min(EVENTS_MAX, events // 64):,}; a third of them warm the state"
        ],
    )


if __name__ == "__main__":
    main(run)
