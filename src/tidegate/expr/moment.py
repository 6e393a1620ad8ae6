"""Event time, and the local clock and calendar of a zone."""

from dataclasses import dataclass, field

from tidegate.errors import ExpressionError
from tidegate.expr.node import Expr, Kind, lift

PARTS = ("hour", "weekday", "midnight")


@dataclass(frozen=True, eq=False, repr=False)
class EventTime(Expr):
    """The event's own `ts` (ms since the Unix epoch); at a timer, its deadline."""

    kind = Kind.MOMENT

    def describe(self) -> str:
        return "now"


@dataclass(frozen=True, eq=False, repr=False)
class LocalTime(Expr):
    """A part of the local wall-clock time in an IANA zone at event time, days of daylight saving included.

    `hour` is 0..24 with fractions of the hour, so that half-open spans work; `weekday` is 0 (Monday) to 6; `midnight` is
    the moment at which the local calendar day began. Not known without a zone, or with one nobody knows.
    """

    part: str
    zone: Expr
    kind: Kind = field(init=False)

    def __post_init__(self) -> None:
        assert self.part in PARTS, self.part
        if self.zone.kind is not Kind.SYMBOL or self.zone.domain:
            what = "the name of a zone" if self.zone.kind is not Kind.SYMBOL else "a zone but an id"
            raise ExpressionError(
                f"local {self.part} in `{self.zone.describe()}`, which is not {what}",
                hint='name a zone: `"Europe/Berlin"`, or what remembers a field such as `AccountProfile.tz`',
            )
        object.__setattr__(self, "kind", Kind.MOMENT if self.part == "midnight" else Kind.NUMBER)

    def children(self) -> tuple[Expr, ...]:
        return (self.zone,)

    def details(self) -> tuple[object, ...]:
        return (self.part,)

    def describe(self) -> str:
        return f"local {self.part} in {self.zone.describe()}"


def now() -> Expr:
    """Return the event's own time."""
    return EventTime()


def age(moment: Expr) -> Expr:
    """Return how long ago a moment was, in ms; endless where it is known that there was none."""
    at = lift(moment)
    if at.kind is not Kind.MOMENT:
        raise ExpressionError(
            f"`{at.describe()}` is a {at.kind.value}, and only a moment has an age",
            hint="name a moment: a time field, or what `.first_seen()` and `.last_seen()` remember",
        )
    return EventTime() - at


def local_hour(zone: Expr | str) -> Expr:
    """Return the local hour of the day in a zone, a text for one that is always the same: 0 <= hour < 24, with fractions."""
    return LocalTime("hour", lift(zone))


def weekday(zone: Expr | str) -> Expr:
    """Return the local day of the week: 0 is Monday."""
    return LocalTime("weekday", lift(zone))


def midnight(zone: Expr | str) -> Expr:
    """Return the moment at which the local calendar day began."""
    return LocalTime("midnight", lift(zone))
