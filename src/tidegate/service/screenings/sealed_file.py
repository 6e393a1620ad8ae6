"""Files sealed in frames: written and read as a stream, of any size, and no frame can be changed, moved or cut off unnoticed.

    magic (4) | salt (16) | frame | frame | ... | last frame

A frame is AES-256-GCM over at most 256 KiB, its nonce a counter and a mark of the last one (the STREAM construction, Hoang,
Reyhanitabar, Rogaway and Vizár 2015). Each file has a key of its own: HKDF-SHA256 of the screening's key over the salt and the
name of the file, so that one does not open in place of another.
"""

from __future__ import annotations

import hashlib
import io
import os
from contextlib import suppress
from pathlib import Path
from pickle import PickleBuffer
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tidegate.service.access.sealing import SealError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

MAGIC = b"TGF\x01"
SALT_BYTES = 16
FRAME_BYTES = 256 * 1024  # what is held in memory of a file of any size
TAG_BYTES = 16
_COUNTER_BYTES = 11


class SealedWriter:
    """Writes a sealed file that only its owner may read; it is there, whole and synced, once it is closed without an error.

    `size` and `sha256` are those of the content.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._held = bytearray()
        self._count = 0
        salt = os.urandom(SALT_BYTES)
        self._machine = _machine(key, salt, path.name)
        self._draft = path.with_name(f".{path.name}.{os.getpid()}")
        self._file: BinaryIO = os.fdopen(
            os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb"
        )
        self._file.write(MAGIC + salt)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far."""
        return self._digest.hexdigest()

    def write(self, content: bytes | bytearray | memoryview | PickleBuffer) -> int:
        """Take in more of the content."""
        view = content.raw() if isinstance(content, PickleBuffer) else memoryview(content).cast("B")
        size = len(view)
        self._digest.update(view)
        self.size += size
        while len(self._held) + len(view) > FRAME_BYTES:  # the last frame is only known at the end
            room = FRAME_BYTES - len(self._held)
            self._held += view[:room]
            view = view[room:]
            self._frame(last=False)
        self._held += view
        return size

    def close(self) -> None:
        """Put the file in its place."""
        self._frame(last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._draft.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(OSError):
            self._file.close()
        self._draft.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is not None:
            self.abandon()
            return
        try:
            self.close()
        except BaseException:
            self.abandon()
            raise

    def _frame(self, *, last: bool) -> None:
        self._file.write(self._machine.encrypt(_nonce(self._count, last=last), bytes(self._held), MAGIC))
        self._held.clear()
        self._count += 1


def opened(path: Path, key: bytes) -> Iterator[bytes]:
    """Yield the content of a sealed file, piece by piece. Raise SealError where it does not open, FileNotFoundError."""
    with path.open("rb") as file:
        head = file.read(len(MAGIC) + SALT_BYTES)
        if not head.startswith(MAGIC) or len(head) != len(MAGIC) + SALT_BYTES:
            raise SealError("this is no sealed file", place=path.name)
        machine = _machine(key, head[len(MAGIC) :], path.name)
        frame, count = file.read(FRAME_BYTES + TAG_BYTES), 0
        while True:
            following = file.read(FRAME_BYTES + TAG_BYTES)
            try:
                yield machine.decrypt(_nonce(count, last=not following), frame, MAGIC)
            except InvalidTag:
                raise SealError(
                    "a sealed file does not open", place=path.name, hint="it was changed, or cut off"
                ) from None
            if not following:
                return
            frame, count = following, count + 1


def reading(path: Path, key: bytes) -> BinaryIO:
    """Return a sealed file to be read like any other; see `opened`."""
    return cast("BinaryIO", io.BufferedReader(_Reader(opened(path, key)), FRAME_BYTES))


class _Reader(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io gives it
        """Fill a buffer; 0 at the end."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _machine(key: bytes, salt: bytes, name: str) -> AESGCM:
    info = b"tidegate screening file " + name.encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(key))


def _nonce(count: int, *, last: bool) -> bytes:
    return count.to_bytes(_COUNTER_BYTES, "big") + bytes([last])
