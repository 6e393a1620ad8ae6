"""For all tests: databases, as every test of storage runs on SQLite and on a real PostgreSQL; Hypothesis without a clock."""

import pytest
from hypothesis import HealthCheck, settings

# how long an example takes says how busy the machine is, not whether it is right
settings.register_profile(
    "unhurried", parent=settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def postgres():
    """A server for all tests of this process, started when the first of them asks."""
    from tests.postgres import Postgres

    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """A database that has the tables already: copying it is faster than migrating."""
    from tidegate.ledger.database import Database
    from tidegate.ledger.migrating import migrate

    name = postgres.new_database()
    database = Database(postgres.url(name))
    migrate(database)
    database.close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    from tidegate.ledger.database import Database
    from tidegate.ledger.migrating import migrate

    file = tmp_path_factory.mktemp("template") / "ledger.sqlite"
    database = Database(file)
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request, tmp_path):
    """URL of a database without tables; the test runs once per kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def postgres_shared(postgres, postgres_template):
    """A database that tests have one after the other: emptying it is faster than making a new one."""
    name = postgres.new_database(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """URL of a database whose tables are there and empty; the test runs once per kind."""
    if request.param == "sqlite":
        import shutil

        file = tmp_path / "ledger.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    url = request.getfixturevalue("postgres_shared")
    _empty(url)
    return url


def _empty(url):
    import psycopg

    from tidegate.ledger.tables import metadata

    with psycopg.connect(url) as connection:
        filled = [
            name
            for name in metadata.tables
            if connection.execute(f"SELECT EXISTS (SELECT FROM {name})").fetchone()[0]  # noqa: S608  our own names
        ]
        if filled:
            connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")
