"""Run by Alembic: migrates over the connection it is handed, in the transaction that is already open."""

from alembic import context

from tidegate.ledger import (
    tables_access,
    tables_enforcement,
    tables_fallbacks,
    tables_screening,
    tables_standing,
)
from tidegate.ledger.tables import metadata

_BOOKS = (
    *tables_access.ACCESS,
    *tables_enforcement.ENFORCEMENT,
    *tables_screening.SCREENING,
    *tables_standing.STANDING,
    *tables_fallbacks.FALLBACKS,
)
assert all(table.metadata is metadata for table in _BOOKS)

if hasattr(context, "config"):  # run by Alembic, not just imported
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,  # SQLite changes a column by copying the table
        transaction_per_migration=False,
    )
    context.run_migrations()
