"""Factors on what a signal says: circumstances in which it says more."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

CAP = Decimal("0.99")  # no circumstance makes a sign of abuse a proof


class Factor(NamedTuple):
    """A factor that holds; with `odds` it multiplies p / (1 - p) instead of p."""

    value: float
    odds: bool = False


def weighed(probability: float, factors: Iterable[Factor]) -> float:
    """Return a probability after all factors, odds first; at most 0.99, unless it was more without them.

    Taken in exact decimals, so that neither the order of the factors nor the machine can change the last digit.

    >>> weighed(0.3, [Factor(1.6)]), weighed(0.6, [Factor(2.3), Factor(1.6)]), weighed(0.2, [Factor(6, odds=True)]), weighed(0.3, [])
    (0.48, 0.99, 0.6, 0.3)
    """
    listed = list(factors)
    p = first = Decimal(repr(probability))
    for factor in listed:
        if factor.odds:
            raised = p * Decimal(repr(factor.value))
            p = raised / (1 - p + raised)
    for factor in listed:
        if not factor.odds:
            p *= Decimal(repr(factor.value))
    return float(min(p, max(CAP, first)))
