"""The tokens of a ledger, on both databases: whose they are, what is against them, how many were asked about."""

import pytest
import sqlalchemy as sa

from tidegate.ledger import standing
from tidegate.ledger.database import Database
from tidegate.ledger.tables import appeals, measures

AT = 1_772_443_800_000
TOKENS = [bytes([i]) + bytes(15) for i in (0x10, 0x1F, 0x20, 0xFF)]
FIRST, LAST = bytes(16), b"\xff" * 16


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def note(database, held, position=1):
    with database.writing() as connection:
        return standing.note(connection, held, position)


def holders(database, first=FIRST, last=LAST, at=AT):
    with database.reading() as connection:
        return {one.token: one.measures for one in standing.holders(connection, first, last, at)}


def measure(database, account, id_, subject="account", **values):
    row = {
        "id": id_, "subject": subject, "account_id": account, "subject_id": account, "sanction": "ban", "effect": "deny",
        "capability": ["all"], "level": 4, "cause": "msg.x", "review": "", "since": AT - 5, "until": None, "planned_until": None,
        "position": 1,
    } | values  # fmt: skip
    with database.writing() as connection:
        connection.execute(sa.insert(measures).values(row))


def test_the_account_that_was_named_last_has_the_number(database):
    token = TOKENS[0]
    assert note(database, [(token, "a1", AT)]) == 1
    assert note(database, [(token, "a2", AT + 1), (TOKENS[1], "a3", AT)]) == 1
    assert note(database, [(token, "a1", AT)]) == 0, "an older event, told late"
    measure(database, "a1", "m1")
    measure(database, "a2", "m2")
    assert {t: [m["id"] for m in found] for t, found in holders(database).items()} == {
        token: ["m2"],
        TOKENS[1]: [],
    }


def test_a_range_has_its_own_tokens_and_no_others(database):
    note(database, [(token, f"a{i}", AT) for i, token in enumerate(TOKENS)])
    assert list(holders(database, bytes([0x10]) + bytes(15), bytes([0x1F]) + b"\xff" * 15)) == TOKENS[:2]
    assert list(holders(database)) == TOKENS


def test_measures_against_account_and_number_count_and_others_do_not(database):
    note(database, [(TOKENS[0], "a1", AT)])
    for subject in ("account", "number", "device", "ip"):
        measure(database, "a1", f"m-{subject}", subject)
    measure(database, "a2", "m-other")
    measure(database, "a1", "m-later", since=AT + 1)
    assert [m["id"] for m in holders(database)[TOKENS[0]]] == ["m-account", "m-number"]


@pytest.mark.parametrize("state", ["open", "granted", "refused"])
def test_only_an_appeal_that_was_granted_undoes_a_measure(database, state):
    note(database, [(TOKENS[0], "a1", AT)])
    measure(database, "a1", "m1")
    appeal = {
        "id": "p1",
        "measure_id": "m1",
        "account_id": "a1",
        "state": state,
        "filed_at": AT,
        "due": AT,
        "statement": "",
        "position": 2,
    }
    with database.writing() as connection:
        connection.execute(sa.insert(appeals).values(appeal))
    (found,) = holders(database)[TOKENS[0]]
    assert bool(found["appealed"]) is (state == "granted")


def test_where_the_index_ends_is_noted_with_it(database):
    with database.reading() as connection:
        assert standing.position_of(connection) == 0
    note(database, [], 7)
    with database.reading() as connection:
        assert (standing.position_of(connection), standing.count(connection)) == (7, 0)


def test_a_key_asks_about_so_many_numbers_a_day(database):
    def ask(key, day, numbers):
        with database.writing() as connection:
            return standing.ask(connection, key, day, numbers, 100)

    assert ask("k1", 0, 60)
    assert not ask("k1", 0, 41)
    assert ask("k1", 0, 40)
    assert not ask("k1", 0, 1)
    assert ask("k2", 0, 100)
    assert ask("k1", 86_400_000, 1)
    assert not ask("k3", 0, 101)
    with database.reading() as connection:
        assert [standing.asked(connection, key, 0) for key in ("k1", "k2", "k3")] == [100, 100, 0]
