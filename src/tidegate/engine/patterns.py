"""Which rules were undecided, as a small number per event: few combinations occur, each is spelled out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.windows.sets import SetNumbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Patterns:
    """Numbers of the sets of rules that were undecided together; number 0 is the empty set.

    `listed` names the rules of each, those that are shown only; `words` is how many words of 64 bits a set takes.
    """

    def __init__(self, rule_ids: tuple[str, ...], shown: tuple[bool, ...], words: int) -> None:
        self._ids = rule_ids
        self._shown = shown
        self._sets = SetNumbers(words)
        self.listed: list[tuple[str, ...]] = [()]

    def bind(self, words: NDArray[np.uint64]) -> None:
        """Take the buffer `words[word, position]` of the sets of a chunk's events."""
        self._sets.bind(words)

    def number(self, position: int) -> int:
        """Return the number for the event at a position."""
        number: int = self._sets.number(position)
        if number >= len(self.listed):
            self._list()
        return number

    def enter(
        self,
        order: NDArray[np.int32],
        events: NDArray[np.int64],
        numbers: NDArray[np.int32],
    ) -> None:
        """Write to `numbers` those of all events: the i-th, `events[i]`, stands at position `order[i]`; a negative one is none."""
        self._sets.numbers(order, events, numbers)
        self._list()

    def _list(self) -> None:
        """Spell out the sets that are new."""
        for number in range(len(self.listed), len(self._sets)):
            bits = bits_set(self._sets.bits(number))
            self.listed.append(tuple(self._ids[r] for r in bits if r < len(self._ids) and self._shown[r]))


def bits_set(words: list[int]) -> list[int]:
    """Return the numbers of the bits that are set, ascending; a word holds 64."""
    found = []
    for w, word in enumerate(words):
        while word:
            lowest = word & -word
            found.append(64 * w + lowest.bit_length() - 1)
            word ^= lowest  # noqa: PLW2901  taken off bit by bit
    return found
