"""The newest and first records, runs of them, regular series: folds over the records that one event sees."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from tests.oracle.members import Member, itself, without
from tests.oracle.observe import UNKNOWN
from tests.oracle.truth import between, choose, exact, truth

from tidegate.features import Feature, Sliding
from tidegate.features import aggregate as agg

if TYPE_CHECKING:
    from tests.oracle.naive import World


def kept(world: World, feature: Feature, i: int, records: list[Member]) -> list[Member]:
    """With a window: only the trailing records no two of which lie a whole window apart, if that reaches to now."""
    if not isinstance(feature.window, Sliding):
        return records
    end, chain = world.events[i]["ts"], []
    for m in reversed(records):
        if end - m.ts >= feature.window.length.ms:
            break
        chain.insert(0, m)
        end = m.ts
    return chain


def latest(world: World, feature: Feature, i: int, seen: list[Member]) -> Any:
    """What follows from the newest records; an own record of which it is not known whether it is one: what both give."""
    aggregate = feature.aggregate
    if isinstance(aggregate, agg.RunLength):
        return run(world, feature, i, [m for m in seen if m.i != i or not aggregate.before])
    if isinstance(aggregate, agg.Last):
        seen = [m for m in seen if exact(world.value(aggregate.value[m.kind], m.i)) is not UNKNOWN]
    before = [m for m in seen if m.i != i and m.holds is True]
    own = itself(i, seen)
    without_own = fold(world, feature, i, kept(world, feature, i, before))
    if not own or getattr(aggregate, "before", False):
        return without_own
    if isinstance(aggregate, agg.Regular) and own[0].holds is UNKNOWN:
        return UNKNOWN
    return choose(
        own[0].holds, fold(world, feature, i, kept(world, feature, i, [*before, own[0]])), without_own
    )


def fold(world: World, feature: Feature, i: int, records: list[Member]) -> Any:
    aggregate = feature.aggregate
    if isinstance(aggregate, agg.Regular):
        return series(aggregate, records)
    if not records:
        return without(aggregate)
    if isinstance(aggregate, agg.Seen):
        return 1.0
    if isinstance(aggregate, agg.Last):
        return exact(world.value(aggregate.value[records[-1].kind], records[-1].i))
    return float(records[0 if isinstance(aggregate, agg.FirstSeen) else -1].ts)


def run(world: World, feature: Feature, i: int, records: list[Member]) -> Any:
    """Records in a row that satisfy the condition: the fewest, and the most, that there may be."""
    aggregate: Any = feature.aggregate
    holds = {m.i: truth(world.value(aggregate.holds[m.kind], m.i)) for m in records}
    ending = [m for m in records if m.holds is True or holds[m.i] is not True]
    lengthening = [m for m in records if m.holds is True or holds[m.i] is not False]
    fewest = itertools.takewhile(lambda m: holds[m.i] is True, reversed(kept(world, feature, i, ending)))
    most = itertools.takewhile(
        lambda m: holds[m.i] is not False, reversed(kept(world, feature, i, lengthening))
    )
    return between(float(len(list(fewest))), float(len(list(most))))


def series(aggregate: agg.Regular, records: list[Member]) -> float:
    first = len(records)
    for n in range(len(records) - 1, -1, -1):
        follows = (
            n + 1 == len(records)
            or aggregate.shortest.ms <= records[n + 1].ts - records[n].ts <= aggregate.longest.ms
        )
        if not follows:
            break
        first = n
    trailing = records[first:]
    if aggregate.length:
        return float(len(trailing))
    return float(trailing[-1].ts - trailing[0].ts) if trailing else 0.0
