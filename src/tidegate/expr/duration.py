"""Spans of event time, named by their unit."""

import re
from dataclasses import dataclass
from math import isfinite

from tidegate.errors import ExpressionError

_MS = {"S": 1_000, "M": 60_000, "H": 3_600_000, "D": 86_400_000}
_DAYS_MAX = 100_000  # of what is read: no count of ms is then too large for a kernel


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
    given: object = count
    if not isinstance(given, int | float) or isinstance(given, bool):
        quoted = f'"{given}"' if isinstance(given, str) else given
        raise ExpressionError(f"a span of `{quoted}` is no number", hint="write a number, without quotes")
    ms = _ms(count, unit)
    if ms <= 0:
        short = count > 0 and isfinite(count)
        raise ExpressionError(
            f"a span of `{count}` is {'shorter than a millisecond' if short else 'not positive'}",
            hint="times are whole milliseconds" if short else "write a positive number",
        )
    text = f"{count:g}{unit}"
    return Duration(ms, f"P{text}" if unit == "D" else f"PT{text}")


def _ms(count: float, unit: str) -> int:
    """Return the length; 0 for what is not finite."""
    return round(count * _MS[unit]) if isfinite(count) else 0


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


def span(value: object, *, of: str) -> Duration:
    """Return the value where it is a duration; else raise ExpressionError, saying what it is the length `of`."""
    if isinstance(value, Duration):
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    raise ExpressionError(
        f"{of}: `{value}` has no unit" if number else f"{of}: `{value}` is no duration",
        hint=f"write `tg.seconds({value:g})`, `tg.hours(...)` or `tg.days(...)`"
        if number
        else "write `tg.seconds(...)`, `tg.hours(...)` or `tg.days(...)`",
    )


_ISO = re.compile(
    r"P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(text: str) -> Duration:
    """Return the span that an ISO 8601 text of days, hours, minutes and seconds means; raise ExpressionError if none.

    >>> parse_duration("PT2H").ms
    7200000
    """
    found = _ISO.fullmatch(text)
    parts = [float(part) if part else 0.0 for part in found.groups()] if found else []
    length = sum(part * _MS[unit] for part, unit in zip(parts, "DHMS", strict=False))
    if length > _DAYS_MAX * _MS["D"]:
        shown = text if len(text) <= 40 else text[:40] + "..."  # noqa: PLR2004  enough to know it again
        raise ExpressionError(f"`{shown}` is too long", hint=f"at most `P{_DAYS_MAX}D`")
    ms = round(length)
    if ms <= 0:
        raise ExpressionError(
            f"`{text}` is no duration", hint="write ISO 8601, such as `PT60S`, `PT2H` or `P7D`"
        )
    return Duration(ms, text)
