"""The local clock and calendar of IANA zones, from the zone data of the `tzdata` package.

The machine's own zone files are not used: a replay must see the same local hours on every machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
NAMES_MAX = 10_000  # names tried; zones are some 600, the rest is what senders make up
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


class Zones:
    """Offsets and midnights by zone name."""

    def __init__(self) -> None:
        self._zones: dict[str, ZoneInfo | None] = {}
        self._names = frozenset((files("tzdata") / "zones").read_text("utf-8").split())

    def period(self, zone: str, ts: int) -> tuple[int, int, int] | None:
        """Return (from, until, offset): local time is UTC + offset, in ms, all through it; None for a name that is no zone.

        It holds `ts`, and is at most one day long. No zone changes its clocks twice within a day (since 1970 never within six).
        """
        found = self._zone(zone)
        if found is None:
            return None
        start = ts // DAY_MS * DAY_MS
        end = start + DAY_MS
        first, last = _offset(found, start), _offset(found, end)
        if first == last:
            return start, end, first
        before, after = start, end  # the offset is `first` at the one, `last` at the other
        while after - before > 1:
            middle = (before + after) // 2
            if _offset(found, middle) == first:
                before = middle
            else:
                after = middle
        return (start, after, first) if ts < after else (after, end, last)

    def offset(self, zone: str, ts: int) -> int | None:
        """Return local time minus UTC in ms at `ts`; None for a name that is no zone."""
        found = self._zone(zone)
        return None if found is None else _offset(found, ts)

    def midnight(self, zone: str, ts: int, offset: int) -> int:
        """Return the moment at which the local calendar day of `ts` began (where clocks skip midnight: the skip)."""
        day = (ts + offset) // DAY_MS
        local = (_EPOCH + timedelta(days=day)).replace(tzinfo=self._zone(zone))
        return round((local - _EPOCH) / _MS)

    def _zone(self, name: str) -> ZoneInfo | None:
        if name not in self._zones:
            found = None
            if name in self._names:  # also what keeps `../` and the like out of the path
                with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
                    found = ZoneInfo.from_file(data, key=name)
            elif len(self._zones) > NAMES_MAX:
                return None
            self._zones[name] = found
        return self._zones[name]


def _offset(zone: ZoneInfo, ts: int) -> int:
    """Return local time minus UTC, in ms."""
    shift = (_EPOCH + timedelta(milliseconds=ts)).astimezone(zone).utcoffset()
    assert shift is not None, f"{zone} says no offset"
    return round(shift / _MS)
