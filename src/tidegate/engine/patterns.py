"""Which rules were undecided, as a small number per event: few combinations occur, each is spelled out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 16  # events: below, looking each one up is quicker than sorting
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Patterns:
    """Numbers of the sets of rules that were undecided together; number 0 is the empty set."""

    def __init__(self, rule_ids: tuple[str, ...], shown: tuple[bool, ...]) -> None:
        self._ids = rule_ids
        self._shown = shown
        self.listed: list[tuple[str, ...]] = [()]
        self._numbers: dict[bytes, int] = {}

    def number(self, words: NDArray[np.uint64]) -> int:
        """Return the number of one set, given as bits of rules."""
        key = words.tobytes()
        known = self._numbers.get(key)
        if known is None:
            named = tuple(self._ids[r] for r in bits_set(words.tolist()) if self._shown[r])
            known = self.listed.index(named) if named in self.listed else len(self.listed)
            if known == len(self.listed):
                self.listed.append(named)
            self._numbers[key] = known
        return known

    def numbers(self, words: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the number for each column of `words[word, event]`."""
        if words.shape[1] < FEW:
            return np.array([self.number(np.ascontiguousarray(w)) for w in words.T], np.int32)
        mixed = words[0].copy()
        for word in words[1:]:
            mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX + word
        return self._set_by_set(words, mixed)

    def _set_by_set(self, words: NDArray[np.uint64], mixed: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The same for many events, of which most are alike: a set is compared with all events at once."""
        result = np.full(len(mixed), -1, np.int32)
        left = len(mixed)
        while left:
            i = int(np.argmax(result < 0))
            alike = mixed == mixed[i]
            if (words[:, alike] != words[:, i : i + 1]).any():  # two sets that mix to one number
                alike = (words == words[:, i : i + 1]).all(axis=0)
            result[alike] = self.number(np.ascontiguousarray(words[:, i]))
            left -= int(alike.sum())
        return result


def bits_set(words: list[int]) -> list[int]:
    """Return the numbers of the bits that are set, ascending; a word holds 64."""
    found = []
    for w, word in enumerate(words):
        while word:
            lowest = word & -word
            found.append(64 * w + lowest.bit_length() - 1)
            word ^= lowest  # noqa: PLW2901  taken off bit by bit
    return found
