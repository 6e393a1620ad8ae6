"""Batches of Arrow as the columns of a block: what is right as it stands is never made a record or a Python value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tidegate.events import BY_CODE
from tidegate.events.texts import MISSING, Texts
from tidegate.replay.arrow_values import Values, fit, read_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tidegate.events import Record


class ArrowColumns:
    """The rows of a batch. A null is a field that is missing; columns that no event needs are not looked at."""

    def __init__(
        self, batch: pa.RecordBatch, codes: NDArray[np.int32], record: Callable[[pa.RecordBatch], Record]
    ) -> None:
        self.batch = batch
        self.codes = codes  # event type code per row, -1 where there is no such type
        self._record = record
        names = batch.schema.names
        self.values: dict[str, Values] = {
            name: read_values(name, column)
            for name, column in zip(names, batch.columns, strict=True)
            if name != "type" and column.null_count < len(column)
        }

    def right(self) -> NDArray[np.bool_]:
        """Tell which rows are right in every column; the others are for the patient way."""
        right = self.codes >= 0
        for name in ("event_id", "ts"):
            right &= self.values[name].known if name in self.values else np.False_
        found = np.unique(self.codes[right]).tolist()
        for name, values in self.values.items():
            for code in found:
                of_type = values.known if len(found) == 1 else values.known & (self.codes == code)
                if not of_type.any():
                    continue
                field = BY_CODE[code].fields().get(name)
                if field is None:
                    right &= ~of_type
                else:
                    right &= ~of_type | fit(values, field)
        return right

    def ts(self) -> NDArray[np.int64]:
        """Return the event times in ms, of the rows that are right; 0 of those without a time."""
        return np.nan_to_num(self.values["ts"].numbers, posinf=0.0, neginf=0.0).astype(np.int64)

    def envelope(self, name: str) -> Texts:
        """Return a field that events of every type may have and that is a text, for all rows."""
        return self._texts(name) or Texts(np.empty(0, np.uint8), np.full(len(self.codes), MISSING, np.int64))

    def numbers(self, code: int, name: str, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return a field of flags, numbers or moments."""
        del code
        values = self.values.get(name)
        if values is None or not len(values.numbers):
            return np.full(len(rows), np.nan)
        return values.numbers[rows]

    def texts(self, code: int, name: str, rows: NDArray[np.int64]) -> Texts:
        """Return a field of texts."""
        del code
        return self.envelope(name).take(rows)

    def lists(
        self, code: int, name: str, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], Texts | NDArray[np.float64]]:
        """Return a field of lists: how long each is, and all members one after the other."""
        del code
        values = self.values.get(name)
        lists = None if values is None else values.lists
        if lists is None:
            return np.full(len(rows), np.nan), np.empty(0)
        return lists.of_rows(rows)

    def record(self, row: int) -> Record:
        """Return one event as a record, read anew."""
        return self._record(self.batch.slice(row, 1))

    def _texts(self, name: str) -> Texts | None:
        values = self.values.get(name)
        return None if values is None else values.texts
