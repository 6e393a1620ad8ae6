"""A field of an event type: declared once, then leaf of expressions, line of the docs, and rule of what is accepted."""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from tidegate.expr.node import Expr, Kind

if TYPE_CHECKING:
    from typing import Self

    from tidegate.events.event import Event


class Complaint(NamedTuple):
    """Why a value is refused, and what to write instead."""

    problem: str
    hint: str


class Field(Expr):
    """One field of an event type.

    `entity` names what the value (or every member of a list) is an id of, None for plain values; `options` are the
    only values a choice can have; `unit` is in words. In a record the field is `UNSET` where it was missing (not
    known) and None where it was `null` (known: none on record).
    """

    shape: ClassVar[str] = ""  # what it is, in a word, for docs and messages
    settles: ClassVar[bool] = False  # whether `settle` does anything
    picks: ClassVar[bool] = (
        False  # whether it is a part of a field, which `pick` takes from the field's value
    )

    def __init__(
        self, about: str, *, unit: str = "", entity: str | None = None, options: tuple[str, ...] = ()
    ) -> None:
        self.about = about
        self.unit = unit
        self.entity = entity
        self.options = options
        self.name = ""
        self.owner: type[Event] | None = None
        self.domain = entity or ""

    def __set_name__(self, owner: type[Event], name: str) -> None:
        if not self.name:  # a field given another name in a rule set stays the field of its event
            self.name = name
            self.owner = owner

    def owned_by(self, owner: type[Event]) -> Self:
        """Return the same field as a field of another event type."""
        taken = copy(self)
        taken.__dict__.pop("fingerprint", None)
        taken.owner = owner
        return taken

    # as an expression -------------------------------------------------------------------------------------
    def details(self) -> tuple[object, ...]:
        """Return event type and name, which identify the field."""
        return (self.owner.type_name if self.owner else "", self.name)

    def describe(self) -> str:
        """Return the field as an author writes it: `MessageSent.is_forward`."""
        return f"{self.owner.__name__}.{self.name}" if self.owner else self.name

    @property
    def column(self) -> str:
        """Name of the column it is laid out in: its own, unless it is a part of a field."""
        return self.name

    def of(self, found: Field) -> Field:
        """Return the same field of another kind of event, given what goes by its name there."""
        return found

    def pick(self, value: Any) -> Any:
        """Return what it is of the value of the field that it is a part of."""
        return value

    # as a rule of what is accepted ------------------------------------------------------------------------
    @abstractmethod
    def accepts(self) -> Any:
        """Return the type that msgspec decodes the JSON value to, bounds included."""

    @abstractmethod
    def complaint(self, value: object) -> Complaint | None:
        """Return what is wrong with a plain JSON value (never None), or None where it is right."""

    @abstractmethod
    def json_schema(self) -> dict[str, object]:
        """Return the JSON Schema of the value, without `null`."""

    def settle(self, value: Any) -> Any:
        """Return the decoded value in its final form; raise ValueError where only a closer look shows it is wrong."""
        return value

    def all_settled(self, values: list[Any]) -> bool:  # noqa: ARG002  most kinds have no quick way to tell
        """Return whether a look at many decoded values together shows that all are in their final form."""
        return False

    def ids(self, value: Any) -> tuple[str, ...]:  # noqa: ARG002  a plain value names nothing
        """Return the ids that the decoded value holds; they must be free of control characters."""
        return ()


__all__ = ["Complaint", "Field", "Kind"]
