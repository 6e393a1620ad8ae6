"""Tables of what is told to other systems: announcements in the order of their number, and who still has to hear them.

Times are ms since the epoch, by the wall clock where nothing else is said. All are books: numbers given out stay.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from tidegate.ledger.tables import ID, WORD, metadata
from tidegate.ledger.veil import ConcealedSubject

announcements = Table(
    "announcements",  # measures opened, changed, lifted and ended; `seq` is the cursor of those who pull
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("measure_id", ID, nullable=False),
    Column("account_id", ID),  # None: the measure is taken against no account
    Column("kind", WORD, nullable=False),  # opened, changed, lifted or ended
    Column("ts", BigInteger, nullable=False),  # event time
    Column("data", ConcealedSubject(), nullable=False),
    Column(
        "position", BigInteger, nullable=False
    ),  # where in the outbox it comes from; an end by time: its time
    Column("ordinal", Integer, nullable=False),  # an end by time: -1
    UniqueConstraint("measure_id", "position", "ordinal"),
    Index(None, "account_id"),
    sqlite_autoincrement=True,  # a number is never given out twice, also after an erasure
)

announced = Table(
    "announced",  # how far the outbox has been read; one row
    metadata,
    Column("name", WORD, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column(
        "newest_ts", BigInteger, nullable=False
    ),  # the newest event time known, and when that was by the wall clock
    Column("newest_at", BigInteger, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("url", Text, nullable=False),
    Column("kinds", JSON, nullable=False),  # of announcements; []: all
    Column("key_id", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column(
        "former_key_id", Integer
    ),  # the secret before the last rotation signs as well until then; None: none does
    Column("former_secret", LargeBinary),
    Column("former_until", BigInteger),
    Column("enabled", Boolean, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", ID, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook_id", WORD, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("account_id", ID),  # its deliveries go out one after the other
    Column("state", WORD, nullable=False),  # waiting, sent or dead
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("status", Integer),  # HTTP status of the last attempt; None: there was no answer
    Column("error", Text),
    Column("ended_at", BigInteger),  # sent or given up
    PrimaryKeyConstraint("webhook_id", "seq"),
    Index(None, "state", "next_at"),
    Index(None, "webhook_id", "account_id", "state", "seq"),
    Index(None, "account_id"),
)

ENFORCEMENT = (announcements, announced, webhooks, deliveries)
