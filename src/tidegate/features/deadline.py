"""Timers by event time: rules about absence are judged when a deadline passes without any event of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.errors import PolicyError
from tidegate.expr import Compare, IsKnown, IsNull, Literal, Logic, Not, flag
from tidegate.expr.duration import span

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
        span(self.after, of=f"the deadline after `{self.source.type_name}`")
        if not self.carry:
            raise PolicyError(
                "a deadline that carries no entity",
                hint=f"name at least `{self.source.__name__}.account_id`",
            )
        named = [*self.carry, *self._fields_in_condition()]
        for one in named:
            if one.name not in self.source.fields() or one.owner is not self.source:
                raise PolicyError(
                    f"`{one.describe()}` is no field of `{self.source.type_name}`",
                    hint="a deadline carries and tests fields of its own event",
                )

    def _fields_in_condition(self) -> list[Field]:
        """Return the fields that the condition tests; raise PolicyError where it tests anything else."""
        from tidegate.events import Field

        nodes = list(flag(self.condition).walk()) if self.condition is not None else []
        for node in nodes:
            if not isinstance(node, Field | Compare | Logic | Not | IsKnown | IsNull | Literal):
                raise PolicyError(
                    f"`{node.describe()}` cannot stand in the condition of a deadline",
                    hint="compare fields with values here; features stand in the rule judged at the deadline",
                )
        return [node for node in nodes if isinstance(node, Field)]

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
