"""Arrow of strangers: what could unpack to more than was sent, or point outside, is refused before it is read.

Columns are read where they lie, so a stream costs as much memory as it has bytes, but for four things: packed buffers,
dictionaries of long values, views that overlap, and runs. None of them is needed to send events.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyarrow.ipc import Message

_HEADER, _COMPRESSION, _DATA = (
    2,
    3,
    1,
)  # places of fields in Message, RecordBatch, DictionaryBatch (Arrow's Message.fbs)
_PLAIN = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_timestamp,
    pa.types.is_date,
    pa.types.is_decimal,
)
_MESSAGES_MAX = 100_000


def check_packed(body: bytes) -> None:
    """Raise Problem where buffers are packed; pa.ArrowException or ValueError where it is no stream at all."""
    for message in _messages(body):
        if message.type in ("record batch", "dictionary") and _is_packed(message):
            raise Problem(
                415,
                "packed-columns",
                "the buffers of the Arrow stream are compressed",
                field="body",
                hint="write it without `compression`, and pack the body as a whole with `Content-Encoding`",
            )


def check_schema(schema: pa.Schema) -> None:
    """Raise Problem where a column is of a type that events do not need."""
    for column in schema:
        if not _known_or_nothing(column.type):
            raise Problem(
                422,
                "column-type",
                f"a column of type `{column.type}` is not read",
                field=column.name,
                hint="texts, numbers, booleans, timestamps, and lists or structs of them",
            )


def check_batch(batch: pa.RecordBatch, limit: int) -> None:
    """Raise where offsets point outside (pa.ArrowInvalid), or values of dictionaries would unpack to more than the limit."""
    batch.validate(full=True)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if any(len(lists.values) for lists in _lists_of_nothing(column)):
            raise Problem(
                422, "column-type", "members of no type are not read", field=name, hint="send empty lists"
            )
        if pa.types.is_dictionary(column.type):
            column.dictionary.validate(full=True)
            longest = pc.max(pc.binary_length(column.dictionary)).as_py() or 0
            if longest * len(column) > limit:
                raise Problem(
                    413,
                    "too-large",
                    "the dictionary of a column unpacks to too much",
                    field=name,
                    hint="send plain texts",
                )


def _known_or_nothing(given: pa.DataType) -> bool:
    """Whether a column, or a member of a struct in one, is read; of no type are those in which nothing is known."""
    if pa.types.is_struct(given):
        return all(
            not pa.types.is_dictionary(inner.type) and _known_or_nothing(inner.type) for inner in given
        )
    return bool(pa.types.is_null(given) or _of_nothing(given) or _allowed(given))


def _lists_of_nothing(column: pa.Array) -> Iterator[pa.Array]:
    """Yield the lists without a type of members in a column."""
    if _of_nothing(column.type):
        yield column
    elif pa.types.is_struct(column.type):
        for place in range(column.type.num_fields):
            yield from _lists_of_nothing(column.field(place))


def _allowed(given: pa.DataType) -> bool:
    """Whether values of a type are read, in lists as well: there a member must cost bytes, or a few would say it is millions."""
    if pa.types.is_dictionary(given):
        return bool(pa.types.is_string(given.value_type) or pa.types.is_large_string(given.value_type))
    if _is_list(given):
        of_none = pa.types.is_fixed_size_list(given) and given.list_size == 0
        return not (of_none or pa.types.is_dictionary(given.value_type)) and _allowed(given.value_type)
    if pa.types.is_map(given):
        return _plain(given.key_type) and _plain(given.item_type)
    if pa.types.is_struct(given):
        return given.num_fields > 0 and all(
            not pa.types.is_dictionary(inner.type) and _allowed(inner.type) for inner in given
        )
    return _plain(given)


def _is_list(given: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(given) or pa.types.is_large_list(given) or pa.types.is_fixed_size_list(given)
    )


def _of_nothing(given: pa.DataType) -> bool:
    """Whether these are lists without a type of members, as lists are that are all empty; members would cost no bytes."""
    return bool(_is_list(given) and pa.types.is_null(given.value_type))


def _plain(given: pa.DataType) -> bool:
    return any(is_such(given) for is_such in _PLAIN)


def _messages(body: bytes) -> Iterator[Message]:
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    for _ in range(_MESSAGES_MAX):
        try:
            yield reader.read_next_message()
        except StopIteration:
            return
    raise ValueError


def _is_packed(message: Message) -> bool:
    """Whether a batch says that its buffers are compressed: read from its flatbuffer, pyarrow does not tell."""
    data = message.metadata.to_pybytes()
    (root,) = struct.unpack_from("<I", data, 0)
    batch = _table(data, root, _HEADER)
    if batch and message.type == "dictionary":
        batch = _table(data, batch, _DATA)
    return bool(batch and _field(data, batch, _COMPRESSION))


def _field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffer's table stands; 0 where it is not set."""
    (back,) = struct.unpack_from("<i", data, table)
    (size,) = struct.unpack_from("<H", data, table - back)
    entry = 4 + 2 * number
    if entry + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", data, table - back + entry)
    return table + int(offset) if offset else 0


def _table(data: bytes, table: int, number: int) -> int:
    """Return where the table that a field points to stands; 0 where there is none."""
    at = _field(data, table, number)
    return at + int(struct.unpack_from("<I", data, at)[0]) if at else 0
