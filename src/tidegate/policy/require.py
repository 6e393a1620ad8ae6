"""What authors hand to rules and measures must be of the right make: refused at import, in their words."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Final

from tidegate.errors import PolicyError
from tidegate.events.suggestions import meant
from tidegate.expr import Duration
from tidegate.expr.node import shown
from tidegate.features.standing import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable

QUOTED: Final = ("observed", "limit", "window")  # what a reason may quote


def each(values: object, kind: type, *, of: str, place: str, hint: str) -> None:
    """Refuse what is not a tuple of the given kind; a list will do nowhere, since policies are values."""
    if not isinstance(values, tuple):
        single = isinstance(values, kind)
        raise PolicyError(
            f"`{of}` is not a tuple",
            place=place,
            hint=f"mind the comma: `{of}=(one,)`" if single else f"write `{of}=(one, another)`; {hint}",
        )
    for value in values:
        one(value, kind, of=of, place=place, hint=hint)


def one(value: object, kind: type, *, of: str, place: str, hint: str) -> None:
    """Refuse a value that is not of the kind."""
    if not isinstance(value, kind):
        raise PolicyError(f"`{of}` cannot hold `{titled(value)}`", place=place, hint=hint)


def titled(value: object) -> str:
    """Return what an author calls a value: its id, its name, or how it is written."""
    for attribute in ("id", "name"):
        found = getattr(value, attribute, "")
        if isinstance(found, str) and found:
            return found
    return shown(value)


def words(value: object, *, of: str, place: str, hint: str) -> None:
    """Refuse what is no text, says nothing, or would break the line it stands in."""
    if isinstance(value, str) and value.strip() and value.isprintable():
        return
    said = f"`{of}` is empty" if isinstance(value, str) and not value.strip() else ""
    quoted = repr(value) if isinstance(value, str) else shown(value)
    raise PolicyError(said or f"`{of}` cannot be `{quoted}`", place=place, hint=hint)


def an_id(value: object, *, of: str, place: str) -> None:
    """Refuse an id by which nobody could ask for what it names."""
    words(value, of=of, place=place, hint='write a text such as `"links-to-strangers"`')


def option(value: object, options: Iterable[str], *, of: str, place: str) -> None:
    """Refuse a word that is not one of a few."""
    listed = tuple(options)
    if value not in listed:
        raise PolicyError(
            f"`{of}` cannot be `{shown(value)}`", place=place, hint=_one_of(shown(value), listed)
        )


def _one_of(name: str, names: tuple[str, ...]) -> str:
    return f"{meant(name, names)}it is one of: {', '.join(names)}"


def lasting(value: object, *, place: str, also: tuple[object, ...] = ()) -> None:
    """Refuse an end that is none: measures and labels last a duration or a `Span`."""
    from tidegate.policy.parameter import Span

    if isinstance(value, Duration | Span) or value in also:
        return
    if None in also:  # it may also be left out
        raise PolicyError(
            f"`lasting` is `{shown(value)}`, no duration",
            place=place,
            hint="write `tg.hours(2)`, or leave `lasting` out",
        )
    raise PolicyError(
        f"`lasting` is `{shown(value)}`: nobody knows when it ends",
        place=place,
        hint="every sanction ends: write `tg.hours(2)`, or `tg.PERMANENT` with the `review` that confirms it",
    )


def capabilities(value: object, known: tuple[str, ...], *, place: str, empty: bool = False) -> None:
    """Refuse what is not a tuple of capabilities."""
    if not isinstance(value, tuple):
        raise PolicyError(
            "`capability` is not a tuple", place=place, hint='mind the comma: `capability=("send",)`'
        )
    unknown = [shown(c) for c in value if c not in known]
    if unknown or not (value or empty):
        raise PolicyError(
            f"there is no capability `{unknown[0]}`" if unknown else "`capability` names none",
            place=place,
            hint=_one_of(unknown[0] if unknown else "", known),
        )


def subject(value: object, *, place: str, of: str = "subject") -> None:
    """Refuse what nothing can be put on record about."""
    option(value, SUBJECTS, of=of, place=place)


def reason(value: object, *, place: str) -> None:
    """Refuse a reason that says nothing, or quotes what there is not."""
    allowed = ", ".join(f"{{{name}}}" for name in QUOTED)
    try:
        parts = list(Formatter().parse(value)) if isinstance(value, str) else []
    except ValueError:
        raise PolicyError(
            "the reason has a bracket that does not match",
            place=place,
            hint=f"it may quote {allowed}; write `{{{{` for a bracket of its own",
        ) from None
    if not any(text.strip() or name for text, name, _, _ in parts):
        raise PolicyError(
            "the rule gives no reason", place=place, hint="write the sentence that a reviewer reads"
        )
    for _, name, form, conversion in parts:
        if name is not None and (name not in QUOTED or form or conversion):
            asked = f"{name}{'!' + conversion if conversion else ''}{':' + form if form else ''}"
            raise PolicyError(
                f"the reason quotes `{{{asked}}}`", place=place, hint=f"it may quote {allowed}, as they are"
            )
