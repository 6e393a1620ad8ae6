"""The pass that writes local hours, weekdays and midnights for the zones that events of a site name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.signals.zones import DAY_MS, QUARTER_MS, Zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.names import Names
    from tidegate.windows.chunk import Chunk

_UNKNOWN = (float("nan"), float("nan"))


@dataclass
class ZonePass:
    """Reads the column of zone names at one site; writes the columns in `outs`: hour, weekday, midnight."""

    site: int
    level: int
    zone: int
    outs: dict[str, int]
    names: Names
    zones: Zones
    chunk: Chunk
    sites: set[int] = field(init=False)
    _quarter: int = field(init=False, default=-1)
    _known: dict[float, tuple[float, float]] = field(init=False, default_factory=dict)
    _rows: NDArray[np.int32] = field(
        init=False
    )  # column of the table by id of the zone's name + 1, -1: not looked up
    _table: NDArray[np.float64] = field(init=False)  # offsets, midnights

    def __post_init__(self) -> None:
        self.sites = {self.site}
        self._rows = np.full(256, -1, np.int32)
        self._table = np.full((2, 1), np.nan)

    def step(self, n: int) -> None:
        """Fill the columns for the events of the site in the chunk."""
        chunk = self.chunk
        if n == 1:
            self._one_event()
            return
        start, end = np.searchsorted(chunk.kind[:n], [self.site, self.site + 1]).tolist()
        ts = chunk.ts[start:end]
        first, last = int(ts.min()) // QUARTER_MS, int(ts.max()) // QUARTER_MS
        if first == last:
            self._one_quarter(start, end, first)
        else:
            self._many_quarters(start, end)

    def _one_event(self) -> None:
        cols, outs = self.chunk.cols, self.outs
        ts = self.chunk.ts.item(0)
        quarter = ts // QUARTER_MS
        self._turn(quarter)
        offset, midnight = self._zone_now(cols.item(self.zone, 0), quarter * QUARTER_MS)
        local = ts + offset
        if "hour" in outs:
            cols[outs["hour"], 0] = local % DAY_MS / 3_600_000
        if "weekday" in outs:
            cols[outs["weekday"], 0] = (local // DAY_MS + 3) % 7
        if "midnight" in outs:
            cols[outs["midnight"], 0] = midnight

    def _one_quarter(self, start: int, end: int, quarter: int) -> None:
        """Offsets change, and days begin, on quarters of an hour only: within one, each zone is looked up once."""
        self._turn(quarter)
        zone = self.chunk.cols[self.zone, start:end]
        if not zone.min() >= 0:  # some are not known: column 0 of the table
            zone = np.where(zone >= 0, zone + 1, 0)
            ids = zone.astype(np.int64)
        else:
            ids = zone.astype(np.int64) + 1
        if int(ids.max()) >= len(self._rows):
            self._rows = np.full(2 * int(ids.max()), -1, np.int32)
            self._turn(quarter, anew=True)
        rows = self._rows.take(ids)
        if rows.min() < 0:
            for unknown in np.unique(ids[rows < 0]).tolist():
                self._look_up(unknown, quarter)
            rows = self._rows.take(ids)
        local = self.chunk.ts[start:end] + self._table[0].take(rows)
        self._write(slice(start, end), local, self._table[1].take(rows) if "midnight" in self.outs else local)

    def _turn(self, quarter: int, *, anew: bool = False) -> None:
        """Forget what was looked up for another quarter. Column 0 of the table is that of no zone."""
        if quarter == self._quarter and not anew:
            return
        self._quarter, self._known = quarter, {}
        self._rows[:] = -1
        self._rows[0] = 0
        self._table = np.full((2, 1), np.nan)

    def _look_up(self, row: int, quarter: int) -> None:
        """Add a zone to the table; `row` is the id of its name plus one."""
        self._rows[row] = self._table.shape[1]
        found = self._zone_now(float(row - 1), quarter * QUARTER_MS)
        self._table = np.hstack([self._table, np.array(found)[:, None]])

    def _zone_now(self, name: float, ts: int) -> tuple[float, float]:
        """Offset and midnight of a zone at a time; NaN where there is no such zone."""
        if not name >= 0:
            return _UNKNOWN
        found = self._known.get(name)
        if found is None:
            text = self.names.text("", name)
            offset = self.zones.offset(text, ts) if text is not None else None
            found = _UNKNOWN
            if text is not None and offset is not None:
                found = (float(offset), float(self.zones.midnight(text, ts, offset)))
            self._known[name] = found
        return found

    def _write(self, at: Any, local: NDArray[np.float64], midnight: NDArray[np.float64]) -> None:
        """Write what was asked for; `local` is local time in ms, NaN where the zone is not known."""
        cols, outs = self.chunk.cols, self.outs
        if "hour" in outs:
            cols[outs["hour"], at] = (local - np.floor(local / DAY_MS) * DAY_MS) / 3_600_000
        if "weekday" in outs:
            cols[outs["weekday"], at] = (np.floor(local / DAY_MS) + 3) % 7
        if "midnight" in outs:
            cols[outs["midnight"], at] = midnight

    def _many_quarters(self, start: int, end: int) -> None:
        """The same for a chunk that spans more time."""
        chunk = self.chunk
        zone, ts = chunk.cols[self.zone, start:end], chunk.ts[start:end]
        known = zone >= 0
        keys = np.where(known, zone, -1).astype(np.int64) << 32 | ts // QUARTER_MS
        unique, inverse = np.unique(keys, return_inverse=True)
        offsets = np.where(known, np.array([self._offset(int(k)) for k in unique])[inverse], np.nan)
        self._write(
            slice(start, end),
            (ts + offsets).astype(np.float64),
            self._midnights(np.where(known, zone, -1), ts, offsets),
        )

    def _offset(self, key: int) -> float:
        name = self.names.text("", key >> 32)
        found = self.zones.offset(name, (key & 0xFFFFFFFF) * QUARTER_MS) if name else None
        return float("nan") if found is None else float(found)

    def _midnights(self, zone: np.ndarray, ts: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        known = ~np.isnan(offsets)
        days = np.where(known, (ts + np.where(known, offsets, 0)) // DAY_MS, 0).astype(np.int64)
        unique, first, inverse = np.unique(
            zone.astype(np.int64) << 32 | days, return_index=True, return_inverse=True
        )
        found = np.full(len(unique), np.nan)
        for j, i in enumerate(first):
            name = self.names.text("", zone[i])
            if known[i] and name is not None:
                found[j] = self.zones.midnight(name, int(ts[i]), int(offsets[i]))
        return np.where(known, found[inverse], np.nan)
