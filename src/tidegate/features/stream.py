"""How an author writes a feature: events, condition, aggregate, key, window, in this order.

tg.events(MessageSent).where(~MessageSent.is_broadcast).count().per(MessageSent.account_id).over(tg.minutes(1))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from tidegate.errors import ExpressionError, PolicyError
from tidegate.expr import Duration, Expr, Kind, days, flag, midnight
from tidegate.features.aggregate import (
    Aggregate,
    Changes,
    Count,
    Distinct,
    FirstSeen,
    Last,
    LastSeen,
    Regular,
    RunLength,
    Similarity,
    Sum,
)
from tidegate.features.feature import Feature, Key
from tidegate.features.window import Ever, Since, Sliding, Window

if TYPE_CHECKING:
    from tidegate.events import Event

    Conditions = dict[type[Event], Expr | None]


def events(*sources: type[Event]) -> Stream:
    """Return the stream of all events of these kinds."""
    if not sources:
        raise PolicyError(
            "`events()` without a kind of event", hint="name at least one, such as `MessageSent`"
        )
    return Stream(dict.fromkeys(sources))


@dataclass(frozen=True)
class Stream:
    """Events of some kinds, each with the condition that selects among them."""

    condition: Conditions

    def where(self, condition: Expr) -> Stream:
        """Return only the events for which the condition holds; fields are matched by name on every kind of event."""
        mapped = {e: flag(on_source(condition, e)) for e in self.condition}
        return Stream({e: mapped[e] if old is None else old & mapped[e] for e, old in self.condition.items()})

    def __or__(self, other: Stream) -> Stream:
        """Return the events of both streams, each under its own condition."""
        return Stream({**self.condition, **other.condition})

    def count(self) -> Unkeyed:
        """How many events."""
        return Unkeyed(self.condition, Count())

    def sum(self, amount: Expr, *, places: int = 4) -> Unkeyed:
        """Sum of an amount per event, exact to so many decimals."""
        if not 0 <= places <= 6:
            raise PolicyError(f"sums have 0 to 6 decimals, not `{places}`", hint="scale the amount")
        return Unkeyed(self.condition, Sum(self._each(amount), places))

    def distinct(self, member: Expr) -> Unkeyed:
        """How many different values of a field."""
        return Unkeyed(self.condition, Distinct(self._each(member)))

    def last(self, value: Expr) -> Unkeyed:
        """Value at the newest event, the judged one included."""
        return Unkeyed(self.condition, Last(self._each(value), before=False))

    def previous(self, value: Expr) -> Unkeyed:
        """Value at the newest event before the judged one."""
        return Unkeyed(self.condition, Last(self._each(value), before=True))

    def last_seen(self) -> Unkeyed:
        """Moment of the newest event, the judged one included."""
        return Unkeyed(self.condition, LastSeen(before=False))

    def previous_seen(self) -> Unkeyed:
        """Moment of the newest event before the judged one."""
        return Unkeyed(self.condition, LastSeen(before=True))

    def first_seen(self) -> Unkeyed:
        """Moment of the first event ever."""
        return Unkeyed(self.condition, FirstSeen())

    def run(self, holds: Expr) -> Unkeyed:
        """How many of the newest events in a row satisfy the condition, the judged one included."""
        return Unkeyed(self.condition, RunLength(self._each(flag(holds)), before=False))

    def run_before(self, holds: Expr) -> Unkeyed:
        """How many events in a row directly before the judged one satisfy the condition."""
        return Unkeyed(self.condition, RunLength(self._each(flag(holds)), before=True))

    def changes(self, value: Expr) -> Unkeyed:
        """How often the value changed from one event to the next; the first one seen is no change."""
        return Unkeyed(self.condition, Changes(self._each(value)))

    def regular_for(self, shortest: Duration, longest: Duration) -> Unkeyed:
        """Since when, in ms, the gaps between successive events have all lain within [shortest, longest]."""
        return Unkeyed(self.condition, Regular(shortest, longest, length=False))

    def regular_length(self, shortest: Duration, longest: Duration) -> Unkeyed:
        """How many events the series of such gaps has."""
        return Unkeyed(self.condition, Regular(shortest, longest, length=True))

    def similarity(self, member: Expr, *, to: Expr) -> Unkeyed:
        """Share of common members with the set of another key (named by a field or feature of the judged event)."""
        return Unkeyed(self.condition, Similarity(self._each(member), to))

    def _each(self, expression: Expr) -> dict[type[Event], Expr]:
        return {event: on_source(expression, event) for event in self.condition}


@dataclass(frozen=True)
class Unkeyed:
    """An aggregate that does not yet say per what."""

    condition: Conditions
    aggregate: Aggregate

    def per(self, *fields: Expr) -> Keyed:
        """Per entity that a field names, or per pair of two; the field is matched by name on every source event."""
        if not 1 <= len(fields) <= 2:
            raise PolicyError(
                f"a key has one or two fields, not {len(fields)}", hint="`.per(A)` or `.per(A, B)`"
            )
        for named in fields:
            if named.kind not in (Kind.SYMBOL, Kind.LIST) or (named.kind is Kind.LIST and len(fields) == 2):
                raise PolicyError(
                    f"`{named.describe()}` is a {named.kind.value} and cannot be a key", hint="name an id"
                )
        keys = {event: tuple(on_source(named, event) for named in fields) for event in self.condition}
        return Keyed(self.condition, self.aggregate, Key(keys, tuple(named.domain for named in fields)))

    def __getattr__(self, name: str) -> NoReturn:
        raise ExpressionError(
            f"`{self.aggregate.describe()}` has no key yet",
            hint="add `.per(Event.field)`, then a window: `.over(hours(1))`",
        )


@dataclass(frozen=True)
class Keyed:
    """An aggregate per entity that does not yet say over which window."""

    condition: Conditions
    aggregate: Aggregate
    key: Key

    def over(self, length: Duration) -> Feature:
        """Over the last `length` of event time: (ts - length, ts]."""
        return self._feature(Sliding(length))

    def today(self, zone: Expr) -> Feature:
        """Over the current calendar day in a zone (23 to 25 hours where clocks change)."""
        return self._feature(Since(midnight(zone), days(1.125), "P1D"))  # the longest civil day, with room

    def since(self, start: Expr, *, at_most: Duration) -> Feature:
        """From a moment on (inclusive), never further back than `at_most`."""
        return self._feature(Since(start, at_most, at_most.iso))

    def ever(self) -> Feature:
        """Over all time; only for aggregates that need a bounded place per entity."""
        if not self.aggregate.bounded:
            raise PolicyError(
                f"`{self.aggregate.describe()}` over all time would grow without end",
                hint="bound it: `.over(days(30))`",
            )
        return self._feature(Ever())

    def _feature(self, window: Window) -> Feature:
        if isinstance(window, Since) and not isinstance(self.aggregate, Count | Sum):
            raise PolicyError(
                f"`{self.aggregate.describe()}` has no window with a moving start",
                hint="only counts and sums have",
            )
        return Feature(self.condition, self.aggregate, self.key, window)

    def __getattr__(self, name: str) -> NoReturn:
        raise ExpressionError(
            f"`{self.aggregate.describe()}` has no window: it would grow without end",
            hint="add `.over(hours(1))`, `.today(zone)` or, where it stays small, `.ever()`",
        )


def on_source(expression: Expr, event: type[Event]) -> Expr:
    """Return the expression with every field taken, by name, from the given kind of event.

    Raise PolicyError where that kind has no such field.
    """
    from tidegate.events import Field
    from tidegate.features.rewrite import replace_fields

    def local(named: Field) -> Expr:
        found = event.fields().get(named.name)
        if found is None:
            raise PolicyError(
                f"`{event.type_name}` has no field `{named.name}`",
                hint="split the stream and join the parts with `|`",
            )
        return found

    return replace_fields(expression, local)
