"""Migrations of the tables (Alembic), run when a ledger is opened."""
