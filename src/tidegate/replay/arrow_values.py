"""Columns of Arrow as numbers, texts and lists, and which of their values a field takes as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidegate.events import kinds
from tidegate.events.instant import MS_END
from tidegate.events.json_columns import ranges
from tidegate.events.kinds import (
    Choice,
    Date,
    Fingerprint,
    Flag,
    Integer,
    Moment,
    Real,
    Reals,
    Refs,
    Text,
)
from tidegate.events.kinds.lists import ITEMS_MAX
from tidegate.events.texts import LENGTH_BITS, LENGTH_MASK, MISSING, Texts
from tidegate.replay.column_values import is_text, unit_of
from tidegate.windows.timestamps import parse_rfc3339_many

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.events import Field

Form = Literal["flag", "whole", "real", "text", "moment", "date", "list", "other"]
_MS_PER_DAY = 86_400_000
_FIRST_DAY_MS, _LAST_DAY_MS = (
    (day.toordinal() - date(1970, 1, 1).toordinal()) * _MS_PER_DAY for day in (date.min, date.max)
)
_CONTROL = r"[\x00-\x1f]"
_HEX16 = r"^[0-9a-fA-F]{16}$"
_WHOLE_EXACT = 2**53
_ASCII_END, _PRINTABLE = 0x80, 0x20


@dataclass
class Lists:
    """Lists, row by row: where each begins among the members, and how long it is (0 where there is none)."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    known: NDArray[np.bool_]
    members: Texts | NDArray[np.float64]

    def of_rows(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], Texts | NDArray[np.float64]]:
        """Return how long the lists of some rows are (NaN: missing), and their members one after the other."""
        lengths = np.where(self.known[rows], self.lengths[rows], np.nan)
        wanted = ranges(self.starts[rows], np.where(self.known[rows], self.lengths[rows], 0))
        members = self.members
        return lengths, members.take(wanted) if isinstance(members, Texts) else members[wanted]


@dataclass
class Values:
    """A column as what it can be: `numbers` (NaN missing), `texts` or `lists`; `known` tells where it is not null.

    `clear` tells which texts have neither control characters nor bad UTF-8; `lengths` counts their characters.
    """

    form: Form
    known: NDArray[np.bool_]
    column: pa.Array
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    texts: Texts | None = None
    clear: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    lists: Lists | None = None
    members: Values | None = None


def read_values(name: str, column: pa.Array) -> Values:
    """Return a column that is not all null as what it can be; form "other" where every value needs the patient way."""
    given = column.type
    known = np.ones(len(column), np.bool_)
    if column.null_count:
        known = column.is_valid().to_numpy(zero_copy_only=False)
    made = Values("other", known, column)
    if pa.types.is_dictionary(given) and is_text(given.value_type):
        column = made.column = column.dictionary_decode()
        given = column.type
    if pa.types.is_boolean(given):
        made.form, made.numbers = "flag", _float64(column.cast(pa.uint8()), known)
    elif pa.types.is_integer(given) and given != pa.uint64():
        made.form, made.numbers = "whole", _float64(column, known)
    elif pa.types.is_float32(given) or pa.types.is_float64(given):
        made.form, made.numbers = "real", _float64(column, known)
    elif pa.types.is_timestamp(given):
        scaled = column.cast(pa.timestamp(unit_of(name), given.tz), safe=False)
        made.form, made.numbers = "moment", _float64(scaled.cast(pa.int64()), known)
    elif pa.types.is_date32(given):
        made.form, made.numbers = "date", _float64(column.cast(pa.int32()), known) * _MS_PER_DAY
    elif is_text(given):
        _read_texts(made, column)
    elif pa.types.is_list(given):
        _read_lists(made, name, column)
    return made


def fit(values: Values, wanted: Field) -> NDArray[np.bool_]:
    """Tell which values a field takes as they stand, and would keep the same. What is said of nulls does not matter."""
    none = np.zeros(len(values.known), np.bool_)
    match wanted:
        case Flag():
            right = values.form == "flag"
        case Integer() | Real():
            return _within(values, wanted) if values.form in ("whole", "real") else none
        case Moment():
            return _moments(values, wanted)
        case Date():
            return _days(values) if values.form == "date" else none
        case Text() | Choice() | Fingerprint():
            return _words(values, wanted) if values.form == "text" else none
        case kinds.Texts() | Refs() | Reals():
            right = _lists(values, wanted)
        case _:
            right = False
    return ~none if right else none


def _float64(column: pa.Array, known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return whole numbers or floats as float64, NaN where null."""
    if column.null_count:
        column = column.fill_null(0)
    numbers: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return np.where(known, numbers, np.nan)


def _within(values: Values, wanted: Integer | Real) -> NDArray[np.bool_]:
    """Tell which numbers lie within the bounds; NaN and endless ones do not. Whole ones must be exact."""
    low, high = wanted.low, wanted.high
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    numbers = values.numbers
    right: NDArray[np.bool_] = (numbers >= least) & (numbers <= most) & np.isfinite(numbers)
    if values.form == "whole":
        right &= np.abs(numbers) < _WHOLE_EXACT
    elif isinstance(wanted, Integer):
        right &= numbers == np.floor(numbers)
    return right


def _days(values: Values) -> NDArray[np.bool_]:
    right: NDArray[np.bool_] = (values.numbers >= _FIRST_DAY_MS) & (values.numbers <= _LAST_DAY_MS)
    return right


def _moments(values: Values, wanted: Moment) -> NDArray[np.bool_]:
    none = np.zeros(len(values.known), np.bool_)
    if values.form == "text" and wanted.unit == "ms":
        if not values.clear.all():
            return none
        if not len(values.numbers):
            texts = ["" if value is None else value for value in values.column.to_pylist()]
            values.numbers = parse_rfc3339_many(texts)[0].astype(np.float64)
            values.numbers[~values.known] = np.nan
    elif values.form not in ("whole", "real") and (
        values.form != "moment" or unit_of(wanted.name) != wanted.unit
    ):
        return none
    right: NDArray[np.bool_] = (values.numbers >= 0) & (values.numbers < MS_END * 10**wanted.digits // 1000)
    if values.form == "real":
        right &= values.numbers == np.floor(values.numbers)
    return right


def _words(values: Values, wanted: Text | Choice | Fingerprint) -> NDArray[np.bool_]:
    if isinstance(wanted, Choice):
        return _bools(pc.is_in(values.column, value_set=pa.array(wanted.options, values.column.type)))
    if isinstance(wanted, Fingerprint):
        return _bools(pc.match_substring_regex(values.column, _HEX16))
    right: NDArray[np.bool_] = (values.lengths >= wanted.chars_min) & (values.lengths <= wanted.chars_max)
    return right & values.clear


def _lists(values: Values, wanted: kinds.Texts | Refs | Reals) -> bool:
    """Whether all lists are right: members known, of the right form, and as the field wants them."""
    inner, lists = values.members, values.lists
    if inner is None or lists is None or wanted.length is not None:
        return False
    forms = ("whole", "real") if isinstance(wanted, Reals) else ("text",)
    right = inner.form in forms and bool(inner.known.all() and fit(inner, wanted.member).all())
    return right and (not len(lists.lengths) or int(lists.lengths.max()) <= ITEMS_MAX)


def _read_texts(made: Values, column: pa.Array) -> None:
    """Read a column of texts: their places in the data buffer, and how long they are."""
    wide = pa.types.is_large_string(column.type)
    _, offsets, data = column.buffers()
    every = np.frombuffer(offsets, np.int64 if wide else np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    bounds = every.astype(np.int64)
    lengths = np.diff(bounds)
    buffer = np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8)
    region = buffer[bounds[0] : bounds[-1]]
    least, most = (int(region.min()), int(region.max())) if len(region) else (_PRINTABLE, _PRINTABLE)
    if most >= _ASCII_END:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            return
        made.lengths = pc.utf8_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    else:
        made.lengths = lengths
    made.form = "text"
    made.texts = Texts(
        buffer, np.where(made.known, bounds[:-1] << LENGTH_BITS | (lengths & LENGTH_MASK), MISSING)
    )
    made.clear = np.ones(len(column), np.bool_)
    if least < _PRINTABLE:
        made.clear = ~_bools(pc.match_substring_regex(column, _CONTROL))


def _read_lists(made: Values, name: str, column: pa.ListArray) -> None:
    """Read a column of lists of texts or numbers."""
    members = column.values
    if not (is_text(members.type) or pa.types.is_floating(members.type) or pa.types.is_integer(members.type)):
        return
    bounds = column.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    first, last = int(bounds[0]), int(bounds[-1])
    inner = made.members = read_values(name, members.slice(first, last - first))
    given = inner.texts if inner.texts is not None else inner.numbers
    made.form = "list"
    made.lists = Lists(bounds[:-1] - first, np.diff(bounds), made.known, given)


def _bools(found: pa.Array) -> NDArray[np.bool_]:
    answer: NDArray[np.bool_] = found.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003  Arrow's way
    return answer
