"""Events that a count of different members may lack: who is in them, or whether they count, is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.events import Event, MessageSent
from tidegate.expr import Expr, IsKnown, Kind, Literal, OrElse
from tidegate.features import Feature, Sliding
from tidegate.features.aggregate import Count, Distinct

# A message to a group names no recipient, and most rules read the recipients of messages: there the judged event alone bounds
# the count, which costs messages nothing.
SETTLED: Final = (MessageSent,)


class Unnamed(NamedTuple):
    """What bounds a count of different members from above: the two counts together."""

    named: Feature  # the count itself, with members of events of which it is not known whether they count
    nameless: Feature  # how many events may have one member more each: they do not say which


def asks_judged_alone(feature: Feature) -> bool:
    """Whether only the judged event is asked what it may add: features of messages, and of lists of keys."""
    keys = (key for fields in feature.key.fields.values() for key in fields)
    lists = any(named.kind is Kind.LIST for named in (*keys, *feature.read_at))
    return lists or any(source in SETTLED for source in feature.sources)


def bounds_of_distinct(feature: Feature) -> Unnamed | None:
    """Return what bounds a count of different members; None where only the judged event is asked.

    A list that is not known may have any number of members: for lists, of members or of keys, the judged event alone is asked, too.
    """
    aggregate = feature.aggregate
    if not isinstance(aggregate, Distinct) or not isinstance(feature.window, Sliding):
        return None
    if asks_judged_alone(feature) or any(named.kind is Kind.LIST for named in aggregate.member.values()):
        return None
    perhaps = {event: _may_count(condition) for event, condition in feature.condition.items()}
    nameless: dict[type[Event], Expr | None] = {}
    for event, may_count in perhaps.items():
        says_none = ~IsKnown(aggregate.member[event])
        nameless[event] = says_none if may_count is None else may_count & says_none
    is_settled = all(perhaps[event] is condition for event, condition in feature.condition.items())
    named = feature if is_settled else replace(feature, condition=perhaps)
    return Unnamed(named, replace(feature, condition=nameless, aggregate=Count()))


def _may_count(condition: Expr | None) -> Expr | None:
    """Return whether an event may count; the condition itself where it is always known."""
    if condition is None or not may_be_unknown(condition):
        return condition
    return OrElse(condition, Literal(True))  # noqa: FBT003  an operand
