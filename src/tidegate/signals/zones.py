"""The local clock and calendar of IANA zones, from the zone data of the `tzdata` package.

The machine's own zone files are not used: a replay must see the same local hours on every machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

QUARTER_MS = 900_000  # offsets change on quarters of an hour only: one look-up serves a quarter
DAY_MS = 86_400_000
REMEMBERED_MAX = 100_000  # quarters and days looked up, a few MB; then they are looked up anew
NAMES_MAX = 10_000  # names tried; zones are some 600, the rest is what senders make up
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Zones:
    """Offsets and midnights by zone name, remembered per quarter of an hour and per day."""

    def __init__(self) -> None:
        self._zones: dict[str, ZoneInfo | None] = {}
        self._offsets: dict[tuple[str, int], int | None] = {}
        self._midnights: dict[tuple[str, int], int] = {}
        self._names = frozenset((files("tzdata") / "zones").read_text("utf-8").split())

    def offset(self, zone: str, ts: int) -> int | None:
        """Return local time minus UTC in ms at `ts`; None for a name that is no zone."""
        key = (zone, ts // QUARTER_MS)
        if key not in self._offsets:
            if len(self._offsets) > REMEMBERED_MAX:
                self._offsets.clear()
            self._offsets[key] = self._look_up(zone, key[1] * QUARTER_MS)
        return self._offsets[key]

    def midnight(self, zone: str, ts: int, offset: int) -> int:
        """Return the moment at which the local calendar day of `ts` began (where clocks skip midnight: the skip)."""
        day = (ts + offset) // DAY_MS
        if (zone, day) not in self._midnights:
            if len(self._midnights) > REMEMBERED_MAX:
                self._midnights.clear()
            local = (_EPOCH + timedelta(days=day)).replace(tzinfo=self._zone(zone))
            self._midnights[zone, day] = round((local - _EPOCH) / timedelta(milliseconds=1))
        return self._midnights[zone, day]

    def _look_up(self, zone: str, ts: int) -> int | None:
        found = self._zone(zone)
        if found is None:
            return None
        shift = (_EPOCH + timedelta(milliseconds=ts)).astimezone(found).utcoffset()
        return None if shift is None else round(shift / timedelta(milliseconds=1))

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
