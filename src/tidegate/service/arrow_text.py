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
_LARGE = pa.large_string()


def lines_of(batch: pa.RecordBatch) -> bytes | None:
    """Return the rows as lines of JSON, each with its line feed, nulls left out; None where that does not do."""
    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    named = [(n, c) for n, c in zip(batch.schema.names, columns, strict=True) if c.null_count < len(c)]
    named.sort(
        key=lambda pair: pair[1].null_count > 0
    )  # what every row has comes first: the others bring a comma
    if not named or named[0][1].null_count:
        return None
    parts: list[Any] = []
    constant = "{"  # what stands next in every row
    for name, column in named:
        values, quote = _values(name, column)
        if values is None:
            return None
        before = f'{"," if parts else ""}"{name}":{quote}'
        if column.null_count:
            parts += [_text(constant), pc.coalesce(_joined(before, values, quote), _text(""))]
            constant = ""
        else:
            parts += [_text(constant + before), values]
            constant = quote
    whole = pc.binary_join_element_wise(*parts, _text(constant + "}\n"), _text(""))
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    return bytes(memoryview(data)[int(bounds[0]) : int(bounds[-1])])


def _values(name: str, column: pa.Array) -> tuple[pa.Array | None, str]:
    """Return the values as texts, and what quotes them; None where that does not do."""
    given = column.type
    if pa.types.is_string(given) or pa.types.is_large_string(given):
        return (None if _needs_escape(column) else column.cast(_LARGE)), '"'
    if pa.types.is_timestamp(given):
        column = column.cast(pa.timestamp(unit_of(name), given.tz), safe=False).cast(pa.int64())
    elif pa.types.is_floating(given):
        column = _number(column)
    elif pa.types.is_list(given) and (
        pa.types.is_string(given.value_type) or pa.types.is_null(given.value_type)
    ):
        column = _texts(column.cast(pa.list_(pa.string())))
    elif not (pa.types.is_integer(given) or pa.types.is_boolean(given)):
        return None, ""
    return (None if column is None else column.cast(_LARGE)), ""


def _number(column: pa.Array) -> pa.Array | None:
    """Return whole numbers that came as floats as whole numbers, others as they are; None where some are not finite."""
    values = pc.drop_null(column).to_numpy(zero_copy_only=False)
    if not np.isfinite(values).all():
        return None
    if (values == np.floor(values)).all() and (np.abs(values) < _WHOLE_MAX).all():
        return column.cast(pa.int64())
    return column.cast(pa.float64())


def _texts(column: pa.ListArray) -> pa.Array | None:
    """Return lists of texts."""
    members = column.flatten()
    if members.null_count or _needs_escape(members):
        return None
    joined = pc.binary_join(column, '","')
    full = pc.greater(pc.list_value_length(column), 0)
    written = pc.if_else(full, _joined('["', joined, '"]'), _text("[]"))
    return pc.if_else(column.is_valid(), written, pa.scalar(None, _LARGE))


def _needs_escape(column: pa.Array) -> bool:
    return pc.any(pc.match_substring_regex(column, _ESCAPED)).as_py() is True


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, _LARGE)


def _joined(before: str, column: pa.Array, behind: str) -> pa.Array:
    return pc.binary_join_element_wise(_text(before), column.cast(_LARGE), _text(behind), _text(""))
