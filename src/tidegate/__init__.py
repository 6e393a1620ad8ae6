"""Tidegate: real-time account risk control for messaging platforms."""

from typing import TYPE_CHECKING

from tidegate.expr import (
    Duration,
    age,
    all_of,
    any_of,
    contains,
    days,
    great_circle_km,
    greatest,
    halves,
    hours,
    last_of,
    least,
    likeness,
    local_hour,
    midnight,
    minutes,
    now,
    seconds,
    size,
    weekday,
    when,
)
from tidegate.features import deadline, events, in_force, labelled, last_sanctioned, sanctioned
from tidegate.policy import (
    PERMANENT,
    Attempt,
    Case,
    Label,
    Measure,
    Modifier,
    Parameter,
    Policy,
    Prior,
    Quota,
    Release,
    Risk,
    Rule,
    RuleSet,
    Sanction,
    ScoreRule,
    Span,
)

if TYPE_CHECKING:
    from tidegate.engine import Decision, Engine

__all__ = [
    "PERMANENT",
    "Attempt",
    "Case",
    "Decision",
    "Duration",
    "Engine",
    "Label",
    "Measure",
    "Modifier",
    "Parameter",
    "Policy",
    "Prior",
    "Quota",
    "Release",
    "Risk",
    "Rule",
    "RuleSet",
    "Sanction",
    "ScoreRule",
    "Span",
    "age",
    "all_of",
    "any_of",
    "contains",
    "days",
    "deadline",
    "events",
    "great_circle_km",
    "greatest",
    "halves",
    "hours",
    "in_force",
    "labelled",
    "last_of",
    "last_sanctioned",
    "least",
    "likeness",
    "local_hour",
    "midnight",
    "minutes",
    "now",
    "sanctioned",
    "seconds",
    "size",
    "weekday",
    "when",
]


def __getattr__(name: str) -> object:
    """Import the engine when it is asked for: who writes a policy, or screens a list, starts without it."""
    if name not in ("Decision", "Engine"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tidegate import engine

    found: object = getattr(engine, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
