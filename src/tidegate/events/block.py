"""A block of accepted events in arrival order: the unit in which events travel from input to engine."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.events.columns import RecordsOfColumns
from tidegate.events.kinds import Date
from tidegate.events.registry import REGISTRY
from tidegate.events.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tidegate.events.columns import Columns
    from tidegate.events.record import Record

EVENTS_MAX = (
    8192  # events per block of a reader: large enough to amortise numpy, small enough for a CPU cache level
)

_DATES = frozenset(
    name for event in REGISTRY.values() for name, field in event.fields().items() if isinstance(field, Date)
)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MS_PER_DAY = 86_400_000


class EventBlock:
    """Accepted events in arrival order.

    `codes` are event type codes (int32), `ts` event times in ms (int64), `lines` line or row numbers in `file` (int64);
    `records` the decoded events. All of one length.

    Where events were read column by column, `columns` has them at `rows`, but for those at the positions `single`, which
    are records; and `records` makes a record only when one is asked for.
    """

    __slots__ = ("codes", "columns", "file", "lines", "records", "rows", "single", "ts")

    records: Sequence[Record]
    columns: Columns | None

    def __init__(
        self,
        records: Sequence[Record],
        *,
        ts: NDArray[np.int64],
        lines: NDArray[np.int64],
        file: str = "",
    ) -> None:
        self.records = records
        self.ts = ts
        self.lines = lines
        self.file = file
        self.codes: NDArray[np.int32] = np.fromiter(map(_CODE, records), np.int32, len(records))
        self.columns = None
        self.rows = self.single = np.empty(0, np.int64)

    @classmethod
    def of_columns(
        cls,
        columns: Columns,
        kept: dict[int, Record],
        *,
        rows: NDArray[np.int64],
        codes: NDArray[np.int32],
        ts: NDArray[np.int64],
        lines: NDArray[np.int64],
        file: str = "",
    ) -> EventBlock:
        """Return the block of the events at `rows` of the columns; those in `kept`, by row, are records already."""
        made = cls.__new__(cls)
        made.columns, made.rows = columns, rows
        made.records = RecordsOfColumns(columns, rows, kept)
        made.single = np.flatnonzero(np.isin(rows, list(kept))) if kept else np.empty(0, np.int64)
        made.codes, made.ts, made.lines, made.file = codes, ts, lines, file
        return made

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events."""
        if self.columns is not None:
            return self.texts("event_id").listed()
        return [record.event_id for record in self.records]

    def event_id(self, position: int) -> str:
        """Return the id of one event, without making a record of it."""
        if self.columns is None:
            return self.records[position].event_id
        assert isinstance(self.records, RecordsOfColumns)
        return self.records.event_id(position)

    def texts(self, name: str) -> Texts:
        """Return a field that events of every type have and that is a text, such as `account_id`."""
        if self.columns is None:
            return Texts.of(map(attrgetter(name), self.records))
        others = {at: getattr(self.records[at], name) for at in self.single.tolist()}
        return self.columns.envelope(name).take(self.rows).replaced(others)

    def column(self, name: str, positions: Iterable[int]) -> list[Any]:
        """Return a field of the events at these positions, which must all be of types that have it.

        A value is `UNSET` where the field was missing and None where it was `null`; dates are given in ms, as moments.
        """
        records = self.records
        if name in _DATES:
            return [date_ms(getattr(records[position], name)) for position in positions]
        return list(map(attrgetter(name), map(records.__getitem__, positions)))

    def positions_by_type(self) -> dict[int, NDArray[np.int64]]:
        """Return, per event type code that occurs, the positions of its events, ascending."""
        order = np.argsort(self.codes.astype(np.int16), kind="stable")  # short words are sorted by counting
        codes, starts = np.unique(self.codes[order], return_index=True)
        return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True)) if len(self) else {}

    def select(self, positions: Sequence[int] | NDArray[np.int64]) -> EventBlock:
        """Return the events at these positions, in the order given."""
        wanted = np.asarray(positions, np.int64)
        ts, lines = self.ts[wanted], self.lines[wanted]
        if self.columns is not None:
            assert isinstance(self.records, RecordsOfColumns)
            return EventBlock.of_columns(
                self.columns,
                self.records.kept,
                rows=self.rows[wanted],
                codes=self.codes[wanted],
                ts=ts,
                lines=lines,
                file=self.file,
            )
        records = [self.records[position] for position in wanted.tolist()]
        return EventBlock(records, ts=ts, lines=lines, file=self.file)

    def with_records(self) -> EventBlock:
        """Return the same events, each as a record."""
        if self.columns is None:
            return self
        return EventBlock(list(self.records), ts=self.ts, lines=self.lines, file=self.file)


_CODE = attrgetter("type_code")


def date_ms(value: object) -> object:
    """Return a date in ms, as the moment it begins in UTC; anything else as it is."""
    return (value.toordinal() - _EPOCH_DAY) * _MS_PER_DAY if isinstance(value, date) else value
