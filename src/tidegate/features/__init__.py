"""Features: what is remembered of past events, as expressions."""

from tidegate.features.deadline import Deadline, deadline
from tidegate.features.feature import Feature, Key
from tidegate.features.standing import (
    InForce,
    Labelled,
    LastSanctioned,
    Sanctioned,
    in_force,
    labelled,
    last_sanctioned,
    sanctioned,
)
from tidegate.features.stream import Stream, events
from tidegate.features.window import Ever, Since, Sliding

__all__ = [
    "Deadline",
    "Ever",
    "Feature",
    "InForce",
    "Key",
    "Labelled",
    "LastSanctioned",
    "Sanctioned",
    "Since",
    "Sliding",
    "Stream",
    "deadline",
    "events",
    "in_force",
    "labelled",
    "last_sanctioned",
    "sanctioned",
]
