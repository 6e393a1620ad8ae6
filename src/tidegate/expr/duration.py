"""Spans of event time, named by their unit."""

from dataclasses import dataclass

from tidegate.errors import ExpressionError

_MS = {"S": 1_000, "M": 60_000, "H": 3_600_000, "D": 86_400_000}


@dataclass(frozen=True, order=True)
class Duration:
    """A fixed span of event time.

    `ms` is its length in milliseconds; `iso` is how it is written in decisions and docs (ISO 8601), which
    keeps the unit the author chose: 60 seconds stay `PT60S`.
    """

    ms: int
    iso: str

    def __str__(self) -> str:
        return self.iso


def _duration(count: float, unit: str) -> Duration:
    ms = round(count * _MS[unit])
    if ms <= 0:
        raise ExpressionError(f"a span of `{count}` is not positive", hint="windows look back: write a positive number")
    text = f"{count:g}{unit}"
    return Duration(ms, f"P{text}" if unit == "D" else f"PT{text}")


def seconds(count: float) -> Duration:
    """Return a span of `count` seconds.

    >>> seconds(60).iso, minutes(1).iso, seconds(60).ms == minutes(1).ms
    ('PT60S', 'PT1M', True)
    """
    return _duration(count, "S")


def minutes(count: float) -> Duration:
    """Return a span of `count` minutes."""
    return _duration(count, "M")


def hours(count: float) -> Duration:
    """Return a span of `count` hours."""
    return _duration(count, "H")


def days(count: float) -> Duration:
    """Return a span of `count` times 24 hours (not calendar days: see `Keyed.today`)."""
    return _duration(count, "D")
