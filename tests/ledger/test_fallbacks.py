"""Fallbacks on every kind of database: numbers go up, none comes twice, the oldest go."""

from tidegate.ledger import fallbacks


def noted(ledger, first, count):
    with ledger.writing() as connection:
        fallbacks.note(connection, [(f"e{n}", "allow", "deny") for n in range(first, first + count)])


def read(ledger, after=0, limit=100):
    with ledger.reading() as connection:
        return [(row["number"], row["event_id"]) for row in fallbacks.listed(connection, after, limit)]


def test_what_was_noted_is_listed_behind_a_number_in_order(ledger):
    assert read(ledger) == []
    noted(ledger, 1, 3)
    noted(ledger, 4, 2)
    assert read(ledger) == [(n, f"e{n}") for n in range(1, 6)]
    assert read(ledger, after=2, limit=2) == [(3, "e3"), (4, "e4")]
    with ledger.reading() as connection:
        (row,) = fallbacks.listed(connection, 4, 10)
    assert row == {"number": 5, "event_id": "e5", "answered": "allow", "decided": "deny"}


def test_the_oldest_go_and_their_numbers_do_not_come_again(ledger, monkeypatch):
    monkeypatch.setattr(fallbacks, "KEPT", 3)
    noted(ledger, 1, 2)
    noted(ledger, 3, 2)
    assert [number for number, _ in read(ledger)] == [2, 3, 4]
    noted(ledger, 5, 9)  # more at once than are kept
    found = read(ledger)
    assert [event for _, event in found] == ["e11", "e12", "e13"]
    assert found[0][0] > 4
