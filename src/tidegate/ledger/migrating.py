"""Bringing the tables of a database to the form this version works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tidegate.errors import FileError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tidegate.ledger.database import Database

LOCATION = "tidegate.ledger:migrations"


def migrate(database: Database, to: str = "head") -> None:
    """Bring the tables to a revision, all steps or none; raise FileError where they are of a newer version than this one."""
    with database.migrating() as connection:
        config = _config(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if current is not None and current not in known:
            raise FileError(
                f"the database is of a newer version of Tidegate (its tables have revision `{current}`)",
                hint="start the version that wrote it, or restore a backup made before it was upgraded",
            )
        command.upgrade(config, to)


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", LOCATION)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
