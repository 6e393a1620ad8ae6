"""What decoding alone cannot tell: moments written as text, exact decimals, ids with control characters, depth."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import UNSET

from tidegate.events.field import Field
from tidegate.events.kinds.maps import Object, Objects, is_shallow
from tidegate.events.kinds.words import CONTROL
from tidegate.events.registry import BY_CODE, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.events.event import Event
    from tidegate.events.record import Record

    Step = tuple[str, Callable[[Any], Any]]


def settled(record: Record) -> bool:
    """Bring the fields of a record into final form; return whether all of them are right."""
    try:
        for name, settle in (_TS, *_SETTLES[record.type_code]):
            value = getattr(record, name)
            if value is not UNSET and value is not None:
                setattr(record, name, settle(value))
    except ValueError:
        return False
    return True


def unsettled(records: list[Record]) -> set[int]:
    """Bring the fields of many records, `ts` apart, into final form; return the positions of those that are wrong."""
    wrong: set[int] = set()
    codes = np.fromiter(map(attrgetter("type_code"), records), np.int32, len(records))
    for code in np.flatnonzero(np.bincount(codes)).tolist():
        steps = _SETTLES[code]
        if not steps:
            continue
        positions = np.flatnonzero(codes == code).tolist()
        ours = [records[at] for at in positions]
        for name, settle in steps:
            values = list(map(attrgetter(name), ours))
            given = [value for value in values if value is not UNSET and value is not None]
            if given and not BY_CODE[code].fields()[name].all_settled(given):
                wrong.update(positions[at] for at in _settle_each(ours, name, settle, values))
    return wrong


def _settle_each(
    records: list[Record], name: str, settle: Callable[[Any], Any], values: list[Any]
) -> Iterator[int]:
    """Settle one field of records of one type; yield the positions of those where it is wrong."""
    for at, value in enumerate(values):
        if value is UNSET or value is None:
            continue
        try:
            final = settle(value)
        except ValueError:
            yield at
            continue
        if final is not value:
            setattr(records[at], name, final)


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
_SETTLES: tuple[tuple[Step, ...], ...] = tuple(
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
