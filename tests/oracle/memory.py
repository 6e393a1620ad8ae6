"""Features as plain functions of the events that one event sees. No state, no windows kept: a list and a loop."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.oracle.keys import keys_at, read_keys
from tests.oracle.observe import UNKNOWN, Bounds
from tests.oracle.truth import between, choose, exact, truth

from tidegate.expr import Kind
from tidegate.features import Feature, Since, Sliding
from tidegate.features import aggregate as agg

if TYPE_CHECKING:
    from tests.oracle.naive import World

ENDLESS = float("inf")


@dataclass(frozen=True)
class Member:
    """An event that is, or may be (`holds` UNKNOWN), one of those a feature sums up."""

    i: int
    ts: int
    kind: Any
    holds: Any


def value(world: World, feature: Feature, i: int) -> Any:
    """The feature's value at event i; over a list of keys, the largest."""
    keys = read_keys(world, feature, i)
    if keys is UNKNOWN:
        return UNKNOWN
    found = [of_key(world, feature, i, key) for key in keys]
    if not found:
        return without(feature.aggregate)
    return found[0] if len(found) == 1 else largest(found)


def largest(values: list[Any]) -> Any:
    known = [v for v in values if v is not UNKNOWN]
    if any(isinstance(v, Bounds) for v in known):
        pairs = [v if isinstance(v, Bounds) else Bounds(v, v) for v in known]
        return between(max(p.low for p in pairs), max(p.high for p in pairs))
    present = [v for v in known if v is not None]
    return max(present) if present else None if known else UNKNOWN


def without(aggregate: agg.Aggregate) -> Any:
    """What there is when there is no event at all."""
    if isinstance(aggregate, agg.Last):
        return UNKNOWN
    if isinstance(aggregate, agg.LastSeen | agg.FirstSeen):
        return None
    return UNKNOWN if isinstance(aggregate, agg.Similarity) else 0.0


# members ------------------------------------------------------------------------------------------------------
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


def of_key(world: World, feature: Feature, i: int, key: Any) -> Any:
    """The value for one key."""
    aggregate = feature.aggregate
    seen = members(world, feature, i, key)
    if isinstance(aggregate, agg.Count | agg.Sum | agg.Distinct | agg.Changes):
        window = in_window(world, feature, i, seen)
        if window is UNKNOWN:
            return UNKNOWN
        if isinstance(aggregate, agg.Count):
            return between(float(sum(m.holds is True for m in window)), float(len(window)))
        if isinstance(aggregate, agg.Changes):
            return changed(world, feature, i, window, seen)
        return (summed if isinstance(aggregate, agg.Sum) else distinct)(world, feature, i, window)
    if isinstance(aggregate, agg.Similarity):
        return similar(world, feature, i, key)
    return latest(world, feature, i, seen)


# sums, sets ---------------------------------------------------------------------------------------------------
def or_more(low: float, i: int, window: list[Member], brings: dict[int, Any], most: Any) -> Any:
    """The upper bound: what the judged event itself may add where its condition, or what it brings, is not known."""
    for m in itself(i, window):
        if brings[i] is not None and (m.holds is UNKNOWN or brings[i] is UNKNOWN):
            return between(low, low + most(brings[i]))
    return low


def itself(i: int, window: list[Member]) -> list[Member]:
    return [m for m in window if m.i == i]


def summed(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    amount, places = feature.aggregate.amount, feature.aggregate.places
    amounts = {m.i: fixed(exact(world.value(amount[m.kind], m.i)), places) for m in window}
    total = sum(amounts[m.i] for m in window if m.holds is True and isinstance(amounts[m.i], Decimal))
    return or_more(
        float(total), i, window, amounts, lambda x: ENDLESS if x is UNKNOWN else max(float(x), 0.0)
    )


def fixed(amount: Any, places: int) -> Any:
    """The amount with so many decimals; no more than 2**53 of the last one."""
    if amount is UNKNOWN or amount is None:
        return amount
    last = Decimal(1).scaleb(-places)
    return max(-(2**53) * last, min(2**53 * last, Decimal(repr(amount)).quantize(last, ROUND_HALF_UP)))


def values_of(found: Any) -> list[Any]:
    """The members an event brings: none, one, or those of a list."""
    if found is UNKNOWN or found is None:
        return []
    return found if isinstance(found, list) else [found]


def distinct(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    member = feature.aggregate.member
    brought = {m.i: exact(world.value(member[m.kind], m.i)) for m in window}
    low = float(len({v for m in window if m.holds is True for v in values_of(brought[m.i])}))
    one = next(iter(member.values())).kind is not Kind.LIST
    return or_more(
        low, i, window, brought, lambda x: 1.0 if one else ENDLESS if x is UNKNOWN else float(len(x))
    )


def changed(world: World, feature: Feature, i: int, window: list[Member], seen: list[Member]) -> Any:
    values = {m.i: exact(world.value(feature.aggregate.value[m.kind], m.i)) for m in seen}
    known = [m for m in seen if m.holds is True and values[m.i] is not UNKNOWN]
    changes = {b.i for a, b in itertools.pairwise(known) if values[a.i] != values[b.i]}
    low = float(sum(m.i in changes for m in window))
    return or_more(
        low, i, window, {k: v if v is not None else "none" for k, v in values.items()}, lambda _: 1.0
    )


def similar(world: World, feature: Feature, i: int, key: Any) -> Any:
    """Share of common members of the sets that two keys ever had: a set has no time, what has arrived is in it."""
    other = exact(world.value(feature.aggregate.other, i))
    sets: dict[Any, set[Any]] = {key: set(), other: set()}
    for j in range(i + 1):
        kind = world.kinds[world.events[j]["type"]]
        if kind not in feature.condition:
            continue
        condition = feature.condition[kind]
        keys = keys_at(world, feature.key.fields[kind], j)
        held = condition is None or truth(world.value(condition, j)) is True
        if keys is UNKNOWN or not held:
            continue
        for k in sets.keys() & set(keys):
            sets[k] |= set(values_of(exact(world.value(feature.aggregate.member[kind], j))))
    a, b = sets[key], sets[other]
    return len(a & b) / len(a | b) if a and b and other not in (UNKNOWN, None) else UNKNOWN


# the latest ---------------------------------------------------------------------------------------------------
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
    if isinstance(aggregate, agg.RunLength):
        return run(world, aggregate, i, records)
    if isinstance(aggregate, agg.Regular):
        return series(aggregate, records)
    if not records:
        return without(aggregate)
    if isinstance(aggregate, agg.Last):
        return exact(world.value(aggregate.value[records[-1].kind], records[-1].i))
    return float(records[0 if isinstance(aggregate, agg.FirstSeen) else -1].ts)


def run(world: World, aggregate: agg.RunLength, i: int, records: list[Member]) -> Any:
    """Records in a row that satisfy the condition. One of which that is not known ends the run; the judged one leaves it open."""
    holds = [truth(world.value(aggregate.holds[m.kind], m.i)) for m in records]
    if records and records[-1].i == i and holds[-1] is UNKNOWN:
        return UNKNOWN
    return float(len(list(itertools.takewhile(lambda h: h is True, reversed(holds)))))


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
