"""One house per file of tests and kind of database; tests keep apart by the accounts they use."""

import pytest
from tests.ledger.worlds import policy
from tests.service.routes.house import House


@pytest.fixture(scope="module")
def house(request, tmp_path_factory):
    """A house on SQLite; tests that ask for `postgresql` have one on PostgreSQL (the lists themselves are tested on both)."""
    folder = tmp_path_factory.mktemp("house") / "data"
    if getattr(request, "param", "sqlite") == "sqlite":
        house = House(folder, policy)
        yield house
        house.close()
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.new_database(request.getfixturevalue("postgres_template"))
    house = House(folder, policy, postgres.url(name))
    yield house
    house.close()
    postgres.drop(name)
