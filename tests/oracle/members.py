"""Which events one event sees of a feature's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.oracle.keys import keys_at
from tests.oracle.observe import UNKNOWN
from tests.oracle.truth import exact, truth

from tidegate.features import Feature, Since, Sliding
from tidegate.features import aggregate as agg

if TYPE_CHECKING:
    from tests.oracle.naive import World


@dataclass(frozen=True)
class Member:
    """An event that is, or may be (`holds` UNKNOWN), one of those a feature sums up."""

    i: int
    ts: int
    kind: Any
    holds: Any


def members(world: World, feature: Feature, i: int, key: Any) -> list[Member]:
    """The events of the key that event i sees and that are, or may be, source events; in (ts, arrival) order."""
    found = []
    for j in world.past(i):
        kind = world.kinds[world.events[j]["type"]]
        if kind not in feature.condition:
            continue
        keys = keys_at(world, feature.key.fields[kind], j)
        if keys is UNKNOWN or key not in keys:
            continue
        condition = feature.condition[kind]
        holds = True if condition is None else truth(world.value(condition, j))
        if holds is not False:
            found.append(Member(j, world.events[j]["ts"], kind, holds))
    return found


def in_window(world: World, feature: Feature, i: int, found: list[Member]) -> Any:
    """Those of them that lie in the window; UNKNOWN where its start is not known."""
    ts, window = world.events[i]["ts"], feature.window
    if isinstance(window, Sliding):
        return [m for m in found if m.ts > ts - window.length.ms]
    if isinstance(window, Since):
        start = exact(world.value(window.start, i))
        if start is UNKNOWN:
            return UNKNOWN
        return [m for m in found if m.ts > ts - window.at_most.ms and (start is None or m.ts >= start)]
    return found


def itself(i: int, window: list[Member]) -> list[Member]:
    return [m for m in window if m.i == i]


def without(aggregate: agg.Aggregate) -> Any:
    """What there is when there is no event at all."""
    if isinstance(aggregate, agg.Last | agg.Alike | agg.Median | agg.Moments | agg.Highest):
        return UNKNOWN
    if isinstance(aggregate, agg.LastSeen | agg.FirstSeen):
        return None
    return UNKNOWN if isinstance(aggregate, agg.Similarity) else 0.0
