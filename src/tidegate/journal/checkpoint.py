"""Checkpoints: the engine's memory at a position of the log, so that recovery need not start at its beginning."""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import JournalError, TidegateError, reason
from tidegate.journal.folder import sync_folder, write_whole
from tidegate.journal.frame import HEADER_BYTES, Cipher, Frame, Kind, frame_bytes, read_frame, read_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SUFFIX = ".ckpt"
PART_BYTES = 1 << 20  # of the memory per frame: small enough to stay in the cache on its way to the disk
KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """What is known at `position`, before frame `serial`: the revision in force, those to come, how long the decisions are."""

    position: int
    serial: int
    segment: int  # that the frame before it lies in
    offset: int  # where that frame ends
    newest: int
    in_force: dict[str, Any]
    pending: list[dict[str, Any]] = field(default_factory=list)
    decisions: dict[str, int] = field(default_factory=dict)  # name of a file -> its bytes
    started_with: str = ""  # digest of the policy the last process was started with
    state: bytes = b""  # the memory, of one that was read

    def meta(self) -> dict[str, Any]:
        """Return all but the memory as plain data."""
        return {
            "position": self.position,
            "serial": self.serial,
            "segment": self.segment,
            "offset": self.offset,
            "newest": self.newest,
            "in_force": self.in_force,
            "pending": self.pending,
            "decisions": self.decisions,
            "started_with": self.started_with,
        }


def checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder, newest first."""
    return sorted((path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit()), reverse=True)


def write_checkpoint(
    folder: Path, checkpoint: Checkpoint, memory: Iterable[bytes | memoryview], cipher: Cipher | None
) -> Path:
    """Write a checkpoint; the newest KEPT stay. Raise OSError where there is no room: then the older ones are left."""
    parts = (  # made one after the other: the memory is large
        frame_bytes(kind, payload, serial=n, first=checkpoint.position, cipher=cipher)
        for n, (kind, payload) in enumerate(_payloads(checkpoint, memory))
    )
    path = folder / f"{checkpoint.serial:016d}{SUFFIX}"
    write_whole(path, parts)
    for old in checkpoints(folder)[KEPT:]:
        old.unlink()
    sync_folder(folder)
    return path


def _payloads(checkpoint: Checkpoint, memory: Iterable[bytes | memoryview]) -> Iterator[tuple[Kind, bytes]]:
    yield Kind.CHECKPOINT, msgspec.json.encode(checkpoint.meta())
    for part in _cut(memory, PART_BYTES):
        yield Kind.STATE, part
    yield Kind.END, b""


def _cut(pieces: Iterable[bytes | memoryview], size: int) -> Iterator[bytes]:
    """Yield what stands in the pieces, one behind the other, in parts of a size, the last of which may be smaller."""
    gathered: list[memoryview] = []
    room = size
    for piece in pieces:
        left = memoryview(piece)
        while left.nbytes:
            gathered.append(left[:room])
            room -= gathered[-1].nbytes
            left = left[gathered[-1].nbytes :]
            if not room:
                yield b"".join(gathered)
                gathered, room = [], size
    if gathered:
        yield b"".join(gathered)


def read_meta(path: Path, cipher: Cipher | None) -> Checkpoint:
    """Return what a checkpoint is of, without the memory; raise JournalError where that cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
            said = read_header(head)
            found = read_frame(head + file.read(said.length) if said is not None else head, 0)
    except OSError as error:
        raise JournalError(f"cannot be read: {reason(error)}", place=path.name) from None
    if not isinstance(found, Frame) or found.kind is not Kind.CHECKPOINT:
        raise JournalError("the checkpoint is damaged", place=path.name)
    return Checkpoint(**_meta(found, cipher, path))


def _meta(frame: Frame, cipher: Cipher | None, path: Path) -> dict[str, Any]:
    try:
        meta: dict[str, Any] = msgspec.json.decode(frame.payload(cipher))
    except (TidegateError, msgspec.MsgspecError) as error:
        raise JournalError(f"the checkpoint cannot be opened: {error}", place=path.name) from None
    return meta


def read_checkpoint(path: Path, cipher: Cipher | None) -> Checkpoint:
    """Return a checkpoint with the memory; raise JournalError where it cannot be read."""
    try:
        data = _mapped(path)
    except OSError as error:
        raise JournalError(f"cannot be read: {reason(error)}", place=path.name) from None
    parts: list[bytes] = []
    meta: dict[str, Any] | None = None
    offset, serial = 0, 0
    while True:
        found = read_frame(data, offset, view=True)
        if not isinstance(found, Frame) or found.serial != serial:
            why = "it ends too early" if found is None or isinstance(found, Frame) else found.why
            raise JournalError(f"the checkpoint is damaged: {why}", place=path.name)
        if found.kind is Kind.END:
            break
        if found.kind is Kind.CHECKPOINT:
            meta = _meta(found, cipher, path)
        else:
            try:
                parts.append(found.payload(cipher))
            except TidegateError as error:
                raise JournalError(f"the checkpoint cannot be opened: {error}", place=path.name) from None
        offset, serial = found.end, serial + 1
    if meta is None:
        raise JournalError("the checkpoint is damaged: it does not say what it is of", place=path.name)
    return Checkpoint(**meta, state=b"".join(parts))


def _mapped(path: Path) -> memoryview:
    """Return the content of a file that nobody changes any more, without a copy of it."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return memoryview(b"")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    mapped.madvise(mmap.MADV_WILLNEED)
    return memoryview(mapped)
