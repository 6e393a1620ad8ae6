"""What must hold of the folder of a world in which processes were killed, whatever moment they died at."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.journal.crash_world import World
from tests.journal.folders import POLICY, decided, event_ids, replayed

from tidegate.errors import JournalError
from tidegate.journal import LiveEngine
from tidegate.journal.decision_log import frames_of
from tidegate.journal.entries import Events

if TYPE_CHECKING:
    from tests.journal.crash import Seen


def check(world: World, seen: Seen) -> None:
    """Hold the folder against everything that was acknowledged."""
    whole = world.whole() if any(world.dropped.iterdir()) else world.folder
    all_ids, ids = event_ids(whole, world.cipher), event_ids(world.folder, world.cipher)
    assert len(all_ids) == len(set(all_ids)), "an event stands in the log twice"
    assert all_ids[len(all_ids) - len(ids) :] == ids, "what is left is not the end of the log"
    missing = set(seen.answers) - set(all_ids)
    assert not missing, f"acknowledged, and lost: {sorted(missing)[:5]}"
    expected = {event_id: world.as_kept(line) for event_id, line in seen.answers.items()}
    left = set(ids)
    with LiveEngine.open(world.folder, POLICY, cipher=world.cipher) as live:
        for event_id, line in expected.items():
            kept_line = live.decision(event_id)
            right = (line,) if event_id in left else (line, None)
            assert kept_line in right, f"another decision about {event_id} than acknowledged"
        told = list(live.history(0))
    kept = decided(world.folder, world.cipher)
    with tempfile.TemporaryDirectory() as out:
        again = replayed(whole, Path(out), cipher=world.cipher)
    assert again.endswith(kept), "decisions differ from a replay of the log"
    assert kept.count(b'\n{"event_id":"') >= len(ids) - 1, "decisions are missing"
    by_id = {json.loads(line)["event_id"]: line for line in again.splitlines(keepends=True)}
    for event_id, line in expected.items():
        assert by_id[event_id] == line, f"the whole log gives another decision about {event_id}"
    happened = anew(whole, world)
    first = len(all_ids) - len(ids)
    assert told == [one for one in happened if one.position > first], "the past is told otherwise"
    check_forgotten(world)
    seen.found["events acknowledged"] += len(seen.answers)
    seen.found["segments dropped"] += len(list(world.dropped.iterdir()))
    seen.found["worlds"] += 1
    seen.found["worlds sealed"] += world.cipher is not None
    seen.found["worlds with a retention"] += world.retention is not None


def check_forgotten(world: World) -> None:
    """Look for the names of those who were forgotten in everything that a folder keeps."""
    old = {account.encode() for account in world.forgotten}  # addresses may be those of others since
    for path in world.folder.rglob("*.*"):
        data = path.read_bytes()
        if world.cipher is not None:
            frames = []
            with suppress(JournalError):
                frames = list(frames_of(path))
            data = b"".join(frame.payload(world.cipher) for frame in frames)
        found = {name for name in old if name in data}
        assert not found, f"{path.name} still has {sorted(found)}"


def anew(folder: Path, world: World) -> list:
    """What the same log tells that was judged in one go."""
    from tidegate.replay.log_replay import beginning

    judgement, log, _ = beginning(POLICY, folder, world.cipher)
    told = []
    for entry in log:
        if isinstance(entry, Events):
            told += judgement.judge(entry.block, entry.position).happened
        elif hasattr(entry, "figures"):
            judgement.enter(entry)
    return told
