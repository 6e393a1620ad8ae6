"""Damage before a checkpoint, and logs that lack a part: what is given up, and what stays as it was."""

import json
from zlib import crc32

import pytest
from tests.journal.folders import (
    block,
    decided,
    event_ids,
    filled,
    message,
    opened,
    replayed,
)

import tidegate as tg
from tidegate.errors import JournalError
from tidegate.journal.checkpoint import checkpoints
from tidegate.journal.frame import (
    HEADER_BYTES,
    PACKED,
    read_frame,
)
from tidegate.journal.segments import DamagedError, frames, segments


def checkpointed(folder, **options):
    """A folder with a day in it, some events of it behind a checkpoint."""
    filled(folder, 300, checkpoint_at=(18,), **options)
    (path,) = checkpoints(folder / "checkpoints")
    return path.name


def told(folder):
    """What happened, by position, and whether its event is there."""
    with opened(folder) as live:
        return [(one.position, one.record is not None) for one in live.history() if one.decision.event_id]


def flipped(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def test_what_is_given_up_before_a_checkpoint_leaves_the_checkpoint_where_it_was(tmp_path):
    folder = tmp_path / "data"
    name, ids = checkpointed(folder), event_ids(folder)
    before = told(folder)
    (segment,) = segments(folder / "journal")
    data = segment.path.read_bytes()
    found = next(f for _, f in frames(folder / "journal") if f.first + f.count >= before[0][0])
    first, last = found.first, found.first + found.count
    flipped(segment.path, found.offset + 60)
    with opened(folder) as live:  # neither the start nor books that know what is in it look there
        assert [one.position for one in live.history(200)] == [p for p, _ in before if p > 200]
        with pytest.raises(DamagedError):
            list(live.history(0))
    with opened(folder, give_up_damaged=True) as live:
        assert live.recovered.checkpoint == name
        assert f"events {first + 1} to {last} were given up" in live.recovered.warnings[0]
        assert live.position == len(ids)
        assert live.decision(ids[first]) is not None  # it was decided before the damage
    assert segment.path.stat().st_size == len(data)
    assert event_ids(folder) == ids[:first] + ids[last:]
    after = told(folder)
    assert [p for p, _ in after] == [p for p, _ in before]
    assert {p for p, known in after if not known} == {p for p, _ in before if first < p <= last} != set()
    replayed(folder, tmp_path / "out")
    given_up = json.loads((tmp_path / "out" / "summary.json").read_text())["given_up"]
    assert given_up == [{"from": first + 1, "to": last, "why": "the checksum does not fit"}]


def test_a_segment_that_is_not_there_is_given_up_and_what_is_behind_it_stays_as_it_was(tmp_path):
    folder = tmp_path / "data"
    name, ids = checkpointed(folder, segment_bytes=1500), event_ids(folder)
    listed = segments(folder / "journal")
    assert len(listed) > 3
    gone = listed[1].path.name
    listed[1].path.unlink()
    with opened(folder, give_up_damaged=True, segment_bytes=1500) as live:
        assert live.recovered.checkpoint == name
        assert live.recovered.warnings[0].startswith(gone)
        assert live.position == len(ids)
    left = event_ids(folder)
    assert 0 < len(ids) - len(left) < 100
    with opened(
        folder, segment_bytes=1500, retention=tg.seconds(1)
    ) as live:  # such a log grows old like any other
        live.checkpoint()
        live.checkpoint()
        assert live.warnings == []
        assert live.decision(ids[-1]) is not None
    assert segments(folder / "journal")[0].serial > listed[1].serial


def test_a_log_that_ends_before_its_checkpoint_stops_the_start_or_goes_on_from_where_it_ends(tmp_path):
    folder = tmp_path / "data"
    checkpointed(folder)
    ids, (segment,) = event_ids(folder), segments(folder / "journal")
    data = segment.path.read_bytes()
    end = read_frame(data, read_frame(data, 0).end).end
    segment.path.write_bytes(data[:end])
    with pytest.raises(JournalError, match=r"bytes before the checkpoint.*\n.*give-up"):
        opened(folder)
    with opened(folder, give_up_damaged=True) as live:
        assert live.recovered.checkpoint is None
        assert live.position == 12
        assert live.take(block([message("new", 1000)])).position == 13
    assert event_ids(folder) == [*ids[:12], "new"]
    assert replayed(folder, tmp_path / "out") == decided(folder)


def test_a_checkpoint_of_a_log_that_was_changed_before_it_is_not_taken(tmp_path):
    folder = tmp_path / "data"
    name = checkpointed(folder)
    (segment,) = segments(folder / "journal")
    data = segment.path.read_bytes()
    first, second = read_frame(data, 0).end, read_frame(data, read_frame(data, 0).end).end
    lost = data[:first] + data[second:]  # a frame was cut out
    segment.path.write_bytes(lost)
    with opened(folder, give_up_damaged=True) as live:
        assert live.recovered.checkpoint != name
        assert "events 1 to 12 were given up" in live.recovered.warnings[0]
    assert replayed(folder, tmp_path / "out") == decided(folder)


def test_a_checkpoint_that_can_neither_be_read_nor_removed_does_not_stop_the_start(tmp_path):
    folder = tmp_path / "data"
    name, before = checkpointed(folder), decided(folder)
    (folder / "checkpoints" / name).unlink()
    (folder / "checkpoints" / name).mkdir()
    with opened(folder) as live:
        assert live.recovered.checkpoint is None
        first, second = live.recovered.warnings
        assert "an older beginning is taken" in first
        assert f"{name} cannot be removed" in second
    assert decided(folder) == before


def test_a_whole_frame_that_cannot_be_unpacked_is_told_with_its_place(tmp_path):
    folder = filled(tmp_path / "data", 300)
    (segment,) = segments(folder / "journal")
    frame = next(f for _, f in frames(folder / "journal") if f.flags & PACKED)
    data = bytearray(segment.path.read_bytes())
    size = HEADER_BYTES - 4  # the header before its checksum
    data[frame.offset + HEADER_BYTES : frame.end] = bytes(frame.end - frame.offset - HEADER_BYTES)
    head, rest = (
        bytes(data[frame.offset : frame.offset + size]),
        bytes(data[frame.offset + HEADER_BYTES : frame.end]),
    )
    data[frame.offset + size : frame.offset + HEADER_BYTES] = crc32(rest, crc32(head)).to_bytes(4, "little")
    segment.path.write_bytes(data)
    with pytest.raises(
        JournalError, match=rf"{segment.path.name}, byte {frame.offset:,}: .*cannot be unpacked"
    ):
        event_ids(folder)
