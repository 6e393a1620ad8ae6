"""Belief that an account abuses, from the signals that are active."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

DIGITS = Decimal("0.0001")


class Signal(NamedTuple):
    """A fired rule as evidence: signals that share a name of `group` are correlated ("" is correlated with none).

    Several names stand with spaces between them.
    """

    rule: str
    probability: float
    group: str = ""


def score(signals: Iterable[Signal], points: float = 0.0) -> float:
    """Return min(1, noisy-or of the signals + points / 100), rounded to 4 digits (half to even).

    Of signals that are correlated only the strongest counts. The product is taken in exact decimals, so that neither
    the order of the signals nor the machine can change the last digit.

    >>> score([Signal("a", 0.6), Signal("b", 0.85)]), score([Signal("a", 0.6, "x"), Signal("b", 0.5, "x")]), score([])
    (0.94, 0.6, 0.0)
    """
    counted: set[str] = set()
    doubt = Decimal(1)
    for rule, probability, group in sorted(signals, key=_strongest_first):
        names = [f"group {name}" for name in group.split()] or [f"rule {rule}"]
        if counted.isdisjoint(names):
            counted.update(names)
            doubt *= 1 - Decimal(repr(probability))
    total = min(Decimal(1), 1 - doubt + Decimal(repr(points)) / 100)
    return float(max(Decimal(0), total).quantize(DIGITS, rounding=ROUND_HALF_EVEN))


def _strongest_first(signal: Signal) -> tuple[float, str]:
    return -signal.probability, signal.rule
