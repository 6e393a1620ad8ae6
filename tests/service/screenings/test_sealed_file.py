"""Sealed files: whole or not there, and nobody changes, moves or shortens one unnoticed."""

import os
import pickle
import stat

import numpy as np
import pytest

from tidegate.service.access.sealing import SealError
from tidegate.service.screenings.sealed_file import FRAME_BYTES, SealedWriter, opened, reading

KEY = bytes(range(32))
HEAD = 4 + 16
FRAME = FRAME_BYTES + 16


def written(path, *parts):
    with SealedWriter(path, KEY) as file:
        for part in parts:
            file.write(part)
    return file


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES + 5])
def test_what_is_written_is_read_again(tmp_path, size):
    content = os.urandom(size)
    path = tmp_path / "list.sealed"
    file = written(path, content[: size // 3], content[size // 3 :])
    assert b"".join(opened(path, KEY)) == content
    assert file.size == size
    with reading(path, KEY) as plain:
        assert plain.read() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["list.sealed"]


@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_of_any_size_are_kept(tmp_path, order):
    columns = {"few": np.arange(3), "many": np.asarray(np.arange(200_000.0).reshape(2, -1), order=order)}
    path = tmp_path / "evidence.sealed"
    with SealedWriter(path, KEY) as file:
        pickle.dump(columns, file, 5)
    with reading(path, KEY) as plain:
        found = pickle.load(plain)  # noqa: S301  ours
    assert all((found[name] == columns[name]).all() for name in columns)


def damaged(content, how):
    match how:
        case "a bit":
            return content[:HEAD] + bytes([content[HEAD] ^ 1]) + content[HEAD + 1 :]
        case "cut off at a frame":
            return content[: HEAD + FRAME]
        case "cut off in a frame":
            return content[:-1]
        case "frames in another order":
            return content[:HEAD] + content[HEAD + FRAME : HEAD + 2 * FRAME] + content[HEAD : HEAD + FRAME]
        case "more at the end":
            return content + content[HEAD : HEAD + FRAME]
        case "another head":
            return b"TGF\x02" + content[4:]
    return b""


@pytest.mark.parametrize(
    "how",
    ["a bit", "cut off at a frame", "cut off in a frame", "frames in another order", "more at the end", "another head", "empty"],
)  # fmt: skip
def test_what_was_changed_does_not_open(tmp_path, how):
    path = tmp_path / "list.sealed"
    written(path, b"x" * (2 * FRAME_BYTES))
    path.write_bytes(damaged(path.read_bytes(), how))
    with pytest.raises(SealError):
        b"".join(opened(path, KEY))


def test_a_file_does_not_open_in_the_place_of_another_or_with_another_key(tmp_path):
    written(tmp_path / "a.sealed", b"+4915123456781")
    (tmp_path / "b.sealed").write_bytes((tmp_path / "a.sealed").read_bytes())
    with pytest.raises(SealError):
        list(opened(tmp_path / "b.sealed", KEY))
    with pytest.raises(SealError):
        list(opened(tmp_path / "a.sealed", bytes(32)))
    assert b"4915123456781" not in (tmp_path / "a.sealed").read_bytes()


def broken_off(path):
    with SealedWriter(path, KEY) as file:
        file.write(b"second")
        raise ZeroDivisionError


def test_what_was_not_finished_is_not_there_and_what_was_there_stays(tmp_path):
    path = tmp_path / "list.sealed"
    written(path, b"first")
    with pytest.raises(ZeroDivisionError):
        broken_off(path)
    assert b"".join(opened(path, KEY)) == b"first"
    assert len(list(tmp_path.iterdir())) == 1
