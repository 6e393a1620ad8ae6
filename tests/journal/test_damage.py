"""What may lie in a data folder after a bad day, and what becomes of it: torn, flipped, missing, full."""

import errno
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.journal.folders import (
    block,
    decided,
    event_ids,
    filled,
    last_segment,
    message,
    opened,
    replayed,
)

from tidegate.errors import JournalError, JournalFull, TidegateError
from tidegate.journal import Events, read_journal
from tidegate.journal.checkpoint import checkpoints
from tidegate.journal.frame import (
    Fault,
    Frame,
    Kind,
    frame_bytes,
    next_frame,
    read_frame,
)
from tidegate.journal.segments import DamagedError, frames, segments


# torn writes ------------------------------------------------------------------------------------------------
def test_a_write_torn_at_any_byte_is_cut_off_and_said_and_nothing_before_it_is_lost(tmp_path):
    template = tmp_path / "whole"
    with opened(template) as live:
        live.take(block([message("e1", 0), message("e2", 1)]))
        before = last_segment(template).stat().st_size
        live.take(block([message("e3", 2)]))
    data = last_segment(template).read_bytes()
    path = tmp_path / "0000000000000000.seg"
    for size in range(before, len(data)):
        path.write_bytes(data[:size])
        torn = []
        read = [frame.serial for _, frame in frames(tmp_path, torn=torn.append)]
        assert read == [0, 1]
        assert [t.bytes for t in torn] == [size - before][: size - before]
    for size in (before, before + 1, before + 39, before + 40, (before + len(data)) // 2, len(data) - 1):
        folder = tmp_path / "torn"
        shutil.copytree(template, folder)
        last_segment(folder).write_bytes(data[:size])
        with opened(folder) as live:
            assert live.recovered.torn_bytes == size - before
            assert live.position == 2
            assert live.decision("e3") is None
            assert live.take(block([message("e3", 2)])).position == 3
            assert decided(folder).count(b"\n") <= 3
        assert event_ids(folder) == ["e1", "e2", "e3"]
        shutil.rmtree(folder)


def test_a_segment_torn_at_any_byte_of_its_beginning_is_begun_anew(tmp_path):
    template = tmp_path / "whole"
    with opened(template, segment_bytes=500) as live:
        live.take(block([message(f"e{n}", n) for n in range(5)]))
        live.take(block([message("e9", 9)]))
    paths = [segment.path for segment in segments(template / "journal")]
    assert len(paths) == 2
    head = read_frame(paths[1].read_bytes(), 0).end
    for size in (0, 1, 39, 40, head // 2, head - 1):
        folder = tmp_path / "torn"
        shutil.copytree(template, folder)
        last_segment(folder).write_bytes(paths[1].read_bytes()[:size])
        with opened(folder, segment_bytes=500) as live:
            assert live.position == 5
            live.take(block([message("e9", 9)]))
        assert event_ids(folder) == ["e0", "e1", "e2", "e3", "e4", "e9"]
        shutil.rmtree(folder)


def test_the_very_first_write_torn_leaves_an_empty_folder(tmp_path):
    opened(tmp_path).close()
    path = last_segment(tmp_path)
    data = path.read_bytes()
    for size in (0, 1, 30, len(data) - 1):
        path.write_bytes(data[:size])
        with opened(tmp_path) as live:
            assert live.position == 0
            live.checkpoint()
        for checkpoint in checkpoints(tmp_path / "checkpoints"):
            checkpoint.unlink()


# damage -----------------------------------------------------------------------------------------------------
def test_any_bit_flipped_is_noticed_and_no_event_is_ever_read_wrong(tmp_path):
    """A frame is whole, or a fault: a flip in the last one reads as torn, before it as damage."""
    folder = filled(tmp_path / "data", 60)
    path = last_segment(folder)
    data, ids = path.read_bytes(), event_ids(folder)
    chance = random.Random(5)
    last = None
    offset = 0
    while isinstance(found := read_frame(data, offset), Frame):
        last, offset = offset, found.end
    for _ in range(60):
        at = chance.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])
        if at >= last:
            assert event_ids(folder) == ids[: len(event_ids(folder))] != ids
        else:
            with pytest.raises(DamagedError, match="damaged"):
                event_ids(folder)


def test_damage_in_the_midst_stops_the_start_and_says_where_or_is_given_up_if_that_is_wanted(tmp_path):
    folder = filled(tmp_path / "data", 300)
    path = segments(folder / "journal")[0].path
    data, ids = bytearray(path.read_bytes()), event_ids(folder)
    found = read_frame(bytes(data), read_frame(bytes(data), 0).end)
    data[found.offset + 60] ^= 4
    path.write_bytes(data)
    with pytest.raises(DamagedError) as error:
        opened(folder)
    assert f"{path.name}, byte {found.offset:,}" in str(error.value)
    assert "what follows is whole again from event 12 on" in str(error.value)
    with opened(folder, give_up_damaged=True) as live:
        (warning,) = live.recovered.warnings
        assert "events 1 to 12 were given up" in warning
        assert live.position == len(ids)
        assert live.decision(ids[3]) is None
        assert live.decision(ids[20]) is not None
        assert live.take(block([message("new", 1000)])).position == len(ids) + 1
    assert event_ids(folder) == [*ids[12:], "new"]
    assert replayed(folder, tmp_path / "out") == decided(folder)
    with opened(folder) as live:
        assert live.recovered.warnings == []
        live.checkpoint()
    with opened(folder) as live:
        assert live.decision("new") is not None
        assert live.decision(ids[20]) is not None


def test_damage_to_a_whole_segment_is_given_up_as_one(tmp_path):
    folder = filled(tmp_path / "data", 400, segment_bytes=1500)
    listed = segments(folder / "journal")
    ids = event_ids(folder)
    listed[1].path.write_bytes(b"\0" * listed[1].path.stat().st_size)
    with pytest.raises(DamagedError):
        opened(folder)
    with opened(folder, give_up_damaged=True, segment_bytes=1500) as live:
        assert live.position == len(ids)
        assert len(live.recovered.warnings) == 1
    left = event_ids(folder)
    assert 0 < len(ids) - len(left) < 100
    assert [i for i in ids if i in set(left)] == left
    assert replayed(folder, tmp_path / "out") == decided(folder)


def test_damage_before_the_checkpoint_does_not_stop_the_start(tmp_path):
    folder = filled(tmp_path / "data", 300)
    with opened(folder) as live:
        live.checkpoint()
    path = segments(folder / "journal")[0].path
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    with opened(folder) as live:
        assert live.recovered.events == 0


def test_a_missing_segment_is_said(tmp_path):
    folder = filled(tmp_path / "data", 400, segment_bytes=1500)
    segments(folder / "journal")[1].path.unlink()
    with pytest.raises(DamagedError, match="are missing"):
        opened(folder)


# full disks -------------------------------------------------------------------------------------------------
class Disk:
    """A disk that refuses writes, or the sync behind them, while `fails` says so."""

    def __init__(self, monkeypatch):
        self.fails = ""
        self.error = errno.ENOSPC
        real = os.write

        def write(handle, data):
            if self.fails == "write" and len(data) > 1:
                self.fails = "rest"
                return real(handle, bytes(data)[: len(data) // 2])
            if self.fails == "rest":
                self.fails = "write"
                raise OSError(self.error, os.strerror(self.error))
            return real(handle, data)

        monkeypatch.setattr(os, "write", write)

    def sync(self, _):
        if self.fails == "sync":
            raise OSError(self.error, os.strerror(self.error))


@pytest.mark.parametrize("fails", ["write", "sync"])
def test_a_full_disk_refuses_the_batch_and_the_log_stays_usable(tmp_path, monkeypatch, fails):
    disk = Disk(monkeypatch)
    events = [message(f"e{n}", n) for n in range(40)]
    with opened(tmp_path / "data", sync=disk.sync) as live:
        live.take(block(events[:10]))
        disk.fails = fails
        for _ in range(3):
            with pytest.raises(JournalFull, match="no room"):
                live.take(block(events[10:30]))
        disk.fails = ""
        assert live.position == 10
        assert live.decision("e10") is None
        answers = live.take(block(events[5:40]))
        assert [b'"duplicate":true' in line for line in answers.lines] == [True] * 5 + [False] * 30
        assert answers.position == 40
        first = live.take(block(events)).lines
    with opened(tmp_path / "data") as live:
        assert event_ids(tmp_path / "data") == [e["event_id"] for e in events]
        assert live.take(block(events)).lines == first
    assert replayed(tmp_path / "data", tmp_path / "out") == decided(tmp_path / "data")


def test_a_disk_that_fails_otherwise_ends_the_writing_until_it_is_opened_again(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    with opened(tmp_path, sync=disk.sync) as live:
        live.take(block([message("e1", 0)]))
        disk.fails, disk.error = "sync", errno.EIO
        with pytest.raises(JournalError, match="input/output error"):
            live.take(block([message("e2", 1)]))
        disk.fails = ""
        with pytest.raises(JournalError, match="cannot be written any more"):
            live.take(block([message("e2", 1)]))
    with opened(tmp_path) as live:
        assert live.take(block([message("e2", 1)])).position == 2


def test_a_checkpoint_without_room_is_left_out_and_said(tmp_path, monkeypatch):
    disk = Disk(monkeypatch)
    with opened(tmp_path, sync=disk.sync) as live:
        live.take(block([message("e1", 0)]))
        kept = live.checkpoint()
        live.take(block([message("e2", 1)]))
        disk.fails = "write"
        assert live.checkpoint() is None
        disk.fails = ""
        assert "no checkpoint could be written: no space left" in live.warnings[0]
        assert checkpoints(tmp_path / "checkpoints") == [kept.path]
        live.take(block([message("e3", 2)]))
    with opened(tmp_path) as live:
        assert live.recovered.events == 2


LIMITED = """
import resource, signal, sys
sys.path.insert(0, {root!r})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pathlib import Path
from tests.journal.folders import block, message, opened
from tidegate.errors import JournalFull
live = opened(Path({folder!r}), segment_bytes=1 << 30)
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, -1))
taken = 0
try:
    while True:
        live.take(block([message(f"e{{taken + n}}", taken + n) for n in range(7)]))
        taken += 7
except JournalFull:
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    live.take(block([message(f"e{{taken + n}}", taken + n) for n in range(7)]))
    print(taken + 7)
"""


def test_a_file_that_may_not_grow_any_more_refuses_the_batch_for_real(tmp_path):
    from pathlib import Path

    root = str(Path(__file__).parents[2])
    script = LIMITED.format(root=root, folder=str(tmp_path))
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert event_ids(tmp_path) == [f"e{n}" for n in range(int(run.stdout))]
    assert int(run.stdout) > 100


# the reader, whatever it is given ---------------------------------------------------------------------------
frames_of_events = st.builds(
    lambda kind, payload, serial, first, count: frame_bytes(
        kind, payload, serial=serial, first=first, count=count
    ),
    st.sampled_from(list(Kind)),
    st.binary(max_size=60) | st.just(b'{"event_id":"e","type":"message_sent","ts":1}\n') | st.just(b"{}"),
    st.integers(0, 3),
    st.integers(0, 5),
    st.integers(0, 2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(frames_of_events | st.binary(max_size=80), max_size=6), st.data())
def test_the_reader_gives_events_or_an_error_of_ours_and_ends_whatever_the_bytes(
    tmp_path_factory, parts, data
):
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    (folder / "journal").mkdir(parents=True, exist_ok=True)
    whole = bytearray(b"".join(parts))
    for _ in range(data.draw(st.integers(0, 3))):
        if whole:
            whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    (folder / "journal" / "0000000000000000.seg").write_bytes(whole)
    read = 0
    with suppress(TidegateError):
        for entry in read_journal(folder):
            read += len(entry.block) if isinstance(entry, Events) else 0
    assert read <= whole.count(b"message_sent")


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.randoms(use_true_random=False))
def test_a_folder_of_rubbish_opens_or_is_refused_with_an_error_of_ours(tmp_path_factory, chance):
    template = tmp_path_factory.getbasetemp() / "template"
    if not template.exists():
        filled(template, 40, checkpoint_at=(1,))
    folder = template.with_name("rubbish")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "LOCK")
    for path in chance.sample(paths, chance.randrange(1, 4)):
        data = bytearray(path.read_bytes())
        for _ in range(chance.randrange(1, 5)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data)
    with suppress(TidegateError), opened(folder) as live:
        assert live.take(block([message("fresh", 10_000)])).position == live.position


@given(st.binary(max_size=200), st.integers(0, 50))
def test_a_frame_is_found_again_behind_any_rubbish_and_none_is_made_up(rubbish, offset):
    frame = frame_bytes(Kind.EVENTS, b"x\n", serial=7, first=3, count=1)
    data = rubbish + frame + b"rest"
    found = next_frame(b"\0" + data, 0)
    assert isinstance(found, Frame)
    assert (found.serial, found.data) == (7, b"x\n")
    alone = read_frame(rubbish, min(offset, len(rubbish)))
    assert alone is None or isinstance(alone, Fault)
