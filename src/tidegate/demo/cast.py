"""Who plays which part: the accounts of every abuse, chosen before the week begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tidegate.demo.abuses import ABUSES
from tidegate.demo.day import chance
from tidegate.demo.population import Population, settle
from tidegate.demo.strand import Codes


@dataclass(frozen=True)
class Cast:
    """The population, and per abuse label its accounts in ascending order; no account has two labels."""

    population: Population
    members: Mapping[str, Codes]

    @property
    def quiet(self) -> Codes:
        """Accounts that leave no honest traffic."""
        hostile = [self.members[abuse.label] for abuse in ABUSES if not abuse.lives_on]
        return np.sort(np.concatenate(hostile))

    @property
    def unofficial(self) -> Codes:
        """Accounts whose app is not the official one."""
        return self.members["modified-client"]


def cast(seed: int, accounts: int, days: int, start_ms: int) -> Cast:
    """Settle a population and choose the accounts of every abuse from the tiers it needs."""
    rng = chance(seed, "cast")
    population = settle(chance(seed, "population"), accounts, days, start_ms)
    free = np.ones(population.n, dtype=np.bool_)
    members: dict[str, Codes] = {}
    for abuse in ABUSES:
        suited = np.flatnonzero(free & np.isin(population.tier, abuse.tiers))
        wanted = min(abuse.wanted(accounts), len(suited))
        chosen = np.sort(suited[np.argsort(rng.random(len(suited)), kind="stable")[:wanted]])
        free[chosen] = False
        members[abuse.label] = chosen
        population = abuse.prepare(rng, population, chosen)
    return Cast(population, members)
