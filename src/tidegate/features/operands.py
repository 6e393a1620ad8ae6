"""Which expressions an aggregate takes, and how one is read on each kind of event that feeds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import PolicyError
from tidegate.events.suggestions import nearest
from tidegate.expr import Expr, Kind, Literal
from tidegate.features.rewrite import replace_fields

if TYPE_CHECKING:
    from tidegate.events import Event, Field


def on_source(expression: Expr, event: type[Event]) -> Expr:
    """Return the expression with every field taken, by name, from the given kind of event.

    Raise PolicyError where that kind has no such field.
    """
    if not isinstance(expression, Expr):
        raise PolicyError(
            f"`{expression}` is no field", hint=f"name one, such as `{event.__name__}.account_id`"
        )

    def local(named: Field) -> Expr:
        found = event.fields().get(named.name)
        if found is None:
            near = nearest(named.name, event.fields())
            split = "split the stream and join the parts with `|`"
            raise PolicyError(
                f"`{event.type_name}` has no field `{named.name}`",
                hint=f"did you mean `{event.__name__}.{near}`? else {split}" if near else split,
            )
        return named.of(found)

    return replace_fields(expression, local)


def of_event(event: type[Event], named: tuple[Field, ...], otherwise: Expr) -> Expr:
    """Return the one of the fields that is the event's own; where none is, the other expression."""
    return next((field for field in named if field.owner is event), otherwise)


def takes_members(member: Expr) -> None:
    """Refuse what has no identity to tell apart."""
    if member.kind not in (Kind.SYMBOL, Kind.LIST):
        raise PolicyError(
            f"`{member.describe()}` is a {member.kind.value}: only names can be told apart",
            hint="name a field that holds ids or words",
        )


def takes_one_member(member: Expr) -> None:
    """Refuse what is not one name."""
    takes_members(member)
    if member.kind is Kind.LIST:
        raise PolicyError(
            f"`{member.describe()}` is a list: a cap of each needs one name",
            hint="name a field that holds one id",
        )


def is_measured(value: Expr) -> None:
    """Refuse what has no order."""
    if value.kind not in (Kind.NUMBER, Kind.MOMENT):
        raise PolicyError(
            f"`{value.describe()}` is a {value.kind.value}: it has no middle and no highest",
            hint="name a number or a moment",
        )


def is_figure(figure: Expr) -> Expr:
    """Return the cap or tolerance; refuse what may differ from event to event."""
    from tidegate.events import Field

    if figure.kind is not Kind.NUMBER or figure.children() or isinstance(figure, Field):
        raise PolicyError(
            f"`{figure.describe()}` is no figure for all events",
            hint="write a number, or a `tg.Parameter(...)` without `by`",
        )
    return figure


def is_vector(value: Expr) -> None:
    """Refuse what is no list of numbers."""
    from tidegate.events.kinds import Reals

    if not isinstance(value, Reals):
        raise PolicyError(
            f"`{value.describe()}` is no list of numbers",
            hint="name a field such as `AccountProfile.behaviour_vector`",
        )


def is_of_moments(values: Expr) -> None:
    """Refuse what is no list of moments."""
    if getattr(values, "shape", "") != "list of moment":
        raise PolicyError(
            f"`{values.describe()}` is no list of moments", hint="name a field such as `LinkProfile.reports`"
        )


def is_single(value: Expr) -> None:
    """Refuse lists, of which no single value can be remembered."""
    if value.kind is Kind.LIST:
        raise PolicyError(
            f"`{value.describe()}` is a list and cannot be remembered as one value",
            hint="remember its `tg.size(...)`, or count its members with `.distinct(...)`",
        )


def is_summable(amount: Expr) -> None:
    """Refuse what is no amount."""
    if amount.kind not in (Kind.NUMBER, Kind.FLAG) or isinstance(amount, Literal):
        raise PolicyError(
            f"`{amount.describe()}` is a {amount.kind.value} and cannot be summed up"
            if amount.kind not in (Kind.NUMBER, Kind.FLAG)
            else f"a sum of `{amount.describe()}` only counts",
            hint="name an amount of the event; to count events write `.count()`",
        )
