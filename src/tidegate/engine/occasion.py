"""What is being judged: one event, or one timer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.engine.plan import PlacedSite


@dataclass(slots=True)
class Occasion:
    """The event (or timer) being judged. `subjects` maps each entity it names to the id of its record."""

    event_id: str | None
    ts: int
    type: str
    account_id: str | None
    site: PlacedSite
    position: int
    subjects: dict[str, int]
    armed_by: str = ""  # id of the event that armed the timer
