"""When a schedule is due: on a day of the month, at a time of day in a zone; days that a month does not have become its last."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

from tidegate.errors import UsageError
from tidegate.screening.since.calendar_months import month_after

Every = Literal["month", "quarter"]
MONTH, QUARTER = "month", "quarter"
STEP = {
    MONTH: 1,
    QUARTER: 3,
}  # months from one to the next; quarters begin in January, April, July and October
LONGEST_DAYS = {MONTH: 31, QUARTER: 92}  # sops.monthly-screening, sops.quarterly-audit
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Recurrence:
    """Every month or quarter, on `day` (1 to 31) at `hour`:`minute` of the local time in `zone`."""

    every: str
    day: int
    hour: int = 0
    minute: int = 0
    zone: str = "UTC"

    def next_after(self, ms: int) -> int:
        """Return the first moment behind `ms` at which it is due.

        A local time that clocks skip is due as much later as they are put forward; one that comes twice is due the first time.
        """
        zone = zone_of(self.zone)
        local = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
        year, month = local.year, local.month - (local.month - 1) % STEP[self.every]
        while (due := self._in(year, month, zone)) <= ms:
            year, month = month_after(year, month, STEP[self.every])
        return due

    def _in(self, year: int, month: int, zone: ZoneInfo) -> int:
        day = min(self.day, monthrange(year, month)[1])
        local = datetime(year, month, day, self.hour, self.minute, tzinfo=zone)
        return round((local.astimezone(UTC) - _EPOCH) / _MS)


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return a zone, as the `tzdata` package has it. Raise UsageError where there is none of this name."""
    if name not in _names():  # also what keeps `../` and the like out of the path
        raise UsageError(
            f"there is no time zone `{name[:64]}`", place="zone", hint="such as Europe/Berlin, or UTC"
        )
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def _names() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split())
