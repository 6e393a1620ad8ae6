"""Giving up what is damaged: a frame that cannot be read any more is replaced by a note that says which events it held."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tidegate.errors import JournalError
from tidegate.journal.folder import write_whole
from tidegate.journal.frame import Frame, Kind, frame_bytes, read_frame
from tidegate.journal.segments import DamagedError, frames, segment_path, segments

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED = ".damaged"


def give_up_all(folder: Path) -> list[str]:
    """Give up whatever is damaged in the log, before a checkpoint as well; return what that was, a sentence each."""
    told: list[str] = []
    while True:
        try:
            deque(frames(folder), maxlen=0)
        except DamagedError as damage:
            told.append(give_up(folder, damage))
        else:
            return told


def give_up(folder: Path, damage: DamagedError) -> str:
    """Replace the damaged part of a segment by a note; the segment as it was stays beside it. Return what was given up."""
    path = damage.segment.path
    data = path.read_bytes()
    behind, rest = damage.behind, b""
    if behind is not None:
        rest = data[behind.offset :]
        next_serial, next_position = behind.serial, behind.first
    else:
        later = next((s for s in segments(folder) if s.serial > damage.segment.serial), None)
        if later is None:
            raise JournalError("nothing is behind the damage", place=path.name)
        beginning = read_frame(later.path.read_bytes(), 0)
        next_serial = later.serial
        next_position = beginning.first if isinstance(beginning, Frame) else damage.position
    count = max(0, next_position - damage.position)
    payload = next_serial.to_bytes(8, "little") + damage.fault.why.encode()
    note = frame_bytes(Kind.LOST, payload, serial=damage.expected, first=damage.position, count=count)
    if (
        behind is not None and behind.offset == damage.fault.offset == 0
    ):  # nothing is damaged: a segment is not there
        missing = segment_path(folder, damage.expected)
        write_whole(missing, [note])
        return f"{missing.name}: {damage.fault.why}; {_which(damage.position, count)} were given up"
    left = len(data) - len(rest) - damage.fault.offset - len(note)
    if left > 0:  # checkpoints say where in the file what is behind begins
        payload += b" " * left
        note = frame_bytes(Kind.LOST, payload, serial=damage.expected, first=damage.position, count=count)
    kept = path.with_name(path.name + DAMAGED)
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}{DAMAGED}{number}")
    write_whole(kept, [data])
    write_whole(path, [data[: damage.fault.offset], note, rest])
    what = _which(damage.position, count)
    return f"{path.name}: {damage.fault.why}; {what} were given up, the file as it was is {kept.name}"


def _which(position: int, count: int) -> str:
    return f"events {position + 1:,} to {position + count:,}" if count else "no events"
