"""Table of the screenings of pools of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "screenings",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=1000), nullable=False),
        sa.Column("basis", sa.String(length=1000), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=True),
        sa.Column("stage", sa.String(length=200), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("mail", sa.String(length=64), nullable=True),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        sa.Column("mail_next_at", sa.BigInteger(), nullable=True),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
    )
    op.create_index("uq_screenings_request", "screenings", ["request"], unique=True)
    op.create_index(op.f("ix_screenings_created_at_id"), "screenings", ["created_at", "id"])
    op.create_index(op.f("ix_screenings_state_created_at"), "screenings", ["state", "created_at"])
    op.create_index(op.f("ix_screenings_mail_mail_next_at"), "screenings", ["mail", "mail_next_at"])
