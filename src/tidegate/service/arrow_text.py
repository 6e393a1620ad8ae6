"""Columns of Arrow as lines of JSON, put together column by column: what the journal holds, made at the speed of columns.

Values that need an escape, or are of a kind that is not written here, make it None: then each row is read by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate.replay.column_values import unit_of

_ESCAPED = r'[\x00-\x1f"\\]'  # what may not stand in a JSON text as it is
_WHOLE_MAX = 2.0**53


def lines_of(batch: pa.RecordBatch) -> bytes | None:
    """Return the rows as lines of JSON, each with its line feed, nulls left out; None where that does not do."""
    pieces: list[Any] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count == len(column):
            continue
        piece = _piece(name, column)
        if piece is None:
            return None
        pieces.append(piece)
    if not pieces:
        return None
    rows = pc.binary_join_element_wise(*pieces, pa.scalar(",", pa.large_string()), null_handling="skip")
    whole = _joined("{", rows, "}\n")
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    return bytes(memoryview(data)[int(bounds[0]) : int(bounds[-1])])


def _piece(name: str, column: pa.Array) -> pa.Array | None:
    """Return `"name":value` per row, null where the value is."""
    given = column.type
    if pa.types.is_dictionary(given):
        column = column.dictionary_decode()
        given = column.type
    if pa.types.is_string(given) or pa.types.is_large_string(given):
        return None if _needs_escape(column) else _joined(f'"{name}":"', column, '"')
    if pa.types.is_timestamp(given):
        column = column.cast(pa.timestamp(unit_of(name), given.tz), safe=False).cast(pa.int64())
    elif pa.types.is_floating(given):
        column = _number(column)
    elif pa.types.is_list(given) and (
        pa.types.is_string(given.value_type) or pa.types.is_null(given.value_type)
    ):
        return _texts(name, column.cast(pa.list_(pa.string())))
    elif not (pa.types.is_integer(given) or pa.types.is_boolean(given)):
        return None
    return None if column is None else _joined(f'"{name}":', column.cast(pa.large_string()), "")


def _number(column: pa.Array) -> pa.Array | None:
    """Return whole numbers that came as floats as whole numbers, others as they are; None where some are not finite."""
    values = pc.drop_null(column).to_numpy(zero_copy_only=False)
    if not np.isfinite(values).all():
        return None
    if (values == np.floor(values)).all() and (np.abs(values) < _WHOLE_MAX).all():
        return column.cast(pa.int64())
    return column.cast(pa.float64())


def _texts(name: str, column: pa.ListArray) -> pa.Array | None:
    """Return lists of texts."""
    members = column.flatten()
    if members.null_count or _needs_escape(members):
        return None
    joined = pc.binary_join(column, '","')
    full = pc.greater(pc.list_value_length(column), 0)
    written = pc.if_else(full, _joined('["', joined, '"]'), pa.scalar("[]", pa.large_string()))
    return _joined(
        f'"{name}":', pc.if_else(column.is_valid(), written, pa.scalar(None, pa.large_string())), ""
    )


def _needs_escape(column: pa.Array) -> bool:
    return pc.any(pc.match_substring_regex(column, _ESCAPED)).as_py() is True


def _joined(before: str, column: pa.Array, behind: str) -> pa.Array:
    large = pa.large_string()
    return pc.binary_join_element_wise(
        pa.scalar(before, large), column.cast(large), pa.scalar(behind, large), pa.scalar("", large)
    )
