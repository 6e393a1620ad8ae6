"""How often rules fired, by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tidegate.ledger.tables import rule_days

if TYPE_CHECKING:
    from tidegate.ledger.rows import Row


def totals(connection: sa.Connection, since: int) -> dict[str, Row]:
    """Return per rule how often it fired, really and in shadow, on the days from that of `since` on, and when last."""
    query = (
        sa.select(
            rule_days.c.rule,
            sa.func.sum(rule_days.c.fired).label("fired"),
            sa.func.sum(rule_days.c.shadow).label("shadow"),
            sa.func.max(rule_days.c.last_at).label("last_at"),
        )
        .where(rule_days.c.day > since - 86_400_000)
        .group_by(rule_days.c.rule)
    )
    return {
        row["rule"]: {
            "fired": int(row["fired"]),
            "shadow": int(row["shadow"]),
            "last_at": int(row["last_at"]),
        }
        for row in connection.execute(query).mappings()
    }


def by_day(connection: sa.Connection, rule: str, since: int) -> list[Row]:
    """Return a rule's days, oldest first."""
    query = sa.select(rule_days).where(rule_days.c.rule == rule, rule_days.c.day > since - 86_400_000)
    return [dict(row) for row in connection.execute(query.order_by(rule_days.c.day)).mappings()]
