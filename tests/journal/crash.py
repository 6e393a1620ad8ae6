"""Kill -9 at any moment: `python -m tests.journal.crash --kills 1000 --seed 1`, or `--only SEED` to see one failure again.

A world is a folder, a day of traffic and a seed. A child process takes the traffic in batches of any size, makes checkpoints
and revisions in between, some change the key first, and tells its parent what it has acknowledged; it is killed before, after or in the middle of a
system call that the seed names (a write then ends after some of its bytes), or by the parent at a random moment. So may the
process be that writes a checkpoint beside it; one that is left behind alone is still there when the next child begins. What the
disk was not told to keep may then be lost too: bytes behind the last sync are cut off or mangled. The next child recovers
and goes on with what was not acknowledged. At the end of a world:

- every acknowledged event is in the log, and no event twice;
- each acknowledged answer is the decision that the folder keeps, byte for byte;
- all decisions are those of a replay of the log, byte for byte;
- what is told of the past (`history`) is what a log without crashes tells;
- where something was dropped, what is left is the end of what the whole log would give; no file has the name of an account
  that was forgotten.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.journal.crash_checks import check
from tests.journal.crash_world import World
from tests.journal.folders import POLICY, START, block, last_segment

from tidegate.errors import JournalError
from tidegate.journal import LiveEngine, LiveOptions
from tidegate.journal.checkpoint import Checkpoint, checkpoints, read_meta
from tidegate.journal.folder import DataFolder
from tidegate.journal.forgetting import names_for, rewrite
from tidegate.journal.frame import Frame, read_frame
from tidegate.journal.resealing import keys_in_files, reseal

KILLS_PER_WORLD = 5
CALLS = ("write", "fsync", "fdatasync", "ftruncate", "truncate", "rename", "unlink", "open")
WAYS = ("before", "after", "within", "moment")


@dataclass
class Plan:
    """What one child does: from which event on it goes on, and how it dies ("" not at all)."""

    seed: int
    way: str
    call: int  # number of the system call that it dies at


@dataclass
class Seen:
    """What a world has seen: kills by how they came, and what recovery found."""

    kills: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    answers: dict[str, bytes] = field(default_factory=dict)
    position: int = 0  # of the last event that a child said is durable
    group: int = 0  # of processes that the last child and those that write beside it are in
    damaged: set[str] = field(default_factory=set)  # checkpoints that a loss of power changed
    seconds: float = 0.0

    def add(self, other: Seen) -> None:
        self.kills += other.kills
        self.found += other.found
        self.seconds += other.seconds


def sizes(rng: random.Random):
    """Batch sizes: single events, small and large batches."""
    while True:
        yield rng.choice((1, 1, 1, 2, 5, 17, 80))


def options(rng: random.Random, world: World) -> LiveOptions:
    return LiveOptions(
        retention=world.retention,
        segment_bytes=rng.choice((2_000, 8_000, 1 << 20)),
        checkpoint_events=rng.choice((60, 200, 10_000)),
        behind=rng.random() < 0.3,  # then the order of system calls is not the seed's alone
        sync=lambda handle: os.fdatasync(handle),  # noqa: PLW0108  looked up when it is called
    )


# the child --------------------------------------------------------------------------------------------------
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(plan: Plan, world: World) -> None:
    """Count system calls that change the folder, and die at one of them; keep segments that are dropped."""
    rng = random.Random(plan.seed)
    secrets.choice = rng.choice  # names of the forgotten are the seed's
    left = [plan.call]
    for name in CALLS:
        real = getattr(os, name)

        def called(*given, _real=real, _name=name, **named):
            if _name == "unlink":
                world.keep(Path(given[0]))
            left[0] -= 1
            if left[0] == 0 and plan.way != "moment":
                if plan.way == "within" and _name == "write":
                    _real(given[0], bytes(given[1])[: rng.randrange(len(given[1]) + 1)])
                if plan.way == "after":
                    _real(*given, **named)
                die()
            if _name in ("fsync", "fdatasync") and not real_sync:
                return None
            return _real(*given, **named)

        setattr(os, name, called)
    real_sync = rng.random() < 0.1  # a kill loses nothing that the system has; it costs time only


def child(world: World, plan: Plan, done: int, report: int) -> None:
    """Take the events from `done` on; report each acknowledged batch."""
    rng = random.Random(plan.seed)
    real_write = os.write

    def tell(**what: object) -> None:
        real_write(report, json.dumps(what).encode() + b"\n")

    arm(plan, world)
    if world.cipher is not None and rng.random() < 0.3:
        change_key(world, rng.randrange(2))
        tell(resealed=True)
    live = LiveEngine.open(world.folder, POLICY, cipher=world.cipher, options=options(rng, world))
    tell(recovered=live.recovered.data())
    if world.forgetting:
        forget(live, world, world.forgetting, tell)
    for size in sizes(rng):
        batch = world.events[done : done + size]
        if not batch:
            break
        answers = live.take(block(batch))
        done += len(batch)
        lines = [
            line.decode() for line in answers.lines if line is not None and b'"duplicate":true' not in line
        ]
        tell(done=done, lines=lines, position=answers.position)
        if rng.random() < 0.03:
            live.checkpoint(wait=rng.random() < 0.5)
        if rng.random() < 0.02:
            live.revise(POLICY.revise({"Burst.limit": rng.randrange(1, 9)}), START + rng.randrange(400_000))
        if world.forgets and rng.random() < 0.05 and (account := world.leaver(rng, done)):
            forget(live, world, account, tell)
    live.close()


def change_key(world: World, newest: int) -> None:
    """Seal everything with one key, as an operator does while nothing is served, also what others did by halves."""
    folder = DataFolder(world.folder)
    folder.make()
    world.cipher.newest = newest
    reseal(folder, world.cipher, newest)
    assert set(keys_in_files(folder)) <= {newest}, "something is sealed with the key before"


def forget(live: LiveEngine, world: World, account: str, tell: Callable[..., None]) -> None:
    """Forget an account as a server does; one that was begun before, under the names that were noted then."""
    names = world.forgotten.get(account)
    if names is None:
        live.begin_segment()
        names, _ = names_for(live.folder, world.cipher, account)
        world.forgotten[account] = names
        tell(forgetting=account, names=names)
    live.rename(names)
    rewrite(live.folder, world.cipher, names, account)
    tell(forgotten=account)


def run_child(world: World, plan: Plan, done: int, seen: Seen) -> tuple[int, bool]:
    """Run a child until it dies or is done; return how far it got, and whether it is done."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reading)
            os.setsid()
            child(world, plan, done, writing)
            status = 0
        except BaseException:  # noqa: BLE001  whatever it is, the parent must hear of it
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    if plan.way == "moment":
        time.sleep(random.Random(plan.seed).uniform(0.005, 0.25))
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    for line in told.split(b"\n")[:-1]:
        message = json.loads(line)
        if "recovered" in message:
            recovered = message["recovered"]
            seen.position = max(seen.position, recovered["position"])
            seen.found["recoveries"] += 1
            seen.found["unfinished writes cut off"] += recovered["torn_bytes_cut"] > 0
            seen.found["events judged again"] += recovered["events_replayed"]
            seen.found["from a checkpoint"] += recovered["checkpoint"] is not None
            seen.found["older beginning taken"] += bool(recovered["warnings"])
        elif "forgetting" in message:
            world.forgetting = message["forgetting"]
            world.forgotten[world.forgetting] = message["names"]
            seen.found["accounts forgotten"] += 1
        elif "forgotten" in message:
            world.forgetting = ""
        elif "resealed" in message:
            seen.found["changes of the key"] += 1
        else:
            done = message["done"]
            seen.position = max(seen.position, message["position"])
            for answer in message["lines"]:
                seen.answers[json.loads(answer)["event_id"]] = answer.encode()
    seen.group = pid
    killed = os.WIFSIGNALED(status)
    assert killed or os.WEXITSTATUS(status) == 0, "the child failed"
    seen.kills[plan.way] += killed
    return done, not killed


# what a loss of power does besides --------------------------------------------------------------------------
def lose_power(world: World, done_events: int, rng: random.Random, seen: Seen) -> None:
    """Mangle what the disk was not told to keep: decisions behind the checkpoint, log behind what was acknowledged."""
    folder = world.folder
    end_all(folder, seen.group)
    kept = checkpoints(folder / "checkpoints")
    newest = newest_whole(kept, world, seen)
    known = newest.decisions if newest else {}
    done_events = max(done_events, newest.position if newest else 0)  # recovery syncs what it found
    for path in sorted((folder / "decisions").glob("*.*")):
        size, safe = path.stat().st_size, known.get(path.name, 0)
        if size > safe:
            os.truncate(path, rng.randrange(safe, size + 1))
            seen.found["decisions lost"] += 1
    if len(kept) > 1 and rng.random() < 0.2:
        data = bytearray(kept[0].read_bytes())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        kept[0].write_bytes(data)
        seen.damaged.add(kept[0].name)
        seen.found["newest checkpoint damaged"] += 1
    mangle_log(folder, done_events, rng, seen)


def end_all(folder: Path, group: int) -> None:
    """Kill what a child that died has left behind, and wait until it writes no more; else it is for the next one to stand."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    os.close(DataFolder(folder).lock())


def newest_whole(kept: list[Path], world: World, seen: Seen) -> Checkpoint | None:
    """Return the checkpoint that recovery would begin with; those that lost power before are passed over."""
    for path in kept:
        try:
            return read_meta(path, world.cipher)
        except JournalError:
            assert path.name in seen.damaged, f"{path.name} is damaged, and not by a loss of power"
    return None


def mangle_log(folder: Path, done_events: int, rng: random.Random, seen: Seen) -> None:
    """Cut or change what lies behind the last event that is durable."""
    path = last_segment(folder)
    data = path.read_bytes()
    offset = 0
    while isinstance(found := read_frame(data, offset), Frame):
        if found.first + found.count > done_events:
            break
        offset = found.end
    if len(data) > offset > 0:
        tail = bytearray(data[offset:])
        if rng.random() < 0.5:
            del tail[rng.randrange(len(tail)) :]
        for _ in range(rng.randrange(4)):
            if tail:
                tail[rng.randrange(len(tail))] ^= 1 << rng.randrange(8)
        if bytes(tail) != data[offset:]:
            path.write_bytes(data[:offset] + tail)
            seen.found["unsynced log mangled"] += 1


# a world ----------------------------------------------------------------------------------------------------
def run(seed: int, kills: int = KILLS_PER_WORLD) -> Seen:
    """Run a world; raise AssertionError where a promise is broken."""
    rng = random.Random(seed)
    seen = Seen()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="crash-") as root:
        world = World.of(seed, Path(root))
        done, finished = 0, False
        while sum(seen.kills.values()) < kills and not finished:
            way = rng.choice(WAYS)
            plan = Plan(rng.randrange(1 << 40), way, 1 + int(rng.expovariate(1 / 60)))
            done, finished = run_child(world, plan, done, seen)
            if not finished and rng.random() < 0.4 and any((world.folder / "journal").glob("*.seg")):
                lose_power(world, seen.position, rng, seen)
        if not finished:
            _, finished = run_child(world, Plan(rng.randrange(1 << 40), "", 1 << 60), done, seen)
        assert finished
        check(world, seen)
    seen.seconds = time.perf_counter() - began
    return seen


def main() -> int:
    """Run worlds until there were enough kills; print what was seen as JSON. Return 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the seed of one world")
    given = parser.parse_args()
    total, seed = Seen(), given.only if given.only is not None else given.seed * 1_000_003
    while True:
        try:
            total.add(run(seed))
        except Exception as error:  # noqa: BLE001  whatever it is, its world must be found again
            traceback.print_exc()
            print(
                f"seed {seed}: {error}\nsee it again: python -m tests.journal.crash --only {seed}",
                file=sys.stderr,
            )
            return 1
        seed += 1
        if given.only is not None or sum(total.kills.values()) >= given.kills:
            break
    kills = sum(total.kills.values())
    print(
        json.dumps({"kills": kills, "by": total.kills, "found": total.found, "seconds": round(total.seconds)})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
