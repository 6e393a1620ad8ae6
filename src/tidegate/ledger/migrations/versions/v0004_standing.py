"""Tables of the standing API: tokens of numbers, and what was asked by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "standing_tokens",
        sa.Column("token", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=256), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_standing_tokens")),
    )
    op.create_index(op.f("ix_standing_tokens_account_id"), "standing_tokens", ["account_id"])
    op.create_table(
        "standing_asked",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("numbers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name=op.f("pk_standing_asked")),
    )
