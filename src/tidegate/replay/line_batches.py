"""Chunks of bytes to batches of lines. A line beyond the limit is never held whole; reading goes on behind it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import FileError
from tidegate.events.json_text import LINE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH_BYTES = 4 << 20  # a batch is closed when it holds so much, even if it has few lines
_LINE_FEED = ord("\n")
HEAD_BYTES = 4000  # of an overlong line, kept for the record of its rejection


@dataclass
class Overlong:
    """A line beyond the limit: its number, its first bytes, and how long it was."""

    line: int
    head: bytes
    length: int


@dataclass
class LineBatch:
    """Successive lines as one text, each with its line feed, from number `first_line` on; an overlong one stands empty."""

    first_line: int
    text: bytes
    overlong: list[Overlong] = field(default_factory=list)


def line_batches(
    chunks: Iterator[bytes], *, rows: int, line_bytes_max: int = LINE_BYTES_MAX
) -> Iterator[LineBatch]:
    """Yield the lines of a text in batches of at least `rows`, or as many as BATCH_BYTES hold; at the end what is left.

    The last line may lack its line end. A FileError of the chunks comes through after all lines that were complete
    before it; its place is then the number of the first line that was not.
    """
    splitter = _Splitter(line_bytes_max)
    first = True
    try:
        for chunk in chunks:
            splitter.add(_without_mark(chunk) if first else chunk)
            first = False
            if splitter.count >= rows or splitter.size >= BATCH_BYTES:
                yield splitter.take()
    except FileError as error:
        if first:
            raise
        if splitter.count:
            yield splitter.take()
        raise FileError(
            error.problem,
            place=str(splitter.first_line),
            hint=f"{error.hint}; all lines before were read",
        ) from None
    splitter.end()
    if splitter.count:
        yield splitter.take()


_OTHER_FORMS = {  # how files begin that are no text, what they are, and how they are named
    b"\x1f\x8b": ("gzip data", ".ndjson.gz"),
    b"\x28\xb5\x2f\xfd": ("zstd data", ".ndjson.zst"),
    b"PAR1": ("a Parquet file", ".parquet"),
    b"ARRO": ("an Arrow file", ".arrow"),
}


class _Splitter:
    """Cuts chunks behind their last line feed; holds the complete lines that were not yet taken."""

    def __init__(self, line_bytes_max: int) -> None:
        self.limit = line_bytes_max
        self.first_line = 1
        self.parts: list[bytes | memoryview] = []
        self.count = 0  # complete lines
        self.size = 0  # bytes of them
        self.overlong: list[Overlong] = []
        self.open = b""  # the beginning of the line that is not complete yet
        self.skipped: Overlong | None = None  # the overlong line we are inside of

    def add(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        if self.skipped is not None:
            end = chunk.find(b"\n")
            self.skipped.length += len(chunk) if end < 0 else end
            if end < 0:
                return
            self._close_overlong()
            chunk = chunk[end + 1 :]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            if self.open:
                self._hold(self.open)
            self._hold(memoryview(chunk)[:cut])
            self.open = chunk[cut:]
        else:
            self.open += chunk
        if len(self.open) > self.limit:
            self.skipped = Overlong(0, self.open[:HEAD_BYTES], len(self.open))
            self.open = b""

    def end(self) -> None:
        """Take what follows the last line feed as a line."""
        if self.skipped is not None:
            self._close_overlong()
        elif self.open:
            self._hold(self.open + b"\n")
            self.open = b""

    def take(self) -> LineBatch:
        """Return the complete lines, and hold none of them any longer."""
        batch = LineBatch(self.first_line, b"".join(self.parts), self.overlong)
        self.first_line += self.count
        self.parts, self.overlong, self.count, self.size = [], [], 0, 0
        return batch

    def _hold(self, text: bytes | memoryview) -> None:
        """Take a text up; line feeds are counted without the lock of the interpreter, and several bytes at a time."""
        self.parts.append(text)
        self.count += int(np.count_nonzero(np.frombuffer(text, np.uint8) == _LINE_FEED))
        self.size += len(text)

    def _close_overlong(self) -> None:
        assert self.skipped
        self.skipped.line = self.first_line + self.count
        self._hold(b"\n")
        self.overlong.append(self.skipped)
        self.skipped = None


def _without_mark(chunk: bytes) -> bytes:
    """Return the first chunk without the UTF-8 byte order mark; refuse other encodings than UTF-8."""
    start = chunk[:4]
    for magic, (what, ending) in _OTHER_FORMS.items():
        if start.startswith(magic):
            raise FileError(
                f"is {what}, not lines of text",
                hint=f"let its name end in `{ending}`: the ending says what is in it; unpack what comes in on `-`",
            )
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise FileError(
            "is not UTF-8 text, but looks like UTF-16 or UTF-32",
            hint="save it as UTF-8: `iconv -f UTF-16 -t UTF-8`",
        )
    return chunk.removeprefix(codecs.BOM_UTF8)
