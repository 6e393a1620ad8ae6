"""A ledger on every kind of database, and what happens for it to take in."""

import pytest
from tests.ledger.worlds import World

from tidegate.ledger import Ledger


@pytest.fixture
def ledger(database_url):
    ledger = Ledger.open(database_url)
    yield ledger
    ledger.close()


@pytest.fixture
def world():
    return World()
