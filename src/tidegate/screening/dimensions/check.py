"""A check of a dimension: a row of the catalogue as data, judged over all accounts at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tidegate.expr.literal import number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.policy import Parameter
    from tidegate.screening.evidence.gathering import Evidence


@dataclass(frozen=True)
class Found:
    """What a check found, a value per account: `truth` is 1, 0 or NaN (unknown); `observed` is NaN where nothing is known."""

    observed: NDArray[np.float64]
    truth: NDArray[np.float64]


Findings = dict[str, Found]
Probabilities = Callable[["Evidence", Found], "NDArray[np.float64]"]
Observe = Callable[["Evidence", Findings], "tuple[NDArray[np.float64], NDArray[np.float64]]"]


@dataclass(frozen=True, eq=False)
class Check:
    """A rule about an account of a pool. `id` is that of its row in the catalogue.

    `observe` returns the least and the most the value can be, NaN where nothing is known: the check is true or false where
    both say so, else unknown. `alone_high`: the verdict puts the account in the high tier whatever its score, where
    `high` says so. `counts_for_type` False: it is a sign that others weigh together, and gives no risk type of its own.
    """

    id: str
    title: str
    risk: str
    observe: Observe
    op: str  # ">=" or "<"
    limit: Parameter
    unit: str
    reason: str  # what a true verdict says; {observed} and {limit} are filled in
    label: str = ""
    probability: Parameter | None = None
    probabilities: Probabilities | None = None  # in place of `probability`, where it differs by account
    group: str = ""
    alone_high: bool = False
    high: Callable[[Evidence, Found], NDArray[np.bool_]] | None = None
    counts_for_type: bool = True
    optional: bool = False
    needs: tuple[str, ...] = ()  # checks it reads
    note: str = ""
    facts: tuple[str, ...] = field(default=())  # what it needs to know, as columns of an upload are called

    def judge(self, evidence: Evidence, before: Findings) -> Found:
        """Return what it finds; `before` are the findings of checks that ran already."""
        least, most = self.observe(evidence, before)
        limit = self.limit.default
        if self.op == ">=":
            holds, fails = least >= limit, most < limit
        else:
            holds, fails = most < limit, least >= limit
        return Found(least, np.where(holds, 1.0, np.where(fails, 0.0, np.nan)))

    def says(self, observed: float) -> str:
        """Return the sentence of a true verdict; `observed` is NaN where the value is not known.

        >>> from tidegate.screening.dimensions import CHECKS
        >>> CHECKS[0].says(4.0)
        'changes of region between logins in 30 days: 4; limit 3'
        """
        shown = number_text(0 if isnan(observed) else round(observed, 1))
        return self.reason.format(observed=shown, limit=number_text(self.limit.default))

    def weights(self, evidence: Evidence, found: Found) -> NDArray[np.float64]:
        """Return the chance of abuse that it adds to the score of each account."""
        if self.probabilities is not None:
            return self.probabilities(evidence, found)
        chance = self.probability.default if self.probability is not None else 0.0
        return np.where(found.truth == 1, chance, 0.0)

    def makes_high(self, evidence: Evidence, found: Found) -> NDArray[np.bool_]:
        """Return whom its verdict alone puts in the high tier."""
        if not self.alone_high:
            return np.zeros(len(found.truth), np.bool_)
        holds: NDArray[np.bool_] = found.truth == 1
        return holds if self.high is None else holds & self.high(evidence, found)


def count_of(fact: str) -> Observe:
    """Return an observer of a count of the evidence, with the most it can be."""
    return lambda evidence, _before: (evidence[fact], evidence.most(fact))


def false_of(*facts: str, true_of: tuple[str, ...] = ()) -> Observe:
    """Return an observer of how many flags are false, and how many of `true_of` true; what is not known may be either."""

    def observe(evidence: Evidence, _before: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        bad = np.array([evidence[f] == 0 for f in facts] + [evidence[f] == 1 for f in true_of])
        open_ = np.array([np.isnan(evidence[f]) for f in (*facts, *true_of)])
        nothing = open_.all(axis=0)
        least = np.where(nothing, np.nan, bad.sum(axis=0))
        return least, least + open_.sum(axis=0)

    return observe
