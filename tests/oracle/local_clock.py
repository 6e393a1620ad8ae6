"""The local clock by Python's zoneinfo, from the same edition of the zone data that the project depends on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
DAY = 86_400_000


@cache
def zone(name: str) -> ZoneInfo | None:
    """The zone of this name; None where nobody knows it."""
    found = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not found.is_file():
        return None
    with found.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def local(name: str, ts: int) -> datetime | None:
    known = zone(name)
    return (EPOCH + ts * MS).astimezone(known) if known else None


def hour(name: str, ts: int) -> float | None:
    """Local hour of the day with fractions."""
    at = local(name, ts)
    if at is None:
        return None
    ms = ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000
    return ms / 3_600_000


def weekday(name: str, ts: int) -> float | None:
    at = local(name, ts)
    return None if at is None else float(at.weekday())


@cache
def _first_of_day(name: str, hour_of_ts: int) -> int:
    """First ms of the local day that is under way at the end of this hour, looking back hour by hour, then finer."""
    ts = hour_of_ts
    today = local(name, ts).date()
    for step in (3_600_000, 60_000, 1000, 1):
        while local(name, ts - step).date() == today:
            ts -= step
    return ts


def midnight(name: str, ts: int) -> float | None:
    """First moment of the local calendar day."""
    if zone(name) is None:
        return None
    return float(_first_of_day(name, ts // 900_000 * 900_000))
