"""The decisions, derived from the log: frames of lines beside it, an index from event ids to them, and what happened.

What happened are decisions that are no plain allow, as the engine gave them: they say more than their lines do.

They need no sync of their own: a checkpoint says how long the files were when it was made, and recovery cuts them back to
that and judges the log from there once more.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate.engine.decision import Decision
from tidegate.errors import JournalError, JournalFull
from tidegate.journal.decision_lines import quoted
from tidegate.journal.first_decisions import GROUP, FirstDecisions
from tidegate.journal.folder import create, reopen, write_all
from tidegate.journal.frame import (
    HEADER_BYTES,
    Cipher,
    Frame,
    Kind,
    frame_bytes,
    next_frame,
    read_frame,
    read_header,
)
from tidegate.windows.texts import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tidegate.events.texts import Texts
    from tidegate.journal.judging import Outcome

LINES, IDS, HAPPENED = ".lines", ".ids", ".happened"
SUFFIXES = (LINES, IDS, HAPPENED)
HELD_BYTES = 1 << 18  # of frames not yet handed to the system
HELD_BYTES_MAX = 64 << 20  # where the disk is full: then nothing more is accepted
IDS_HELD = 4096  # groups
_ID_BYTES_MIN = 2  # of an id and its line end
_ORDINAL_BITS = 40  # a place is (number of the file) << 40 | offset
_happened = msgspec.msgpack.Decoder(list[tuple[int, Decision]])


@dataclass
class _File:
    """A file of the log of decisions that is being written: what is on disk of it, and what is held back."""

    path: Path
    handle: int
    written: int
    held: bytearray

    @property
    def size(self) -> int:
        return self.written + len(self.held)

    def flush(self) -> None:
        """Write what is held back; raise OSError where that is not possible: then it stays held back."""
        if not self.held:
            return
        try:
            write_all(self.handle, bytes(self.held))
        except OSError:
            with suppress(OSError):
                os.ftruncate(self.handle, self.written)
            raise
        self.written += len(self.held)
        self.held.clear()

    def close(self) -> None:
        os.close(self.handle)


class DecisionLog:
    """Keeps the first decision of every event; `len(index)` is the number of the next event."""

    def __init__(self, folder: Path, cipher: Cipher | None, first: int = 0) -> None:
        self.folder = folder
        self.cipher = cipher
        self.index = FirstDecisions(folder, first)
        self._paths: list[Path] = []  # files of lines by number
        self._lines: _File | None = None
        self._ids: _File | None = None
        self._happened: _File | None = None
        self._groups: list[tuple[int, int, bytes]] = []  # place, number of events, their ids: not yet framed
        self._first_held = first
        self._unsynced: dict[Path, None] = {}  # files written since the last checkpoint

    # recovery ------------------------------------------------------------------------------------------------
    def resume(self, sizes: dict[str, int], serial: int, position: int) -> None:
        """Cut the files back to the sizes that a checkpoint names and learn the ids in them; those it does not name go.

        Raise JournalError where the files are shorter than that or damaged. Files before `serial`, where the log begins,
        may be gone.
        """
        sizes = {name: size for name, size in sizes.items() if int(name.partition(".")[0]) >= serial}
        for path in sorted(self.folder.glob("*.*")):
            if path.suffix in SUFFIXES and path.name not in sizes:
                path.unlink()
        for name in sorted(sizes):
            path = self.folder / name
            have = path.stat().st_size if path.exists() else -1
            if have < sizes[name]:
                raise JournalError("the decisions before the checkpoint are not all there", place=name)
            if have > sizes[name]:
                os.truncate(path, sizes[name])
        self._expect(sizes, position)
        for name in sorted(name for name in sizes if name.endswith(LINES)):
            path = self.folder / name
            self._paths.append(path)
            self._learn(path.with_suffix(IDS))
        self.index.relieve()
        if self._paths:
            self._lines, self._ids, self._happened = (
                _opened(self._paths[-1].with_suffix(s)) for s in SUFFIXES
            )
        if len(self.index) == self.index.first:
            self.index.start(position)
        if len(self.index) != position:
            raise JournalError(f"decisions end at event {len(self.index):,}, the checkpoint at {position:,}")
        self._first_held = position
        self._unsynced.update((file.path, None) for file in self._files())

    def _expect(self, sizes: dict[str, int], position: int) -> None:
        """Make room for the ids of all events, no more than their files can hold."""
        listed = sorted(name for name in sizes if name.endswith(LINES))
        if listed:
            room = sum(size for name, size in sizes.items() if name.endswith(IDS)) // _ID_BYTES_MIN
            self.index.expect(min(position - _first_in(self.folder / listed[0]), room))

    def _learn(self, path: Path) -> None:
        ordinal = len(self._paths) - 1
        for frame in frames_of(path):
            if frame.first > len(self.index):
                if len(self.index) == self.index.first:
                    self.index.start(frame.first)
                else:
                    self.index.skip(frame.first - len(self.index))
            payload = frame.payload(self.cipher)
            n = int.from_bytes(payload[:4], "little")
            groups = np.frombuffer(payload, np.int64, 2 * n, 4).reshape(2, n)
            ids = payload[4 + 16 * n :]
            self.index.learn(ids, groups[1], groups[0] + (ordinal << _ORDINAL_BITS))

    def begin(self, serial: int) -> None:
        """Begin the files that belong to a segment of the log."""
        self._frame_ids()
        self.flush()
        for file in self._files():
            file.close()
        paths = [self.folder / f"{serial:016d}{suffix}" for suffix in SUFFIXES]
        self._lines, self._ids, self._happened = (_File(path, create(path), 0, bytearray()) for path in paths)
        self._paths.append(self._lines.path)
        self._unsynced.update(dict.fromkeys(paths))

    # writing -------------------------------------------------------------------------------------------------
    def keep(self, number: int, ids: Texts, outcome: Outcome) -> None:
        """Keep what came of the events from `number` on, which have these ids.

        It never fails for want of room: see `make_room`.
        """
        assert self._lines is not None
        assert self._happened is not None
        lines, timers = outcome.lines, outcome.timers
        text, begins = joined(ids.buffer, ids.places)  # ids have no control characters
        for a in range(0, len(lines), GROUP):
            b = min(a + GROUP, len(lines))
            if timers and any(a <= at < b for at in timers):
                payload = b"".join(timers.get(at, b"") + lines[at] for at in range(a, b))
            else:
                payload = b"".join(lines[a:b])
            place = self._lines.size
            self._lines.held += self._frame(Kind.DECISIONS, payload, number + a, b - a)
            self.index.place(number + a, [(len(self._paths) - 1) << _ORDINAL_BITS | place])
            self._groups.append((place, b - a, text[begins[a] : begins[b] - 1].tobytes()))
        if outcome.happened:
            told = msgspec.msgpack.encode([(one.position, one.decision) for one in outcome.happened])
            self._happened.held += self._frame(Kind.HAPPENED, told, number, len(lines))
        if len(self._groups) >= IDS_HELD:
            self._frame_ids()
        if len(self._lines.held) >= HELD_BYTES:
            with suppress(OSError):
                self.flush()

    def _frame(self, kind: Kind, payload: bytes, first: int, count: int) -> bytes:
        return frame_bytes(kind, payload, serial=0, first=first, count=count, cipher=self.cipher)

    def make_room(self) -> None:
        """Raise JournalFull where more is held back than may be, and the disk takes none of it."""
        if self._lines is None or len(self._lines.held) < HELD_BYTES_MAX:
            return
        try:
            self.flush()
        except OSError:
            raise JournalFull("no room is left for decisions", hint="free some space") from None

    def flush(self) -> None:
        """Hand everything to the system; raise OSError where it does not take it."""
        for file in self._files():
            file.flush()

    def _files(self) -> list[_File]:
        return [file for file in (self._lines, self._ids, self._happened) if file is not None]

    def sizes(self) -> tuple[dict[str, int], list[Path]]:
        """Hand everything to the system; return how long the files are, and which of them are not synced yet.

        Raise OSError where the system does not take it.
        """
        self._frame_ids()
        self.flush()
        paths = [path.with_suffix(suffix) for path in self._paths for suffix in SUFFIXES]
        return {path.name: path.stat().st_size for path in paths if path.exists()}, list(self._unsynced)

    def synced(self, paths: Iterable[Path], sizes: Mapping[str, int]) -> None:
        """Note which files have been synced, with their sizes before; those that are, or were, written to later will be again."""
        for path in set(paths) - {file.path for file in self._files()}:
            if not path.exists() or path.stat().st_size == sizes.get(path.name):
                self._unsynced.pop(path, None)

    def _frame_ids(self) -> None:
        if not self._groups:
            return
        assert self._ids is not None
        groups = np.array([[g[0] for g in self._groups], [g[1] for g in self._groups]], np.int64)
        text = b"\n".join(g[2] for g in self._groups)
        payload = b"".join((groups.shape[1].to_bytes(4, "little"), groups.tobytes(), text))
        count = int(groups[1].sum())
        self._ids.held += self._frame(Kind.IDS, payload, self._first_held, count)
        self._groups.clear()
        self._first_held += count

    def skip(self, events: int) -> None:
        """Leave out the numbers of events that were lost."""
        self._frame_ids()
        self.index.skip(events)
        self._first_held += events

    # reading -------------------------------------------------------------------------------------------------
    def line(self, number: int) -> bytes | None:
        """Return the line of the event with this number; None where it is not kept."""
        place, _ = self.index.span(number)
        if place < 0:
            return None
        try:
            frame = self.frame(place)
        except FileNotFoundError:  # older than the retention
            return None
        return line_of(frame.payload(self.cipher), self.index.id_of(number))

    def frame(self, place: int) -> Frame:
        """Return the frame at a place."""
        ordinal, offset = place >> _ORDINAL_BITS, place & ((1 << _ORDINAL_BITS) - 1)
        path = self._paths[ordinal]
        current = self._lines
        if current is not None and path == current.path:
            if offset >= current.written:
                data: bytes = bytes(current.held[offset - current.written :])
            else:
                data = _frame_at(current.handle, offset)
        else:
            with path.open("rb") as file:
                data = _frame_at(file.fileno(), offset)
        found = read_frame(data, 0)
        if not isinstance(found, Frame):
            why = "nothing is there" if found is None else found.why
            raise JournalError(f"a decision cannot be read: {why}", place=f"{path.name}, byte {offset:,}")
        return found

    def happened(self, after: int) -> Iterator[tuple[int, Decision]]:
        """Yield what happened behind a position: positions, and what was decided."""
        self.flush()
        for path in [path.with_suffix(HAPPENED) for path in self._paths]:
            for frame in frames_of(path) if path.exists() else ():  # older than the retention
                if frame.first + frame.count > after:
                    told = _happened.decode(frame.payload(self.cipher))
                    yield from (one for one in told if one[0] > after)

    def close(self) -> None:
        """Close the files."""
        with suppress(OSError):
            self._frame_ids()
            self.flush()
        for file in self._files():
            file.close()
        self.index.close()


def frames_of(path: Path, *, growing: bool = False) -> Iterator[Frame]:
    """Yield the frames of a file; raise JournalError where one is damaged.

    `growing`: a server writes it, and at its end may stand a frame that is just being written.
    """
    data = path.read_bytes()
    offset = 0
    while (found := read_frame(data, offset)) is not None:
        if not isinstance(found, Frame):
            if growing and next_frame(data, offset) is None:
                return
            raise JournalError(
                f"the decisions are damaged: {found.why}", place=f"{path.name}, byte {offset:,}"
            )
        yield found
        offset = found.end


def _first_in(path: Path) -> int:
    """Return the number of the first event that a file is about, 0 where it says none."""
    with path.open("rb") as file:
        head = read_header(file.read(HEADER_BYTES))
    return 0 if head is None else head.first


def line_of(payload: bytes, event_id: str) -> bytes | None:
    """Return the line of an event among those of its frame."""
    head = f'{{"event_id":{quoted(event_id)},'.encode()
    at = 0 if payload.startswith(head) else payload.find(b"\n" + head) + 1
    if at == 0 and not payload.startswith(head):
        return None
    return payload[at : payload.index(b"\n", at) + 1]


def _opened(path: Path) -> _File:
    handle = reopen(path)
    return _File(path, handle, os.fstat(handle).st_size, bytearray())


def _frame_at(handle: int, offset: int) -> bytes:
    """Return the bytes of the frame at an offset."""
    head = os.pread(handle, HEADER_BYTES, offset)
    if len(head) < HEADER_BYTES:
        return head
    found = read_header(head)
    return head if found is None else head + os.pread(handle, found.length, offset + HEADER_BYTES)
