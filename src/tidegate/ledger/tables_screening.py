"""The table of screenings: who asked for which, what for and on what basis, how far each is. A book: kept nowhere else.

Times are ms since the epoch, by the wall clock. What tells of people (summary, files, reasons, who is to be told) and the key of
the screening's files are sealed together; it opens with the key of the ring that `key_id` names.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from tidegate.ledger.tables import ID, WORD, metadata

STATEMENT_CHARS = 1000  # of a purpose, of a basis

screenings = Table(
    "screenings",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("request", WORD),  # digest of the caller's Idempotency-Key; None: there was none
    Column("purpose", String(STATEMENT_CHARS), nullable=False),
    Column("basis", String(STATEMENT_CHARS), nullable=False),
    Column("terms", JSON, nullable=False),  # what to check, and how to read the list
    Column("position", BigInteger, nullable=False),  # of the last event that counts as evidence
    Column("state", WORD, nullable=False),  # queued, running, done, failed, cancelled or erased
    Column("step", WORD),  # the one under way; None: none was begun
    Column("stage", String(200)),  # what is done in it, in words
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),  # None: not known
    Column("attempts", Integer, nullable=False),  # at the step under way
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("mail", WORD),  # pending, sent or failed; None: nobody is to be told
    Column("mail_attempts", Integer, nullable=False),
    Column("mail_next_at", BigInteger),  # None: not due, or over
    Column("key_id", Integer),  # None: erased
    Column("sealed", LargeBinary),  # None: erased
    Index("uq_screenings_request", "request", unique=True),
    Index(None, "created_at", "id"),
    Index(None, "state", "created_at"),
    Index(None, "mail", "mail_next_at"),
)

SCREENING = (screenings,)
