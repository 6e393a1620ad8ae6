"""Belief that an account abuses, from the signals that are active."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

DIGITS = Decimal("0.0001")


class Signal(NamedTuple):
    """A fired rule as evidence: `group` names signals that are correlated ("" is correlated with none)."""

    rule: str
    probability: float
    group: str = ""


def score(signals: Iterable[Signal], points: float = 0.0) -> float:
    """Return min(1, noisy-or of the signals + points / 100), rounded to 4 digits (half to even).

    Of each correlated group only the strongest signal counts. The product is taken in exact decimals, so that neither
    the order of the signals nor the machine can change the last digit.

    >>> score([Signal("a", 0.6), Signal("b", 0.85)]), score([Signal("a", 0.6, "x"), Signal("b", 0.5, "x")]), score([])
    (0.94, 0.6, 0.0)
    """
    strongest: dict[str, float] = {}
    for signal in signals:
        key = f"group {signal.group}" if signal.group else f"rule {signal.rule}"
        strongest[key] = max(strongest.get(key, 0.0), signal.probability)
    doubt = Decimal(1)
    for probability in strongest.values():
        doubt *= 1 - Decimal(repr(probability))
    total = min(Decimal(1), 1 - doubt + Decimal(repr(points)) / 100)
    return float(max(Decimal(0), total).quantize(DIGITS, rounding=ROUND_HALF_EVEN))
