"""The first tables.

reason for length: written by Alembic from the tables, once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("measure_id", sa.String(length=256), nullable=True),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("compliant_share", sa.Float(), nullable=True),
        sa.Column("claimed_rate", sa.Float(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=256), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("reversed_by", sa.String(length=256), nullable=True),
        sa.Column("reversed_at", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_account_id"), "appeals", ["account_id"], unique=False)
    op.create_index(op.f("ix_appeals_measure_id"), "appeals", ["measure_id"], unique=False)
    op.create_index(op.f("ix_appeals_state_due_id"), "appeals", ["state", "due", "id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("cause", sa.String(length=256), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.String(length=256), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=256), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.String(length=256), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_account_id"), "cases", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_cases_state_queue_due_id"), "cases", ["state", "queue", "due", "id"], unique=False
    )
    op.create_table(
        "findings",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("measure_id", sa.String(length=256), nullable=True),
        sa.Column("cause", sa.String(length=256), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=256), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", "ordinal", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_account_id"), "findings", ["account_id"], unique=False)
    op.create_index(op.f("ix_findings_cause_ts"), "findings", ["cause", "ts"], unique=False)
    op.create_table(
        "labels",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.String(length=512), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(length=256), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("taken_off_at", sa.BigInteger(), nullable=True),
        sa.Column("event_id", sa.String(length=256), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "subject_id", "name", "cause", name=op.f("pk_labels")),
    )
    op.create_index(op.f("ix_labels_name_renewed_at"), "labels", ["name", "renewed_at"], unique=False)
    op.create_index(op.f("ix_labels_subject_id"), "labels", ["subject_id"], unique=False)
    op.create_table(
        "measure_changes",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.String(length=256), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=True),
        sa.Column("event_id", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("position", "ordinal", name=op.f("pk_measure_changes")),
    )
    op.create_index(op.f("ix_measure_changes_measure_id"), "measure_changes", ["measure_id"], unique=False)
    op.create_table(
        "measures",
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("subject_id", sa.String(length=512), nullable=True),
        sa.Column("sanction", sa.String(length=256), nullable=False),
        sa.Column("effect", sa.String(length=64), nullable=False),
        sa.Column("capability", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=256), nullable=False),
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("planned_until", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=256), nullable=True),
        sa.Column("opened_by", sa.String(length=256), nullable=True),
        sa.Column("event_id", sa.String(length=256), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "subject", name=op.f("pk_measures")),
    )
    op.create_index(op.f("ix_measures_account_id_since"), "measures", ["account_id", "since"], unique=False)
    op.create_index(op.f("ix_measures_since_id"), "measures", ["since", "id"], unique=False)
    op.create_index(
        op.f("ix_measures_subject_subject_id"), "measures", ["subject", "subject_id"], unique=False
    )
    op.create_index(op.f("ix_measures_until"), "measures", ["until"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.String(length=256), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("ts", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("position", "ordinal", name=op.f("pk_outbox")),
    )
    op.create_table(
        "projection",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_projection")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=256), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.String(length=80), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=True),
        sa.Column("decided_by", sa.String(length=256), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.Column("active_from", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index(
        op.f("ix_revisions_state_proposed_at"), "revisions", ["state", "proposed_at"], unique=False
    )
    op.create_table(
        "rule_days",
        sa.Column("rule", sa.String(length=256), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("fired", sa.BigInteger(), nullable=False),
        sa.Column("shadow", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "day", name=op.f("pk_rule_days")),
    )
    op.create_table(
        "timeline",
        sa.Column("account_id", sa.String(length=256), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("ts", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(length=256), nullable=True),
        sa.Column("verdict", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_timeline")),
    )
    op.create_index(
        op.f("ix_timeline_account_id_ts_key"), "timeline", ["account_id", "ts", "key"], unique=False
    )
