"""A data folder with keys, an audit log and a book of API keys, over each kind of database."""

import pytest

from tidegate.ledger.database import Database
from tidegate.service.access.access import Access
from tidegate.service.access.api_keys import ApiKeys
from tidegate.service.access.audit import Audit
from tidegate.service.access.key_ring import KeyRing

START = 1_770_000_000_000


class Clock:
    """A wall clock that is moved by hand, in ms."""

    def __init__(self):
        self.ms = START

    def now(self):
        return self.ms

    def steady(self):
        return self.ms / 1000


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def ring(tmp_path):
    return KeyRing.open(tmp_path / "data", START)


@pytest.fixture
def log(database, ring, tmp_path, clock):
    return Audit(database, ring, tmp_path / "data", clock.now)


@pytest.fixture
def keys(database, log, clock):
    return ApiKeys(database, log, clock.now)


@pytest.fixture
def access(keys, clock):
    return Access(keys, clock.now, clock.steady)
