"""Values that may be unknown, none, or known only between bounds; and what operators make of them.

Written from the words of the documentation, not from the engine: unknown stays unknown unless what is known settles the
result; none (a known null) is no value, equals nothing, holds as little as false, and lies endlessly far back in time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from tests.oracle.observe import UNKNOWN, Bounds


def between(low: Any, high: Any) -> Any:
    """The value that lies between two others."""
    if low is UNKNOWN or high is UNKNOWN:
        return UNKNOWN
    return low if low == high else Bounds(low, high)


def exact(value: Any) -> Any:
    """The value where there is one; bounds that differ are none."""
    return UNKNOWN if isinstance(value, Bounds) else value


def _low(value: Any) -> Any:
    return value.low if isinstance(value, Bounds) else value


def _high(value: Any) -> Any:
    return value.high if isinstance(value, Bounds) else value


# numbers ------------------------------------------------------------------------------------------------------
def _divided(a: float, b: float) -> float:
    return a / b if b else math.nan


_NUMBERS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "min": min,
    "max": max,
}


def _number(value: Any) -> float:
    return -math.inf if value is None else float(value)


def _plain(op: str, a: Any, b: Any) -> Any:
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    result = _NUMBERS[op](_number(a), _number(b))
    return UNKNOWN if math.isnan(result) else None if result == -math.inf else result


def arithmetic(op: str, a: Any, b: Any) -> Any:
    """Two numbers and an operator. Of bounds, the least and the most that it makes of their ends."""
    if not isinstance(a, Bounds) and not isinstance(b, Bounds):
        return _plain(op, a, b)
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if op == "/" and _low(b) < 0 < _high(b):
        return UNKNOWN  # it may be 0
    found = [_plain(op, x, y) for x in (_low(a), _high(a)) for y in (_low(b), _high(b))]
    return UNKNOWN if UNKNOWN in found else between(min(found, key=_number), max(found, key=_number))


# truth --------------------------------------------------------------------------------------------------------
def compare(op: str, a: Any, b: Any) -> Any:
    """Whether `a op b`; with bounds, where all values between them agree."""
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if op == "!=":
        return opposite(compare("==", a, b))
    if op in (">", ">="):
        return compare({">": "<", ">=": "<="}[op], b, a)
    if a is None or b is None:
        return False
    if op == "==":
        if isinstance(a, Bounds) or isinstance(b, Bounds):
            return UNKNOWN if _low(a) <= _high(b) and _low(b) <= _high(a) else False
        return a == b
    holds = (lambda x, y: x < y) if op == "<" else (lambda x, y: x <= y)
    if holds(_high(a), _low(b)):
        return True
    return UNKNOWN if holds(_low(a), _high(b)) else False


def truth(value: Any) -> Any:
    """True, False or unknown."""
    value = exact(value)
    return value if value is UNKNOWN else bool(value)


def opposite(value: Any) -> Any:
    value = truth(value)
    return value if value is UNKNOWN else not value


def all_hold(values: Iterable[Any]) -> Any:
    seen = [truth(v) for v in values]
    return False if any(v is False for v in seen) else UNKNOWN if UNKNOWN in seen else True


def any_holds(values: Iterable[Any]) -> Any:
    return opposite(all_hold(opposite(v) for v in values))


def choose(condition: Any, then: Any, otherwise: Any) -> Any:
    """One of two values; where the condition is not known, the one they share."""
    condition = truth(condition)
    if condition is UNKNOWN:
        same = type(then) is type(otherwise) and then == otherwise
        return then if same else UNKNOWN
    return then if condition else otherwise
