"""Fields of the events of a block as arrays, whichever way the block was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import UNSET

from tidegate.events.texts import MISSING, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        columns, (plain, single) = self.block.columns, self._split
        found = np.empty(len(self.at))
        if columns is not None and len(plain):
            found[plain] = columns.numbers(self.code, name, self.block.rows[self.at[plain]])
        if len(single):
            found[single] = [_number(value) for value in self._of_records(name)]
        return found

    def texts(self, name: str) -> Texts:
        """Return texts."""
        columns, (plain, single) = self.block.columns, self._split
        if columns is None:
            return Texts.of(self._of_records(name))
        if not len(single):
            return columns.texts(self.code, name, self.block.rows[self.at])
        places = np.full(len(self.at), MISSING, np.int64)
        of_columns = columns.texts(self.code, name, self.block.rows[self.at[plain]])
        places[plain] = of_columns.places
        return Texts(of_columns.buffer, places).replaced(
            dict(zip(single.tolist(), self._of_records(name), strict=True))
        )

    def ids(self, name: str, space: IdInterner) -> NDArray[np.int64]:
        """Return texts as the ids of a space, -1 where they are missing or null."""
        return interned(self.texts(name), space)

    def words(self, name: str) -> list[Any]:
        """Return texts one by one; `UNSET` is missing, None is null."""
        return self.texts(name).listed()

    def members(self, name: str, space: IdInterner) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (place among these events, id in a space) of every text in their lists."""
        columns, (plain, single) = self.block.columns, self._split
        places, ids = np.empty(0, np.int64), np.empty(0, np.int64)
        if columns is not None and len(plain):
            lengths, texts = columns.lists(self.code, name, self.block.rows[self.at[plain]])
            if isinstance(texts, Texts):
                places = np.repeat(plain, np.maximum(np.nan_to_num(lengths), 0).astype(np.int64))
                ids = interned(texts, space)
        if not len(single):
            return places, ids
        listed = [() if value is UNSET or value is None else value for value in self._of_records(name)]
        more = interned(Texts.of(chain.from_iterable(listed)), space)
        return np.concatenate([places, np.repeat(single, [len(of) for of in listed])]), np.concatenate(
            [ids, more]
        )

    def objects(self, name: str) -> Iterator[tuple[int, Any]]:
        """Yield (place among these events, value) where an object or a list of objects is given; None is null."""
        columns, (plain, single) = self.block.columns, self._split
        if columns is not None and len(plain):  # such a field is null there, or missing
            given = columns.numbers(self.code, name, self.block.rows[self.at[plain]])
            yield from ((place, None) for place in plain[np.isneginf(given)].tolist())
        for place, value in zip(single.tolist(), self._of_records(name), strict=True):
            if value is not UNSET:
                yield place, value

    @cached_property
    def _split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places among these events of those that stand in columns, and of those that are records."""
        every = np.arange(len(self.at))
        if self.block.columns is None:
            return every[:0], every
        if not len(self.block.single):
            return every, every[:0]
        single = np.isin(self.at, self.block.single)
        return every[~single], every[single]

    def _of_records(self, name: str) -> list[Any]:
        """Return the values of those that are records, as they have them."""
        return self.block.column(name, self.at[self._split[1]].tolist())


def interned(texts: Texts, space: IdInterner) -> NDArray[np.int64]:
    """Return texts as the ids of a space, -1 where they are missing or null."""
    ids = np.full(len(texts), -1, np.int64)
    there = np.flatnonzero(texts.places >= 0)
    found = np.empty(len(there), np.float64)
    if len(there) == len(texts):
        space.intern_texts(texts.buffer, texts.places, found)
        return found.astype(np.int64)
    if len(there):
        space.intern_texts(texts.buffer, texts.places[there], found)
        ids[there] = found
    return ids


def _number(value: object) -> float:
    return NULL if value is None else float("nan") if value is UNSET else float(value)  # type: ignore[arg-type]
