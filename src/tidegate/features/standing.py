"""What is already on record about an entity: labels it carries, measures taken against it.

These leaves depend on earlier decisions, so they may stand in rules, limits and modifiers, never in the conditions or
keys of features: that would be a circle through the decisions themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.errors import PolicyError
from tidegate.events.field import Field
from tidegate.expr import Expr, Kind
from tidegate.expr.duration import seconds, span
from tidegate.expr.node import shown

if TYPE_CHECKING:
    from tidegate.expr import Duration

SUBJECTS = ("account", "device", "ip", "number")  # entities that labels and measures are kept on record for


@dataclass(frozen=True, eq=False, repr=False)
class Labelled(Expr):
    """Whether the entity carries the label, set no longer than `within` ago (None: at any time)."""

    name: str
    entity: Expr
    within: Duration | None = None
    kind = Kind.FLAG

    def children(self) -> tuple[Expr, ...]:
        return (self.entity,)

    def details(self) -> tuple[object, ...]:
        return (self.name, self.within.ms if self.within else None)

    def describe(self) -> str:
        span = f" within {self.within.iso}" if self.within else ""
        return f"{self.entity.describe()} labelled {self.name}{span}"


@dataclass(frozen=True, eq=False, repr=False)
class Sanctioned(Expr):
    """How many measures of these kinds (none named: of any) were opened against the entity within the span."""

    sanctions: tuple[str, ...]
    entity: Expr
    within: Duration
    kind = Kind.NUMBER

    def children(self) -> tuple[Expr, ...]:
        return (self.entity,)

    def details(self) -> tuple[object, ...]:
        return (self.sanctions, self.within.ms)

    def describe(self) -> str:
        names = " or ".join(self.sanctions) or "any measure"
        return f"number of {names} against {self.entity.describe()} over {self.within.iso}"


@dataclass(frozen=True, eq=False, repr=False)
class InForce(Sanctioned):
    """Whether a measure of these kinds (none named: of any) is in force against the entity at the event's time.

    With a capability: one that concerns it.
    """

    capability: str | None = None
    kind = Kind.FLAG

    def details(self) -> tuple[object, ...]:
        return (self.sanctions, "in force", self.capability)

    def describe(self) -> str:
        names = " or ".join(self.sanctions) or "any measure"
        concerning = f" for {self.capability}" if self.capability else ""
        return f"{names}{concerning} in force against {self.entity.describe()}"


@dataclass(frozen=True, eq=False, repr=False)
class LastSanctioned(Sanctioned):
    """When the newest earlier measure of these kinds, or opened by these rules, was opened against the entity, ms; 0: there is none.

    Earlier is what was opened before any of them that is in force at the event's time: what runs is no earlier measure.
    """

    by: tuple[str, ...] = ()
    kind = Kind.MOMENT

    def details(self) -> tuple[object, ...]:
        return (self.sanctions, "last opened", self.by)

    def describe(self) -> str:
        names = " or ".join((*self.sanctions, *self.by)) or "any measure"
        return f"opening of the last {names} against {self.entity.describe()}"


def labelled(name: str | Expr, entity: Expr, *, within: Duration | None = None) -> Labelled:
    """Return whether an entity carries a label."""
    if isinstance(name, Expr):
        raise PolicyError(
            f"`{shown(name)}` stands where the label's name belongs",
            hint='write `tg.labelled("name-of-label", Event.account_id)`',
        )
    _check_entity(entity)
    return Labelled(name, entity, span(within, of="within") if within is not None else None)


def sanctioned(entity: Expr, *sanctions: str, within: Duration) -> Sanctioned:
    """Return how many such measures were opened against an entity within a span."""
    _check_entity(entity)
    return Sanctioned(sanctions, entity, span(within, of="within"))


def in_force(entity: Expr, *sanctions: str, capability: str | None = None) -> InForce:
    """Return whether such a measure, of those that concern the capability where one is named, is in force against an entity."""
    _check_entity(entity)
    return InForce(sanctions, entity, seconds(1), capability)


def last_sanctioned(entity: Expr, *sanctions: str, by: tuple[str, ...] = ()) -> LastSanctioned:
    """Return when the last earlier measure of these kinds, or by these rules, was opened against an entity; 0 for none."""
    _check_entity(entity)
    return LastSanctioned(sanctions, entity, seconds(1), by)


def _check_entity(entity: Expr) -> None:
    """Refuse what has no record, and what would have to be looked up first: the record is read event by event."""
    domain = getattr(entity, "domain", "")
    if domain in SUBJECTS and not isinstance(entity, Field):
        raise PolicyError(
            f"`{shown(entity)}` is worked out, not a field of the event",
            hint="what is on record is asked for of an entity that the event names: write `Event.account_id`",
        )
    if domain not in SUBJECTS:
        raise PolicyError(
            f"nothing is on record about `{shown(entity)}`",
            hint=f"name a field that holds one of: {', '.join(SUBJECTS)}",
        )
