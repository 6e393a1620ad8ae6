"""Fields of the events of a block as arrays, whichever way the block was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import UNSET

from tidegate.events.texts import Texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.events import EventBlock
    from tidegate.windows.interner import IdInterner

NULL = float("-inf")


@dataclass
class Fields:
    """The fields of the events of one type, at the positions `at` of a block."""

    block: EventBlock
    code: int
    at: NDArray[np.int64]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return flags, counts or moments: true and false are 1 and 0, NaN is missing, minus infinity null."""
        if self.block.columns is None:
            return np.array([_number(v) for v in self.listed(name)], np.float64)
        values = self.block.columns.numbers(self.code, name, self.block.rows[self.at]).astype(np.float64)
        for place, position in self._single():
            values[place] = _number(getattr(self.block.records[position], name))
        return values

    def ids(self, name: str, space: IdInterner) -> NDArray[np.int64]:
        """Return texts as the ids of a space, -1 where they are missing or null."""
        if self.block.columns is None:
            return interned(Texts.of(self.listed(name)), space)
        texts = self.block.columns.texts(self.code, name, self.block.rows[self.at])
        others = {place: getattr(self.block.records[position], name) for place, position in self._single()}
        return interned(texts.replaced(others), space)

    def listed(self, name: str) -> list[Any]:
        """Return values as the events have them; `UNSET` is missing, None is null."""
        return self.block.column(name, self.at.tolist())

    def _single(self) -> list[tuple[int, int]]:
        """Return the events that are records, as (place among ours, position in the block)."""
        if not len(self.block.single):
            return []
        return [(i, int(self.at[i])) for i in np.flatnonzero(np.isin(self.at, self.block.single)).tolist()]


def interned(texts: Texts, space: IdInterner) -> NDArray[np.int64]:
    """Return texts as the ids of a space, -1 where they are missing or null."""
    found = np.empty(len(texts), np.float64)
    space.intern_texts(texts.buffer, texts.places, found)
    return np.where(np.isfinite(found), found, -1).astype(np.int64)


def _number(value: object) -> float:
    return NULL if value is None else float("nan") if value is UNSET else float(value)  # type: ignore[arg-type]
