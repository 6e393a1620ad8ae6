"""Features that bound another one, over events of which it is not known whether they count, or what they bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.engine.compile.unnamed import asks_judged_alone
from tidegate.events import Event
from tidegate.expr import Expr, IsKnown, Literal, OrElse
from tidegate.features import Feature
from tidegate.features.aggregate import Count, RunLength, Sum

_TRUE: Final = Literal(True)  # noqa: FBT003  an operand
_FALSE: Final = Literal(False)  # noqa: FBT003

Conditions = dict[type[Event], Expr | None]


class RunBounds(NamedTuple):
    """The shortest and the longest run that there may be."""

    shortest: Feature
    longest: Feature


def bounds_of_run(feature: Feature) -> RunBounds | None:
    """Return the bounds of a run; None where all that it asks for is known for sure, or the feature is no run.

    Of an event of which it is not known whether it belongs to the events looked at, the shortest run takes that it does where that
    may end the run, the longest one that it does where that may make the run longer.
    """
    aggregate = feature.aggregate
    if not isinstance(aggregate, RunLength):
        return None
    if not any(may_be_unknown(e) for e in (*feature.condition.values(), *aggregate.holds.values())):
        return None
    least: dict[type[Event], Expr] = {}
    most: dict[type[Event], Expr] = {}
    ending: Conditions = {}
    lengthening: Conditions = {}
    for event, condition in feature.condition.items():
        holds = aggregate.holds[event]
        least[event], most[event] = OrElse(holds, _FALSE), OrElse(holds, _TRUE)
        ending[event] = lengthening[event] = condition
        if condition is not None and may_be_unknown(condition):
            ending[event] = OrElse(condition, ~least[event])
            lengthening[event] = OrElse(condition, most[event])
    return RunBounds(
        replace(feature, condition=ending, aggregate=replace(aggregate, holds=least)),
        replace(feature, condition=lengthening, aggregate=replace(aggregate, holds=most)),
    )


class SumDoubts(NamedTuple):
    """What a sum may lack: how many events may add an amount that is not known, and the sum of those that may not count."""

    unsaid: Feature
    perhaps: Feature


def doubts_of_sum(feature: Feature) -> SumDoubts | None:
    """Return what a sum may lack; None where that is nothing, or the judged event alone is asked.

    The latter is so with messages, and with lists of keys, as in counts of different members.
    """
    aggregate = feature.aggregate
    if not isinstance(aggregate, Sum) or asks_judged_alone(feature):
        return None
    if not any(may_be_unknown(e) for e in (*feature.condition.values(), *aggregate.amount.values())):
        return None
    unsaid: Conditions = {}
    open_: Conditions = {}
    for event, condition in feature.condition.items():
        counts = _TRUE if condition is None else OrElse(condition, _TRUE)
        unsaid[event] = counts & ~IsKnown(aggregate.amount[event])
        open_[event] = _FALSE if condition is None else counts & ~IsKnown(condition)
    amount: dict[type[Event], Expr] = {e: OrElse(a, Literal(0)) for e, a in aggregate.amount.items()}
    return SumDoubts(
        replace(feature, condition=unsaid, aggregate=Count()),
        replace(feature, condition=open_, aggregate=replace(aggregate, amount=amount)),
    )
