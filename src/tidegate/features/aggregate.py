"""What is remembered of many events: one class per way of summing up, each with bounded, exact state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tidegate.expr import Duration, Expr, Kind

if TYPE_CHECKING:
    from tidegate.events import Event


@dataclass(frozen=True, eq=False)
class Aggregate:
    """Base: `bounded` ones keep so little per key that they may be kept for good (`.ever()`)."""

    kind: ClassVar[Kind] = Kind.NUMBER
    domain: ClassVar[str] = ""
    options: ClassVar[tuple[str, ...]] = ()
    bounded: ClassVar[bool] = False

    def operands(self) -> list[Expr]:
        """Return the expressions it evaluates on source events."""
        return []

    def fingerprint(self) -> str:
        """Return the identity."""
        return " ".join([type(self).__name__, *(o.fingerprint for o in self.operands())])

    def describe(self) -> str:
        """Return it in words."""
        return type(self).__name__.lower()


@dataclass(frozen=True, eq=False)
class Count(Aggregate):
    """How many events."""


@dataclass(frozen=True, eq=False)
class Sum(Aggregate):
    """The sum of an amount, in fixed point: each amount is rounded to `places` decimals, then summed exactly.

    An amount beyond 2**53 of its last decimal counts as that.
    """

    amount: dict[type[Event], Expr]
    places: int

    def operands(self) -> list[Expr]:
        return list(self.amount.values())

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {self.places}"

    def describe(self) -> str:
        return f"sum of {next(iter(self.amount.values())).describe()}"


@dataclass(frozen=True, eq=False)
class CappedSum(Aggregate):
    """The sum of an amount in fixed point, of each member at most the cap, a number or a figure.

    An event whose member is not known, or none, adds nothing.
    """

    amount: dict[type[Event], Expr]
    places: int
    member: dict[type[Event], Expr]
    cap: Expr

    def operands(self) -> list[Expr]:
        return [*self.amount.values(), *self.member.values(), self.cap]

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {self.places}"

    def describe(self) -> str:
        each = next(iter(self.member.values())).describe()
        amount = next(iter(self.amount.values())).describe()
        return f"sum of {amount}, at most {self.cap.describe()} of each {each}"


@dataclass(frozen=True, eq=False)
class Top(Aggregate):
    """How many events, of the newest 1,024, name one of the `most` members that are named most often; 0 of fewer than `least`.

    An event whose member is not known, or none, does not count.
    """

    member: dict[type[Event], Expr]
    most: int
    least: int

    def operands(self) -> list[Expr]:
        return list(self.member.values())

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {self.most} {self.least}"

    def describe(self) -> str:
        return f"number that names one of the {self.most} most frequent {next(iter(self.member.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Recent(Aggregate):
    """The different members that the newest `most` events name, a list; empty where there are fewer than `least` events.

    An event whose member is not known, or none, does not count.
    """

    member: dict[type[Event], Expr]
    most: int
    least: int
    kind: ClassVar[Kind] = Kind.LIST

    @property
    def domain(self) -> str:  # type: ignore[override]
        return next(iter(self.member.values())).domain

    def operands(self) -> list[Expr]:
        return list(self.member.values())

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {self.most} {self.least}"

    def describe(self) -> str:
        return f"different {next(iter(self.member.values())).describe()} of the last {self.most}"


@dataclass(frozen=True, eq=False)
class Median(Aggregate):
    """The middle of the known values; of an even number of them the mean of the two in the middle."""

    value: dict[type[Event], Expr]

    def operands(self) -> list[Expr]:
        return list(self.value.values())

    def describe(self) -> str:
        return f"median of {next(iter(self.value.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Highest(Aggregate):
    """The greatest value there ever was."""

    value: dict[type[Event], Expr]
    bounded: ClassVar[bool] = True

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        return next(iter(self.value.values())).kind

    def operands(self) -> list[Expr]:
        return list(self.value.values())

    def describe(self) -> str:
        return f"highest {next(iter(self.value.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Distinct(Aggregate):
    """How many different values of a field (or of each list, its members)."""

    member: dict[type[Event], Expr]

    def operands(self) -> list[Expr]:
        return list(self.member.values())

    def describe(self) -> str:
        return f"number of different {next(iter(self.member.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Last(Aggregate):
    """The value at the newest event (`skip` 0: the judged one included; 1: the one before it)."""

    value: dict[type[Event], Expr]
    before: bool
    bounded: ClassVar[bool] = True

    @property
    def kind(self) -> Kind:  # type: ignore[override]
        return next(iter(self.value.values())).kind

    @property
    def domain(self) -> str:  # type: ignore[override]
        return next(iter(self.value.values())).domain

    @property
    def options(self) -> tuple[str, ...]:  # type: ignore[override]
        found = [value.options for value in self.value.values()]
        return tuple(dict.fromkeys(name for names in found for name in names)) if all(found) else ()

    def operands(self) -> list[Expr]:
        return list(self.value.values())

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {'before' if self.before else 'now'}"

    def describe(self) -> str:
        return f"{'previous' if self.before else 'last'} {next(iter(self.value.values())).describe()}"


@dataclass(frozen=True, eq=False)
class LastSeen(Aggregate):
    """The moment of the newest event; null where there was none. `before`: not counting the judged one."""

    before: bool
    kind: ClassVar[Kind] = Kind.MOMENT
    bounded: ClassVar[bool] = True

    def fingerprint(self) -> str:
        return f"LastSeen {'before' if self.before else 'now'}"

    def describe(self) -> str:
        return "time of the previous" if self.before else "time of the last"


@dataclass(frozen=True, eq=False)
class FirstSeen(Aggregate):
    """The moment of the first event ever; null where there was none."""

    kind: ClassVar[Kind] = Kind.MOMENT
    bounded: ClassVar[bool] = True

    def describe(self) -> str:
        return "time of the first"


@dataclass(frozen=True, eq=False)
class Seen(Aggregate):
    """Of how many of the entities named there has been such an event: 0 or 1, of a list so many of its members."""

    bounded: ClassVar[bool] = True

    def describe(self) -> str:
        return "number of those with any"


@dataclass(frozen=True, eq=False)
class RunLength(Aggregate):
    """How many events in a row, the newest ones, satisfy a condition; `before`: not counting the judged one."""

    holds: dict[type[Event], Expr]
    before: bool
    bounded: ClassVar[bool] = True

    def operands(self) -> list[Expr]:
        return list(self.holds.values())

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {'before' if self.before else 'now'}"

    def describe(self) -> str:
        return f"length of the run with {next(iter(self.holds.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Changes(Aggregate):
    """How often the value differs from the one of the event before."""

    value: dict[type[Event], Expr]

    def operands(self) -> list[Expr]:
        return list(self.value.values())

    def describe(self) -> str:
        return f"changes of {next(iter(self.value.values())).describe()}"


@dataclass(frozen=True, eq=False)
class Regular(Aggregate):
    """The trailing series of events whose gaps all lie in [shortest, longest]: its duration in ms, or its `length` in events."""

    shortest: Duration
    longest: Duration
    length: bool
    bounded: ClassVar[bool] = True

    def fingerprint(self) -> str:
        return f"Regular {self.shortest.ms} {self.longest.ms} {self.length}"

    def describe(self) -> str:
        what = "length" if self.length else "duration"
        return f"{what} of the series with gaps of {self.shortest.iso} to {self.longest.iso}"


@dataclass(frozen=True, eq=False)
class Steady(Aggregate):
    """The longest series up to now whose gaps have a coefficient of variation of at most `tolerance`: ms, or `length` in events."""

    tolerance: Expr
    length: bool
    bounded: ClassVar[bool] = True

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} {self.length}"

    def operands(self) -> list[Expr]:
        return [self.tolerance]

    def describe(self) -> str:
        what = "length" if self.length else "duration"
        return f"{what} of the series with gaps that vary by {self.tolerance.describe()} of their mean"


@dataclass(frozen=True, eq=False)
class Similarity(Aggregate):
    """Share of the members of several keys' sets that are in two or more of them, by bottom-k MinHash (k = 256, error about 6 %).

    Of two sets it is their Jaccard similarity.
    """

    member: dict[type[Event], Expr]
    others: tuple[Expr, ...]
    bounded: ClassVar[bool] = True

    def operands(self) -> list[Expr]:
        return [*self.member.values(), *self.others]

    def describe(self) -> str:
        others = " and ".join(other.describe() for other in self.others)
        return f"similarity of the {next(iter(self.member.values())).describe()} sets with that of {others}"


@dataclass(frozen=True, eq=False)
class Alike(Aggregate):
    """Cosine of the newest vector of the key and another: one that the judged event carries, or that of another key."""

    vector: dict[type[Event], Expr]
    other: Expr
    bounded: ClassVar[bool] = True

    def operands(self) -> list[Expr]:
        return [*self.vector.values(), self.other]

    def describe(self) -> str:
        return f"likeness of {next(iter(self.vector.values())).describe()} and {self.other.describe()}"


@dataclass(frozen=True, eq=False)
class Moments(Aggregate):
    """How many moments of the newest list lie in the window, each by its own time; not known where no list was told."""

    value: dict[type[Event], Expr]

    def operands(self) -> list[Expr]:
        return list(self.value.values())

    def describe(self) -> str:
        return f"moments in the last {next(iter(self.value.values())).describe()}"


NO_LIST_KEYS = (
    Changes,
    Similarity,
    Alike,
    CappedSum,
    Median,
    Highest,
    Steady,
    Top,
    Recent,
    Moments,
)  # kept per one id, read by one
