"""A live engine in a folder, for tests of the journal: the small policy of the replay tests and its busy day."""

import json
from dataclasses import replace
from pathlib import Path

from tests.replay.traffic import POLICY, START, busy_day, message, written

from tidegate.events import decode_lines
from tidegate.journal import Events, LiveEngine, LiveOptions, read_journal
from tidegate.journal.segments import segments
from tidegate.replay.log_replay import replay_log
from tidegate.replay.replayer import Options, replay

__all__ = ["POLICY", "START", "batches", "block", "busy_day", "decided", "message", "opened", "replayed"]

QUICK = LiveOptions(sync=lambda _: None, segment_bytes=40_000)


def block(events):
    """The events of a list as a block."""
    decoded = decode_lines([json.dumps(e).encode() if isinstance(e, dict) else e.encode() for e in events])
    assert not decoded.rejected
    return decoded.block


def batches(events, sizes):
    """Cut a list into batches of these sizes, over and over."""
    at = n = 0
    while at < len(events):
        size = sizes[n % len(sizes)]
        yield events[at : at + size]
        at, n = at + size, n + 1


def opened(folder, policy=POLICY, **options):
    """A live engine in a folder that is not synced."""
    return LiveEngine.open(folder, policy, options=replace(QUICK, **options))


def filled(folder, events=300, checkpoint_at=(), **options):
    """A folder with a day in it, closed."""
    with opened(folder, **options) as live:
        for n, batch in enumerate(batches([e for e in busy_day(events) if isinstance(e, dict)], [12])):
            live.take(block(batch))
            if n in checkpoint_at:
                live.checkpoint()
    return folder


def decided(folder: Path, cipher=None) -> bytes:
    """All decisions that a folder keeps, in order."""
    from tidegate.journal.decision_log import LINES, frames_of

    return b"".join(
        frame.payload(cipher)
        for path in sorted((folder / "decisions").glob(f"*{LINES}"))
        for frame in frames_of(path)
    )


def event_ids(folder: Path, cipher=None) -> list[str]:
    """The ids of all events in the log, in order."""
    return [
        i
        for entry in read_journal(folder, cipher)
        if isinstance(entry, Events)
        for i in entry.block.event_ids
    ]


def replayed(folder: Path, out: Path, policy=POLICY, cipher=None) -> bytes:
    """The decisions of a replay of the log."""
    replay_log(policy, folder, out, cipher=cipher)
    return (out / "decisions.ndjson").read_bytes()


def replayed_from_file(events, tmp_path, policy=POLICY) -> bytes:
    """The decisions of a replay of these events from a file."""
    replay(policy, [written(tmp_path / "events.ndjson", events)], tmp_path / "from-file", Options())
    return (tmp_path / "from-file" / "decisions.ndjson").read_bytes()


def last_segment(folder: Path) -> Path:
    """The path of the last segment."""
    return segments(folder / "journal")[-1].path
