"""What can be asked of a list-valued field."""

from dataclasses import dataclass

from tidegate.errors import ExpressionError
from tidegate.expr.duration import Duration, span
from tidegate.expr.node import Expr, Kind, lift


def _check(values: Expr) -> None:
    if values.kind is not Kind.LIST:
        raise ExpressionError(
            f"`{values.describe()}` is a {values.kind.value}, not a list", hint="name a list field"
        )


@dataclass(frozen=True, eq=False, repr=False)
class Size(Expr):
    """How many values the list has; not known where the list is not; 0 where it is known to be none."""

    values: Expr

    def __post_init__(self) -> None:
        _check(self.values)

    def children(self) -> tuple[Expr, ...]:
        return (self.values,)

    def describe(self) -> str:
        return f"size of {self.values.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class SizeWithin(Expr):
    """How many moments of the list lie in (ts - within, ts] of the event; not known where the list is not; 0 where it is known to be none."""

    values: Expr
    within: Duration

    def __post_init__(self) -> None:
        _check(self.values)
        span(self.within, of="the age of moments")
        if getattr(self.values, "shape", "") != "list of moment":
            raise ExpressionError(
                f"`{self.values.describe()}` is no list of moments",
                hint="leave `within` out, or name a list of moments",
            )

    def children(self) -> tuple[Expr, ...]:
        return (self.values,)

    def details(self) -> tuple[object, ...]:
        return (self.within.ms,)

    def describe(self) -> str:
        return f"size of {self.values.describe()} within {self.within}"


@dataclass(frozen=True, eq=False, repr=False)
class Contains(Expr):
    """Whether the list has the value."""

    values: Expr
    wanted: Expr
    kind = Kind.FLAG

    def __post_init__(self) -> None:
        _check(self.values)
        if self.wanted.kind is Kind.SYMBOL and self.wanted.domain != self.values.domain:
            raise ExpressionError(
                f"`{self.values.describe()}` can never contain `{self.wanted.describe()}`",
                hint="ask for a value of its entity",
            )

    def children(self) -> tuple[Expr, ...]:
        return (self.values, self.wanted)

    def describe(self) -> str:
        return f"{self.wanted.describe()} in {self.values.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class LastOf(Expr):
    """The last name in the list; not known where the list is not, or is empty; none where it is known to be none."""

    values: Expr
    kind = Kind.SYMBOL

    def __post_init__(self) -> None:
        _check(self.values)
        object.__setattr__(self, "domain", self.values.domain)

    def children(self) -> tuple[Expr, ...]:
        return (self.values,)

    def describe(self) -> str:
        return f"last of {self.values.describe()}"


def last_of(values: Expr) -> Expr:
    """Return the last name in a list field."""
    return LastOf(values)


def size(values: Expr, *, within: Duration | None = None) -> Expr:
    """Return the number of values in a list field; of a list of moments, those that lie no longer ago than `within`."""
    return Size(values) if within is None else SizeWithin(values, within)


def contains(values: Expr, wanted: str | float | Expr) -> Expr:
    """Return whether a list field has a value."""
    return Contains(values, lift(wanted, like=values))
