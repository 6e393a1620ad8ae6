"""The tables: made by migrations, the same on both databases as the code says, and back again."""

import stat

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from tidegate.errors import FileError
from tidegate.ledger.database import Database
from tidegate.ledger.migrating import migrate
from tidegate.ledger.tables import metadata


@pytest.fixture
def database(empty_database_url):
    database = Database(empty_database_url)
    yield database
    database.close()


def test_migrations_give_the_tables_that_the_code_names(database):
    migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        inspector = sa.inspect(connection)
        for table in metadata.tables.values():
            checks = {str(c.name) for c in table.constraints if isinstance(c, sa.CheckConstraint)}
            assert {c["name"] for c in inspector.get_check_constraints(table.name)} == checks
            assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [
                c.name for c in table.primary_key
            ]


def test_migrating_twice_changes_nothing(database):
    migrate(database)
    migrate(database)
    with database.reading() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_tables_of_a_newer_version_are_left_alone(database):
    migrate(database)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(FileError, match="newer version of Tidegate"):
        migrate(database)


def test_a_migration_that_fails_leaves_nothing_behind(database, monkeypatch):
    from tidegate.ledger import migrating

    def fails(config, to):
        migrating_upgrade(config, to)
        raise RuntimeError("in the middle")

    migrating_upgrade = migrating.command.upgrade
    monkeypatch.setattr(migrating.command, "upgrade", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        migrate(database)
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_the_file_belongs_to_its_owner_alone(tmp_path):
    database = Database(tmp_path / "ledger.sqlite")
    migrate(database)
    database.close()
    assert stat.S_IMODE((tmp_path / "ledger.sqlite").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://localhost/x", "`mysql` is not supported"),
        ("nonsense", "it is no URL"),
        ("postgresql://nobody:secret@/x?host=/nonexistent", "cannot open the database"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url, says):
    with pytest.raises(FileError) as caught:
        migrate(Database(url))
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_damaged_file_is_no_matter_of_how_its_address_is_written(tmp_path):
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(b"no database, " * 100)
    with pytest.raises(FileError, match="file is not a database") as caught:
        migrate(Database(file))
    assert "restored from a backup" in str(caught.value.hint)
