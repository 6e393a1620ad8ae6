"""One day of the demo, as every source of events sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from tidegate.demo.population import Population
from tidegate.demo.rhythm import DAY_MS
from tidegate.demo.strand import Codes, Ids


@dataclass
class Numbering:
    """Hands out numbers that are used once, per family of ids ("m-", "r-", ...)."""

    next_number: dict[str, int] = field(default_factory=dict)

    def take(self, prefix: str, count: int) -> Ids:
        """Return ``count`` ids that nobody has yet."""
        first = self.next_number.get(prefix, 1)
        self.next_number[prefix] = first + count
        return Ids(prefix, np.arange(first, first + count), digits=7)


@dataclass(frozen=True)
class Day:
    """Day ``index`` of the demo: whose, since when, and where chance and fresh ids come from.

    ``quiet`` holds the accounts that do not behave like people (spammers leave no honest traffic), ``unofficial`` those
    whose app is not the official one; both ascend.
    """

    seed: int
    index: int
    population: Population
    numbering: Numbering
    quiet: Codes
    unofficial: Codes

    @property
    def start_ms(self) -> int:
        """First instant of the day (UTC midnight, ms)."""
        return self.population.start_ms + self.index * DAY_MS

    @property
    def end_ms(self) -> int:
        """First instant of the next day (ms)."""
        return self.start_ms + DAY_MS

    def rng(self, source: str) -> np.random.Generator:
        """Chance for one source on this day: independent of what other sources draw, and of their order."""
        return chance(self.seed, source, self.index)

    def take(self, prefix: str, count: int) -> Ids:
        """Return ``count`` ids that nothing else in the demo has."""
        return self.numbering.take(prefix, count)


def chance(seed: int, source: str, index: int = 0) -> np.random.Generator:
    """Generator of ``source`` on day ``index``: PCG64, the same on every platform."""
    return np.random.Generator(np.random.PCG64([seed, crc32(source.encode()), index]))
