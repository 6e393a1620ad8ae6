"""Files of events to blocks: NDJSON (plain, gzip, zstd), Parquet, Arrow IPC; constant memory whatever their size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import FileError
from tidegate.events import EventBlock, Rejected, decode_lines
from tidegate.events.block import EVENTS_MAX
from tidegate.events.json_text import too_long
from tidegate.events.rejected import place_of, shown_input
from tidegate.replay.byte_stream import Progress, file_chunks, standard_input
from tidegate.replay.columnar import columnar_batches, rows_of
from tidegate.replay.input_file import STANDARD_INPUT, InputFile, input_file
from tidegate.replay.line_batches import LineBatch, line_batches

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator


def read_events(
    source: str | os.PathLike[str] | InputFile, *, progress: Progress | None = None, rows: int = EVENTS_MAX
) -> Iterator[EventBlock | Rejected]:
    """Yield the events of one file in blocks of at most `rows`, and each line that was not accepted.

    `progress` is called with the bytes read so far and the size of the file (None for standard input, `-`).
    Raise FileError at once where the file as a whole cannot be read as events. Compressed data that breaks off is
    reported as a rejected line, after all that came before it.
    """
    file = source if isinstance(source, InputFile) else input_file(source)
    if file.form == "lines":
        return _of_lines(file, progress, rows)
    return _of_columns(file, progress, rows)


def _of_lines(file: InputFile, progress: Progress | None, rows: int) -> Iterator[EventBlock | Rejected]:
    piped = file.name == STANDARD_INPUT
    chunks = standard_input(progress) if piped else file_chunks(file.path, file.compression, progress)
    started = False
    try:
        for batch in line_batches(chunks, rows=rows):
            started = True
            yield from _decoded(batch, file.name)
    except FileError as error:
        if not started or not error.place.isdigit():
            raise FileError(error.problem, place=file.name, hint=error.hint) from None
        line = int(error.place)
        broken = FileError(error.problem, place=place_of(file.name, line), hint=error.hint)
        yield Rejected(file.name, line, broken, "")


def _decoded(batch: LineBatch, name: str) -> Iterator[EventBlock | Rejected]:
    decoded = decode_lines(batch.lines, file=name, first_line=batch.first_line)
    if len(decoded.block):
        yield decoded.block
    overlong = [
        Rejected(name, long.line, too_long(long.length).at(place_of(name, long.line)), shown_input(long.head))
        for long in batch.overlong
    ]
    yield from sorted(decoded.rejected + overlong, key=lambda rejected: rejected.line)


def _of_columns(file: InputFile, progress: Progress | None, rows: int) -> Iterator[EventBlock | Rejected]:
    first_row = 1
    for batch in columnar_batches(file, progress, rows):
        decoded = rows_of(batch, file=file.name, first_row=first_row)
        first_row += batch.num_rows
        if len(decoded.block):
            yield decoded.block
        yield from decoded.rejected
