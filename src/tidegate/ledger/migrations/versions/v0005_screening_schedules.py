"""Schedules of screenings; which pool a screening is of, which one before it is compared with, and how long it is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, add the columns."""
    op.add_column("screenings", sa.Column("pool", sa.String(length=100), nullable=True))
    op.add_column("screenings", sa.Column("schedule_id", sa.String(length=64), nullable=True))
    op.add_column("screenings", sa.Column("previous_id", sa.String(length=64), nullable=True))
    op.add_column("screenings", sa.Column("keep_until", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_screenings_pool_created_at"), "screenings", ["pool", "created_at"])
    op.create_index(op.f("ix_screenings_keep_until"), "screenings", ["keep_until"])
    op.create_table(
        "screening_schedules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.Column("pool", sa.String(length=100), nullable=False),
        sa.Column("every", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("last_due_at", sa.BigInteger(), nullable=True),
        sa.Column("last_screening_id", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.String(length=1000), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_schedules")),
    )
    op.create_index(
        "uq_screening_schedules_pool_every", "screening_schedules", ["pool", "every"], unique=True
    )
    op.create_index(op.f("ix_screening_schedules_next_at"), "screening_schedules", ["next_at"])
