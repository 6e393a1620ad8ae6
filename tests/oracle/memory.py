"""Features as plain functions of the events that one event sees. No state, no windows kept: a list and a loop."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.oracle.keys import keys_at, read_keys
from tests.oracle.members import Member, in_window, itself, members, without
from tests.oracle.newest import latest
from tests.oracle.observe import UNKNOWN, Bounds
from tests.oracle.samples import ENDLESS, capped, fixed, most_frequent, or_more, recent, sampled
from tests.oracle.truth import between, exact, truth

from tidegate.engine.compile.bounds import bounding
from tidegate.engine.compile.intervals import never_negative
from tidegate.expr import Kind
from tidegate.features import Feature
from tidegate.features import aggregate as agg

if TYPE_CHECKING:
    from tests.oracle.naive import World


def value(world: World, feature: Feature, i: int) -> Any:
    """The feature's value at event i; over a list of keys, the largest."""
    keys = read_keys(world, feature, i)
    if keys is UNKNOWN:
        return UNKNOWN
    found = [of_key(world, feature, i, key) for key in keys]
    if isinstance(feature.aggregate, agg.Seen):
        return UNKNOWN if UNKNOWN in found else float(sum(found))
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


def of_key(world: World, feature: Feature, i: int, key: Any) -> Any:
    """The value for one key."""
    aggregate = feature.aggregate
    seen = members(world, feature, i, key)
    if isinstance(aggregate, agg.Highest | agg.Steady | agg.Median):
        return sampled(world, feature, i, in_window(world, feature, i, seen))
    if isinstance(aggregate, agg.Top | agg.Recent):
        named = most_frequent if isinstance(aggregate, agg.Top) else recent
        return named(world, feature, i, in_window(world, feature, i, seen))
    if isinstance(aggregate, agg.CappedSum):
        return capped(world, feature, i, in_window(world, feature, i, seen))
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
    if isinstance(aggregate, agg.Moments | agg.Alike):
        told = moments if isinstance(aggregate, agg.Moments) else alike
        return told(world, feature, i, seen)
    return latest(world, feature, i, seen)


# sums, sets ---------------------------------------------------------------------------------------------------
def summed(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    amount, places = feature.aggregate.amount, feature.aggregate.places
    amounts = {m.i: fixed(exact(world.value(amount[m.kind], m.i)), places) for m in window}
    total = sum(amounts[m.i] for m in window if m.holds is True and isinstance(amounts[m.i], Decimal))
    alone = bounding(feature) is None
    asked = itself(i, window) if alone else window
    perhaps = [m for m in asked if m.holds is UNKNOWN and isinstance(amounts[m.i], Decimal)]
    more, less = (float(sum(pick(amounts[m.i], Decimal(0)) for m in perhaps)) for pick in (max, min))
    if any(amounts[m.i] is UNKNOWN for m in asked):
        more, less = ENDLESS, 0.0 if all(never_negative(x) for x in amount.values()) else -ENDLESS
    return between(float(total) + less, float(total) + more)


def values_of(found: Any) -> list[Any]:
    """The members an event brings: none, one, or those of a list."""
    if found is UNKNOWN or found is None:
        return []
    return found if isinstance(found, list) else [found]


def distinct(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    member = feature.aggregate.member
    brought = {m.i: exact(world.value(member[m.kind], m.i)) for m in window}
    low = float(len({v for m in window if m.holds is True for v in values_of(brought[m.i])}))
    judged = member.get(world.kinds[world.events[i]["type"]])  # of a kind that brings none, nothing is asked
    one = judged is not None and judged.kind is not Kind.LIST
    found = or_more(
        low, i, window, brought, lambda x: 1.0 if one else ENDLESS if x is UNKNOWN else float(len(x))
    )
    if bounding(feature) is None:
        return found
    perhaps = [brought[m.i] for m in window if m.holds is not False]
    named = {member for member in perhaps if member is not None and member is not UNKNOWN}
    return between(low, float(len(named) + sum(member is UNKNOWN for member in perhaps)))


def changed(world: World, feature: Feature, i: int, window: list[Member], seen: list[Member]) -> Any:
    values = {m.i: exact(world.value(feature.aggregate.value[m.kind], m.i)) for m in seen}
    known = [m for m in seen if m.holds is True and values[m.i] is not UNKNOWN]
    changes = {b.i for a, b in itertools.pairwise(known) if values[a.i] != values[b.i]}
    low = float(sum(m.i in changes for m in window))
    return or_more(
        low, i, window, {k: v if v is not None else "none" for k, v in values.items()}, lambda _: 1.0
    )


def similar(world: World, feature: Feature, i: int, key: Any) -> Any:
    """Share of members in two or more of the keys' sets: a set has no time, what has arrived is in it; a list is all of it."""
    others = [exact(world.value(other, i)) for other in feature.aggregate.others]
    others = [other for other in others if other not in (UNKNOWN, None)]
    sets: dict[Any, set[Any]] = {k: set() for k in (key, *others)}
    for j in range(i + 1):
        kind = world.kinds[world.events[j]["type"]]
        if kind not in feature.condition:
            continue
        condition = feature.condition[kind]
        keys = keys_at(world, feature.key.fields[kind], j)
        held = condition is None or truth(world.value(condition, j)) is True
        if keys is UNKNOWN or not held:
            continue
        member = feature.aggregate.member[kind]
        value = exact(world.value(member, j))
        for k in sets.keys() & set(keys):
            if member.kind is Kind.LIST and isinstance(value, list | tuple):
                sets[k] = set()
            sets[k] |= set(values_of(value))
    if not others or not all(sets.values()):
        return UNKNOWN
    everybody = set().union(*sets.values())
    shared = [m for m in everybody if sum(m in members for members in sets.values()) >= min(2, len(sets))]
    return len(shared) / len(everybody)


def alike(world: World, feature: Feature, i: int, seen: list[Member]) -> Any:
    """Cosine of the newest vector of the key and the other one."""
    aggregate: Any = feature.aggregate
    other = exact(world.value(aggregate.other, i))
    if aggregate.other.kind is not Kind.LIST:
        other = (
            UNKNOWN
            if other is UNKNOWN or other is None
            else newest(world, feature, members(world, feature, i, other))
        )
    own = newest(world, feature, seen)
    if not isinstance(own, list) or not isinstance(other, list) or len(own) != len(other):
        return UNKNOWN
    dot = math.fsum(a * b for a, b in zip(own, other, strict=True))
    lengths = math.sqrt(sum(a * a for a in own)) * math.sqrt(sum(b * b for b in other))
    return round(dot / lengths, 9) if lengths else UNKNOWN


def moments(world: World, feature: Feature, i: int, seen: list[Member]) -> Any:
    """How many moments of the newest list that is known lie in the window, each by its own time."""
    told = [exact(world.value(feature.aggregate.value[m.kind], m.i)) for m in seen if m.holds is True]
    told = [values for values in told if values is not UNKNOWN]
    if not told:
        return UNKNOWN
    ts, window = world.events[i]["ts"], feature.window
    return float(sum(ts - window.length.ms < moment <= ts for moment in told[-1] or ()))


def newest(world: World, feature: Feature, seen: list[Member]) -> Any:
    """The newest vector that is known."""
    vectors: Any = feature.aggregate
    found = [exact(world.value(vectors.vector[m.kind], m.i)) for m in seen if m.holds is True]
    return next((v for v in reversed(found) if isinstance(v, list)), UNKNOWN)
