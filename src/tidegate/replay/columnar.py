"""Parquet and Arrow IPC: the same fields as columns, one event per row.

A null in a column means that the field is missing (not known): columnar files have no other way to leave a field out,
and every event leaves most fields out. "None on record" can therefore only be said in NDJSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
import pyarrow.parquet

from tidegate.errors import FileError
from tidegate.events import REGISTRY, Decoded, EventBlock, decode_rows
from tidegate.events.suggestions import nearest
from tidegate.events.wording import quoted
from tidegate.replay.arrow_columns import ArrowColumns
from tidegate.replay.arrow_layouts import common_layout, plain_type
from tidegate.replay.column_values import is_suspect, is_text, plain_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tidegate.events import Record
    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.input_file import InputFile

_KNOWN = {"type"} | {name for event in REGISTRY.values() for name in event.fields()}
_TYPE_NAMES = pa.array(list(REGISTRY), pa.string())
_REQUIRED = ("event_id", "type", "ts")
_FILE_MAGIC = b"ARROW1"


def columnar_batches(file: InputFile, progress: Progress | None, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the file in order, at most `rows` at a time.

    Raise FileError where the file cannot be read or its columns are not those of events.
    """
    total = file.path.stat().st_size
    try:
        with pa.memory_map(str(file.path)) if total else pa.BufferReader(b"") as source:
            batches = _parquet(file, source, rows) if file.form == "parquet" else _arrow(file, source)
            for batch in batches:
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)
                if progress is not None:
                    progress(min(source.tell(), total), total)
            if progress is not None:
                progress(total, total)
    except (pa.ArrowException, OSError) as error:
        what = "Parquet" if file.form == "parquet" else "Arrow IPC"
        first = str(error).partition("\n")[0].rstrip(".")
        raise FileError(
            f"cannot be read as {what}: {first}", place=file.name, hint="write it again, or fetch it again"
        ) from None


def rows_of(batch: pa.RecordBatch, *, file: str, first_row: int) -> Decoded:
    """Return the events of a batch of rows; each bad row is rejected by its number.

    Raise FileError where a column is of a type that is not read.
    """
    try:
        batch = common_layout(batch)
    except FileError as error:
        raise error.at(file) from None
    types = batch.column("type")
    if pa.types.is_dictionary(types.type):
        types = types.dictionary_decode()
    codes = pc.fill_null(pc.index_in(types.cast(_TYPE_NAMES.type), value_set=_TYPE_NAMES), -1)
    columns = ArrowColumns(batch, codes.to_numpy(zero_copy_only=False).astype(np.int32), _one_record)
    right = columns.right()
    lines = np.arange(first_row, first_row + batch.num_rows)
    if right.all():
        rows = np.arange(batch.num_rows)
        return Decoded(_block(columns, {}, rows, columns.codes, columns.ts(), lines, file), [])
    left = np.flatnonzero(~right)
    patient = _patient(batch.take(pa.array(left)), codes.take(pa.array(left)), file, lines[left])
    accepted = patient.block.lines - first_row
    here, ts = columns.codes.copy(), np.zeros(batch.num_rows, np.int64)
    ts[right] = columns.ts()[right] if right.any() else 0
    here[accepted], ts[accepted] = patient.block.codes, patient.block.ts
    right[accepted] = True
    kept = dict(zip(accepted.tolist(), patient.block.records, strict=True))
    rows = np.flatnonzero(right)
    block = _block(columns, kept, rows, here[rows], ts[rows], lines[rows], file)
    return Decoded(block, patient.rejected)


def _block(
    columns: ArrowColumns,
    kept: dict[int, Record],
    rows: NDArray[np.int64],
    codes: NDArray[np.int32],
    ts: NDArray[np.int64],
    lines: NDArray[np.int64],
    file: str,
) -> EventBlock:
    return EventBlock.of_columns(columns, kept, rows=rows, codes=codes, ts=ts, lines=lines, file=file)


def _one_record(batch: pa.RecordBatch) -> Record:
    """Return the only row of a batch, which is known to be right, as a record."""
    decoded = decode_rows(_rows_of_one_type(batch))
    assert not decoded.rejected, decoded.rejected
    return decoded.block.records[0]


def _patient(batch: pa.RecordBatch, codes: pa.Array, file: str, numbers: NDArray[np.int64]) -> Decoded:
    """Return the events of rows that are read value by value."""
    rows: list[dict[str, Any]] = [{}] * batch.num_rows
    for code in pc.unique(codes):
        positions = pc.indices_nonzero(pc.equal(codes, code))
        for position, row in zip(
            positions.to_pylist(), _rows_of_one_type(batch.take(positions)), strict=True
        ):
            rows[position] = row
    looked_at = not any(map(is_suspect, batch.columns))
    return decode_rows(rows, file=file, numbers=numbers, looked_at=looked_at, order=batch.schema.names)


def _rows_of_one_type(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Return the rows as JSON objects without the null fields; columns that are null in all of them cost nothing."""
    full: dict[str, list[Any]] = {}
    gappy: dict[str, list[Any]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count < len(column):
            values = plain_values(name, column)
            (gappy if column.null_count or None in values else full)[name] = values
    names = tuple(full)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*full.values(), strict=True)]
    rows = rows or [{} for _ in range(batch.num_rows)]
    for name, values in gappy.items():
        for row, value in zip(rows, values, strict=True):
            if value is not None:
                row[name] = value
    return rows


def _parquet(file: InputFile, source: pa.NativeFile, rows: int) -> Iterator[pa.RecordBatch]:
    parquet = pyarrow.parquet.ParquetFile(source)
    check_columns(file.name, parquet.schema_arrow)
    yield from parquet.iter_batches(batch_size=rows, use_threads=False)


def _arrow(file: InputFile, source: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    head = source.read(len(_FILE_MAGIC))
    source.seek(0)
    if head == _FILE_MAGIC:
        reader = pyarrow.ipc.open_file(source)
        check_columns(file.name, reader.schema)
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)
    else:
        stream = pyarrow.ipc.open_stream(source)
        check_columns(file.name, stream.schema)
        yield from stream


def check_columns(name_of_file: str, schema: pa.Schema) -> None:
    """Raise FileError where the columns are not those of events; the name of the file is its place."""
    names = schema.names
    for name in names:
        if name not in _KNOWN:
            meant = nearest(name, _KNOWN)
            hint = f"did you mean `{meant}`? " if meant else ""
            raise FileError(
                f"no event has a field for column {quoted(name)}",
                place=name_of_file,
                hint=f"{hint}put columns of your own into a struct column `extra`",
            )
        if names.count(name) > 1:
            raise FileError(f"column `{name}` stands twice", place=name_of_file, hint="drop one of them")
    held = plain_type(schema.field("type").type if "type" in names else pa.string())
    if not is_text(held.value_type if pa.types.is_dictionary(held) else held) and not pa.types.is_null(held):
        raise FileError("column `type` holds no text", place=name_of_file, hint="name event types in it")
    for name in _REQUIRED:
        if name not in names:
            raise FileError(f"there is no column `{name}`", place=name_of_file, hint="every event has one")
