"""Features: what is remembered of past events, as expressions."""

from tidegate.features.deadline import Deadline, deadline
from tidegate.features.feature import Feature, Key
from tidegate.features.standing import InForce, Labelled, Sanctioned, in_force, labelled, sanctioned
from tidegate.features.stream import Stream, events
from tidegate.features.window import Ever, Since, Sliding

__all__ = [
    "Deadline",
    "Ever",
    "Feature",
    "InForce",
    "Key",
    "Labelled",
    "Sanctioned",
    "Since",
    "Sliding",
    "Stream",
    "deadline",
    "events",
    "in_force",
    "labelled",
    "sanctioned",
]
