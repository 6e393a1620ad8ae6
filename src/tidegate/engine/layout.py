"""Events of a block laid out in a chunk: grouped by site, timers in their places, arrival order kept beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.engine.encode import Encoded, encode_values, fill_site

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.plan import Plan
    from tidegate.engine.timers import DueTimer
    from tidegate.windows.chunk import Chunk


@dataclass
class Laid:
    """One chunk: `spans` are the positions per site; `events[i]` is the index of the i-th arrival, -1 - k for timer k."""

    n: int
    spans: dict[int, tuple[int, int]]
    events: NDArray[np.int64]


def lay_out(plan: Plan, encoded: Encoded, lo: int, hi: int, timers: list[DueTimer]) -> Laid:
    """Fill the plan's chunk with events lo .. hi - 1 of the block that the plan reads, and the timers between them."""
    chunk = plan.chunk
    events = lo + np.flatnonzero(encoded.site[lo:hi] >= 0)
    site = encoded.site[events]
    ts = encoded.ts[events]
    if timers:
        at = np.searchsorted(events, [t.before for t in timers])
        events = np.insert(events, at, [-1 - k for k in range(len(timers))])
        site = np.insert(site, at, [t.timer.site for t in timers])
        ts = np.insert(ts, at, [t.timer.due for t in timers])
    n = len(events)
    chunk.n = n
    numbers, starts = _grouped(chunk, site, ts) if n else ([], [])
    chunk.cols[0, :n] = chunk.ts[:n]
    spans: dict[int, tuple[int, int]] = {}
    ends = [*starts[1:], n] if n else []
    for number, start, end in zip(numbers, starts, ends, strict=True):
        spans[number] = (start, end)
        entry = encoded.columns.get(number)
        if entry is not None:
            a, b = np.searchsorted(entry.positions, [lo, hi]).tolist()
            fill_site(entry, a, b, chunk.cols, start)
        else:
            _fill_timers(plan, number, start, timers)
    return Laid(n, spans, events)


def _grouped(chunk: Chunk, site: NDArray[np.int32], ts: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Place the events by site; return the sites that occur and where each begins."""
    n = len(site)
    if (site == site[0]).all():
        chunk.order[:n] = np.arange(n, dtype=np.int32)
        chunk.kind[:n], chunk.ts[:n] = site, ts
        return [int(site[0])], [0]
    by_site = np.argsort(site, kind="stable")
    chunk.order[:n][by_site] = np.arange(n, dtype=np.int32)
    chunk.kind[:n], chunk.ts[:n] = site[by_site], ts[by_site]
    numbers, starts = np.unique(chunk.kind[:n], return_index=True)
    return numbers.tolist(), starts.tolist()


def _fill_timers(plan: Plan, number: int, start: int, timers: list[DueTimer]) -> None:
    """Write what the timers of one deadline carry."""
    mine = [t.timer for t in timers if t.timer.site == number]
    site = plan.sites[number]
    carried = [f.name for f in site.source.carry]
    for name, named, column in site.fields:
        values = [timer.carried[carried.index(name)] for timer in mine]
        plan.chunk.cols[column, start : start + len(mine)] = encode_values(values, named, plan.names)
