"""Why an event was not accepted: a second, patient reading of what the fast path refused."""

from __future__ import annotations

from typing import Any

from tidegate.errors import EventError
from tidegate.events.event import REQUIRED, Event
from tidegate.events.json_text import read_object
from tidegate.events.registry import REGISTRY
from tidegate.events.suggestions import nearest
from tidegate.events.wording import named, quoted

_TYPES_SHOWN = 4  # owners of a field that a hint names


def explain(line: bytes) -> EventError:
    """Return why a line was refused: the first problem found."""
    try:
        value = read_object(line)
    except EventError as error:
        return error
    return explain_object(value)


def explain_object(value: dict[str, Any]) -> EventError:
    """Return why an event given as a plain JSON object was refused."""
    found = complaint_of(value)
    return found or EventError("the event cannot be read", hint="compare it with `docs/reference/events.md`")


def complaint_of(value: dict[str, Any]) -> EventError | None:
    """Return the first problem of an event, or None where all of it is right."""
    event_or_error = _type_of(value)
    if isinstance(event_or_error, EventError):
        return event_or_error
    event = event_or_error
    for name in value:
        if name != "type" and name not in event.fields():
            return _unknown_field(event, name)
    for name in REQUIRED:
        if value.get(name) is None:
            return EventError(
                "is missing" if name not in value else "is `null`", field=name, hint="every event has one"
            )
    for name, field in event.fields().items():
        given = value.get(name)
        found = field.complaint(given) if given is not None else None
        if found:
            return EventError(found.problem, field=name, hint=found.hint)
    return None


def _type_of(value: dict[str, Any]) -> type[Event] | EventError:
    if "type" not in value:
        meant = nearest("type", value)
        hint = f"rename `{meant}` to `type`" if meant else "say what happened, such as `message_sent`"
        return EventError("is missing", field="type", hint=hint)
    name = value["type"]
    if not isinstance(name, str):
        return EventError(
            f"expected a text, not {named(name)}",
            field="type",
            hint="name an event type, such as `message_sent`",
        )
    event = REGISTRY.get(name)
    if event is not None:
        return event
    meant = nearest(name, REGISTRY)
    hint = f"did you mean `{meant}`?" if meant else "all event types are listed in `docs/reference/events.md`"
    return EventError(f"there is no event type {quoted(name)}", field="type", hint=hint)


def _unknown_field(event: type[Event], name: str) -> EventError:
    if not name:
        return EventError("a field has an empty name", hint="name it, or leave it out")
    problem = f"an event of type `{event.type_name}` has no such field"
    owners = [other.type_name for other in REGISTRY.values() if name in other.fields()]
    meant = nearest(name, event.fields())
    if meant:
        hint = f"did you mean `{meant}`? put facts of your own under `extra`"
    elif owners:
        listed = ", ".join(f"`{owner}`" for owner in owners[:_TYPES_SHOWN])
        more = " and others" if len(owners) > _TYPES_SHOWN else ""
        hint = f"it belongs to {listed}{more}; put facts of your own under `extra`"
    else:
        hint = "put facts of your own under `extra`"
    shown = quoted(name)[1:-1]
    return EventError(problem, field=shown, hint=hint)
