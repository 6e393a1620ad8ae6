"""The port of providers: numbers in, facts under our own names out. What a provider does not tell stays unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tidegate.screening.evidence.event_history import NUMBER_TYPES

Told = bool | int | str
FLAGS = ("is_registered", "is_suspended", "is_reachable", "has_avatar", "has_signature")
COUNTS = ("interactions_90d", "incidents", "incidents_most")
MOMENTS = ("registered_at",)  # ms since the epoch
NUMBER_TYPE = "number_type"
ADDS_UP = "incidents"  # what several know of it adds up: the greater counts, so it is asked though something is known


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider told of a number at `at_ms` (wall clock): facts by name, none where it knows nothing.

    Flags are true or false, counts and moments whole numbers, the type of a number one of `NUMBER_TYPES`. `cached`: it was
    told then, and not asked for now.
    """

    number: str
    facts: Mapping[str, Told]
    at_ms: int
    provider: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A number about which no answer was had, and why. `asked`: the provider was asked; else it had been given up by then."""

    number: str
    why: str
    asked: bool = True


class Provider(Protocol):
    """Somebody who knows something of numbers. `basis` is why they may be asked, in the words of whoever runs the screening."""

    @property
    def name(self) -> str:
        """What it is called in the results."""
        ...

    @property
    def kind(self) -> str:
        """Which service it is."""
        ...

    @property
    def basis(self) -> str:
        """The legal basis of asking, with the purpose."""
        ...

    @property
    def tells(self) -> frozenset[str]:
        """The facts that it can tell, by name."""
        ...

    def ask(self, numbers: Sequence[str]) -> Iterator[Answer | Unanswered]:
        """Yield one answer per number (E.164), in any order. Never raises for what the provider does wrong."""
        ...


def as_number(fact: str, value: Told) -> float:
    """Return a fact as the columns of the evidence hold it. Raise ValueError where it is no value of that fact."""
    if fact in FLAGS and isinstance(value, bool):
        return float(value)
    if fact in (*COUNTS, *MOMENTS) and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return float(value)
    if fact == NUMBER_TYPE and value in NUMBER_TYPES:
        return float(NUMBER_TYPES.index(str(value)))
    raise ValueError(f"`{value}` is no value of `{fact}`")
