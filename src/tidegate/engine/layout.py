"""Events of a block laid out in a chunk: grouped by site, timers in their places, arrival order kept beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tidegate.engine.encode import Encoded, encode_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.plan import Plan
    from tidegate.engine.timers import DueTimer
    from tidegate.windows.arrange import Arranger


@dataclass
class Laid:
    """One chunk: `spans` are the positions per site; `events[i]` is the index of the i-th arrival, -1 - k for timer k."""

    n: int
    spans: dict[int, tuple[int, int]]
    events: NDArray[np.int64]


def lay_out(
    plan: Plan, encoded: Encoded, lo: int, hi: int, timers: list[DueTimer], done: dict[int, int]
) -> Laid:
    """Fill the plan's chunk with events lo .. hi - 1 of the block that the plan reads, and the timers between them.

    `done` says how many events of each site lie before `lo`, and is brought up to date.
    """
    arranger = plan.arranger
    if timers:
        n, events = _with_timers(arranger, encoded, lo, hi, timers)
    else:
        n = arranger.arrange(encoded.site, encoded.ts, lo, hi)
        events = arranger.events
    plan.chunk.n = n
    spans: dict[int, tuple[int, int]] = {}
    for number, start, end in arranger.found:
        spans[number] = (start, end)
        entry = encoded.columns.get(number)
        if entry is not None:
            first = done.get(number, 0)
            done[number] = first + end - start
            arranger.fill(entry.targets, entry.values, first, done[number], start)
        else:
            _fill_timers(plan, number, start, timers)
    return Laid(n, spans, events)


def _with_timers(
    arranger: Arranger, encoded: Encoded, lo: int, hi: int, timers: list[DueTimer]
) -> tuple[int, NDArray[np.int64]]:
    """Place events and timers; return how many, and which they are."""
    at = [t.before - lo for t in timers]
    which = np.insert(np.arange(lo, hi), at, [-1 - k for k in range(len(timers))])
    site = np.insert(encoded.site[lo:hi], at, [t.timer.site for t in timers]).astype(np.int32)
    ts = np.insert(encoded.ts[lo:hi], at, [t.timer.due for t in timers]).astype(np.int64)
    n = arranger.arrange(site, ts, 0, len(site))
    return n, which[arranger.events]


def _fill_timers(plan: Plan, number: int, start: int, timers: list[DueTimer]) -> None:
    """Write what the timers of one deadline carry."""
    mine = [t.timer for t in timers if t.timer.site == number]
    site = plan.sites[number]
    carried = [f.name for f in site.source.carry]
    for name, named, column in site.fields:
        values = [timer.carried[carried.index(name)] for timer in mine]
        plan.chunk.cols[column, start : start + len(mine)] = encode_values(values, named, plan.names)
