"""The passes that take fingerprints apart, compare them, and look into lists: one per site and stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.expr import FingerprintHalf, LastOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.names import Names
    from tidegate.windows.chunk import Chunk

_HALF_BITS = np.uint64(32)
_LOW = np.uint64((1 << 32) - 1)
_BITS = 64
_NULL = float("-inf")


@dataclass
class LikenessPass:
    """Halves and likenesses of fingerprints at one site that are known from stage `level` on.

    `halves` are (domain, column of the fingerprint, whether the high half, column of the result), `pairs` four columns of
    halves and that of the result, `lists` the column of a list and that of its last member.
    """

    level: int
    sites: set[int]
    names: Names
    halves: list[tuple[str, int, bool, int]] = field(default_factory=list)
    pairs: list[tuple[list[int], int]] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=list)
    _chunk: Chunk | None = None

    @property
    def state(self) -> LikenessPass:
        """The one that takes the buffers: itself."""
        return self

    def bind(self, chunk: Chunk) -> None:
        """Take the buffers of a chunk."""
        self._chunk = chunk

    def step(self, n: int) -> None:
        """Fill the columns for the events of the chunk."""
        chunk = self._chunk
        assert chunk is not None, "a pass without a chunk"
        (site,) = self.sites
        here = slice(*np.searchsorted(chunk.kind[:n], [site, site + 1]).tolist())
        whole: dict[tuple[str, int], tuple[NDArray[np.intp], NDArray[np.uint64]]] = {}
        if self._fill_without_any(chunk.cols, here):
            return
        for domain, column, high, out in self.halves:
            if (domain, column) not in whole:
                whole[domain, column] = self._whole(domain, chunk.cols[column, here])
            known, bits = whole[domain, column]
            halves = chunk.cols[column, here].copy()  # what is not known, or none, stays so
            halves[known] = bits >> _HALF_BITS if high else bits & _LOW
            chunk.cols[out, here] = halves
        for column, out in self.lists:
            chunk.cols[out, here] = self._last(chunk.cols[column, here], chunk.cols[column + 1, here])
        for columns, out in self.pairs:
            chunk.cols[out, here] = _alike(*(chunk.cols[c, here] for c in columns))

    def _fill_without_any(self, cols: NDArray[np.float64], here: slice) -> bool:
        """Fill the columns of halves and pairs if no event has a fingerprint, as on most platforms none has."""
        if self.lists or any((cols[c, here] >= 0).any() for c in {column for _, column, _, _ in self.halves}):
            return False
        if any((cols[c, here] >= 0).any() for columns, _ in self.pairs for c in columns[::2]):
            return False
        for _, column, _, out in self.halves:
            cols[out, here] = cols[column, here]
        for columns, out in self.pairs:
            cols[out, here] = np.where(np.fmin.reduce(cols[columns, here]) == _NULL, 0.0, np.nan)
        return True

    def _last(self, offset: NDArray[np.float64], length: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self._chunk is not None, "a pass without a chunk"
        some = length > 0
        at = np.where(some, offset + length - 1, 0).astype(np.int64)
        return np.where(some, self._chunk.items[at], np.where(length == _NULL, _NULL, np.nan))

    def _whole(
        self, domain: str, numbers: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
        """Return which events have a fingerprint, and those."""
        known = np.flatnonzero(numbers >= 0)
        texts = [self.names.text(domain, number) for number in numbers[known].tolist()]
        assert None not in texts, "a fingerprint without a text"
        return known, np.array([int(text, 16) for text in texts if text], np.uint64)


def _alike(*halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of bits in common; NaN where one is not known, 0 where one is none."""
    least = np.minimum.reduce(halves)  # NaN where one is not known, unless ..
    alike = np.where(np.fmin.reduce(halves) == _NULL, 0.0, np.nan)  # .. another is none
    known = np.flatnonzero(least >= 0)
    if len(known):
        whole = [half[known].astype(np.uint64) for half in halves]
        apart = np.bitwise_count(whole[0] ^ whole[2]) + np.bitwise_count(whole[1] ^ whole[3])
        alike[known] = 1 - apart / _BITS
    return alike


def make_likeness_passes(builder: Builder) -> Iterable[LikenessPass]:
    """Return the passes for all that the sites ask of fingerprints."""
    place = builder.shared.place
    passes: dict[tuple[int, int], LikenessPass] = {}
    for site in builder.sites.values():
        for node, operands, out in site.likeness.values():
            level = max(o.stage for o in operands)
            found = passes.setdefault((site.number, level), LikenessPass(level, {site.number}, builder.names))
            columns = [place(o) for o in operands]
            if isinstance(node, FingerprintHalf):
                found.halves.append((node.fingerprint_of.domain, columns[0], node.half == "high", place(out)))
            elif isinstance(node, LastOf):
                found.lists.append((columns[0], place(out)))
            else:
                found.pairs.append((columns, place(out)))
    return passes.values()
