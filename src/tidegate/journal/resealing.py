"""What lies in a data folder sealed again with another key, file by file; nobody writes to the folder meanwhile.

A sealed frame is as long under one key as under another, so all places stay right. A file is replaced at one stroke: where
this is interrupted, it is begun again and leaves out the files that are done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.errors import JournalError, JournalFull, TidegateError
from tidegate.journal.checkpoint import SUFFIX as CHECKPOINT
from tidegate.journal.decision_log import SUFFIXES as DECISIONS
from tidegate.journal.folder import write_whole
from tidegate.journal.frame import SEALED, Frame, next_frame, read_frame
from tidegate.journal.repair import DAMAGED
from tidegate.journal.segments import NO_ROOM
from tidegate.journal.segments import SUFFIX as SEGMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tidegate.journal.folder import DataFolder
    from tidegate.journal.frame import Cipher


@dataclass(frozen=True)
class Resealed:
    """How many files were written anew, and how many frames in them."""

    files: int
    frames: int


def sealed_files(folder: DataFolder) -> list[Path]:
    """Return the files that may hold sealed frames: the log, also what was given up of it, decisions, checkpoints."""
    kinds = {folder.journal: (SEGMENT,), folder.decisions: DECISIONS, folder.checkpoints: (CHECKPOINT,)}
    return [
        path
        for under, suffixes in kinds.items()
        for path in sorted(under.glob("*"))
        if path.suffix in suffixes or path.suffix.startswith(DAMAGED)
    ]


def keys_in_files(folder: DataFolder, progress: Callable[[int], None] | None = None) -> dict[int, int]:
    """Return the numbers of the keys that frames are sealed with, and how many frames; `progress` hears of bytes read."""
    found: dict[int, int] = {}
    done = 0
    for path in sealed_files(folder):
        data = path.read_bytes()
        for part in _parts(data):
            if isinstance(part, Frame) and part.flags & SEALED:
                found[part.key_id] = found.get(part.key_id, 0) + 1
        done += len(data)
        if progress is not None:
            progress(done)
    return dict(sorted(found.items()))


def reseal(
    folder: DataFolder, cipher: Cipher, key_id: int, progress: Callable[[int], None] | None = None
) -> Resealed:
    """Seal with the newest key, which is `key_id`, what is sealed with another one; `progress` hears of bytes done.

    Bytes that are no whole frame stay as they are: recovery knows what to do with them. Raise JournalError where a frame does
    not open, JournalFull where there is no room for a file beside the one it replaces; the files done so far stay done.
    """
    files = frames = done = 0
    for path in sealed_files(folder):
        size = path.stat().st_size
        changed = _reseal_file(path, cipher, key_id)
        files, frames, done = files + (changed > 0), frames + changed, done + size
        if progress is not None:
            progress(done)
    return Resealed(files, frames)


def _reseal_file(path: Path, cipher: Cipher, key_id: int) -> int:
    data = path.read_bytes()
    parts: list[bytes] = []
    count = 0
    for part in _parts(data):
        if not isinstance(part, Frame):
            parts.append(part)
        elif part.flags & SEALED and part.key_id != key_id:
            parts.append(_resealed(part, cipher, path))
            count += 1
        else:
            parts.append(data[part.offset : part.end])
    if not count:
        return 0
    try:
        write_whole(path, parts)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise JournalFull(
            "no room is left to seal this file again",
            place=path.name,
            hint=f"free {len(data):,} bytes and run it again; nothing is lost",
        ) from None
    return count


def _resealed(frame: Frame, cipher: Cipher, path: Path) -> bytes:
    try:
        made = frame.sealed_anew(cipher)
    except TidegateError as error:
        raise JournalError(
            error.problem,
            place=f"{path.name}, byte {frame.offset:,}",
            hint="restore the file, or `keys/ring.json`, from a backup",
        ) from None
    assert len(made) == frame.end - frame.offset, "a frame keeps its place"
    return made


def _parts(data: bytes) -> Iterator[Frame | bytes]:
    """Yield the whole frames of a file, and what lies between them, in order."""
    offset = 0
    while (found := read_frame(data, offset)) is not None:
        if isinstance(found, Frame):
            yield found
            offset = found.end
            continue
        behind = next_frame(data, offset)
        end = len(data) if behind is None else behind.offset
        yield data[offset:end]
        offset = end
