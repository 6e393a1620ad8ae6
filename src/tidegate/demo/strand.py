"""Strands: events of one type and one set of fields, kept as columns until they are handed out as rows.

Everything the demo invents is first a strand, because a hundred thousand numbers are drawn in a millisecond and a
hundred thousand dictionaries are not. Rows are made once, at the end, day by day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Row = dict[str, object]


@dataclass(frozen=True)
class Ids:
    """Column of ids: ``prefix`` followed by the code, zero-padded to ``digits``."""

    prefix: str
    codes: Codes
    digits: int = 6

    def values(self) -> list[object]:
        """Return one id per code."""
        prefix, digits = self.prefix, self.digits
        return [f"{prefix}{code:0{digits}d}" for code in self.codes.tolist()]


@dataclass(frozen=True)
class Picked:
    """Column whose value is ``options[code]``."""

    options: Sequence[object]
    codes: Codes

    def values(self) -> list[object]:
        """Return the option of each code."""
        options = self.options
        return [options[code] for code in self.codes.tolist()]


@dataclass(frozen=True)
class Listed:
    """Column of one-element lists: the value of ``inner`` alone in a list."""

    inner: Ids | Picked

    def values(self) -> list[object]:
        """Return the values of ``inner``, each in a list of its own."""
        return [[value] for value in self.inner.values()]


Column = Ids | Picked | Listed | NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_] | list[object]
Constant = str | int | float | bool | None


@dataclass(frozen=True)
class Strand:
    """``len(ts)`` events of type ``kind``.

    ``ts`` is in ms since the epoch and need not be sorted; ``columns`` hold one value per event, ``constants`` the
    same value for all. A field that is in neither is not known of these events.
    """

    kind: str
    ts: Codes
    columns: Mapping[str, Column]
    constants: Mapping[str, Constant] | None = None

    def rows(self) -> list[Row]:
        """Return the events as rows; ``event_id`` is a blank to be filled in when the order is known."""
        columns = [_values(column) for column in self.columns.values()]
        names = ("event_id", "type", "ts", *self.columns)
        blank, kind, constants = "", self.kind, dict(self.constants or {})
        times = self.ts.tolist()
        if not columns:
            return [{"event_id": blank, "type": kind, "ts": ts, **constants} for ts in times]
        return [
            dict(zip(names, (blank, kind, ts, *values), strict=True)) | constants
            for ts, *values in zip(times, *columns, strict=True)
        ]


def in_time_order(
    strands: Sequence[Strand], carried: Sequence[Row], before_ms: int
) -> tuple[list[Row], list[Row]]:
    """Merge ``carried`` rows and ``strands``: rows before ``before_ms`` in time order, and the rest to carry on.

    Equal times keep the order carried rows, then strands as given: the merge is stable, so the same strands always
    give the same sequence.
    """
    rows: list[Row] = list(carried)
    for strand in strands:
        rows.extend(strand.rows())
    times = np.fromiter((row["ts"] for row in rows), dtype=np.int64, count=len(rows))
    order = np.argsort(times, kind="stable")
    due = int(np.searchsorted(times[order], before_ms))
    places = order.tolist()
    return [rows[place] for place in places[:due]], [rows[place] for place in places[due:]]


def numbered(rows: Iterator[Row]) -> Iterator[Row]:
    """Fill in ``event_id``: e-00000001, e-00000002, ... in the order of the rows."""
    for number, row in enumerate(rows, start=1):
        row["event_id"] = f"e-{number:08d}"
        yield row


def _values(column: Column) -> Sequence[object]:
    if isinstance(column, (Ids, Picked, Listed)):
        return column.values()
    if isinstance(column, list):
        return column
    values: list[object] = column.tolist()
    return values
