"""What the read model is made from: decisions that are no plain allow, each with its event and its place in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import UNSET

from tidegate.ledger.fitting import WORDS_CHARS, clean

if TYPE_CHECKING:
    from tidegate.engine.decision import Decision
    from tidegate.events import Record


class Happened(Protocol):
    """One decision. `position` is the number of its event in the journal, from 1; `record` None at a timer.

    A timer has the position of the event that passed it.
    """

    @property
    def position(self) -> int:
        """Number in the journal."""
        ...

    @property
    def decision(self) -> Decision:
        """What was decided."""
        ...

    @property
    def record(self) -> Record | None:
        """The event."""
        ...


ID_CHARS = 256

# events by which people or other systems decide: they are taken in whatever was decided about them
BY_PEOPLE = frozenset(
    {
        "sanction_applied",
        "sanction_lifted",
        "review_opened",
        "review_closed",
        "appeal_filed",
        "appeal_decided",
    }
)
SUBJECT_FIELDS = {"account": "account_id", "device": "device_id", "ip": "ip", "number": "number"}


def given(record: Record | None, name: str) -> Any:  # noqa: ANN401  of the field's type
    """Return a field of an event; None where it is missing, null, or not one of its type. Texts fit columns of ids."""
    value = getattr(record, name, None)
    if isinstance(value, str):
        return clean(value, ID_CHARS)
    return None if value is UNSET else value


def said(record: Record | None) -> dict[str, Any]:
    """Return what the event says about who decided it and why: `actor`, `reason` and `act`, each where it is given, as texts."""
    extra = given(record, "extra")
    words = extra if isinstance(extra, dict) else {}
    limits = {"actor": ID_CHARS, "reason": WORDS_CHARS, "act": ID_CHARS}
    return {name: clean(str(words[name]), limits[name]) for name in limits if words.get(name) is not None}
