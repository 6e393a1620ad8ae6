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
        # sets met before, ascending by what their words mix to: that, the words, the number
        self._mixed = np.empty(0, np.uint64)
        self._words = np.empty((0, 0), np.uint64)
        self._known = np.empty(0, np.int32)

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
        first = words[:, :1]
        if (words == first).all():  # as a rule, a chunk's events leave the same rules undecided
            return np.full(words.shape[1], self.number(np.ascontiguousarray(words[:, 0])), np.int32)
        found, result = self._look_up(words)
        while not found.all():
            one = words[:, int(np.argmin(found))]
            alike = (words == one[:, None]).all(axis=0)
            result[alike] = self._learn(np.ascontiguousarray(one))
            found |= alike
        return result

    def _look_up(self, words: NDArray[np.uint64]) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
        """Return which sets were met before, and their numbers."""
        if not len(self._mixed):
            return np.zeros(words.shape[1], np.bool_), np.empty(words.shape[1], np.int32)
        place = np.searchsorted(self._mixed, _mix(words)).clip(max=len(self._mixed) - 1)
        return (self._words[:, place] == words).all(axis=0), self._known[place]

    def _learn(self, words: NDArray[np.uint64]) -> int:
        """Enter a set and return its number; it takes the place of one that mixes to the same."""
        number, mixed = self.number(words), _mix(words[:, None])
        if not len(self._mixed):
            self._words = np.empty((len(words), 0), np.uint64)
        kept = self._mixed != mixed[0]
        place = int(np.searchsorted(self._mixed[kept], mixed[0]))
        self._words = np.insert(self._words[:, kept], place, words, axis=1)
        self._known = np.insert(self._known[kept], place, number)
        self._mixed = np.insert(self._mixed[kept], place, mixed[0])
        return number


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one number for the words of each set; different sets hardly ever share one."""
    mixed: NDArray[np.uint64] = words[0].copy()
    for word in words[1:]:
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX + word
    return mixed


def bits_set(words: list[int]) -> list[int]:
    """Return the numbers of the bits that are set, ascending; a word holds 64."""
    found = []
    for w, word in enumerate(words):
        while word:
            lowest = word & -word
            found.append(64 * w + lowest.bit_length() - 1)
            word ^= lowest  # noqa: PLW2901  taken off bit by bit
    return found
