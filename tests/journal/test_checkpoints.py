"""Checkpoints that cannot be read, and what goes with the retention."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from tests.journal.folders import (
    START,
    batches,
    block,
    decided,
    event_ids,
    filled,
    message,
    opened,
    replayed,
)

from tidegate.errors import JournalError
from tidegate.expr import minutes
from tidegate.journal import forgetting
from tidegate.journal.checkpoint import checkpoints
from tidegate.journal.retention import drop_old
from tidegate.journal.segments import segments


# checkpoints ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["cut", "flipped", "empty"])
def test_a_checkpoint_that_cannot_be_read_gives_way_to_the_one_before_and_then_to_the_log(tmp_path, how):
    folder = filled(tmp_path / "data", 300, checkpoint_at=(5, 15))
    wanted = decided(folder)
    listed = checkpoints(folder / "checkpoints")
    assert len(listed) == 2
    for broken, path in enumerate(listed, 1):
        data = path.read_bytes()
        path.write_bytes({"cut": data[:-20], "flipped": data[:300] + b"\xff" + data[301:], "empty": b""}[how])
        copy = tmp_path / f"copy-{broken}"
        shutil.copytree(folder, copy)
        with opened(copy) as live:
            assert len(live.recovered.warnings) == broken
            assert path.name in live.recovered.warnings[-1]
            assert live.recovered.checkpoint == (listed[1].name if broken == 1 else None)
        assert decided(copy) == wanted


def test_decisions_that_are_missing_or_damaged_are_made_again(tmp_path):
    folder = filled(tmp_path / "data", 300, checkpoint_at=(5, 15))
    wanted = decided(folder)
    for path in sorted((folder / "decisions").iterdir())[:2]:
        path.unlink()
    with opened(folder) as live:
        assert len(live.recovered.warnings) == 2
    assert decided(folder) == wanted


def test_a_checkpoint_that_cannot_be_read_is_not_counted_among_those_to_fall_back_on(tmp_path):
    """Else the next one would push out the good one, and the log be cut back to what nobody can read."""
    with opened(tmp_path, segment_bytes=900, retention=minutes(10)) as live:
        for batch in batches([message(f"e{n}", 10 * n) for n in range(300)], [20]):
            live.take(block(batch))
        live.checkpoint()
        live.take(block([message("x", 3001)]))
        live.checkpoint()
    damaged, good = checkpoints(tmp_path / "checkpoints")
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with opened(tmp_path, segment_bytes=900, retention=minutes(10)) as live:
        assert live.recovered.checkpoint == good.name
        live.take(block([message("y", 4001)]))
        newest = live.checkpoint().path
        assert checkpoints(tmp_path / "checkpoints") == [newest, good]
    newest.write_bytes(b"")
    with opened(tmp_path) as live:
        assert live.recovered.checkpoint == good.name
        assert live.decision("y") is not None


# retention --------------------------------------------------------------------------------------------------
def test_segments_older_than_the_retention_go_once_two_checkpoints_lie_behind_them(tmp_path):
    with opened(tmp_path, segment_bytes=900, retention=minutes(10)) as live:
        events = [message(f"e{n}", 10 * n, account=f"a{n % 7}") for n in range(400)]
        for batch in batches(events, [20]):
            live.take(block(batch))
        assert live.checkpoint().dropped == ()  # it is itself the oldest one kept
        live.take(block([message("x", 4001)]))
        written = live.checkpoint()
        assert len(written.dropped) > 3
        assert segments(tmp_path / "journal")[0].path.name not in written.dropped
        assert live.decision("e0") is None
        assert live.decision("e399") is not None
        again = live.take(block([message("e399", 4002), message("y", 4003)]))
        assert b'"duplicate":true' in again.lines[0]
        told = list(live.history(0))
    lines = decided(tmp_path)
    kept = event_ids(tmp_path)
    assert kept == [f"e{n}" for n in range(int(kept[0][1:]), 400)] + ["x", "y"]
    assert START + 10_000 * int(kept[0][1:]) <= START + 4003_000 - 600_000
    with opened(tmp_path) as live:
        assert live.recovered.events == 1
        assert list(live.history(0)) == told
        assert decided(tmp_path) == lines
        assert live.decision("e399") is not None
    assert lines.endswith(replayed(tmp_path, tmp_path / "out"))


def test_without_a_readable_checkpoint_a_log_that_was_cut_is_refused_not_judged_wrong(tmp_path):
    with opened(tmp_path, segment_bytes=900, retention=minutes(10)) as live:
        for batch in batches([message(f"e{n}", 10 * n) for n in range(300)], [20]):
            live.take(block(batch))
        live.checkpoint()
        live.take(block([message("x", 4001)]))
        assert live.checkpoint().dropped
    for path in checkpoints(tmp_path / "checkpoints"):
        path.write_bytes(b"")
    with pytest.raises(JournalError, match="does not reach back"):
        opened(tmp_path)


@pytest.mark.parametrize("deaths_at", range(1, 13))
def test_a_process_may_die_anywhere_while_it_drops_what_is_old(tmp_path, monkeypatch, deaths_at):
    unlink, left = os.unlink, [deaths_at]

    def dying(path, *given, **named):
        if Path(path).parent.name in ("journal", "decisions"):
            left[0] -= 1
        if left[0] <= 0:
            raise OSError("died")
        return unlink(path, *given, **named)

    live = opened(tmp_path / "data", segment_bytes=900, retention=minutes(10))
    for batch in batches([message(f"e{n}", 10 * n) for n in range(150)], [20]):
        live.take(block(batch))
    live.checkpoint()
    live.take(block([message("x", 2501)]))
    monkeypatch.setattr(os, "unlink", dying)
    live.checkpoint()
    monkeypatch.undo()
    live.close()
    with opened(tmp_path / "data") as live:
        kept = event_ids(tmp_path / "data")
        assert live.recovered.checkpoint is not None
        assert live.recovered.warnings == []
        assert live.decision("x") is not None
        assert kept == [f"e{n}" for n in range(int(kept[0][1:]), 150)] + ["x"]
        assert None not in {live.decision(one) for one in kept}


def test_a_segment_that_is_dropped_while_it_is_written_anew_does_not_come_back(tmp_path, monkeypatch):
    with opened(tmp_path, segment_bytes=900) as live:
        for batch in batches([message(f"e{n}", 10 * n, account="leaver") for n in range(100)], [20]):
            live.take(block(batch))
        live.rename({"leaver": "nobody"})
        first, newest = segments(tmp_path / "journal")[0], segments(tmp_path / "journal")[-1]
        begun, dropped = threading.Event(), []

        def drop():
            begun.wait()
            dropped.append(drop_old(live.folder, None, newest.serial, START + 10**9))

        thread = threading.Thread(target=drop)
        thread.start()

        def slow(path, parts, real=forgetting.write_whole):
            begun.set()
            thread.join(0.05)
            real(path, parts)

        monkeypatch.setattr(forgetting, "write_whole", slow)
        forgetting.rewrite(live.folder, None, {"leaver": "nobody"}, "leaver")
        thread.join()
        assert first.path.name in dropped[0][0]
        assert [one.path for one in segments(tmp_path / "journal")] == [newest.path]
