"""How the holder of a number stands, in one word and a rough count of incidents: no more than a screening asks.

Of measures, those taken against the account or its number count. Those lifted on appeal never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.ledger import standing
from tidegate.policy.measure import EVERYTHING
from tidegate.screening.evidence.event_history import PROTECTIVE

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tidegate.ledger.rows import Row
    from tidegate.ledger.standing import Holder

GOOD, RESTRICTED, SUSPENDED, BANNED = "good", "restricted", "suspended", "banned"
BUCKETS = ((0, 0), (1, 1), (2, 4), (5, None))  # incidents, from so many to so many: a count would mark people


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands. `incidents` are from so many to so many, None: or more."""

    word: str
    incidents: tuple[int, int | None]

    @property
    def adverse(self) -> bool:
        """Whether anything speaks against it."""
        return self.word != GOOD or self.incidents[0] > 0


def standing_of(holder: Holder, at: int) -> Standing:
    """Return how the holder of a token stands at a time (ms)."""
    counted = [row for row in holder.measures if not row["appealed"]]
    words = {_word(row) for row in counted if row["until"] is None or row["until"] > at}
    worst = next((word for word in (BANNED, SUSPENDED, RESTRICTED) if word in words), GOOD)
    incidents = sum(not _protects(row) for row in counted)
    return Standing(worst, next((a, b) for a, b in BUCKETS if b is None or incidents <= b))


def listed(
    connection: sa.Connection, prefix: tuple[bytes, bytes], at: int, *, everybody: bool
) -> list[dict[str, Any]]:
    """Return the tokens of a range with how their holders stand; of all, or only where something speaks against them."""
    found = []
    for holder in standing.holders(connection, *prefix, at):
        stands = standing_of(holder, at)
        if everybody or stands.adverse:
            least, most = stands.incidents
            entry = {
                "token": holder.token.hex(),
                "standing": stands.word,
                "incidents": least,
                "incidents_most": most,
            }
            found.append(entry)
    return found


def _word(row: Row) -> str:
    """Return what a measure in force means. One that protects the holder and ends restricts, whatever it denies."""
    if row["effect"] == "none":
        return GOOD
    whole = row["effect"] == "deny" and EVERYTHING in row["capability"]
    if whole and row["until"] is None:
        return BANNED
    return SUSPENDED if whole and not _protects(row) else RESTRICTED


def _protects(row: Row) -> bool:
    """Whether it was taken for the holder's sake, or at the door: it says nothing of spam or of content."""
    return str(row["cause"]).partition(".")[0] in PROTECTIVE
