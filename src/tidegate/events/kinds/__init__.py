"""The kinds of field an event type can declare."""

from tidegate.events.kinds.lists import List, Moments, Reals, Refs, Texts, Usual
from tidegate.events.kinds.maps import Map, MomentMap, Object, Objects, RealMap, TextMap
from tidegate.events.kinds.moments import Date, Moment
from tidegate.events.kinds.numbers import Amount, Flag, Integer, Real
from tidegate.events.kinds.words import Choice, EventId, Fingerprint, Id, Ref, Text

__all__ = [
    "Amount",
    "Choice",
    "Date",
    "EventId",
    "Fingerprint",
    "Flag",
    "Id",
    "Integer",
    "List",
    "Map",
    "Moment",
    "MomentMap",
    "Moments",
    "Object",
    "Objects",
    "Real",
    "RealMap",
    "Reals",
    "Ref",
    "Refs",
    "Text",
    "TextMap",
    "Texts",
    "Usual",
]
