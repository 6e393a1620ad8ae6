"""A few dozen kills of the crash harness; `make crash` does a thousand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.journal import crash
from tests.journal.crash_world import World
from tests.journal.folders import batches, block, message, opened


def test_whatever_moment_a_process_dies_at_nothing_acknowledged_is_lost_or_counted_twice():
    command = [sys.executable, "-m", "tests.journal.crash", "--kills", "16", "--seed", "11"]
    root = Path(__file__).parents[2]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["kills"] >= 16
    assert found["found"]["events acknowledged"] > 300
    assert found["found"]["unfinished writes cut off"] > 0


def test_the_harness_finds_a_log_that_lost_an_event_and_a_decision_that_changed(tmp_path):
    seen, world = crash.Seen(), World(tmp_path, [])
    world.dropped.mkdir()
    with opened(world.folder) as live:
        for batch in batches([message(f"e{n}", n) for n in range(60)], [7]):
            for event, line in zip(batch, live.take(block(batch)).lines, strict=True):
                seen.answers[event["event_id"]] = line
    crash.check(world, seen)
    right = seen.answers["e9"]
    seen.answers["e9"] = right.replace(b'"score":0.', b'"score":1.')
    with pytest.raises(AssertionError, match="another decision about e9"):
        crash.check(world, seen)
    seen.answers["e9"] = right
    world.forgotten["a1"] = {}
    with pytest.raises(AssertionError, match="still has"):
        crash.check(world, seen)
    seen.answers["never-taken"] = right
    with pytest.raises(AssertionError, match="acknowledged, and lost"):
        crash.check(world, seen)
