"""The log: segments one after the other, each a file of frames; read in order, written at the end."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from tidegate.errors import JournalError, JournalFull, reason
from tidegate.journal.folder import create, reopen, sync_folder, write_all
from tidegate.journal.frame import Cipher, Fault, Frame, Kind, frame_bytes, next_frame, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SUFFIX = ".seg"
_NEXT_BYTES = 8
GIVE_UP = "restore that file from a backup, or start the server once with `TIDEGATE_DAMAGED=give-up`: without those events"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Segment:
    """A file of the log; `serial` is the number of its first frame."""

    path: Path
    serial: int


@dataclass(frozen=True)
class Torn:
    """The last write that never became whole: where it begins, how many bytes of it there are, and what is missing."""

    segment: Segment
    offset: int
    bytes: int
    why: str


class DamagedError(JournalError):
    """A frame that cannot be read although there are whole ones behind it: what was acknowledged is not there any more."""

    def __init__(
        self, segment: Segment, fault: Fault, expected: int, position: int, behind: Frame | None
    ) -> None:
        lost = "" if behind is None else f"; what follows is whole again from event {behind.first:,} on"
        super().__init__(
            f"the log is damaged: {fault.why}{lost}",
            place=f"{segment.path.name}, byte {fault.offset:,}",
            hint=GIVE_UP,
        )
        self.segment = segment
        self.fault = fault
        self.expected = expected  # number of the frame that should be there
        self.position = position  # of the last event before it
        self.behind = behind

    def __reduce__(self) -> tuple[object, ...]:
        return (DamagedError, (self.segment, self.fault, self.expected, self.position, self.behind))


def segments(folder: Path) -> list[Segment]:
    """Return the segments of a folder in order."""
    return sorted(
        (Segment(path, int(path.stem)) for path in folder.glob(f"*{SUFFIX}") if path.stem.isdigit()),
        key=lambda segment: segment.serial,
    )


def segment_path(folder: Path, serial: int) -> Path:
    """Return the path of the segment that begins with a frame."""
    return folder / f"{serial:016d}{SUFFIX}"


@dataclass(frozen=True)
class Place:
    """A place in the log: the segment, the byte in it, and the number of the frame that begins there."""

    segment: int
    offset: int
    serial: int
    position: int = 0  # of the last event before it, where that is known


def frames(
    folder: Path, start: Place | None = None, *, torn: Callable[[Torn], None] | None = None
) -> Iterator[tuple[Segment, Frame]]:
    """Yield the frames from a place on. What was not written whole at the very end is told to `torn`.

    Raise DamagedError where a frame in the midst cannot be read, or frames are missing.
    """
    listed = segments(folder)
    if start is not None:
        listed = [segment for segment in listed if segment.serial >= start.segment]
        if not listed or listed[0].serial != start.segment:
            raise JournalError(
                f"segment {start.segment:016d} of the log is missing", hint="restore it from a backup"
            )
    elif listed:
        start = Place(listed[0].serial, 0, listed[0].serial)
    expected, position = (start.serial, start.position) if start is not None else (0, 0)
    for segment in listed:
        offset = start.offset if start is not None and segment is listed[0] else 0
        reading = _Reading(segment, offset, expected, position, last=segment is listed[-1])
        for found in reading.frames():
            if isinstance(found, Torn):
                if torn is not None:
                    torn(found)
                return
            yield segment, found
        expected, position = reading.expected, reading.position


@dataclass
class _Reading:
    """A segment being read from an offset on: which frame and event come next."""

    segment: Segment
    offset: int
    expected: int
    position: int
    _: KW_ONLY
    last: bool

    def frames(self) -> Iterator[Frame | Torn]:
        """Yield the frames; at the end of the last segment perhaps a torn one."""
        data = self.segment.path.read_bytes()
        if len(data) < self.offset:
            problem = f"the log ends {self.offset - len(data):,} bytes before the checkpoint"
            raise JournalError(problem, place=self.segment.path.name, hint=GIVE_UP)
        while (found := read_frame(data, self.offset) or _nothing(self.offset)) is not None:
            if isinstance(found, Fault):
                behind = next_frame(data, found.offset)
                if behind is not None or not self.last:
                    raise self._damaged(found, behind)
                yield Torn(self.segment, found.offset, len(data) - found.offset, found.why)
                return
            if found.serial != self.expected:
                why = f"frames {self.expected} to {found.serial - 1} are missing"
                raise self._damaged(Fault(found.offset, why), found)
            yield found
            self.expected, self.position, self.offset = following(found), found.first + found.count, found.end

    def _damaged(self, fault: Fault, behind: Frame | None) -> DamagedError:
        return DamagedError(self.segment, fault, self.expected, self.position, behind)


def following(frame: Frame) -> int:
    """Return the number of the frame behind one: one that stands for others says it."""
    return int.from_bytes(frame.data[:_NEXT_BYTES], "little") if frame.kind is Kind.LOST else frame.serial + 1


def _nothing(offset: int) -> Fault | None:
    """Return what it means that the data ends: a segment has a beginning at least."""
    return Fault(0, "the file is empty") if offset == 0 else None


class LogWriter:
    """Appends to the log. A frame is one write and one sync; what fails leaves the log as it was."""

    def __init__(
        self,
        folder: Path,
        *,
        cipher: Cipher | None,
        segment_bytes: int,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self.folder = folder
        self.cipher = cipher
        self.segment_bytes = segment_bytes
        self._sync = sync
        self.segment: Segment | None = None
        self.serial = 0  # of the next frame
        self.position = 0  # number of the next event
        self.size = 0  # of the segment
        self._handle = -1
        self._broken = ""
        self._begin_anew = False

    def resume(self, segment: Segment, size: int, serial: int, position: int) -> None:
        """Go on behind what a recovery found; bytes behind `size` are cut off."""
        self._handle = reopen(segment.path)
        if os.fstat(self._handle).st_size != size:
            os.ftruncate(self._handle, size)
        os.fsync(
            self._handle
        )  # a process may have died between its write and its sync: what was read must stay
        self.segment, self.size, self.serial, self.position = segment, size, serial, position

    @property
    def full(self) -> bool:
        """Whether the next frame belongs into a new segment."""
        return self.segment is None or self.size >= self.segment_bytes or self._begin_anew

    def begin(self, header: bytes) -> Segment:
        """Begin a new segment; `header` says what is in force there."""
        self._require_usable()
        path = segment_path(self.folder, self.serial)
        frame = frame_bytes(Kind.SEGMENT, header, serial=self.serial, first=self.position, cipher=self.cipher)
        handle = -1
        try:
            handle = create(path)
            write_all(handle, frame)
            os.fsync(handle)
            sync_folder(self.folder)
        except OSError as error:
            if handle >= 0:
                os.close(handle)
            path.unlink(missing_ok=True)
            raise _refusal(error) from None
        if self._handle >= 0:
            os.close(self._handle)
        self._handle, self.size, self._begin_anew = handle, len(frame), False
        self.segment = Segment(path, self.serial)
        self.serial += 1
        return self.segment

    def append(self, kind: Kind, payload: bytes, count: int = 0) -> int:
        """Append a frame and make it durable; return the position behind it.

        Raise JournalFull where there is no room, JournalError where the disk fails: then nothing was appended.
        """
        self._require_usable()
        frame = frame_bytes(
            kind, payload, serial=self.serial, first=self.position, count=count, cipher=self.cipher
        )
        try:
            write_all(self._handle, frame)
        except OSError as error:
            self._take_back(error)
            raise _refusal(error) from None
        try:
            self._sync(self._handle)
        except OSError as error:
            # what the system did with the pages is not known: they are cut off, and nothing is appended behind them
            self._begin_anew = True
            self._take_back(error)
            if error.errno not in NO_ROOM:
                self._broken = error.strerror or str(error)
            raise _refusal(error) from None
        self.size += len(frame)
        self.serial += 1
        self.position += count
        return self.position

    def close(self) -> None:
        """Close the segment."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _take_back(self, error: OSError) -> None:
        try:
            os.ftruncate(self._handle, self.size)
        except OSError:
            self._broken = error.strerror or str(error)
        with suppress(OSError):
            os.fsync(self._handle)

    def _require_usable(self) -> None:
        if self._broken:
            raise JournalError(
                f"the log cannot be written any more: {self._broken.lower()}",
                hint="check the disk, then start again",
            )


def _refusal(error: OSError) -> JournalError:
    if error.errno in NO_ROOM:
        return JournalFull(
            "no room is left for the log", hint="free some space; nothing was accepted meanwhile"
        )
    return JournalError(f"the log cannot be written: {reason(error)}", hint="check the disk")
