"""A block of accepted events in arrival order: the unit in which events travel from input to engine."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.events.kinds import Date
from tidegate.events.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

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
    """

    __slots__ = ("codes", "file", "lines", "records", "ts")

    def __init__(
        self,
        records: list[Record],
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

    def __len__(self) -> int:
        return len(self.records)

    @property
    def event_ids(self) -> list[str]:
        """The ids of the events."""
        return [record.event_id for record in self.records]

    def column(self, name: str, positions: Iterable[int]) -> list[Any]:
        """Return a field of the events at these positions, which must all be of types that have it.

        A value is `UNSET` where the field was missing and None where it was `null`; dates are given in ms, as moments.
        """
        records = self.records
        if name in _DATES:
            return [_date_ms(getattr(records[position], name)) for position in positions]
        return list(map(attrgetter(name), map(records.__getitem__, positions)))

    def positions_by_type(self) -> dict[int, NDArray[np.int64]]:
        """Return, per event type code that occurs, the positions of its events, ascending."""
        order = np.argsort(self.codes, kind="stable")
        codes, starts = np.unique(self.codes[order], return_index=True)
        return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True)) if len(self) else {}

    def select(self, positions: Sequence[int] | NDArray[np.int64]) -> EventBlock:
        """Return the events at these positions, in the order given."""
        wanted = np.asarray(positions, np.int64)
        records = [self.records[position] for position in wanted.tolist()]
        return EventBlock(records, ts=self.ts[wanted], lines=self.lines[wanted], file=self.file)


_CODE = attrgetter("type_code")


def _date_ms(value: object) -> object:
    return (value.toordinal() - _EPOCH_DAY) * _MS_PER_DAY if isinstance(value, date) else value
