"""Layouts of Arrow that say the same in another way, as those that columns are read in.

Data frames and warehouses write texts as views, runs instead of repeated values, and whole numbers as decimals without
places. What is said does not depend on it, so neither may the decisions.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate.errors import FileError
from tidegate.events.kinds import Integer, Moment, Real
from tidegate.replay.column_values import fields_of, is_text

_NUMBERS = Integer | Real | Moment


def common_layout(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with views, runs and decimals of number fields as plain texts, lists and numbers.

    Raise FileError, where one is of a type that cannot be made plain.
    """
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            columns.append(_column(name, column))
        except pa.ArrowException:
            problem = f"column `{name}` is of type `{column.type}`, which is not read"
            raise FileError(
                problem, hint="write it as plain texts, numbers, times, or lists of them"
            ) from None
    if all(made is given for made, given in zip(columns, batch.columns, strict=True)):
        return batch
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def plain_type(given: pa.DataType) -> pa.DataType:
    """Return the type of a column in the layout that is read.

    >>> plain_type(pa.list_(pa.string_view()))
    ListType(list<item: string>)
    """
    types = pa.types
    if isinstance(given, pa.BaseExtensionType):
        return plain_type(given.storage_type)
    if types.is_run_end_encoded(given):
        return plain_type(given.value_type)
    if types.is_dictionary(given):
        inner = plain_type(given.value_type)
        return given if inner == given.value_type and is_text(inner) else inner
    if types.is_string_view(given):
        return pa.string()
    if types.is_binary_view(given):
        return pa.binary()
    return _plain_nested(given) if types.is_nested(given) else given


def _plain_nested(given: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_list(given) or types.is_list_view(given):
        return pa.list_(_plain_field(given.value_field))
    if types.is_large_list(given) or types.is_large_list_view(given):
        return pa.large_list(_plain_field(given.value_field))
    if types.is_fixed_size_list(given):
        return pa.list_(_plain_field(given.value_field), given.list_size)
    if types.is_struct(given):
        return pa.struct([_plain_field(inner) for inner in given])
    if types.is_map(given):
        return pa.map_(plain_type(given.key_type), plain_type(given.item_type))
    return given


def _plain_field(inner: pa.Field) -> pa.Field:
    return inner.with_type(plain_type(inner.type))


def _column(name: str, column: pa.Array) -> pa.Array:
    given = column.type
    if pa.types.is_decimal(given):
        return _numbers(name, column)
    wanted = plain_type(given)
    if wanted == given:
        return column
    if isinstance(given, pa.BaseExtensionType):
        return _column(name, column.storage)
    if pa.types.is_run_end_encoded(given):
        rows = np.arange(column.offset, column.offset + len(column))
        run_of_row = np.searchsorted(column.run_ends.to_numpy(), rows, side="right")
        return _column(name, column.values).take(pa.array(run_of_row))
    if pa.types.is_dictionary(given):
        return _column(name, column.dictionary).take(column.indices)
    if pa.types.is_list_view(given) or pa.types.is_large_list_view(given):
        return _lists(column)
    return column.cast(wanted)


def _lists(views: pa.ListViewArray) -> pa.ListArray:
    """Return lists whose members stand one after the other: a cast of a part of the rows makes offsets too short."""
    lengths = pc.list_value_length(views).fill_null(0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    members = _column("", views.flatten())
    return pa.ListArray.from_arrays(offsets, members, mask=views.is_null() if views.null_count else None)


def _numbers(name: str, column: pa.Array) -> pa.Array:
    """Return decimals as the numbers that they are, where no field of that name is an exact amount or a text."""
    fields = fields_of(name)
    if not fields or not all(isinstance(field, _NUMBERS) for field in fields):
        return column
    if column.type.scale > 0:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:  # more digits than any field takes: each row says so
        return column
