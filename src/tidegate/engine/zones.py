"""The pass that writes local hours, weekdays and midnights for the zones that events of a site name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.signals.zones import DAY_MS, QUARTER_MS, Zones

if TYPE_CHECKING:
    from tidegate.engine.names import Names
    from tidegate.windows.chunk import Chunk


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

    def __post_init__(self) -> None:
        self.sites = {self.site}

    def step(self, n: int) -> None:
        """Fill the columns for the events of the site in the chunk. An event time between quarters shares their offset."""
        chunk = self.chunk
        at = np.flatnonzero(chunk.kind[:n] == self.site)
        zone, ts = chunk.cols[self.zone, at], chunk.ts[at]
        known = zone >= 0
        if not known.all():
            for column in self.outs.values():
                chunk.cols[column, at] = np.nan
            at, zone, ts = at[known], zone[known], ts[known]
        if not len(at):
            return
        keys = zone.astype(np.int64) << 32 | ts // QUARTER_MS
        unique, inverse = np.unique(keys, return_inverse=True)
        offsets = np.array([self._offset(int(k)) for k in unique])[inverse]
        local = ts + offsets
        if "hour" in self.outs:
            chunk.cols[self.outs["hour"], at] = local % DAY_MS / 3_600_000
        if "weekday" in self.outs:
            chunk.cols[self.outs["weekday"], at] = (local // DAY_MS + 3) % 7
        if "midnight" in self.outs:
            chunk.cols[self.outs["midnight"], at] = self._midnights(zone, ts, offsets)

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
