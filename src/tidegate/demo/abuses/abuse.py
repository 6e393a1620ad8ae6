"""What an abuse is to the demo: a label, who does it, and the events it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.population import Population
from tidegate.demo.strand import Codes, Strand


def _as_they_are(_rng: np.random.Generator, population: Population, _members: Codes) -> Population:
    return population


@dataclass(frozen=True)
class Abuse:
    """One kind of abuse.

    ``per_thousand`` accounts of the population do it, ``at_least`` that many, all of one of the ``tiers``. ``lives_on``:
    the account also leaves honest traffic, since its owner is a victim or an ordinary person with a bad app.
    ``prepare`` may move the registration of its accounts before the week begins.
    """

    label: str
    per_thousand: float
    tiers: tuple[int, ...]
    strands: Callable[[Day, Codes], list[Strand]]
    at_least: int = 1
    lives_on: bool = False
    prepare: Callable[[np.random.Generator, Population, Codes], Population] = _as_they_are

    def wanted(self, accounts: int) -> int:
        """Return how many accounts of a population of that size do it."""
        return max(self.at_least, round(accounts * self.per_thousand / 1000))
