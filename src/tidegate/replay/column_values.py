"""Arrow values as the plain JSON values that stand for them in NDJSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tidegate.events import REGISTRY, Field
from tidegate.events.kinds import Integer, Map, Moment, Object, Objects

if TYPE_CHECKING:
    from collections.abc import Callable

    Repair = Callable[[Any], Any]

_SUSPECT_TEXT = r"[\x00-\x1f\[{]"  # a control character, or JSON that may be deep
_FIELDS: dict[str, list[Field]] = {}
for _event in REGISTRY.values():
    for _name, _field in _event.fields().items():
        _FIELDS.setdefault(_name, []).append(_field)


def plain_values(name: str, column: pa.Array) -> list[Any]:
    """Return a column as plain JSON values, None where it is null.

    Timestamps become whole numbers in the unit of the field (a time without zone is taken as UTC), dates and decimals
    texts, maps and structs objects. A number that is not finite becomes its name, which no field accepts; a text that
    is not UTF-8 stays bytes, which no field accepts either.
    """
    fields = fields_of(name)
    column = _plain(column, unit_of(name))
    values = _listed(column)
    if (
        pa.types.is_floating(column.type)
        and fields
        and all(isinstance(field, Integer | Moment) for field in fields)
    ):
        values = [_whole(value) for value in values]
    repair = _repair(column.type)
    if repair is not None:
        values = [None if value is None else repair(value) for value in values]
    if is_text(column.type) and any(isinstance(field, Object | Objects | Map) for field in fields):
        values = [_parsed(value) for value in values]
    return values


def is_suspect(column: pa.Array) -> bool:
    """Return whether a column may hold control characters or values nested without bound."""
    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = column.flatten()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary
    if is_text(column.type):
        return pc.any(pc.match_substring_regex(column, _SUSPECT_TEXT)).as_py() is True
    return bool(pa.types.is_nested(column.type))


def fields_of(name: str) -> list[Field]:
    """Return the fields of that name of all event types."""
    return _FIELDS.get(name, [])


def unit_of(name: str) -> str:
    """Return the unit in which columns of times of that name are read."""
    return next((field.unit for field in fields_of(name) if isinstance(field, Moment)), "ms")


def _whole(value: float | None) -> float | None:
    """Return a number of a field of whole numbers or moments as such, where it is one; data frames with gaps make floats."""
    return int(value) if value is not None and value.is_integer() else value


def _plain(column: pa.Array, unit: str) -> pa.Array:
    """Return the column with timestamps as whole numbers of the unit, dates and decimals as texts."""
    scaled = _retyped(
        column.type, lambda leaf: pa.timestamp(unit, leaf.tz) if pa.types.is_timestamp(leaf) else leaf
    )
    try:
        if scaled != column.type:
            column = column.cast(scaled, safe=False)  # digits finer than the unit are cut off
        target = _retyped(column.type, _plain_leaf)
        return column if target == column.type else column.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _plain_leaf(leaf: pa.DataType) -> pa.DataType:
    if pa.types.is_timestamp(leaf):
        return pa.int64()
    return pa.string() if pa.types.is_date(leaf) or pa.types.is_decimal(leaf) else leaf


def _retyped(given: pa.DataType, leaf: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return the type with its innermost types replaced."""
    if pa.types.is_map(given):
        return pa.map_(given.key_type, _retyped(given.item_type, leaf))
    if pa.types.is_large_list(given):
        return pa.large_list(_retyped(given.value_type, leaf))
    if pa.types.is_list(given):
        return pa.list_(_retyped(given.value_type, leaf))
    if pa.types.is_struct(given):
        return pa.struct([pa.field(inner.name, _retyped(inner.type, leaf)) for inner in given])
    return leaf(given)


def _repair(given: pa.DataType) -> Repair | None:
    """Return what turns Python values of the type into plain JSON values; None where they are such already."""
    if pa.types.is_floating(given):
        return lambda value: value if math.isfinite(value) else str(value)
    if pa.types.is_map(given):
        return _entries(_repair(given.item_type))
    if pa.types.is_struct(given):
        return _members({inner.name: _repair(inner.type) for inner in given})
    if pa.types.is_list(given) or pa.types.is_large_list(given) or pa.types.is_fixed_size_list(given):
        inner = _repair(given.value_type)
        return None if inner is None else lambda values: [None if v is None else inner(v) for v in values]
    return None


def _entries(repair: Repair | None) -> Repair:
    return lambda pairs: {str(k): v if v is None or repair is None else repair(v) for k, v in pairs}


def _members(repairs: dict[str, Repair | None]) -> Repair:
    """Return the repair of a struct: a member that is null is left out, as a field is."""

    def repaired(struct: dict[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in struct.items() if value is not None}
        return {name: repair(v) if (repair := repairs[name]) else v for name, v in known.items()}

    return repaired


def _listed(column: pa.Array) -> list[Any]:
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except (UnicodeDecodeError, OverflowError, ValueError):
        return [_single(scalar) for scalar in column]


def _single(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except (UnicodeDecodeError, OverflowError, ValueError):
        return b"unreadable"


def is_text(given: pa.DataType) -> bool:
    """Return whether a column of that type holds plain texts."""
    return bool(pa.types.is_string(given) or pa.types.is_large_string(given))


def _parsed(value: str | bytes | None) -> object:
    """Return the JSON value of a text, or the text itself where it is none."""
    try:
        return value if value is None or isinstance(value, bytes) else msgspec.json.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return value
