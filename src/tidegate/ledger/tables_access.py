"""Tables of who may do what, of what was done, and of whose number or address is whose. All are books: kept nowhere else.

Times are ms since the epoch, by the wall clock. What is sealed opens with the key of the ring that `key_id` names.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from tidegate.ledger.tables import ID, WORD, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("name", String(200), nullable=False),  # whose it is: stands in the audit log
    Column("roles", JSON, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),  # SHA-256 of the token, which is 256 random bits
    Column("per_s", Float, nullable=False),  # requests a second; 0: as many as it likes
    Column("burst", Float, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", ID, nullable=False),
    Column("expires_at", BigInteger),  # None: until it is revoked
    Column("revoked_at", BigInteger),  # None: it is not
    Column("revoked_by", ID),
    Column("networks", JSON),  # from where it counts; None or empty: from anywhere
    Index("uq_api_keys_digest", "digest", unique=True),
)

audit = Table(
    "audit",  # append-only: each entry is hashed over the one before
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3: a gap is a removed entry
    Column("at", BigInteger, nullable=False),
    Column("actor", ID, nullable=False),
    Column("action", WORD, nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),  # SHA-256 of the details, which begin with a salt
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(32), nullable=False),  # HMAC of the hash by the audit key
    # not hashed, so that they can be erased: the commitment stays and gives nothing away
    Column("subject", LargeBinary(16)),  # blind index of the account concerned; None: none, or erased
    Column("key_id", Integer),  # None: erased
    Column("details", LargeBinary),  # sealed; None: erased
    CheckConstraint("seq > 0", name="counted"),
    Index(None, "subject"),
    Index(None, "at"),
)

identifiers = Table(
    "identifiers",  # numbers, IP and e-mail addresses of accounts: sealed, found by a keyed digest
    metadata,
    Column("kind", WORD, nullable=False),  # ip, number or email
    Column("digest", LargeBinary(16), nullable=False),
    Column("account_id", ID, nullable=False),
    Column("key_id", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("first_at", BigInteger, nullable=False),  # event times
    Column("last_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "digest", "account_id"),
    Index(None, "account_id"),
    Index(None, "key_id"),
)

ACCESS = (api_keys, audit, identifiers)
