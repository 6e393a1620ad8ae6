"""Medians, highest values, sums with a cap of each member, steady series: of the samples that one event sees."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.members import Member, itself
from tests.oracle.observe import UNKNOWN
from tests.oracle.truth import between, exact

from tidegate.engine.compile.intervals import never_negative
from tidegate.features import Feature
from tidegate.features import aggregate as agg

if TYPE_CHECKING:
    from tests.oracle.naive import World

ENDLESS = 1e100  # more than any amount
SERIES_MAX = 1024


def or_more(low: float, i: int, window: list[Member], brings: dict[int, Any], most: Any) -> Any:
    """The upper bound: what the judged event itself may add where its condition, or what it brings, is not known."""
    for m in itself(i, window):
        if brings[i] is not None and (m.holds is UNKNOWN or brings[i] is UNKNOWN):
            return between(low, low + most(brings[i]))
    return low


def fixed(amount: Any, places: int) -> Any:
    """The amount with so many decimals; no more than 2**53 of the last one."""
    if amount is UNKNOWN or amount is None:
        return amount
    last = Decimal(1).scaleb(-places)
    return max(-(2**53) * last, min(2**53 * last, Decimal(repr(amount)).quantize(last, ROUND_HALF_UP)))


def capped(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    """The sum in which no member brings more than the cap; of whom it is not known, or none, brings nothing."""
    aggregate: Any = feature.aggregate
    cap = Decimal(repr(world.value(aggregate.cap, i)))
    of_member: dict[Any, Decimal] = defaultdict(Decimal)
    brings: dict[int, Any] = {}
    for m in window:
        amount = fixed(exact(world.value(aggregate.amount[m.kind], m.i)), aggregate.places)
        who = exact(world.value(aggregate.member[m.kind], m.i))
        brings[m.i] = None if None in (amount, who) else amount if who is not UNKNOWN else UNKNOWN
        if m.holds is True and isinstance(brings[m.i], Decimal):
            of_member[who] += amount
    low = float(sum(min(cap, brought) for brought in of_member.values()))
    signed = not all(never_negative(x) for x in aggregate.amount.values())
    for m in itself(i, window):
        amount = fixed(exact(world.value(aggregate.amount[m.kind], m.i)), aggregate.places)
        if brings[i] is None or (m.holds is True and brings[i] is not UNKNOWN):
            break
        if amount is UNKNOWN:
            return between(low - ENDLESS, low + ENDLESS) if signed else between(low, low + float(cap))
        most = max(amount, Decimal(0)) if signed else min(cap, max(amount, Decimal(0)))
        return between(low + float(min(amount, Decimal(0))), low + float(most))
    return low


def most_frequent(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    """How many events name one of the members named most often; more where that of the judged one is not known."""
    aggregate: Any = feature.aggregate
    named = {m.i: exact(world.value(aggregate.member[m.kind], m.i)) for m in window}
    who = [
        named[m.i] for m in window if m.holds is True and named[m.i] is not UNKNOWN and named[m.i] is not None
    ]
    counts = Counter(who[-SERIES_MAX:]).most_common(aggregate.most)
    low = float(sum(n for _, n in counts)) if len(who) >= aggregate.least else 0.0
    return or_more(low, i, window, named, lambda _: float(aggregate.least))


def recent(world: World, feature: Feature, _i: int, window: list[Member]) -> list[Any]:
    """The different members of the newest events that name one, the newest first; none of too few events."""
    aggregate: Any = feature.aggregate
    named = [exact(world.value(aggregate.member[m.kind], m.i)) for m in window if m.holds is True]
    who = [name for name in named if name is not UNKNOWN and name is not None][-aggregate.most :]
    return list(dict.fromkeys(reversed(who))) if len(who) >= aggregate.least else []


def sampled(world: World, feature: Feature, i: int, window: list[Member]) -> Any:
    """A figure of the samples; unknown where it is not known whether the judged event is one of them."""
    aggregate: Any = feature.aggregate
    values: dict[int, Any] = {}
    for m in window:
        values[m.i] = (
            m.ts if isinstance(aggregate, agg.Steady) else exact(world.value(aggregate.value[m.kind], m.i))
        )
    there = [m for m in window if values[m.i] is not UNKNOWN and values[m.i] is not None]
    if any(m.holds is UNKNOWN for m in itself(i, there)):
        return UNKNOWN
    found = [values[m.i] for m in there if m.holds is True]
    if isinstance(aggregate, agg.Steady):
        return steady(aggregate, found, world.value(aggregate.tolerance, i))
    if not found:
        return UNKNOWN
    return max(found) if isinstance(aggregate, agg.Highest) else float(statistics.median(found))


def steady(aggregate: agg.Steady, times: list[int], tolerance: float) -> float:
    """The longest trailing series that is regular enough, by the definition of the coefficient of variation."""
    times = times[-SERIES_MAX:]
    most = Fraction(tolerance) ** 2 + Fraction(1, 10**9)
    for first in range(len(times)):
        gaps = [Fraction(b - a) for a, b in itertools.pairwise(times[first:])]
        mean = sum(gaps, Fraction(0)) / max(1, len(gaps))
        if sum((g - mean) ** 2 for g in gaps) <= most * mean**2 * len(gaps):
            return float(len(times) - first if aggregate.length else times[-1] - times[first])
    return 0.0
