"""Bytes of an input file as chunks, decompressed on the way, with constant memory."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tidegate.errors import FileError, reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

Progress = Callable[[int, int | None], None]  # bytes read so far, bytes in all (None: nobody knows)
CHUNK_BYTES = 1 << 20
UNPACKED_BYTES = 1 << 18  # per chunk of decompressed bytes
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class Counted:
    """A binary file that tells `progress(bytes read so far, bytes in all)` as it is read; None: nobody knows."""

    def __init__(self, file: BinaryIO, total: int | None, progress: Progress | None) -> None:
        self.file = file
        self.total = total
        self.progress = progress
        self.done = 0
        self.closed = False

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Return up to `size` bytes, none at the end; less where the source is a pipe that has no more at hand."""
        chunk = self.file.read1(size) if hasattr(self.file, "read1") else self.file.read(size)
        self.done += len(chunk)
        if self.progress is not None and chunk:
            self.progress(self.done, self.total)
        return chunk


def standard_input(progress: Progress | None) -> Iterator[bytes]:
    """Yield what comes in on standard input."""
    yield from _plain(Counted(sys.stdin.buffer, None, progress))


def file_chunks(path: Path, compression: str, progress: Progress | None) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file; compression is "", "gz" or "zst".

    Raise FileError where the file cannot be read, and where its compressed data breaks off or is damaged; all that
    could be decompressed before has been yielded then.
    """
    try:
        with path.open("rb") as file:
            counted = Counted(file, os.fstat(file.fileno()).st_size, progress)
            yield from {"": _plain, "gz": _gunzipped, "zst": _unzstded}[compression](counted)
    except (zlib.error, EOFError) as error:
        raise _damaged("gzip", error) from None
    except OSError as error:
        raise FileError(f"cannot be read: {reason(error)}", place=str(path)) from None


def _plain(source: Counted) -> Iterator[bytes]:
    while chunk := source.read():
        yield chunk


def _gunzipped(source: Counted) -> Iterator[bytes]:
    """Yield the content of all gzip members, chunk by chunk, never more than UNPACKED_BYTES."""
    data = source.read()
    _check_magic(data, _GZIP_MAGIC, "gzip")
    while data:
        member = zlib.decompressobj(wbits=31)
        yield from _one_member(member, data, source)
        data = (
            member.unused_data.lstrip(b"\0") or source.read()
        )  # padding with zeros is allowed between members


def _one_member(member: zlib._Decompress, data: bytes, source: Counted) -> Iterator[bytes]:
    while True:
        out = member.decompress(data, UNPACKED_BYTES)
        if out:
            yield out
        if member.eof:
            return
        data = member.unconsumed_tail or source.read()
        if not data and not out:
            raise EOFError


def _unzstded(source: Counted) -> Iterator[bytes]:
    import pyarrow as pa  # large, and few files ask for it

    head = source.read()
    _check_magic(head, _ZSTD_MAGIC, "zstd")
    stream = pa.CompressedInputStream(pa.PythonFile(_Rest(head, source), mode="r"), "zstd")
    done = 0
    while True:
        try:
            chunk = stream.read(UNPACKED_BYTES)
        except OSError as error:
            if last := _before_damage(source.file, done):
                yield last
            raise _damaged("zstd", error) from None
        if not chunk:
            return
        done += len(chunk)
        yield chunk


def _before_damage(file: BinaryIO, done: int) -> bytes:
    """Return what can be decompressed behind the first `done` bytes: byte by byte, as a read that meets damage gives nothing."""
    import pyarrow as pa

    found = bytearray()
    with suppress(OSError):  # a pipe cannot be read again
        file.seek(0)
        stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
        while done and (part := stream.read(min(done, UNPACKED_BYTES))):  # it may have become shorter
            done -= len(part)
        while byte := stream.read(1):
            found += byte
    return bytes(found)


class _Rest:
    """A file of which the head has been read already."""

    def __init__(self, head: bytes, source: Counted) -> None:
        self.head = head
        self.source = source
        self.closed = False

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        if self.head:
            given, self.head = self.head[:size], self.head[size:]
            return given
        return self.source.read(size)

    def close(self) -> None:
        """Nothing: the file is closed by whoever opened it."""


def _check_magic(head: bytes, magic: bytes, name: str) -> None:
    if head and not head.startswith(magic):
        raise FileError(f"is not a {name} file", hint="if it is plain text, let its name end in `.ndjson`")


def _damaged(name: str, error: Exception) -> FileError:
    cut = isinstance(error, EOFError) or "Truncated" in str(error)
    problem = f"the {name} data breaks off" if cut else f"the {name} data is damaged"
    return FileError(problem, hint="fetch the file again")
