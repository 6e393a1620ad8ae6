"""The log read in order: what stands in it, small batches of events put together into larger ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import JournalError
from tidegate.journal.entries import Entry, EventReader, Events, Lost, Mark, Revision
from tidegate.journal.folder import DataFolder
from tidegate.journal.frame import HEADER_BYTES, Kind, read_header
from tidegate.journal.segments import Place, Segment, Torn, following, frames, segment_path, segments

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal.frame import Cipher, Frame

TOGETHER = 8192  # events per block


@dataclass(frozen=True)
class Header:
    """The beginning of a segment: its number, how many events lie before it, and what was in force there."""

    serial: int
    position: int
    in_force: Revision
    pending: tuple[Revision, ...]
    newest: int
    lateness: int
    started_with: str


@dataclass
class Tail:
    """How far the log has been read: where the last frame ends, and the numbers of the next frame and event."""

    segment: Segment | None = None
    size: int = 0
    serial: int = 0
    position: int = 0
    torn: Torn | None = None

    def note(self, torn: Torn) -> None:
        """Note an unfinished write."""
        self.torn = torn


@dataclass
class _Gathered:
    """Events of several frames, not yet read."""

    texts: list[bytes] = field(default_factory=list)
    count: int = 0
    position: int = 0

    def add(self, frame: Frame, payload: bytes) -> None:
        if not self.texts:
            self.position = frame.first
        self.texts.append(payload)
        self.count += frame.count

    def take(self, reader: EventReader) -> Iterator[Events]:
        if self.texts:
            yield from reader.blocks(b"".join(self.texts), self.count, self.position)
            self.texts, self.count = [], 0


def read_journal(folder: Path, cipher: Cipher | None = None, *, after: int = 0) -> Iterator[Entry]:
    """Yield what stands in the log of a data folder behind a position, in order; a process may be writing it meanwhile.

    The first block may begin before that position. Raise JournalError where the log is damaged.
    """
    data = DataFolder(folder)
    data.require()
    for entry in entries(data.journal, cipher, segment_of(data.journal, after)):
        if not isinstance(entry, Header):
            yield entry


def events_behind(folder: Path, cipher: Cipher | None, position: int) -> Iterator[Events | Lost]:
    """Yield the events of the log of a data folder behind a position, and those that were given up; as `read_journal` does.

    What lies before it is passed over where possible, and not looked at: it may be damaged.
    """
    data = DataFolder(folder)
    data.require()
    for entry in entries(data.journal, cipher, place_behind(data.journal, position)):
        if isinstance(entry, Events | Lost):
            yield entry


def entries(
    folder: Path,
    cipher: Cipher | None,
    start: Place | None = None,
    tail: Tail | None = None,
    together: int = TOGETHER,
) -> Iterator[Entry | Header]:
    """Yield the entries from a place on, beginnings of segments too; `tail` follows what has been read and yielded."""
    tail = tail or Tail()
    reader, gathered = EventReader(), _Gathered()
    note: Callable[[Torn], None] = tail.note
    for segment, frame in frames(folder, start, torn=note):
        try:
            payload = frame.payload(cipher)
        except JournalError as error:
            raise error.at(f"{segment.path.name}, byte {frame.offset:,}") from None
        if frame.kind is Kind.EVENTS:
            gathered.add(frame, payload)
            if gathered.count >= together:
                yield from gathered.take(reader)
        else:
            yield from gathered.take(reader)
            yield _entry(frame, payload)
        tail.segment, tail.size = segment, frame.end
        tail.serial, tail.position = following(frame), frame.first + frame.count
    yield from gathered.take(reader)


def place_behind(folder: Path, position: int) -> Place | None:
    """Return where in the log the first event behind a position stands, or a place before it; None: there is no log.

    Frames are passed over by their headers alone: whoever knows what is in them need not mind whether they are damaged.
    """
    place = segment_of(folder, position)
    if place is None:
        return None
    with segment_path(folder, place.segment).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while True:
            file.seek(place.offset)
            head = read_header(file.read(HEADER_BYTES))
            if head is None or head.serial != place.serial or head.first + head.count > position:
                return place
            end = place.offset + HEADER_BYTES + head.length
            if head.kind == Kind.LOST or end >= size:  # the number of what follows stands within
                return place
            place = Place(place.segment, end, head.serial + 1, head.first + head.count)


def segment_of(folder: Path, position: int) -> Place | None:
    """Return the beginning of the segment from which on all events behind a position follow."""
    place = None
    for segment in segments(folder):
        with segment.path.open("rb") as file:
            head = read_header(file.read(HEADER_BYTES))
        if place is not None and (head is None or head.first > position):
            break
        place = Place(segment.serial, 0, segment.serial)
    return place


def _entry(frame: Frame, payload: bytes) -> Entry | Header:
    if frame.kind is Kind.LOST:
        return Lost(frame.first, frame.count, payload[8:].decode("utf-8", "replace").rstrip())
    try:
        data: dict[str, Any] = msgspec.json.decode(payload)
        if frame.kind is Kind.SEGMENT:
            return Header(
                frame.serial,
                frame.first,
                Revision(**data["in_force"]),
                tuple(Revision(**revision) for revision in data["pending"]),
                data["newest"],
                data["lateness"],
                data["started_with"],
            )
        if frame.kind is Kind.REVISION:
            return Revision(**data)
        if frame.kind is Kind.MARK:
            return Mark(data["name"], data["data"], frame.first)
    except (msgspec.MsgspecError, TypeError, KeyError) as error:
        raise JournalError(
            f"frame {frame.serial:,} cannot be understood: {error}",
            hint="another version may have written it",
        ) from None
    raise JournalError(
        f"frame {frame.serial:,} does not belong into a log", hint="restore the file from a backup"
    )
