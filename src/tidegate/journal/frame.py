"""Frames: what files of the journal are made of. A header, a payload, a checksum over both.

    magic   kind  flags  -  key id  length  count  serial  first  CRC-32   | payload
    4 bytes 1     1      2  4       4       4      8       8      4        | `length` bytes, perhaps sealed

`serial` numbers the frames of a log without gaps; `first` is the number of the first event in it, `count` how many it holds.
A payload of events or decisions is made smaller first where that pays (see `packing`).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, cast
from zlib import crc32

from tidegate.errors import JournalError
from tidegate.journal.packing import pack, pack_lines, unpack, unpack_lines

MAGIC = b"TGJ\x01"
SEALED, PACKED = 1, 2  # flags
PAYLOAD_BYTES_MAX = 1 << 30  # a header that says more is damaged
_HEADER = struct.Struct("<4sBBHIIIQQ")
_CHECK = struct.Struct("<I")
HEADER_BYTES = _HEADER.size + _CHECK.size


class Kind(IntEnum):
    """What a frame holds."""

    SEGMENT = 1  # the beginning of a segment: what was in force there
    EVENTS = 2  # events as NDJSON
    REVISION = 3  # of the policy or its figures
    MARK = 4  # a note, such as a verdict given before the decision was there
    LOST = 5  # stands for a damaged frame that was given up
    DECISIONS = 6  # decisions as NDJSON, those of timers among them
    IDS = 7  # ids of events
    CHECKPOINT = 8  # what a checkpoint is of
    STATE = 9  # a part of the engine's memory
    HAPPENED = 11  # decisions that are no plain allow, with all they say
    END = 10  # the end of a checkpoint


# what makes payloads of a kind smaller, and what gives them back
_PACKING: dict[Kind, tuple[Callable[[bytes], bytes | None], Callable[[bytes, int], bytes]]] = {
    Kind.EVENTS: (pack, unpack),
    Kind.DECISIONS: (pack_lines, unpack_lines),
}


class Cipher(Protocol):
    """Seals payloads, each by the newest key; keys have numbers, so that old ones open what they sealed."""

    def seal(self, data: bytes) -> tuple[int, bytes]:
        """Return the number of the key used (0 to 2^32 - 1) and the sealed data."""

    def open(self, key_id: int, data: bytes) -> bytes:
        """Return what was sealed; raise an error of the family where the key is not there or does not fit."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it was read; `offset` is where it begins in its file, `end` where it ends."""

    kind: Kind
    flags: int
    key_id: int
    count: int
    serial: int
    first: int
    data: bytes
    offset: int
    end: int

    def payload(self, cipher: Cipher | None) -> bytes:
        """Return the payload, opened where it was sealed and unpacked where it was packed."""
        data = self.opened(cipher)
        if not self.flags & PACKED:
            return data
        if self.kind not in _PACKING:
            raise JournalError(
                f"frames of kind {self.kind} are not packed by this version",
                hint="read it with the version that wrote it",
            )
        return _PACKING[self.kind][1](data, PAYLOAD_BYTES_MAX)

    def opened(self, cipher: Cipher | None) -> bytes:
        """Return what was sealed as it is, packed or not."""
        if not self.flags & SEALED:
            return self.data
        if cipher is None:
            raise JournalError(
                f"the journal is sealed with key {self.key_id}", hint="give the keys it was written with"
            )
        return cipher.open(self.key_id, self.data)

    def sealed_anew(self, cipher: Cipher) -> bytes:
        """Return the frame sealed with the newest key, and the same for the rest: as long as before."""
        return self._framed(self.flags & PACKED, self.opened(cipher), cipher)

    def holding(self, payload: bytes, cipher: Cipher | None) -> bytes:
        """Return the frame with another payload, packed if it was: decisions under names of the same length take the same place."""
        packed = _PACKING[self.kind][0](payload) if self.flags & PACKED else None
        return self._framed(0, payload, cipher) if packed is None else self._framed(PACKED, packed, cipher)

    def _framed(self, flags: int, data: bytes, cipher: Cipher | None) -> bytes:
        return _framed(self.kind, flags, data, self.serial, self.first, self.count, cipher)


@dataclass(frozen=True, slots=True)
class Fault:
    """What stands at an offset is no whole frame."""

    offset: int
    why: str


def frame_bytes(
    kind: Kind, payload: bytes, *, serial: int, first: int, count: int = 0, cipher: Cipher | None = None
) -> bytes:
    """Return a frame ready to be written; raise JournalError where the payload is more than one may hold, packed or not."""
    if len(payload) > PAYLOAD_BYTES_MAX:  # packed it might be written, and could not be read
        raise _too_large(len(payload))
    packed = _PACKING[kind][0](payload) if kind in _PACKING else None
    if packed is not None:
        return _framed(kind, PACKED, packed, serial, first, count, cipher)
    return _framed(kind, 0, payload, serial, first, count, cipher)


def _framed(
    kind: Kind, flags: int, data: bytes, serial: int, first: int, count: int, cipher: Cipher | None
) -> bytes:
    key_id = 0
    if cipher is not None:
        key_id, data = cipher.seal(data)
        flags |= SEALED
    if len(data) > PAYLOAD_BYTES_MAX:
        raise _too_large(len(data))
    head = _HEADER.pack(MAGIC, kind, flags, 0, key_id, len(data), count, serial, first)
    return b"".join((head, _CHECK.pack(crc32(data, crc32(head))), data))


def _too_large(size: int) -> JournalError:
    return JournalError(f"{size:,} bytes at once", hint="send smaller batches")


def read_frame(data: bytes | memoryview, offset: int, *, view: bool = False) -> Frame | Fault | None:
    """Return the frame at an offset, what is wrong there, or None where the data ends.

    `view`: of a memoryview the payload is a view too, where it is not sealed; for large ones, which are copied later.
    """
    left = len(data) - offset
    if left == 0:
        return None
    if left < HEADER_BYTES:
        return Fault(offset, f"the file ends within a header, after {left} of {HEADER_BYTES} bytes")
    head = bytes(data[offset : offset + _HEADER.size])
    magic, kind, flags, _, key_id, length, count, serial, first = _HEADER.unpack(head)
    if magic != MAGIC or length > PAYLOAD_BYTES_MAX:
        return Fault(offset, "no frame begins here")
    start = offset + HEADER_BYTES
    if left < HEADER_BYTES + length:
        return Fault(offset, f"the file ends within a frame, after {left} of {HEADER_BYTES + length} bytes")
    payload = data[start : start + length]
    (check,) = _CHECK.unpack(data[offset + _HEADER.size : start])
    if crc32(payload, crc32(head)) != check:
        return Fault(offset, "the checksum does not fit")
    try:
        known = Kind(kind)
    except ValueError:
        return Fault(offset, f"kind {kind} is not known to this version")
    kept = cast("bytes", payload) if view and not flags & SEALED else bytes(payload)
    return Frame(known, flags, key_id, count, serial, first, kept, offset, start + length)


@dataclass(frozen=True, slots=True)
class Head:
    """What a header says; whether the frame behind it is whole is not known."""

    kind: int
    length: int
    count: int
    serial: int
    first: int


def read_header(data: bytes) -> Head | None:
    """Return the header at the beginning of some bytes; None where there is none."""
    if len(data) < HEADER_BYTES:
        return None
    magic, kind, _, _, _, length, count, serial, first = _HEADER.unpack(data[: _HEADER.size])
    return (
        Head(kind, length, count, serial, first) if magic == MAGIC and length <= PAYLOAD_BYTES_MAX else None
    )


def next_frame(data: bytes | memoryview, offset: int) -> Frame | None:
    """Return the next whole frame behind an offset, wherever it begins; None where there is none."""
    text = bytes(data)
    at = text.find(MAGIC, offset + 1)
    while at >= 0:
        found = read_frame(data, at)
        if isinstance(found, Frame):
            return found
        at = text.find(MAGIC, at + 1)
    return None
