"""The table of answers that stood in for a decision, and what was decided in the end: a book of the newest."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from tidegate.ledger.tables import ID, WORD, metadata

fallbacks = Table(
    "fallbacks",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", ID, nullable=False),
    Column("answered", WORD, nullable=False),  # a verdict, as the next
    Column("decided", WORD, nullable=False),
    sqlite_autoincrement=True,  # whoever asks names the last number that was read: none comes twice
)

FALLBACKS = (fallbacks,)
