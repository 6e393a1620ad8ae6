"""Many texts in one buffer, by their places: what ids are before they become numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

LENGTH_BITS = 20  # a text has less than a mebibyte
LENGTH_MASK = (1 << LENGTH_BITS) - 1
MISSING, NULL = -1, -2


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as UTF-8 in `buffer` (uint8); a place (int64) is offset << 20 | length, -1 missing, -2 null."""

    buffer: NDArray[np.uint8]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of(cls, values: Iterable[Any]) -> Texts:
        """Return the texts of a list, in which `UNSET` is missing and None is null.

        >>> Texts.of(["a", None, "bc"]).listed()
        ['a', None, 'bc']
        """
        listed = list(values)
        encoded = [value.encode() if value.__class__ is str else b"" for value in listed]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        places = (np.cumsum(lengths) - lengths) << LENGTH_BITS | lengths
        for at, value in enumerate(listed):
            if value.__class__ is not str:
                places[at] = MISSING if value is UNSET else NULL
        return cls(np.frombuffer(b"".join(encoded), np.uint8), places)

    def listed(self) -> list[Any]:
        """Return the texts as a list; `UNSET` where one is missing, None where it is null."""
        raw = self.buffer.data
        return [
            str(raw[place >> LENGTH_BITS : (place >> LENGTH_BITS) + (place & LENGTH_MASK)], "utf-8")
            if place >= 0
            else UNSET
            if place == MISSING
            else None
            for place in self.places.tolist()
        ]

    def text(self, at: int) -> Any:
        """Return one of the texts; `UNSET` where it is missing, None where it is null."""
        place = self.places.item(at)
        if place < 0:
            return UNSET if place == MISSING else None
        begin = place >> LENGTH_BITS
        return str(self.buffer.data[begin : begin + (place & LENGTH_MASK)], "utf-8")

    def take(self, positions: NDArray[np.int64]) -> Texts:
        """Return the texts at these positions, in the same buffer."""
        return Texts(self.buffer, self.places[positions])

    def replaced(self, others: Mapping[int, Any]) -> Texts:
        """Return the texts with those at some positions replaced."""
        if not others:
            return self
        new = Texts.of(others.values())
        places = self.places.copy()
        places[list(others)] = np.where(
            new.places >= 0, new.places + (len(self.buffer) << LENGTH_BITS), new.places
        )
        return Texts(np.concatenate([self.buffer, new.buffer]), places)
