"""Events that were read column by column: what a block of them can be asked without making a record of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tidegate.events.record import Record
    from tidegate.events.texts import Texts


class Columns(Protocol):
    """Rows of some file, in columns; `rows` below are of events of one type, given by its code.

    Numbers are float64: true and false 1 and 0, moments and dates in their unit, NaN missing, -inf null.
    """

    def envelope(self, name: str) -> Texts:
        """Return a field that events of every type may have and that is a text, for all rows."""

    def numbers(self, code: int, name: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return a field of flags, numbers or moments."""

    def texts(self, code: int, name: str, rows: NDArray[np.int64]) -> Texts:
        """Return a field of texts."""

    def lists(
        self, code: int, name: str, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], Texts | NDArray[np.float64]]:
        """Return a field of lists: how long each is (NaN missing, -inf null), and all members one after the other."""

    def record(self, row: int) -> Record:
        """Return one event as a record, read anew."""


class RecordsOfColumns(Sequence["Record"]):
    """The events of a block as records, each made when it is asked for; `kept` are those that are there already, by row."""

    def __init__(self, columns: Columns, rows: NDArray[np.int64], kept: dict[int, Record]) -> None:
        self.columns = columns
        self.rows = rows
        self.kept = kept
        self._ids: Texts | None = None

    def event_id(self, at: int) -> str:
        """Return the id of one event."""
        row = int(self.rows[at])
        found = self.kept.get(row)
        if found is not None:
            return found.event_id
        if self._ids is None:
            self._ids = self.columns.envelope("event_id")
        event_id: str = self._ids.text(row)
        return event_id

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> RecordsOfColumns: ...

    def __getitem__(self, at: int | slice) -> Record | RecordsOfColumns:
        if isinstance(at, slice):
            return RecordsOfColumns(self.columns, self.rows[at], self.kept)
        row = int(self.rows[at])
        found = self.kept.get(row)
        return self.columns.record(row) if found is None else found

    def __iter__(self) -> Iterator[Record]:
        return (self[at] for at in range(len(self.rows)))
