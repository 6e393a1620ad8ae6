"""The same erasure with PostgreSQL for a ledger: no row of any table says anything any more."""

import sqlalchemy as sa
from tests.service.access.test_erasure import GONE, erase, live_through, policy, traces
from tests.service.routes.house import House

from tidegate.ledger.tables import metadata
from tidegate.service.access.audit_check import check_audit


def rows_with_traces(house):
    """Tables with rows that say something about the victim, as they stand in the database."""
    found = set()
    with house.service.custody.database.engine.connect() as connection:
        for table in metadata.sorted_tables:
            whole = sa.cast(sa.literal_column(f'"{table.name}"'), sa.Text)
            for row in connection.scalars(sa.select(whole).select_from(table)):
                found |= {str(table.name) for word in GONE if word in row}
    return found


def test_no_row_is_left(tmp_path, postgres, postgres_template):
    name = postgres.new_database(postgres_template)
    house = House(tmp_path / "data", policy, postgres.url(name))
    live_through(house)
    assert {"measures", "timeline", "announcements", "outbox", "deliveries"} <= rows_with_traces(house)
    erase(house, "victim-4711")
    assert rows_with_traces(house) == set()
    assert traces(house) == []
    assert check_audit(house.service.custody.audit).sound
    house.close()
    postgres.drop(name)
