"""Events that a count of different members may lack: who is in them, or whether they count, is not known."""

from __future__ import annotations

from typing import Final

from tidegate.events import Event, MessageSent
from tidegate.expr import Expr, IsKnown, IsNull, Kind, Literal, OrElse
from tidegate.features import Feature, Sliding
from tidegate.features.aggregate import Count, Distinct

# A message to a group names no recipient, and most rules read the recipients of messages: there the judged event alone bounds
# the count, which costs messages nothing.
SETTLED: Final = (MessageSent,)


def count_of_unnamed(feature: Feature) -> Feature | None:
    """Return how many events of the feature's window may have one member more each; None where only the judged one is asked.

    A list that is not known may have any number of members: for lists, of members or of keys, the judged event alone is asked, too.
    """
    aggregate = feature.aggregate
    if not isinstance(aggregate, Distinct) or not isinstance(feature.window, Sliding):
        return None
    if any(source in SETTLED for source in feature.sources):
        return None
    keys = (key for fields in feature.key.fields.values() for key in fields)
    if any(named.kind is Kind.LIST for named in (*aggregate.member.values(), *keys, *feature.read_at)):
        return None
    gates: dict[type[Event], Expr | None] = {
        event: _gate(condition, aggregate.member[event]) for event, condition in feature.condition.items()
    }
    return Feature(gates, Count(), feature.key, feature.window, feature.read_at)


def _gate(condition: Expr | None, member: Expr) -> Expr:
    """Return whether the event may count, and it is not known that it does, or with whom; with nobody it adds nothing."""
    if condition is None:
        return ~IsKnown(member)
    may_count = OrElse(condition, Literal(True)) & OrElse(~IsNull(member), Literal(True))  # noqa: FBT003  operands
    return may_count & ~(IsKnown(condition) & IsKnown(member))
