"""Months of the calendar, counted with clamping: 31 January and one month is the last day of February."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@lru_cache(maxsize=64)  # most accounts begin at one moment
def months_after(ms: int, months: int) -> int:
    """Return the moment some months later at the same time of day, UTC; days that the month does not have become its last.

    >>> from tidegate.windows.timestamps import format_rfc3339, parse_rfc3339
    >>> [format_rfc3339(months_after(parse_rfc3339("2026-01-31T09:00:00Z"), n)) for n in (1, 2, 12)]
    ['2026-02-28T09:00:00.000Z', '2026-03-31T09:00:00.000Z', '2027-01-31T09:00:00.000Z']
    """
    moment = _EPOCH + timedelta(milliseconds=ms)
    year, month = month_after(moment.year, moment.month, months)
    day = min(moment.day, monthrange(year, month)[1])
    return round((moment.replace(year=year, month=month, day=day) - _EPOCH) / _MS)


def month_after(year: int, month: int, months: int) -> tuple[int, int]:
    """Return year and month some months later.

    >>> month_after(2026, 11, 3)
    (2027, 2)
    """
    count = year * 12 + month - 1 + months
    return count // 12, count % 12 + 1
