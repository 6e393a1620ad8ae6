"""Memory per account: active ones with 26 messages in 7 days, and idle ones after the engine has tidied up.

Back of the envelope: 26 ring words of 8 bytes for the counts; 10 to 12 distinct recipients of 8 bytes with their times;
a record of 24 bytes per value kept for good (zone, tier, ...); an id of 40 to 64 bytes; arrays that double hold up to
twice that. Idle accounts keep their id and what is kept for good.

Each policy is measured in a process of its own: resident memory is that of the whole process, less what it had before.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import sys
from pathlib import Path

from benchmarks.load import WEEK_MS, Columns, Load, profiles
from benchmarks.measure import Result, Row, Scale, Spread, main
from benchmarks.sized_policy import policy as sized_policy
from tidegate.demo.traffic import START_MS
from tidegate.engine import Engine
from tidegate.events import decode_lines
from tidegate.policies.loading import load_policy
from tidegate.policy import Policy
from tidegate.replay.passes import name_of

ACTIVE_GATE, ACTIVE_STRETCH = 700.0, 450.0
IDLE_GATE, IDLE_STRETCH = 128.0, 64.0
ACCOUNTS = {"tiny": 500, "quick": 30_000, "full": 300_000}
MESSAGES = 26
TIDY_ROUNDS = 50
OTHER_WORLDS = {
    "accounts that send by rank, 26 messages on average": {"even": False, "registered": True},
    "no profile of any account on record": {"even": True, "registered": False},
}
PART = "part: "  # of what is found: the bytes of one kernel


def resident() -> int:
    """Return the resident memory of this process in bytes, after giving back what the allocator holds in vain."""
    gc.collect()
    if sys.platform != "linux":
        return 0
    ctypes.CDLL(None).malloc_trim(0)
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


def accounts_in_memory(name: str, accounts: int, *, even: bool, registered: bool) -> dict[str, float]:
    """Fill an engine with a week of messages, then let all of it pass; return bytes per account, by figure.

    `registered`: a profile of every account is on record.
    """
    policy = sized_policy if name == "sized" else load_policy(name)
    _once(policy)
    before = resident()
    engine = Engine(policy)
    base = engine.plan.nbytes()
    if registered:
        for block in profiles(accounts):
            engine.step(block)
    load = Load(accounts * MESSAGES, accounts, even=even)
    columns = Columns(engine, load)
    pinned = engine.plan.names.pinned
    before_all = pinned.get("account", set())
    pinned["account"] = set(range(accounts))  # nobody's id is given back before the first message of his
    for messages in load.blocks():
        engine.step_encoded(columns.encoded(messages))
    pinned["account"] = before_all
    del columns, messages
    kernels = {f"{PART}{name_of(k)}": k.state.nbytes() / accounts for k in engine.plan.kernels}
    kernels[f"{PART}names"] = engine.plan.names.nbytes() / accounts
    found = kernels | {
        "active, by the engine's count": (engine.plan.nbytes() - base) / accounts,
        "active, resident": (resident() - before) / accounts,
    }
    _let_pass(engine)
    return found | {
        "idle, by the engine's count": (engine.plan.nbytes() - base) / accounts,
        "idle, resident": (resident() - before) / accounts,
    }


def _once(policy: Policy) -> None:
    """Run an engine a little, so that code and tables that do not grow are in memory before the first look."""
    engine = Engine(policy)
    columns = Columns(engine, Load(2000, 100))
    for block in Load(2000, 100).blocks():
        engine.step_encoded(columns.encoded(block))


def _let_pass(engine: Engine) -> None:
    """Let 40 days go by, with a message of somebody new now and then, and tidy up."""
    for day in range(8, 48):
        line = (
            f'{{"event_id":"late-{day}","type":"message_sent","ts":{START_MS + 2 * WEEK_MS + day * 86_400_000},'
            f'"account_id":"late-{day}","recipient_id":"late","is_reply":false}}'
        )
        engine.step(decode_lines([line.encode()]).block)
    for _ in range(TIDY_ROUNDS):
        if not engine.tidy():
            break


def _apart(name: str, accounts: int, **world: bool) -> dict[str, float]:
    """Measure in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(accounts_in_memory, (name, accounts), world)


def _totals(found: dict[str, float]) -> list[tuple[str, float]]:
    return [(what, value) for what, value in found.items() if not what.startswith(PART)]


def run(scale: Scale) -> Result:
    """Measure the shipped policy and the made-up one of full size."""
    accounts = ACCOUNTS[scale]
    measured_apart = accounts_in_memory if scale == "tiny" else _apart
    rows: list[Row] = []
    details = {}
    for name in ("messenger", "sized"):
        shown = "shipped policy" if name == "messenger" else "sized policy"
        found = measured_apart(name, accounts, even=True, registered=True)
        parts = {what.removeprefix(PART): value for what, value in found.items() if what.startswith(PART)}
        details[f"{shown}, active account, by part"] = [
            (what, value, "bytes")
            for what, value in sorted(parts.items(), key=lambda part: -part[1])
            if value >= 1
        ]
        for what, value in _totals(found):
            active = what.startswith("active")
            gate, stretch = (ACTIVE_GATE, ACTIVE_STRETCH) if active else (IDLE_GATE, IDLE_STRETCH)
            rows.append(Row(f"{shown}, {what}", Spread.of([value]), "bytes", gate, stretch))
    if scale == "full":
        for title, world in OTHER_WORLDS.items():
            found = measured_apart("messenger", accounts, **world)
            details[f"shipped policy, {title}"] = [(what, value, "bytes") for what, value in _totals(found)]
    return Result(
        "memory",
        "bytes per account with 26 messages in 7 days, and per idle one",
        rows,
        details,
        [f"{accounts:,} accounts, profiles on record; idle: 40 days later, after `tidy`"],
    )


if __name__ == "__main__":
    main(run)
