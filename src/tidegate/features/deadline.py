"""Timers by event time: rules about absence are judged when a deadline passes without any event of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.errors import PolicyError

if TYPE_CHECKING:
    from tidegate.events import Event, Field
    from tidegate.expr import Duration, Expr


@dataclass(frozen=True, eq=False)
class Deadline:
    """A moment `after` an event that satisfies the condition, for the entities in that event's `carry` fields.

    It is due when event time passes it: at the first later event of the whole stream. Rules `on` a deadline see it as an
    event of its own whose `ts` is the deadline and whose fields are the carried ones. The condition may use fields of the
    event only.
    """

    source: type[Event]
    after: Duration
    carry: tuple[Field, ...]
    condition: Expr | None = None
    name: str = field(default="")

    def __post_init__(self) -> None:
        from tidegate.features.feature import Feature

        if not self.carry:
            raise PolicyError(
                "a deadline that carries no entity", hint="name at least the account field of its event"
            )
        if self.condition is not None and any(isinstance(n, Feature) for n in self.condition.walk()):
            raise PolicyError(
                f"the condition of a deadline uses a feature: `{self.condition.describe()}`",
                hint="test fields here, and features in the rule that is judged at the deadline",
            )

    @property
    def type_name(self) -> str:
        """Name it goes by in decisions and errors."""
        return self.name or f"deadline.{self.source.type_name}.{self.after.iso}"

    def fingerprint(self) -> str:
        """Return the identity."""
        condition = self.condition.fingerprint if self.condition is not None else ""
        return f"{self.source.type_name} {self.after.ms} {[f.name for f in self.carry]} {condition}"

    def fields(self) -> dict[str, Field]:
        """Return the fields that rules on it may use."""
        return {f.name: f for f in self.carry}


def deadline(
    source: type[Event], after: Duration, *carry: Field, where: Expr | None = None, name: str = ""
) -> Deadline:
    """Return the deadline `after` each such event."""
    return Deadline(source, after, carry, where, name)
