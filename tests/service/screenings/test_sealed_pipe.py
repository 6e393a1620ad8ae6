"""What is written to the pipe is in the sealed file, whole; nobody waits for ever."""

import errno
import os

import pytest

from tidegate.service.screenings.sealed_file import SealedWriter, opened
from tidegate.service.screenings.sealed_pipe import PIPE_BYTES, SealedPipe

KEY = bytes(range(32))


@pytest.fixture
def pipe(tmp_path):
    return SealedPipe(tmp_path / "result.ndjson", SealedWriter(tmp_path / "result.ndjson.sealed", KEY))


@pytest.mark.parametrize("size", [0, 1, PIPE_BYTES, 3 * PIPE_BYTES + 7])
def test_what_was_written_is_sealed(tmp_path, pipe, size):
    content = os.urandom(size)
    with pipe.path.open("wb") as file:
        file.write(content[: size // 2])
    with pipe.path.open("ab") as file:  # another one that writes
        file.write(content[size // 2 :])
    pipe.finish()
    assert b"".join(opened(tmp_path / "result.ndjson.sealed", KEY)) == content
    assert pipe.file.size == size
    assert pipe.path.is_fifo()


def test_a_full_disk_is_told_to_who_finishes_and_blocks_nobody_who_writes(tmp_path, pipe, monkeypatch):
    def full(content):
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(pipe.file, "write", full)
    with pipe.path.open("wb") as file:
        file.write(bytes(4 * PIPE_BYTES))
    with pytest.raises(OSError, match="no space"):
        pipe.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["result.ndjson"]


def test_what_is_abandoned_leaves_nothing(tmp_path, pipe):
    pipe.path.write_bytes(b"half")
    pipe.abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["result.ndjson"]
