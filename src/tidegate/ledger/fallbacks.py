"""Answers that stood in for a decision: noted once the decision is there, listed for whoever was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tidegate.ledger.tables_fallbacks import fallbacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate.ledger.rows import Row

KEPT = 10_000  # of the newest


def note(connection: sa.Connection, found: Sequence[tuple[str, str, str]]) -> None:
    """Note events, what was answered about them and what was decided, in this order; the oldest beyond `KEPT` go."""
    rows = [{"event_id": event, "answered": said, "decided": verdict} for event, said, verdict in found]
    for row in rows[-KEPT:]:  # one by one: numbers follow the order
        connection.execute(sa.insert(fallbacks).values(row))
    newest = sa.select(sa.func.max(fallbacks.c.number)).scalar_subquery()
    connection.execute(sa.delete(fallbacks).where(fallbacks.c.number <= newest - KEPT))


def listed(connection: sa.Connection, after: int, limit: int) -> list[Row]:
    """Return those behind a number, the oldest first."""
    query = sa.select(fallbacks).where(fallbacks.c.number > after).order_by(fallbacks.c.number).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]
