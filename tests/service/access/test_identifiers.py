"""Identifiers of people: nowhere in plain text in the database, found by what they are, sealed again after a rotation."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from tidegate.ledger.tables_access import identifiers
from tidegate.service.access.identifiers import Identifiers


@pytest.fixture
def book(database, ring):
    return Identifiers(database, ring)


def note(book, database, *records):
    with database.writing() as connection:
        book.note(connection, [SimpleNamespace(**record) for record in records])


def seen(ts, account="a1", ip="203.0.113.7", **more):
    return {"ts": ts, "account_id": account, "ip": ip} | more


def test_it_is_found_by_account_and_by_value(book, database):
    note(
        book,
        database,
        seen(5),
        seen(9, number="+491512345678"),
        seen(7, "b2", extra={"email": "b@example.org"}),
    )
    assert [(i.account_id, i.first_at, i.last_at) for i in book.find("ip", "203.0.113.7")] == [
        ("a1", 5, 9),
        ("b2", 7, 7),
    ]
    assert [(i.kind, i.value) for i in book.of_account("b2")] == [
        ("email", "b@example.org"),
        ("ip", "203.0.113.7"),
    ]
    assert [i.account_id for i in book.find("number", "0049 151 2345678")] == ["a1"]
    assert book.find("number", "203.0.113.7") == []


def test_noting_it_again_changes_times_only(book, database):
    note(book, database, seen(5), seen(9))
    note(book, database, seen(7))
    note(book, database, seen(3), seen(12))
    (one,) = book.of_account("a1")
    assert (one.first_at, one.last_at) == (3, 12)


@pytest.mark.parametrize(
    "record", [{"ts": 1, "account_id": None, "ip": "1.2.3.4"}, {"ts": 1}, seen(1, ip=None), seen(1, ip="")]
)
def test_what_is_not_known_is_not_noted(book, database, record):
    note(book, database, record)
    with database.reading() as connection:
        assert connection.execute(sa.select(identifiers)).all() == []


def test_nothing_stands_there_in_plain_text(book, database, ring):
    note(book, database, seen(5, number="+491512345678", extra={"email": "a@example.org"}))
    with database.reading() as connection:
        for row in connection.execute(sa.select(identifiers)):
            text = b" ".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
            assert not any(word in text for word in (b"203.0.113.7", b"1512345678", b"example.org"))


def test_it_does_not_open_as_another_account_s(book, database):
    note(book, database, seen(5), seen(5, "b2", ip="198.51.100.1"))
    with database.writing() as connection:
        sealed = connection.execute(
            sa.select(identifiers.c.sealed).where(identifiers.c.account_id == "a1")
        ).scalar()
        connection.execute(
            sa.update(identifiers).where(identifiers.c.account_id == "b2").values(sealed=sealed)
        )
    with pytest.raises(Exception, match="does not open"):
        book.of_account("b2")


def test_a_rotation_seals_all_of_it_again(book, database, ring, clock):
    note(book, database, *(seen(n, f"a{n}") for n in range(30)))
    ring.rotate(clock.ms)
    assert book.reseal() == 30
    ring.retire(1)
    assert len(book.find("ip", "203.0.113.7")) == 30
    assert book.reseal() == 0
