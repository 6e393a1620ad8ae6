"""Records: what a decoded event is. One msgspec struct per event type, made from its declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Union

import msgspec
from msgspec import UNSET, UnsetType

from tidegate.events.event import REQUIRED, Event
from tidegate.events.registry import REGISTRY, TYPE_CODES


class Record(msgspec.Struct, kw_only=True, gc=False, omit_defaults=True):
    """A decoded event: an attribute per field of its type, `UNSET` where it was missing, None where it was `null`.

    Moments are whole numbers (ms, or us where the field says so), dates `datetime.date`, amounts `Decimal`.
    """

    type_code: ClassVar[int] = -1
    event_type: ClassVar[type[Event]] = Event

    if TYPE_CHECKING:
        event_id: str
        ts: int
        account_id: str | UnsetType | None
        extra: dict[str, Any] | UnsetType | None

        def __getattr__(self, name: str) -> Any: ...


def _record_type(event: type[Event]) -> type[Record]:
    columns: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, field in event.fields().items():
        if name in REQUIRED:
            columns.append((name, field.accepts()))
        else:
            columns.append((name, Union[field.accepts(), None, UnsetType], UNSET))  # noqa: UP007  takes run-time types
    made = msgspec.defstruct(
        event.__name__,
        columns,
        bases=(Record,),
        namespace={"type_code": TYPE_CODES[event.type_name], "event_type": event},
        tag_field="type",
        tag=event.type_name,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,  # records hold no cycles, and the collector would walk millions of them
        omit_defaults=True,
    )
    assert issubclass(made, Record)
    return made


RECORDS: tuple[type[Record], ...] = tuple(_record_type(event) for event in REGISTRY.values())
ANY_RECORD: Any = Union[RECORDS]  # noqa: UP007  the union is made at run time
