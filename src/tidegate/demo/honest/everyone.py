"""The accounts that behave like people on a day."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.strand import Codes


def people(day: Day) -> Codes:
    """Return the registered accounts that are not abusive, in ascending order."""
    everyone = np.arange(day.population.n)
    here = day.population.registered_ms < day.end_ms
    here[day.quiet] = False
    result: Codes = everyone[here]
    return result


def some_of(rng: np.random.Generator, accounts: Codes, share: float) -> Codes:
    """Return each account with probability ``share``."""
    result: Codes = accounts[rng.random(len(accounts)) < share]
    return result
