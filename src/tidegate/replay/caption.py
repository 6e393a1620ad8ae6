"""What stands around a picture of a replay, and how numbers and times are written in it (always English, always UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - reads better than twelve quotes
DAY_MS = 86_400_000
UNITS_MS = ((DAY_MS, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))
LEAST_PERCENT = 0.1


@dataclass(frozen=True)
class Caption:
    """The file that was replayed and the policy that judged it, as a reader wants to see them."""

    source: str
    policy: str


def number(count: int) -> str:
    """Write a count: 1,234,567."""
    return f"{count:,}"


def decisions(count: int) -> str:
    """Write how many decisions."""
    return f"{number(count)} decision{'' if count == 1 else 's'}"


def share(part: int, whole: int) -> str:
    """Write a share in per cent with one digit; what is more than nothing never reads 0.0 %."""
    percent = 100 * part / max(1, whole)
    return f"< {LEAST_PERCENT} %" if 0 < percent < LEAST_PERCENT else f"{percent:.1f} %"


def duration(ms: int) -> str:
    """Write a width of buckets: the largest unit of which it is a whole number."""
    unit_ms, unit = next((size, name) for size, name in UNITS_MS if ms % size == 0)
    return f"{ms // unit_ms} {unit}"


def month(number_of_month: int) -> str:
    """Write a month, whatever the locale: Jan."""
    return MONTHS[number_of_month - 1]


def tick_label(ts_ms: int, *, with_day: bool = False) -> str:
    """Write an instant below an axis: 2 Mar at midnight, else 09:30, with seconds where there are any."""
    at = datetime.fromtimestamp(ts_ms / 1000, tz=UTC)
    day = f"{at.day} {month(at.month)}"
    if ts_ms % DAY_MS == 0:
        return day
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{day} {clock}" if with_day else clock


def moment(ts_ms: int) -> str:
    """Write an instant in UTC: 2 Mar 2026 09:30, with seconds where there are any."""
    at = datetime.fromtimestamp(ts_ms / 1000, tz=UTC)
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"{at.day} {month(at.month)} {at.year} {clock}"
