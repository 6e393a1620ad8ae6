"""The tables. Times are event times in ms since the epoch; lists and objects are JSON; None means what its comment says.

Two kinds of table. The *read model* is fed from decisions in journal order and can be made anew from the journal at any
time. *Books* hold what is decided or kept nowhere else (revisions on their way, keys, audit, identifiers, deliveries):
making the read model anew leaves them alone.

reason for length: one schema, read as one.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from tidegate.ledger.veil import Concealed, ConcealedSubject

# constraints have names, so that a migration can change them on every database
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(256)  # ids of events, entities, measures; words of a platform are cut to it
WORD = String(64)


def _time(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


# read model ------------------------------------------------------------------------------------------------------
projection = Table(
    "projection",
    metadata,
    Column("name", WORD, primary_key=True),
    Column("position", BigInteger, nullable=False),  # the last journal position taken in
)

measures = Table(
    "measures",
    metadata,
    Column("id", ID, nullable=False),  # of measures from outside, one id may stand for several subjects
    Column("subject", WORD, nullable=False),  # account, device, ip or number: whom it is taken against
    Column("account_id", ID),  # of the event that opened it; None: it named no account
    Column("subject_id", Concealed()),  # None: the event named none
    Column("sanction", ID, nullable=False),
    Column("effect", WORD, nullable=False),  # deny, throttle, challenge or none
    Column("capability", JSON, nullable=False),
    Column("level", Integer, nullable=False),
    Column("cause", ID, nullable=False),
    Column("review", WORD, nullable=False),  # the queue that must confirm it; "": none
    _time("since", null=False),
    _time("until"),  # when it ends as things stand; None: permanent
    _time("planned_until"),  # when it was to end as opened; None: permanent
    _time("lifted_at"),  # None: it was not ended before its time
    _time("confirmed_at"),  # None: nobody has confirmed it
    Column("confirmed_by", ID),
    Column("opened_by", ID),  # None: a rule
    Column("event_id", ID),  # None: a timer
    Column("position", BigInteger, nullable=False),  # of its last change
    PrimaryKeyConstraint("id", "subject"),
    Index(None, "account_id", "since"),
    Index(None, "subject", "subject_id"),
    Index(None, "since", "id"),
    Index(None, "until"),
)

measure_changes = Table(
    "measure_changes",
    metadata,
    Column("position", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("measure_id", ID, nullable=False),
    Column("account_id", ID),
    Column("change", WORD, nullable=False),  # opened, lifted, shortened, prolonged or confirmed
    _time("ts", null=False),
    _time("until"),  # its end after the change; None: permanent
    Column("reason", Text, nullable=False),
    Column("actor", ID),  # None: the policy
    Column("event_id", ID),
    PrimaryKeyConstraint("position", "ordinal"),
    Index(None, "measure_id"),
)

cases = Table(
    "cases",
    metadata,
    Column("id", ID, primary_key=True),
    Column("queue", WORD, nullable=False),
    Column("account_id", ID),
    Column("cause", ID, nullable=False),
    Column("priority", Integer, nullable=False),  # greater is sooner
    Column("state", WORD, nullable=False),  # open, taken or decided
    _time("opened_at", null=False),
    _time("due", null=False),
    Column("taken_by", ID),
    _time("taken_at"),
    Column("decision", WORD),
    Column("reason", Text),
    Column("decided_by", ID),
    _time("decided_at"),
    Column("event_id", ID),  # that opened it; None: a timer
    Column("position", BigInteger, nullable=False),
    Index(None, "state", "queue", "due", "id"),
    Index(None, "account_id"),
)

appeals = Table(
    "appeals",
    metadata,
    Column("id", ID, primary_key=True),
    Column("measure_id", ID),  # None: the event named none
    Column("account_id", ID),
    Column("state", WORD, nullable=False),  # open, granted or refused
    _time("filed_at", null=False),
    _time("due", null=False),
    Column("compliant_share", Float),  # None: not stated
    Column("claimed_rate", Float),  # None: not stated
    Column("statement", Text, nullable=False),
    Column("filed_by", ID),  # None: the platform
    Column("reason", Text),
    Column("decided_by", ID),
    _time("decided_at"),
    Column("reversed_by", ID),  # who turned a refusal round; None: nobody
    _time("reversed_at"),
    Column("position", BigInteger, nullable=False),
    Index(None, "state", "due", "id"),
    Index(None, "account_id"),
    Index(None, "measure_id"),
)

labels = Table(
    "labels",
    metadata,
    Column("subject", WORD, nullable=False),
    Column("subject_id", Concealed(), nullable=False),
    Column("name", WORD, nullable=False),
    Column("cause", ID, nullable=False),  # the rule that set it
    _time("since", null=False),  # first set
    _time("renewed_at", null=False),  # last set
    _time("until"),  # None: until somebody takes it off
    _time("taken_off_at"),  # None: nobody has
    Column("event_id", ID),
    Column("position", BigInteger, nullable=False),
    PrimaryKeyConstraint("subject", "subject_id", "name", "cause"),
    Index(None, "subject_id"),
    Index(None, "name", "renewed_at"),
)

findings = Table(
    "findings",  # what people found to be so, for measuring rules by: labels in the sense of learning
    metadata,
    Column("position", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("account_id", ID),
    Column("measure_id", ID),  # None: a case was decided that no measure belongs to
    Column("cause", ID, nullable=False),  # the rule that was right or wrong
    Column("right", Boolean, nullable=False),
    Column("source", WORD, nullable=False),  # appeal or review
    Column("source_id", ID, nullable=False),
    Column("actor", ID),
    Column("reason", Text, nullable=False),
    _time("ts", null=False),
    PrimaryKeyConstraint("position", "ordinal"),
    Index(None, "cause", "ts"),
    Index(None, "account_id"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("account_id", ID, nullable=False),
    Column("key", String(80), nullable=False),  # the same for what repeats within an hour
    _time("ts", null=False),  # of the first
    _time("last_at", null=False),
    Column("times", BigInteger, nullable=False),
    Column("type", WORD, nullable=False),
    Column("event_id", ID),  # of the first; None: a timer
    Column("verdict", WORD, nullable=False),
    Column("score", Float, nullable=False),  # at the first
    Column("entry", JSON, nullable=False),  # what fired, what was opened, changed and decided, at the first
    PrimaryKeyConstraint("account_id", "key"),
    Index(None, "account_id", "ts", "key"),
)

rule_days = Table(
    "rule_days",
    metadata,
    Column("rule", ID, nullable=False),
    _time("day", null=False),  # midnight UTC
    Column("fired", BigInteger, nullable=False),
    Column("shadow", BigInteger, nullable=False),
    _time("last_at", null=False),
    PrimaryKeyConstraint("rule", "day"),
)

outbox = Table(
    "outbox",  # measures opened, changed and lifted, for enforcement; (position, ordinal) is its cursor
    metadata,
    Column("position", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("measure_id", ID, nullable=False),
    Column("account_id", ID),
    Column("kind", WORD, nullable=False),  # opened, changed or lifted
    _time("ts", null=False),
    Column("data", ConcealedSubject(), nullable=False),
    PrimaryKeyConstraint("position", "ordinal"),
)

# books -----------------------------------------------------------------------------------------------------------
revisions = Table(
    "revisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("state", WORD, nullable=False),  # proposed, approved, active, withdrawn or refused
    Column("figures", JSON, nullable=False),  # name -> value
    Column("states", JSON, nullable=False),  # rule -> state
    Column("reason", Text, nullable=False),
    Column("proposed_by", ID, nullable=False),
    _time("proposed_at", null=False),
    Column("base", String(80), nullable=False),  # digest of the figures it was proposed upon
    Column("preview", JSON),  # None: not previewed
    Column("decided_by", ID),
    _time("decided_at"),
    Column("decided_reason", Text),
    _time("active_from"),  # event time; None: not decided
    Column("position", BigInteger),  # of its journal entry; None: not active
    Index(None, "state", "proposed_at"),
)

READ_MODEL = (
    projection, measures, measure_changes, cases, appeals, labels, findings, timeline, rule_days, outbox,
)  # fmt: skip
