"""Checkpoints that a forked process writes beside the judging, and what becomes of it when things go wrong."""

import errno
import os
import signal
import socket
import time
from pathlib import Path

import msgspec
from tests.journal.folders import batches, block, decided, message, opened
from tests.service.waiting import WAIT_S, eventually

from tidegate.engine import Engine
from tidegate.journal import checkpointing
from tidegate.journal import live as live_engine
from tidegate.journal.checkpoint import checkpoints
from tidegate.journal.forked import Forked

EVENTS = [message(f"e{n}", n, account=f"a{n % 7}") for n in range(400)]
DUE = 60  # events between two checkpoints


def taken(live, first, last):
    """Take some of the events, and return the lines about them."""
    return [line for batch in batches(EVENTS[first:last], [10]) for line in live.take(block(batch)).lines]


def held_up(monkeypatch, until_there):
    """Have checkpoints wait until a file is there, in whichever process."""
    real = Engine.snapshot

    def slowly(engine):
        eventually(until_there.exists)
        return real(engine)

    monkeypatch.setattr(Engine, "snapshot", slowly)


def test_judging_goes_on_while_a_checkpoint_is_written_of_what_was_before(tmp_path, monkeypatch):
    folder, go = tmp_path / "data", tmp_path / "go"
    with opened(tmp_path / "other") as live:
        wanted = taken(live, 0, 400)
    held_up(monkeypatch, go)
    with opened(folder, checkpoint_events=DUE) as live:
        lines = taken(live, 0, 200)
        assert checkpoints(folder / "checkpoints") == []
        assert live.checkpointed == 0
        go.touch()
        eventually(lambda: live._writing.done)
        # what is in it is the memory of then, not of now
        name = checkpoints(folder / "checkpoints")[0].name
        lines += taken(live, 200, 210)
        assert live.checkpointed == DUE
    for path in checkpoints(folder / "checkpoints"):
        if path.name != name:
            path.unlink()
    with opened(folder) as live:
        assert (live.recovered.checkpoint, live.recovered.events) == (name, 210 - DUE)
        assert [*lines, *taken(live, 210, 400)] == wanted
    assert decided(folder) == decided(tmp_path / "other")


def test_a_writer_that_is_killed_costs_one_checkpoint(tmp_path, monkeypatch):
    go = tmp_path / "go"
    held_up(monkeypatch, go)
    with opened(tmp_path / "data", checkpoint_events=DUE) as live:
        taken(live, 0, 100)
        half = tmp_path / "data" / "checkpoints" / "0000000000000009.ckpt.new"
        half.write_bytes(b"half")
        os.kill(live._writing._forked.pid, signal.SIGKILL)
        go.touch()
        eventually(lambda: live._writing.done)
        taken(live, 100, 120)
        assert live.warnings == [
            "no checkpoint could be written: the process that wrote it ended with SIGKILL"
        ]
        assert not half.exists(), "it takes room, and may name who is forgotten"
        taken(live, 120, 200)
    assert checkpoints(tmp_path / "data" / "checkpoints")


def test_a_writer_that_does_not_come_to_an_end_is_ended(tmp_path, monkeypatch):
    held_up(monkeypatch, tmp_path / "never")
    with opened(tmp_path / "data", checkpoint_events=DUE) as live:
        taken(live, 0, 310)
        first = live._writing._forked.pid
        assert live.warnings == [], "many events in a moment are no reason"
        monkeypatch.setattr(live_engine, "OVERDUE_S", 0)
        taken(live, 310, 370)
        assert live._writing._forked.pid != first
        assert len(live.warnings) == 1
        monkeypatch.undo()
        live._writing.give_up()


def test_files_that_are_written_to_beside_a_checkpoint_are_synced_by_the_next_one(tmp_path, monkeypatch):
    go = tmp_path / "go"
    held_up(monkeypatch, go)
    with opened(tmp_path / "data", checkpoint_events=DUE) as live:
        taken(live, 0, 100)
        live.begin_segment()
        go.touch()
        eventually(lambda: live._writing.done)
        assert not live.settle()
        first = min((tmp_path / "data" / "decisions").iterdir()).stem
        assert first in {path.stem for path in live._decisions.sizes()[1]}
        live.checkpoint()
        assert first not in {path.stem for path in live._decisions.sizes()[1]}


def test_a_full_disk_is_told_by_the_writer(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(checkpointing, "write_checkpoint", full)
    with opened(tmp_path, checkpoint_events=DUE) as live:
        taken(live, 0, 60)
        eventually(lambda: live._writing.done)
        taken(live, 60, 70)
        assert live.warnings == ["no checkpoint could be written: no space left on device"]


def test_where_no_process_can_be_had_the_judging_waits_for_the_checkpoint(tmp_path, monkeypatch):
    def none():
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    pipe, close, made, closed = os.pipe, os.close, [], []
    monkeypatch.setattr(os, "pipe", lambda: made.extend(pipe()) or made)
    monkeypatch.setattr(os, "close", lambda handle: closed.append(handle) or close(handle))
    monkeypatch.setattr(os, "fork", none)
    with opened(tmp_path, checkpoint_events=DUE) as live:
        taken(live, 0, 100)
        assert len(checkpoints(tmp_path / "checkpoints")) == 1
        assert [warning.partition(":")[0] for warning in live.warnings] == ["a checkpoint stops the judging"]
    assert len(made) == 2
    assert set(made) <= set(closed)


def test_a_writer_whose_engine_died_writes_no_more_and_the_next_engine_waits_for_it(tmp_path, monkeypatch):
    folder, go, begun = tmp_path / "data", tmp_path / "go", tmp_path / "begun"
    real = Engine.snapshot

    def slowly(engine):
        begun.touch()
        eventually(go.exists)
        return real(engine)

    monkeypatch.setattr(Engine, "snapshot", slowly)
    pid = os.fork()
    if pid == 0:
        try:
            live = opened(folder, checkpoint_events=DUE)
            taken(live, 0, 100)
            eventually(begun.exists)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    later = Forked(lambda: time.sleep(0.2) or go.touch() or b"")
    with opened(folder) as live:
        assert go.exists(), "the folder was opened while somebody still wrote in it"
        assert live.recovered.checkpoint is None
        assert live.position == 100
    later.result(WAIT_S)
    assert list((folder / "checkpoints").iterdir()) == []


def test_a_forked_process_lets_go_of_files_and_hears_no_signal_but_a_kill(tmp_path):
    here, there = socket.socketpair()
    go = tmp_path / "go"

    def work():
        eventually(go.exists)
        return msgspec.json.encode([path.name for path in Path("/dev/fd").iterdir()])

    forked = Forked(work)
    there.close()
    here.settimeout(WAIT_S)
    assert here.recv(1) == b"", "the connection stays open while the process has it"
    here.close()
    time.sleep(0.05)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        os.kill(forked.pid, number)
    assert not forked.done
    go.touch()
    told, status = forked.result(WAIT_S)
    assert status == "status 0"
    assert len(msgspec.json.decode(told)) == 5  # three standard ones, what it tells by, and the list itself
    assert forked.result(WAIT_S) == (told, status)


def test_a_forked_process_is_waited_for_so_long_and_then_ended():
    assert Forked(lambda: time.sleep(60) or b"").result(0.05) == (b"", "SIGKILL")


def test_where_the_system_reaps_processes_itself_what_they_tell_is_heard():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        forked = Forked(lambda: b"done")
        assert forked.result(WAIT_S) == (b"done", "status 0")
        assert forked.done
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_a_forked_process_tells_much_or_fails(tmp_path):
    assert Forked(lambda: bytes(300_000)).result(WAIT_S) == (bytes(300_000), "status 0")
    failing = Forked(lambda: Path(tmp_path / "none").read_bytes())
    eventually(lambda: failing.done)
    assert failing.result(WAIT_S) == (b"", "status 1")
