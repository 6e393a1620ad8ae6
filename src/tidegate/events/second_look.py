"""What decoding alone cannot tell: moments written as text, exact decimals, ids with control characters, depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from tidegate.events.field import Field
from tidegate.events.kinds.maps import Object, Objects, is_shallow
from tidegate.events.kinds.words import CONTROL
from tidegate.events.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.events.event import Event
    from tidegate.events.record import Record

    Step = tuple[str, Callable[[Any], Any]]


def settled(record: Record, *, with_ts: bool = False) -> bool:
    """Bring the fields of a record into final form; return whether all of them are right."""
    steps = SETTLES[record.type_code]
    try:
        for name, settle in (*steps, _TS) if with_ts else steps:
            value = getattr(record, name)
            if value is not UNSET and value is not None:
                setattr(record, name, settle(value))
    except ValueError:
        return False
    return True


def clean(record: Record) -> bool:
    """Return whether ids are free of control characters and free-form objects not too deep."""
    for name, ids in _IDS[record.type_code]:
        value = getattr(record, name)
        if value is not UNSET and value is not None and any(map(CONTROL.search, ids(value))):
            return False
    for name in _OBJECTS[record.type_code]:
        value = getattr(record, name)
        if value is not UNSET and not is_shallow(value):
            return False
    return True


def _fields(event: type[Event]) -> Iterator[tuple[str, Field]]:
    return ((name, field) for name, field in event.fields().items() if name != "ts")


# per type code: what to settle (`ts` apart, which is settled for whole blocks), which fields hold ids, which are free-form
SETTLES: tuple[tuple[Step, ...], ...] = tuple(
    tuple((name, field.settle) for name, field in _fields(event) if field.settles)
    for event in REGISTRY.values()
)
_IDS: tuple[tuple[Step, ...], ...] = tuple(
    tuple((name, field.ids) for name, field in _fields(event) if type(field).ids is not Field.ids)
    for event in REGISTRY.values()
)
_OBJECTS: tuple[tuple[str, ...], ...] = tuple(
    tuple(name for name, field in _fields(event) if isinstance(field, Object | Objects))
    for event in REGISTRY.values()
)
_TS: Step = ("ts", REGISTRY["message_sent"].ts.settle)
