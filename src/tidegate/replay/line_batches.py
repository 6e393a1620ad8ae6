"""Chunks of bytes to batches of lines. A line beyond the limit is never held whole; reading goes on behind it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.errors import FileError
from tidegate.events.json_text import LINE_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH_BYTES = 4 << 20  # a batch is closed when it holds so much, even if it has few lines
HEAD_BYTES = 4000  # of an overlong line, kept for the record of its rejection


@dataclass
class Overlong:
    """A line beyond the limit: its number, its first bytes, and how long it was."""

    line: int
    head: bytes
    length: int


@dataclass
class LineBatch:
    """Successive lines without their line feed; an overlong one stands empty in its place.

    `size` counts the bytes that were read for it, roughly.
    """

    first_line: int
    lines: list[bytes] = field(default_factory=list)
    overlong: list[Overlong] = field(default_factory=list)
    size: int = 0


def line_batches(
    chunks: Iterator[bytes], *, rows: int, line_bytes_max: int = LINE_BYTES_MAX
) -> Iterator[LineBatch]:
    """Yield the lines of a text in batches of at most `rows`, the last line with or without line end.

    A FileError of the chunks comes through after all lines that were complete before it; its place is then the number
    of the first line that was not.
    """
    splitter = _Splitter(line_bytes_max)
    first = True
    try:
        for chunk in chunks:
            splitter.add(_without_mark(chunk) if first else chunk)
            first = False
            yield from splitter.take(rows)
    except FileError as error:
        if first:
            raise
        yield from splitter.take(rows, everything=True)
        raise FileError(
            error.problem,
            place=str(splitter.batch.first_line),
            hint=f"{error.hint}; all lines before were read",
        ) from None
    splitter.end()
    yield from splitter.take(rows, everything=True)


class _Splitter:
    """Cuts chunks into lines; `batch` holds the complete lines that were not yet taken."""

    def __init__(self, line_bytes_max: int) -> None:
        self.limit = line_bytes_max
        self.batch = LineBatch(1)
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
        lines = (self.open + chunk).split(b"\n")
        self.open = lines.pop()
        self.batch.lines += lines
        self.batch.size += len(chunk)
        if len(self.open) > self.limit:
            self.skipped = Overlong(0, self.open[:HEAD_BYTES], len(self.open))
            self.open = b""

    def end(self) -> None:
        """Take what follows the last line feed as a line."""
        if self.skipped is not None:
            self._close_overlong()
        elif self.open:
            self.batch.lines.append(self.open)
            self.open = b""

    def take(self, rows: int, *, everything: bool = False) -> Iterator[LineBatch]:
        """Yield the full batches, and what is left as one more where it is large or `everything` is asked for."""
        held = self.batch
        count = len(held.lines)
        if not everything and held.size < BATCH_BYTES:
            count -= count % rows
        if not count:
            return
        end = held.first_line + count
        self.batch = LineBatch(end, held.lines[count:], [o for o in held.overlong if o.line >= end])
        for at in range(0, count, rows):
            first, lines = held.first_line + at, held.lines[at : min(at + rows, count)]
            overlong = [o for o in held.overlong if first <= o.line < first + len(lines)]
            yield LineBatch(first, lines, overlong)

    def _close_overlong(self) -> None:
        assert self.skipped
        self.skipped.line = self.batch.first_line + len(self.batch.lines)
        self.batch.lines.append(b"")
        self.batch.overlong.append(self.skipped)
        self.skipped = None


def _without_mark(chunk: bytes) -> bytes:
    """Return the first chunk without the UTF-8 byte order mark; refuse other encodings than UTF-8."""
    start = chunk[:4]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise FileError(
            "is not UTF-8 text, but looks like UTF-16 or UTF-32",
            hint="save it as UTF-8: `iconv -f UTF-16 -t UTF-8`",
        )
    return chunk.removeprefix(codecs.BOM_UTF8)
