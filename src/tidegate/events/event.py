"""The base of all event types, with the envelope: the fields that every event may carry."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from tidegate.events.field import Field
from tidegate.events.kinds import Choice, EventId, Integer, Moment, Object, Real, Ref, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUIRED = ("event_id", "ts")


class Event:
    """An event type: a class body of fields. It is never instantiated; a decoded event is a `Record`.

    `type_name` is the value of `type` in the input. A field given in the class body replaces the one of the envelope.

    >>> from tidegate.events import MessageSent
    >>> MessageSent.type_name, MessageSent.recipient_id.entity, MessageSent.ts.owner is MessageSent
    ('message_sent', 'account', True)
    """

    type_name: ClassVar[str] = ""
    declared: ClassVar[tuple[str, ...]] = ()  # names of the fields in the class body, the envelope's left out
    _fields: ClassVar[dict[str, Field]] = {}

    event_id = EventId("id of the event; the same id again changes nothing")
    ts = Moment("time of the event on the server clock")
    account_id = Ref("account", "account concerned", unit="account id")
    device_id = Ref("device", "stable device fingerprint id", unit="device id")
    ip = Ref("ip", "address the event came from", unit="IPv4/IPv6 or keyed hash")
    number = Ref("number", "phone number concerned", unit="E.164 or keyed hash")

    # facts of that day: what is given wins. Where they are missing, the country of a number and the local hour are looked up
    number_country = Text("country of the number prefix", unit="ISO 3166-1")
    number_lat = Real("reference latitude of the number region", unit="deg", low=-90, high=90)
    number_lon = Real("reference longitude of the number region", unit="deg", low=-180, high=180)
    number_type = Choice("mobile", "mvno", "virtual", "fixed", about="number classification")
    number_operator = Text("operator of the number")
    ip_country = Text("country of the address", unit="ISO 3166-1")
    ip_lat = Real("latitude of the address", unit="deg", low=-90, high=90)
    ip_lon = Real("longitude of the address", unit="deg", low=-180, high=180)
    ip_operator = Text("operator of the address")
    local_hour = Integer("local hour of the day", unit="h", high=23)

    extra = Object("tenant-specific facts; no rule of the shipped policies reads them")

    def __init_subclass__(cls, kind: str) -> None:
        """Take over the envelope, so that every field of a type names that type as its owner."""
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.type_name = kind
        cls.declared = tuple(name for name in own if name not in REQUIRED)
        for name, value in _ENVELOPE.items():
            if name not in own:
                setattr(cls, name, value.owned_by(cls))
        first = ("event_id", "ts", "account_id")
        rest = [name for name in (*own, *_ENVELOPE) if name not in first]
        cls._fields = {name: getattr(cls, name) for name in dict.fromkeys((*first, *rest))}

    @classmethod
    def fields(cls) -> Mapping[str, Field]:
        """Return all fields by name, the envelope's included: `event_id` and `ts` first."""
        return MappingProxyType(cls._fields)

    @classmethod
    def about(cls) -> str:
        """Return what the event says, in one line."""
        return (cls.__doc__ or "").strip().splitlines()[0]


_ENVELOPE: dict[str, Field] = {name: value for name, value in vars(Event).items() if isinstance(value, Field)}
Event._fields = dict(_ENVELOPE)
