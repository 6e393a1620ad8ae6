"""The tables of screenings: who asked for which, what for and on what basis, how far each is; and when they come again. Books: kept nowhere else.

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
POOL_CHARS = 100  # of the name of a pool

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
    Column("pool", String(POOL_CHARS)),  # whose list this is; None: it has no name
    Column("schedule_id", WORD),  # None: somebody uploaded the list
    Column("previous_id", WORD),  # the one it is compared with
    Column("keep_until", BigInteger),  # when it is erased; None: as long as the settings say
    Index("uq_screenings_request", "request", unique=True),
    Index(None, "created_at", "id"),
    Index(None, "state", "created_at"),
    Index(None, "mail", "mail_next_at"),
    Index(None, "pool", "created_at"),
    Index(None, "keep_until"),
)

schedules = Table(
    "screening_schedules",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("pool", String(POOL_CHARS), nullable=False),
    Column("every", WORD, nullable=False),  # month or quarter
    Column("day", Integer, nullable=False),  # of the month, 1 to 31
    Column("hour", Integer, nullable=False),
    Column("minute", Integer, nullable=False),
    Column("zone", WORD, nullable=False),
    Column("keep_days", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("last_due_at", BigInteger),  # of the last run; None: there was none
    Column("last_screening_id", WORD),
    Column("problem", String(STATEMENT_CHARS)),  # why the last run did not take place; None: it did
    Index("uq_screening_schedules_pool_every", "pool", "every", unique=True),
    Index(None, "next_at"),
)

SCREENING = (screenings, schedules)
