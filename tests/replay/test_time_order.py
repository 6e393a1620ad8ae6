"""A replay by time: all events in the order of their times, whatever order they came in."""

import errno
import io
import random

import pytest
from tests.replay.traffic import POLICY, busy_day, written

from tidegate.errors import FileError
from tidegate.replay import time_order
from tidegate.replay.replayer import Options, replay
from tidegate.replay.stream import all_events


@pytest.mark.parametrize(("rows", "run_events"), [(1, 97), (10, 1), (4096, 10_000)])
def test_by_time_is_as_if_the_events_had_arrived_sorted_however_far_apart_they_stand(
    tmp_path, monkeypatch, rows, run_events
):
    monkeypatch.setattr(time_order, "RUN_EVENTS", run_events)
    in_order = sorted(busy_day(700), key=lambda e: (e["ts"], e["event_id"]))
    shuffled = random.Random(3).sample(in_order, len(in_order))
    assert max(e["ts"] for e in shuffled[:9]) - min(e["ts"] for e in shuffled[-9:]) > 300_000
    files = [written(tmp_path / "a1.ndjson", shuffled[:300]), written(tmp_path / "a2.ndjson", shuffled[300:])]
    by_time = replay(POLICY, files, tmp_path / "a", Options(order="time", block_rows=rows))
    sorted_before = replay(POLICY, [written(tmp_path / "b.ndjson", in_order)], tmp_path / "b")
    assert (by_time.out / "decisions.ndjson").read_bytes() == (
        sorted_before.out / "decisions.ndjson"
    ).read_bytes()
    assert by_time.tally.rejected == 0
    assert sorted(path.name for path in by_time.out.iterdir()) == ["decisions.ndjson", "summary.json"]


def test_a_disk_without_room_for_what_is_sorted_is_named(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(time_order, "RUN_EVENTS", 5)
    monkeypatch.setattr(time_order.tempfile, "TemporaryFile", lambda dir: Full())  # noqa: A006
    blocks = all_events([written(tmp_path / "a.ndjson", busy_day(20))], None, 5)
    with pytest.raises(FileError, match=r"(?s)No space left on device.*--out"):
        list(time_order.in_time_order(blocks, tmp_path, rows=5))
