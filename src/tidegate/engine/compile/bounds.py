"""What bounds a feature over events of which it is not known whether they count, or what they bring: other features.

A count needs none: its kernel counts what may belong in a lane of its own. A different member, a sum and a run do. So costs a doubt only
where there may be one, and the bounds are the least and the most over every way in which what is not said may have been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from tidegate.engine.compile.column import Column, Value
from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.engine.compile.intervals import UNBOUNDED, never_negative
from tidegate.events import Event, MessageSent
from tidegate.expr import Expr, IsKnown, Kind, Literal, OrElse, greatest, least
from tidegate.features import Feature
from tidegate.features.aggregate import Count, Distinct, RunLength, Sum
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from tidegate.engine.compile.site import Site

# A message to a group names no recipient, and most rules read the recipients of messages: there the judged event alone bounds
# what is summed or named, which costs messages nothing.
SETTLED: Final = (MessageSent,)
_TRUE: Final = Literal(True)  # noqa: FBT003  an operand
_FALSE: Final = Literal(False)  # noqa: FBT003

Conditions = dict[type[Event], Expr | None]
Read = Callable[[Feature], Column]  # the column that a feature stands in at a site


class Bounding(Protocol):
    """What is known of a feature's value at a site, as bounds."""

    @property
    def kept(self) -> tuple[Feature, ...]:
        """The features that have to be remembered for it, instead of the one that they bound."""

    def value(self, site: Site, read: Read) -> Value:
        """Return the bounds at a site; `read` gives the columns of the features kept."""


def bounding(feature: Feature) -> Bounding | None:
    """Return what bounds a feature; None where its value is exact, or only the judged event is asked what it may add."""
    aggregate = feature.aggregate
    if isinstance(aggregate, RunLength):
        return _of_run(feature, aggregate)
    if asks_judged_alone(feature):
        return None
    if isinstance(aggregate, Distinct):
        return _of_members(feature, aggregate)
    return _of_sum(feature, aggregate) if isinstance(aggregate, Sum) else None


def asks_judged_alone(feature: Feature) -> bool:
    """Whether only the judged event is asked what it may add: features of messages, and of lists of keys."""
    keys = (key for fields in feature.key.fields.values() for key in fields)
    lists = any(named.kind is Kind.LIST for named in (*keys, *feature.read_at))
    return lists or any(source in SETTLED for source in feature.sources)


@dataclass(frozen=True, eq=False)
class RunBounds:
    """The shortest and the longest run that there may be.

    Of an event of which it is not known whether it belongs to the events looked at, the shortest run takes that it does where that
    may end the run, the longest one that it does where that may make the run longer.
    """

    shortest: Feature
    longest: Feature

    @property
    def kept(self) -> tuple[Feature, ...]:
        return self.shortest, self.longest

    def value(self, site: Site, read: Read) -> Value:
        del site
        return Value(read(self.shortest), read(self.longest))


def _of_run(feature: Feature, aggregate: RunLength) -> RunBounds | None:
    if not any(may_be_unknown(e) for e in (*feature.condition.values(), *aggregate.holds.values())):
        return None
    shortest: dict[type[Event], Expr] = {}
    longest: dict[type[Event], Expr] = {}
    ending: Conditions = {}
    lengthening: Conditions = {}
    for event, condition in feature.condition.items():
        holds = aggregate.holds[event]
        shortest[event], longest[event] = OrElse(holds, _FALSE), OrElse(holds, _TRUE)
        ending[event] = lengthening[event] = condition
        if condition is not None and may_be_unknown(condition):
            ending[event] = OrElse(condition, ~shortest[event])
            lengthening[event] = OrElse(condition, longest[event])
    return RunBounds(
        replace(feature, condition=ending, aggregate=replace(aggregate, holds=shortest)),
        replace(feature, condition=lengthening, aggregate=replace(aggregate, holds=longest)),
    )


@dataclass(frozen=True, eq=False)
class MemberBounds:
    """At least as many members as the events that count name; at most those that all that may count name, and one more for each without a name."""

    feature: Feature
    named: Feature  # with members of events of which it is not known whether they count; the feature itself where all are
    nameless: Feature  # how many events may have one member more each: they do not say which

    @property
    def kept(self) -> tuple[Feature, ...]:
        more = (self.nameless,) if self.named is self.feature else (self.named, self.nameless)
        return (self.feature, *more)

    def value(self, site: Site, read: Read) -> Value:
        return Value(read(self.feature), site.emit(vm.ADD, read(self.named), read(self.nameless)))


def _of_members(feature: Feature, aggregate: Distinct) -> MemberBounds | None:
    """A list that is not known may have any number of members: for lists the judged event alone is asked."""
    if any(member.kind is Kind.LIST for member in aggregate.member.values()):
        return None
    perhaps = {event: _may_count(condition) for event, condition in feature.condition.items()}
    nameless: Conditions = {}
    for event, may_count in perhaps.items():
        says_none = ~IsKnown(aggregate.member[event])
        nameless[event] = says_none if may_count is None else may_count & says_none
    is_settled = all(perhaps[event] is condition for event, condition in feature.condition.items())
    named = feature if is_settled else replace(feature, condition=perhaps)
    return MemberBounds(feature, named, replace(feature, condition=nameless, aggregate=Count()))


def _may_count(condition: Expr | None) -> Expr | None:
    """Return whether an event may count; the condition itself where it is always known."""
    if condition is None or not may_be_unknown(condition):
        return condition
    return OrElse(condition, _TRUE)


@dataclass(frozen=True, eq=False)
class SumBounds:
    """What counts, and besides what may count; without an end where an amount that may count is not known."""

    feature: Feature
    unsaid: Feature  # how many events may add an amount that is not known
    more: Feature  # the sum of the amounts of events that may count
    less: Feature | None  # of those below 0, and `more` of the others; None where no amount is below 0

    @property
    def kept(self) -> tuple[Feature, ...]:
        return (self.feature, self.unsaid, self.more, *(() if self.less is None else (self.less,)))

    def value(self, site: Site, read: Read) -> Value:
        emit, none = site.emit, site.shared.constant(0.0)
        unsaid = emit(vm.GT, read(self.unsaid), none)
        low = total = read(self.feature)
        unbounded = site.shared.constant(UNBOUNDED)
        high = emit(vm.SELECT, unsaid, unbounded, emit(vm.ADD, total, emit(vm.MAX, read(self.more), none)))
        if self.less is not None:
            unbounded = site.shared.constant(-UNBOUNDED)
            low = emit(vm.SELECT, unsaid, unbounded, emit(vm.ADD, total, read(self.less)))
        return Value(low, high)


def _of_sum(feature: Feature, aggregate: Sum) -> SumBounds | None:
    if not any(may_be_unknown(e) for e in (*feature.condition.values(), *aggregate.amount.values())):
        return None
    unsaid: Conditions = {}
    undecided: Conditions = {}
    for event, condition in feature.condition.items():
        counts = _TRUE if condition is None else OrElse(condition, _TRUE)
        unsaid[event] = counts & ~IsKnown(aggregate.amount[event])
        undecided[event] = _FALSE if condition is None else counts & ~IsKnown(condition)
    amounts: Any = {event: OrElse(amount, Literal(0)) for event, amount in aggregate.amount.items()}

    def of_those(amount: dict[type[Event], Expr]) -> Feature:
        return replace(feature, condition=undecided, aggregate=replace(aggregate, amount=amount))

    more, less = of_those(amounts), None
    if not all(never_negative(amount) for amount in aggregate.amount.values()):
        more = of_those({event: greatest(amount, 0) for event, amount in amounts.items()})
        less = of_those({event: least(amount, 0) for event, amount in amounts.items()})
    return SumBounds(feature, replace(feature, condition=unsaid, aggregate=Count()), more, less)
