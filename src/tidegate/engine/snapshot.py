"""The whole memory of an engine as bytes, and back: a header, the plain data, the arrays, a checksum."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"TGSTATE5"
_ARRAY = "\x00array"
_BYTES = "\x00bytes"


@dataclass(frozen=True)
class Snapshot:
    """A memory in parts, which its engine changes no more."""

    parts: list[bytes | memoryview]

    def pieces(self) -> Iterator[bytes | memoryview]:
        """Yield it piece by piece, and a checksum."""
        check = 0
        for part in self.parts:
            check = zlib.crc32(part, check)
            yield part
        yield check.to_bytes(4, "little")

    def packed(self) -> bytes:
        """Return it as bytes."""
        return b"".join(self.pieces())


def snapshot(state: dict[str, Any]) -> Snapshot:
    """Return nested plain data and arrays as parts; the arrays are taken as they are, and must not be written to any more.

    Nothing in them is ever executed when they are read.
    """
    blobs: list[bytes | memoryview] = []
    body = msgspec.msgpack.encode(_flat(state, blobs))
    return Snapshot([MAGIC, len(body).to_bytes(8, "little"), body, *blobs])


def unpack(data: bytes) -> dict[str, Any]:
    """Return what `snapshot` was given; raise FileError where the bytes are damaged or from another format."""
    if data[: len(MAGIC)] != MAGIC:
        raise FileError(
            "these bytes are no engine state of this format",
            hint="the state format changed: replay the log instead",
        )
    if len(data) < len(MAGIC) + 12 or zlib.crc32(memoryview(data)[:-4]).to_bytes(4, "little") != data[-4:]:
        raise FileError(
            "the engine state is damaged", hint="take the checkpoint before it, and replay the log from there"
        )
    size = int.from_bytes(data[8:16], "little")
    body = msgspec.msgpack.decode(data[16 : 16 + size])
    result = _full(body, memoryview(data)[16 + size : -4], [0])
    assert isinstance(result, dict)
    return result


def copied(value: Any) -> Any:
    """Return a copy of nested plain data, as it would come back from bytes, with the same arrays."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {k: copied(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [copied(v) for v in value]
    return value


def _flat(value: Any, blobs: list[bytes | memoryview]) -> Any:
    """Replace arrays by notes of their type and shape; their bytes go to `blobs`, in order."""
    if isinstance(value, np.ndarray):
        blobs.append(np.ascontiguousarray(value).reshape(-1).view(np.uint8).data)
        return {_ARRAY: value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, bytes):
        blobs.append(value)
        return {_BYTES: len(value)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {k: _flat(v, blobs) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_flat(v, blobs) for v in value]
    return value


def _full(value: Any, blobs: memoryview, at: list[int]) -> Any:
    if isinstance(value, dict):
        if _ARRAY in value:
            dtype, shape = np.dtype(value[_ARRAY]), tuple(value["shape"])
            size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
            array = np.frombuffer(blobs[at[0] : at[0] + size], dtype).reshape(shape).copy()
            at[0] += size
            return array
        if _BYTES in value:
            size = value[_BYTES]
            at[0] += size
            return bytes(blobs[at[0] - size : at[0]])
        return {k: _full(v, blobs, at) for k, v in value.items()}
    if isinstance(value, list):
        return [_full(v, blobs, at) for v in value]
    return value
