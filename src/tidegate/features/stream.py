"""How an author writes a feature: events, condition, aggregate, key, window, in this order.

tg.events(MessageSent).where(~MessageSent.is_broadcast).count().per(MessageSent.account_id).over(tg.minutes(1))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NoReturn

from tidegate.errors import PolicyError
from tidegate.expr import Duration, Expr, Kind, days, flag, lift, midnight
from tidegate.expr.duration import span
from tidegate.expr.node import an, shown
from tidegate.features.aggregate import (
    NO_LIST_KEYS,
    Aggregate,
    Alike,
    CappedSum,
    Changes,
    Count,
    Distinct,
    FirstSeen,
    Highest,
    Last,
    LastSeen,
    Median,
    Moments,
    Recent,
    Regular,
    RunLength,
    Seen,
    Similarity,
    Steady,
    Sum,
    Top,
)
from tidegate.features.feature import Feature, Key
from tidegate.features.operands import (
    is_figure,
    is_measured,
    is_of_moments,
    is_single,
    is_summable,
    is_vector,
    of_event,
    on_source,
    takes_members,
    takes_one_member,
)
from tidegate.features.unfinished import Unfinished
from tidegate.features.window import Ever, Since, Sliding, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.events import Event, Field

    Conditions = dict[type[Event], Expr | None]

DECIMALS_MAX = 6  # more would leave too few whole digits of 53 bits
KEY_FIELDS_MAX = 3
RECENT_MAX = 1000  # they are walked at every reading
OTHERS_MAX = 7  # sets that one is compared with at once: the kernel holds no more
TOP_MAX = 16  # they are kept in order by comparing: few
LONGEST_DAY = days(1.125)  # 27 hours: the longest civil day there has been, with room


def events(*sources: type[Event]) -> Stream:
    """Return the stream of all events of these kinds."""
    from tidegate.events import Event

    if not sources:
        raise PolicyError(
            "`events()` without a kind of event", hint="name at least one, such as `MessageSent`"
        )
    for source in sources:
        if Event not in getattr(source, "__mro__", ())[1:]:
            raise PolicyError(
                f"`{shown(source)}` is no kind of event", hint="name one, such as `MessageSent`"
            )
    return Stream(dict.fromkeys(sources))


def _named(condition: Conditions) -> str:
    return " or ".join(event.type_name for event in condition)


@dataclass(frozen=True, eq=False, repr=False)
class Stream(Unfinished):
    """Events of some kinds, each with the condition that selects among them."""

    condition: Conditions
    lacks: ClassVar[str] = "aggregate yet"
    remedy: ClassVar[str] = "add `.count()` or the like, then `.per(Event.field)` and `.over(tg.hours(1))`"

    def describe(self) -> str:
        return f"events {_named(self.condition)}"

    def where(self, condition: Expr) -> Stream:
        """Return only the events for which the condition holds; fields are matched by name on every kind of event."""
        mapped = {e: flag(on_source(flag(condition), e)) for e in self.condition}
        return Stream({e: mapped[e] if old is None else old & mapped[e] for e, old in self.condition.items()})

    def __or__(self, other: Stream) -> Stream:  # type: ignore[override]  # streams are joined, not compared
        """Return the events of both streams, each under its own condition."""
        if not isinstance(other, Stream):
            raise PolicyError(f"`{self.describe()}` can be joined with other events only", hint=self.remedy)
        joined = dict(self.condition)
        for event, condition in other.condition.items():
            own = joined.get(event)
            either = own | condition if own is not None and condition is not None else None
            joined[event] = either if event in joined else condition
        return Stream(joined)

    def count(self) -> Unkeyed:
        """How many events."""
        return Unkeyed(self.condition, Count())

    def sum(
        self, amount: Expr, *, places: int = 4, at_most: Expr | float | None = None, each: Expr | None = None
    ) -> Unkeyed:
        """Sum of an amount per event, exact to so many decimals; with a cap, `at_most` so much of `each` member."""
        if not 0 <= places <= DECIMALS_MAX:
            raise PolicyError(
                f"sums have 0 to {DECIMALS_MAX} decimals, not `{places}`", hint="scale the amount"
            )
        amounts = self._each(amount, is_summable)
        if at_most is None and each is None:
            return Unkeyed(self.condition, Sum(amounts, places))
        if at_most is None or each is None:
            raise PolicyError(
                f"the sum of `{amount.describe()}` has half a cap",
                hint="write both: `at_most=3, each=ReportFiled.reporter_id`",
            )
        members = self._each(each, takes_one_member)
        return Unkeyed(self.condition, CappedSum(amounts, places, members, is_figure(lift(at_most))))

    def top(self, member: Expr, most: int, *, least: int = 1) -> Unkeyed:
        """How many, of the newest 1,024, name one of the `most` ids that are named most often; 0 of fewer than `least` events."""
        if not 1 <= most <= TOP_MAX or least < 1:
            raise PolicyError(
                f"the `{most}` most frequent of at least `{least}` cannot be told",
                hint=f"name 1 to {TOP_MAX} of them, of at least one event",
            )
        return Unkeyed(self.condition, Top(self._each(member, takes_one_member), most, least))

    def recent(self, member: Expr, most: int, *, least: int = 1) -> Unkeyed:
        """The different ids that the newest `most` events name, as a list to read other features by; none of fewer than `least`."""
        if not 1 <= least <= most <= RECENT_MAX:
            raise PolicyError(
                f"whom the newest `{most}` events name, of at least `{least}`, cannot be told",
                hint=f"name 1 to {RECENT_MAX} events, and no more as the least",
            )
        return Unkeyed(self.condition, Recent(self._each(member, takes_one_member), most, least))

    def median(self, value: Expr) -> Unkeyed:
        """Middle one of the known values."""
        return Unkeyed(self.condition, Median(self._each(value, is_measured)))

    def highest(self, value: Expr) -> Unkeyed:
        """Greatest known value there ever was, the judged one included."""
        return Unkeyed(self.condition, Highest(self._each(value, is_measured)))

    def distinct(self, member: Expr, *others: Field) -> Unkeyed:
        """How many different values of a field; `others`: fields of kinds of event on which it goes by another name."""
        members = {event: on_source(of_event(event, others, member), event) for event in self.condition}
        for local in members.values():
            takes_members(local)
        if len({local.domain for local in members.values()}) > 1:
            raise PolicyError(
                f"members of different kinds: {', '.join(f'`{m.describe()}`' for m in members.values())}",
                hint="name fields of the same entity on all kinds of event",
            )
        return Unkeyed(self.condition, Distinct(members))

    def last(self, value: Expr) -> Unkeyed:
        """Value at the newest event, the judged one included."""
        return Unkeyed(self.condition, Last(self._each(value, is_single), before=False))

    def previous(self, value: Expr) -> Unkeyed:
        """Value at the newest event before the judged one."""
        return Unkeyed(self.condition, Last(self._each(value, is_single), before=True))

    def last_seen(self) -> Unkeyed:
        """Moment of the newest event, the judged one included."""
        return Unkeyed(self.condition, LastSeen(before=False))

    def previous_seen(self) -> Unkeyed:
        """Moment of the newest event before the judged one."""
        return Unkeyed(self.condition, LastSeen(before=True))

    def seen(self) -> Unkeyed:
        """Of how many of the entities named there was any: 0 or 1; of a list, so many of its members."""
        return Unkeyed(self.condition, Seen())

    def first_seen(self) -> Unkeyed:
        """Moment of the first event ever."""
        return Unkeyed(self.condition, FirstSeen())

    def moments(self, values: Expr) -> Unkeyed:
        """How many moments of the newest list there are in the window, each by its own time, however old the list is."""
        return Unkeyed(self.condition, Moments(self._each(values, is_of_moments)))

    def run(self, holds: Expr) -> Unkeyed:
        """How many of the newest events in a row satisfy the condition, the judged one included."""
        return Unkeyed(self.condition, RunLength(self._each(flag(holds)), before=False))

    def run_before(self, holds: Expr) -> Unkeyed:
        """How many events in a row directly before the judged one satisfy the condition."""
        return Unkeyed(self.condition, RunLength(self._each(flag(holds)), before=True))

    def changes(self, value: Expr) -> Unkeyed:
        """How often the value changed from one event to the next; the first one seen is no change."""
        return Unkeyed(self.condition, Changes(self._each(value, is_single)))

    def regular_for(self, shortest: Duration, longest: Duration) -> Unkeyed:
        """Since when, in ms, the gaps between successive events have all lain within [shortest, longest]."""
        return self._regular(shortest, longest, length=False)

    def regular_length(self, shortest: Duration, longest: Duration) -> Unkeyed:
        """How many events the series of such gaps has."""
        return self._regular(shortest, longest, length=True)

    def steady_for(self, tolerance: Expr | float) -> Unkeyed:
        """How long, in ms, the longest series lasts whose gaps have a coefficient of variation of at most the tolerance."""
        return self._steady(tolerance, length=False)

    def steady_length(self, tolerance: Expr | float) -> Unkeyed:
        """How many events, of the last 1,024, that series has."""
        return self._steady(tolerance, length=True)

    def similarity(self, member: Expr, *, to: Expr | tuple[Expr, ...]) -> Unkeyed:
        """Share of common members with the set of another key (named by a field or feature of the judged event).

        With several keys: the share of all their members that are in two or more of the sets. A key that is not known, or none, is
        left out; one that is named twice counts once. A set is all members that came one by one, or the newest list of them.
        """
        others = to if isinstance(to, tuple) else (to,)
        if not 1 <= len(others) <= OTHERS_MAX:
            raise PolicyError(
                f"a set is compared with `{len(others)}` others", hint=f"name 1 to {OTHERS_MAX} keys"
            )
        return Unkeyed(self.condition, Similarity(self._each(member, takes_members), others))

    def alike(self, vector: Expr, *, to: Expr) -> Unkeyed:
        """Cosine of the newest vector and another: a list of numbers of the judged event, or that of another key."""
        if to.kind is Kind.LIST:
            is_vector(to)
        return Unkeyed(self.condition, Alike(self._each(vector, is_vector), to))

    def _regular(self, shortest: Duration, longest: Duration, *, length: bool) -> Unkeyed:
        low, high = span(shortest, of="the shortest gap"), span(longest, of="the longest gap")
        if low > high:
            raise PolicyError(
                f"no gap lies within {low} to {high}", hint="name the shortest gap first, then the longest"
            )
        return Unkeyed(self.condition, Regular(low, high, length=length))

    def _steady(self, tolerance: Expr | float, *, length: bool) -> Unkeyed:
        return Unkeyed(self.condition, Steady(is_figure(lift(tolerance)), length=length))

    def _each(self, expression: Expr, check: Callable[[Expr], None] | None = None) -> dict[type[Event], Expr]:
        found = {event: on_source(expression, event) for event in self.condition}
        for local in found.values():
            if check is not None:
                check(local)
        return found

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse_attribute(name)


@dataclass(frozen=True, eq=False, repr=False)
class Unkeyed(Unfinished):
    """An aggregate that does not yet say per what."""

    condition: Conditions
    aggregate: Aggregate
    lacks: ClassVar[str] = "key yet"
    remedy: ClassVar[str] = "add `.per(Event.field)`, then a window such as `.over(tg.hours(1))`"

    def describe(self) -> str:
        return f"{self.aggregate.describe()} of {_named(self.condition)}"

    def per(self, *fields: Expr) -> Keyed:
        """Per entity that a field names, or per two or three together; the field is matched by name on every source event.

        Where the (last) field is a list, it is kept per member of it, and reads the greatest of them.
        """
        if not 1 <= len(fields) <= KEY_FIELDS_MAX:
            raise PolicyError(
                f"a key has one to three fields, not {len(fields)}", hint="`.per(A)` or `.per(A, B)`"
            )
        for place, named in enumerate(fields):
            self._check_key(named, last=place == len(fields) - 1)
        keys = {event: tuple(on_source(named, event) for named in fields) for event in self.condition}
        for event, own in keys.items():
            for named, local in zip(fields, own, strict=True):
                if (local.kind, local.domain) != (named.kind, named.domain):
                    raise PolicyError(
                        f"`{named.describe()}` names {an(named.domain or 'word')}, the field of that name on"
                        f" `{event.type_name}` {an(local.domain or 'word')}",
                        hint="split the stream into two features",
                    )
        return Keyed(self.condition, self.aggregate, Key(keys, tuple(named.domain for named in fields)))

    def overall(self) -> Keyed:
        """Of all events together, whomever they name: what is known of the platform as a whole."""
        return Keyed(self.condition, self.aggregate, Key(dict.fromkeys(self.condition, ()), ()))

    def _check_key(self, named: Expr, *, last: bool) -> None:
        kind: Kind | None = getattr(named, "kind", None)
        if kind is Kind.SYMBOL:
            return
        if kind is not Kind.LIST:
            raise PolicyError(
                f"`{shown(named)}` is a {kind.value if kind else 'value'} and cannot be a key",
                hint="name a field that holds an id, such as `MessageSent.account_id`",
            )
        if not last:
            raise PolicyError(
                f"`{named.describe()}` is a list and the first of two key fields",
                hint="name it second: `.per(Event.id, Event.list)`",
            )
        if isinstance(self.aggregate, NO_LIST_KEYS):
            raise PolicyError(
                f"`{named.describe()}` is a list: `{self.describe()}` cannot be kept for each of its members",
                hint="keep it per a field that holds one id",
            )

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse_attribute(name)


@dataclass(frozen=True, eq=False, repr=False)
class Keyed(Unfinished):
    """An aggregate per entity that does not yet say over which window."""

    condition: Conditions
    aggregate: Aggregate
    key: Key
    lacks: ClassVar[str] = "window: it would grow without end"
    remedy: ClassVar[str] = "add `.over(tg.hours(1))`, `.today(zone)` or, where it stays small, `.ever()`"

    def describe(self) -> str:
        return f"{self.aggregate.describe()} of {_named(self.condition)} {self.key.describe()}"

    def over(self, length: Duration) -> Feature:
        """Over the last `length` of event time: (ts - length, ts]; what is remembered of one event, as if never seen once older."""
        if isinstance(self.aggregate, Highest | Steady | Alike):
            raise PolicyError(f"`{self.describe()}` has no window", hint="write `.ever()`: it stays small")
        if isinstance(self.aggregate, Similarity):
            raise PolicyError(
                f"`{self.describe()}` is estimated from all members ever seen", hint="write `.ever()`"
            )
        return self._feature(Sliding(span(length, of="the window")))

    def today(self, zone: Expr | str) -> Feature:
        """Over the current calendar day in a zone (23 to 25 hours where clocks change)."""
        return self._feature(Since(midnight(zone), LONGEST_DAY, "P1D"))

    def since(self, start: Expr, *, at_most: Duration) -> Feature:
        """From a moment on (inclusive), never further back than `at_most`."""
        if getattr(start, "kind", None) is not Kind.MOMENT:
            raise PolicyError(
                f"`{shown(start)}` is no moment to count from",
                hint="name a moment: a time field, `tg.midnight(zone)`, or `tg.now()` less a duration",
            )
        bound = span(at_most, of="at most")
        return self._feature(Since(start, bound, bound.iso))

    def ever(self) -> Feature:
        """Over all time; only for aggregates that need a bounded place per entity."""
        if not self.aggregate.bounded:
            raise PolicyError(
                f"`{self.describe()}` over all time would grow without end",
                hint="bound it: `.over(tg.days(30))`",
            )
        return self._feature(Ever())

    def _feature(self, window: Window) -> Feature:
        if isinstance(window, Since) and not isinstance(self.aggregate, Count | Sum | Distinct):
            raise PolicyError(
                f"`{self.describe()}` has no window with a moving start",
                hint="only counts, sums and counts of different ids have",
            )
        return Feature(self.condition, self.aggregate, self.key, window)

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse_attribute(name)
