"""A database that is gone or has no room, a journal without room: 503 with the time to wait, and no mistake of the server."""

import pytest
import sqlalchemy as sa

from tidegate.errors import JournalError, JournalFull
from tidegate.ledger.database import Database
from tidegate.service.problem import of_error


def full(*_arguments, **_named):
    raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/sanctions", {"account_id": "crowded", "sanction": "slow", "reason": "r"}),
        ("POST", "/v1/keys", {"name": "n", "roles": ["read"]}),
        ("POST", "/v1/webhooks", {"url": "https://93.184.215.14/hook"}),
    ],
)
def test_a_change_that_the_books_have_no_room_for_is_refused_for_now(
    house, monkeypatch, caplog, method, path, body
):
    monkeypatch.setattr(Database, "writing", full)
    answer = house.run(
        house.client.request(
            method, path, headers={"authorization": f"Bearer {house.keys['root']}"}, json=body
        )
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json()["type"] == "/problems/no-books"
    assert "disk is full" not in answer.text
    assert "the books cannot be read or written" in caplog.text
    monkeypatch.undo()
    assert house.get("/v1/accounts/crowded")["sanctions"] == []


@pytest.mark.parametrize(
    "error", [JournalFull("no room is left", hint="free some space"), JournalError("damaged")]
)
def test_a_journal_that_fails_is_no_mistake_of_whoever_asks(error):
    problem = of_error(error)
    assert (problem.status, problem.kind, problem.retry_after_s) == (503, "not-durable", 10)
