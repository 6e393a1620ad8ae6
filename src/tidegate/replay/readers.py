"""Files of events to blocks: NDJSON (plain, gzip, zstd), Parquet, Arrow IPC; constant memory whatever their size.

Arrow and the journal are imported where a file asks for them: most files are lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import FileError
from tidegate.events import Decoded, EventBlock, Rejected, decode_lines
from tidegate.events.block import EVENTS_MAX
from tidegate.events.json_columns import LineDecoder
from tidegate.events.json_text import too_long
from tidegate.events.rejected import place_of, shown_input
from tidegate.replay.byte_stream import Progress, file_chunks, standard_input
from tidegate.replay.input_file import STANDARD_INPUT, InputFile, input_file
from tidegate.replay.line_batches import LineBatch, line_batches
from tidegate.windows import COMPILED

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator


def read_events(
    source: str | os.PathLike[str] | InputFile, *, progress: Progress | None = None, rows: int = EVENTS_MAX
) -> Iterator[EventBlock | Rejected]:
    """Yield the events of one file in blocks of at most `rows`, and each line that was not accepted.

    `progress` is called with the bytes read so far and the size of the file (None for standard input, `-`).
    Raise FileError at once where the file as a whole cannot be read as events. Compressed data and columns that break off
    are reported as a rejected line, after all that came before it.
    """
    file = source if isinstance(source, InputFile) else input_file(source)
    if file.form == "lines":
        return _of_lines(file, progress, rows)
    if file.form == "log":
        return _of_log(file)
    return _of_columns(file, progress, rows)


def _of_log(file: InputFile) -> Iterator[EventBlock]:
    from tidegate.journal import Events, read_journal

    for entry in read_journal(file.path, file.cipher):
        if not isinstance(entry, Events):
            continue
        left = None if file.until is None else file.until - entry.position
        if left is not None and left < len(entry.block):
            if left > 0:
                yield entry.block.select(np.arange(left))
            return
        yield entry.block


def _of_lines(file: InputFile, progress: Progress | None, rows: int) -> Iterator[EventBlock | Rejected]:
    piped = file.name == STANDARD_INPUT
    chunks = standard_input(progress) if piped else file_chunks(file.path, file.compression, progress)
    started = False
    decoder = LineDecoder() if COMPILED else None
    try:
        for batch in line_batches(chunks, rows=rows):
            started = True
            yield from _reported(_decoded(batch, file.name, rows, decoder), batch, file.name)
    except FileError as error:
        if not started or not error.place.isdigit():
            raise FileError(error.problem, place=file.name, hint=error.hint) from None
        line = int(error.place)
        broken = FileError(error.problem, place=place_of(file.name, line), hint=error.hint)
        yield Rejected(file.name, line, broken, "")


def _decoded(batch: LineBatch, name: str, rows: int, decoder: LineDecoder | None) -> Iterator[Decoded]:
    """Yield what became of the lines, at most `rows` at a time: in columns where the kernel for it is compiled."""
    if decoder is None:
        lines = batch.text.split(b"\n")[:-1]
        for at in range(0, len(lines), rows):
            yield decode_lines(lines[at : at + rows], file=name, first_line=batch.first_line + at)
        return
    at, line = 0, batch.first_line
    while at < len(batch.text):
        piece = decoder.decode(batch.text, at, rows=rows, file=name, first_line=line)
        at, line = piece.end, line + piece.lines
        yield piece.decoded


def _reported(decoded: Iterator[Decoded], batch: LineBatch, name: str) -> Iterator[EventBlock | Rejected]:
    """Yield blocks and rejected lines, the overlong ones among them in their place."""
    overlong = [
        Rejected(name, long.line, too_long(long.length).at(place_of(name, long.line)), shown_input(long.head))
        for long in batch.overlong
    ]
    for part in decoded:
        if len(part.block):
            yield part.block
        if not overlong:
            yield from part.rejected
        else:
            overlong += part.rejected
    yield from sorted(overlong, key=lambda rejected: rejected.line)


def _of_columns(file: InputFile, progress: Progress | None, rows: int) -> Iterator[EventBlock | Rejected]:
    from tidegate.replay.columnar import columnar_batches, rows_of

    first_row = 1
    try:
        for batch in columnar_batches(file, progress, rows):
            decoded = rows_of(batch, file=file.name, first_row=first_row)
            first_row += batch.num_rows
            if len(decoded.block):
                yield decoded.block
            yield from decoded.rejected
    except FileError as error:
        if first_row == 1:
            raise
        place, hint = place_of(file.name, first_row), f"{error.hint}; all rows before were read"
        yield Rejected(file.name, first_row, FileError(error.problem, place=place, hint=hint), "")
