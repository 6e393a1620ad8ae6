"""The passes that write local hours, weekdays and midnights for the zones that events name: one per stage at which zones are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.signals.zones import Zones
from tidegate.windows.local_time import LocalTimes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.names import Names


@dataclass
class ZonePass:
    """Local times at `sites`, of zones that are known from stage `level` on."""

    level: int
    sites: set[int]
    state: LocalTimes


class _Clocks:
    """Zones by the ids of their names."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.zones = Zones()

    def period(self, name: int, ts: int) -> tuple[int, int, int] | None:
        """Return from when until when local time is how much ahead of `ts`; None for what is no zone."""
        text = self.names.text("", name)
        return None if text is None else self.zones.period(text, ts)

    def midnight(self, name: int, ts: int, offset: int) -> int:
        """Return when the local day of `ts` began."""
        text = self.names.text("", name)
        assert text is not None, f"a zone of no name: {name}"
        return self.zones.midnight(text, ts, offset)


def make_zone_passes(builder: Builder) -> list[ZonePass]:
    """Return the passes for all that the sites ask of local time."""
    clocks, place = _Clocks(builder.names), builder.shared.place
    asked = [(zone, outs, site) for site in builder.sites.values() for zone, outs in site.zones.values()]
    passes = []
    for level in sorted({zone.stage for zone, _, _ in asked}):
        here = [
            (site.number, place(zone), {part: place(column) for part, column in outs.items()})
            for zone, outs, site in asked
            if zone.stage == level
        ]
        passes.append(
            ZonePass(level, {site for site, _, _ in here}, _wired(here, len(builder.sites), clocks))
        )
    return passes


def _wired(asked: Iterable[tuple[int, int, dict[str, int]]], sites: int, clocks: _Clocks) -> LocalTimes:
    """Return the kernel with its routes: an event of one site may ask for several zones, one after the other."""
    asked = list(asked)
    kernel = LocalTimes(sites + len(asked), clocks.period, clocks.midnight)
    last: dict[int, int] = {}
    for further, (site, zone, outs) in enumerate(asked, start=sites):
        at = site
        if site in last:
            at = further
            kernel.chain(last[site], at)
        kernel.route(at, zone=zone, outs=outs)
        last[site] = at
    return kernel
