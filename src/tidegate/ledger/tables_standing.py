"""Tables of the standing API: which token stands for which account, and how many numbers a key asked about. Both are books.

A token is made of a number with the platform's key; the number itself is not here.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from tidegate.ledger.tables import ID, WORD, metadata

standing_tokens = Table(
    "standing_tokens",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    Column("account_id", ID, nullable=False),  # which an event named last together with the number
    Column("last_at", BigInteger, nullable=False),  # event time of that, ms
    Index(None, "account_id"),
)

standing_asked = Table(
    "standing_asked",
    metadata,
    Column("key_id", WORD, nullable=False),
    Column("day", BigInteger, nullable=False),  # midnight UTC by the wall clock, ms
    Column("numbers", BigInteger, nullable=False),
    PrimaryKeyConstraint("key_id", "day"),
)

STANDING = (standing_tokens, standing_asked)
