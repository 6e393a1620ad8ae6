"""Payloads of frames made smaller: events by LZ4, decisions by writing what their lines have in common once.

A line of a decision is as long under other names of the same length, and so is what `pack_lines` makes of a row of them: which
lines end alike does not depend on the names in them. So a frame keeps its place when somebody is forgotten (see `forgetting`).
LZ4 does not have that property, and is for files in which nobody keeps places.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from tidegate.errors import JournalError

if TYPE_CHECKING:
    import pyarrow as pa

_SIZE = struct.Struct("<I")  # of the payload, before what LZ4 made of it
_SMALL = 1024  # bytes: what is smaller gains little
_LZ4_MOST = 256  # bytes that a byte can stand for
_FEW = 4  # lines: fewer have little in common
_ENDING = b',"verdict":'  # from here on, most lines of decisions are alike
_packed = msgspec.msgpack.Decoder(tuple[bytes, list[int], list[bytes]])


def pack(payload: bytes) -> bytes | None:
    """Return any payload by LZ4, None where that gains nothing."""
    if len(payload) < _SMALL:
        return None
    packed = _SIZE.pack(len(payload)) + _lz4().compress(payload, asbytes=True)
    return packed if len(packed) < len(payload) else None


def unpack(data: bytes, most: int) -> bytes:
    """Return what `pack` was given; raise JournalError where it is not that, or longer than `most` bytes."""
    size = _SIZE.unpack_from(data)[0] if len(data) >= _SIZE.size else most + 1
    if size > min(most, _LZ4_MOST * len(data)):
        raise _damaged()
    try:
        payload: bytes = _lz4().decompress(
            memoryview(data)[_SIZE.size :], decompressed_size=size, asbytes=True
        )
    except (OSError, ValueError):
        raise _damaged() from None
    return payload


def pack_lines(payload: bytes) -> bytes | None:
    """Return lines of decisions, each with its line end, as their beginnings and their different ends; None where that gains nothing."""
    lines = payload.split(b"\n")
    if len(lines) <= _FEW or lines.pop():
        return None
    ends: dict[bytes, int] = {}
    begins: list[bytes] = []
    which: list[int] = []
    for line in lines:
        begin, ending, end = line.partition(_ENDING)
        if not ending:
            return None
        begins.append(begin)
        which.append(ends.setdefault(end, len(ends)))
    packed = msgspec.msgpack.encode((b"\n".join(begins), which, list(ends)))
    return packed if len(packed) < len(payload) else None


def unpack_lines(data: bytes, most: int) -> bytes:
    """Return what `pack_lines` was given; raise JournalError where it is not that, or longer than `most` bytes."""
    try:
        begins, which, ends = _packed.decode(data)
        rest = [_ENDING + end + b"\n" for end in ends]
        ended = begins.split(b"\n")
        if sum(map(len, ended)) + sum(len(rest[number]) for number in which) > most:
            raise _damaged()
        return b"".join([begin + rest[number] for begin, number in zip(ended, which, strict=True)])
    except (msgspec.MsgspecError, IndexError, ValueError):
        raise _damaged() from None


@cache
def _lz4() -> pa.Codec:
    import pyarrow as pa  # large, and a replay of files asks for none of it

    return pa.Codec("lz4_raw")


def _damaged() -> JournalError:
    return JournalError("what the frame holds cannot be unpacked", hint="restore the file from a backup")
