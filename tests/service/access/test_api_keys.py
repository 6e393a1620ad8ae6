"""API keys: what each role may do, how a key ends, how often it may ask, and that no token is stored."""

import pytest
import sqlalchemy as sa

from tidegate.errors import UsageError
from tidegate.ledger.tables_access import api_keys
from tidegate.service.access.access import REREAD_S, STALE_S
from tidegate.service.access.grant import ROLES, Refused

MAY = {
    "ingest": {"ingest"},
    "read": {"read"},
    "analyst": {"analyst", "read"},
    "admin": {"ingest", "read", "analyst", "admin", "standing"},
    "standing": {"standing"},
}


def bearer(token):
    return f"Bearer {token}"


def status(access, authorization, role="read"):
    with pytest.raises(Refused) as refused:
        access.admit(authorization, role)
    return refused.value.status


@pytest.mark.parametrize("own", ROLES)
def test_a_key_may_do_what_its_role_may(access, keys, own):
    _, token = keys.create("console", (own,), actor="test")
    for asked in ROLES:
        if asked in MAY[own]:
            assert access.admit(bearer(token), asked).name == "console"
        else:
            assert status(access, bearer(token), asked) == 403


def test_a_key_of_two_roles_may_do_both(access, keys):
    _, token = keys.create("bridge", ("ingest", "read"), actor="test")
    access.admit(bearer(token), "ingest")
    access.admit(bearer(token), "read")
    assert status(access, bearer(token), "analyst") == 403


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer tg_short",
        "Bearer tg_" + "a" * 43,
        "Basic dG86bWU=",
        "Bearer tg_" + "a" * 43 + "\n",
        "Bearer " + "x" * 100_000,
        "Bearer tg_" + "ä" * 43,
    ],
)
def test_without_a_key_nothing_is_allowed(access, keys, authorization):
    keys.create("other", ("admin",), actor="test")
    assert status(access, authorization) == 401


def test_a_token_is_not_stored(database, keys):
    _, token = keys.create("console", ("read",), actor="test")
    with database.reading() as connection:
        row = connection.execute(sa.select(api_keys)).one()
    assert token not in str(row)
    assert token[3:].encode() not in bytes(row.digest)
    assert len(bytes(row.digest)) == 32


def test_a_revoked_key_stops_working_within_the_time_said(access, keys, clock):
    key, token = keys.create("console", ("read",), actor="test")
    access.admit(bearer(token), "read")
    keys.revoke(key.id, actor="somebody", reason="lost")
    clock.ms += int(REREAD_S * 1000)
    assert status(access, bearer(token)) == 401
    assert keys.all()[0].state(clock.ms) == "revoked"


def test_a_key_revoked_here_stops_at_once(access, keys):
    key, token = keys.create("console", ("read",), actor="test")
    access.admit(bearer(token), "read")
    keys.revoke(key.id, actor="somebody")
    access.forget_cache()
    assert status(access, bearer(token)) == 401


def test_a_key_revoked_while_the_book_is_read_stops_at_once(access, keys, monkeypatch):
    """The book is read for one request while another one, on a thread, changes it."""
    key, token = keys.create("console", ("read",), actor="test")

    def slowly():
        monkeypatch.undo()
        found = keys.with_digests()
        keys.revoke(key.id, actor="somebody")
        access.forget_cache()
        return found

    monkeypatch.setattr(keys, "with_digests", slowly)
    access.admit(bearer(token), "read")
    assert status(access, bearer(token)) == 401


def test_an_expired_key_stops_at_its_time_not_when_the_book_is_read(access, keys, clock):
    _, token = keys.create("console", ("read",), actor="test", expires_at=clock.ms + 1000)
    clock.ms += 999
    access.admit(bearer(token), "read")
    clock.ms += 1
    assert status(access, bearer(token)) == 401


def test_who_asks_too_often_is_told_when_to_come_back(access, keys, clock):
    _, token = keys.create("console", ("read",), actor="test", per_s=0.25, burst=2)
    access.admit(bearer(token), "read")
    access.admit(bearer(token), "read")
    with pytest.raises(Refused) as refused:
        access.admit(bearer(token), "read")
    assert (refused.value.status, refused.value.headers()) == (429, {"Retry-After": "4"})
    clock.ms += 3999
    assert status(access, bearer(token)) == 429
    clock.ms += 1
    access.admit(bearer(token), "read")


def test_refusals_for_the_wrong_role_cost_nothing(access, keys):
    _, token = keys.create("console", ("read",), actor="test", per_s=1, burst=1)
    for _ in range(5):
        assert status(access, bearer(token), "admin") == 403
    access.admit(bearer(token), "read")


def test_a_book_that_cannot_be_read_counts_for_a_while(access, keys, clock, monkeypatch):
    _, token = keys.create("console", ("read",), actor="test")
    access.admit(bearer(token), "read")

    def broken():
        raise sa.exc.OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(keys, "with_digests", broken)
    clock.ms += int(REREAD_S * 1000) + 1
    access.admit(bearer(token), "read")
    clock.ms += int(STALE_S * 1000)
    assert status(access, bearer(token)) == 503


def test_the_first_key_is_made_once(access):
    token = access.first_key()
    assert access.admit(bearer(token), "admin").name == "first admin"
    assert access.first_key() is None
    for _ in range(500):  # whoever tries it sends what there is
        access.admit(bearer(token), "ingest")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": " "}, "needs a name"),
        ({"name": "a\0b"}, "needs a name"),
        ({"roles": ("root",)}, "no role `root`"),
        ({"roles": ()}, "no role"),
        ({"expires_at": 1}, "expired already"),
        ({"per_s": -1.0}, "no rate"),
        ({"per_s": float("nan")}, "no rate"),
        ({"per_s": float("inf")}, "no rate"),
        ({"per_s": 5e-324}, "no rate"),  # nobody can be told when to come back
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(keys, given, problem):
    with pytest.raises(UsageError, match=problem):
        keys.create(**{"name": "x", "roles": ("read",), "actor": "test"} | given)
    assert keys.all() == []


def test_making_and_revoking_stand_in_the_audit_log_and_no_token_does(keys, log):
    key, token = keys.create("console", ("read",), actor="ann", reason="new console")
    keys.revoke(key.id, actor="bob", reason="lost")
    made, ended = log.entries()[-2:]
    assert (made.actor, made.action, made.details.reason) == ("ann", "key.create", "new console")
    assert (ended.actor, ended.action, ended.details.reason) == ("bob", "key.revoke", "lost")
    assert ended.details.before["state"] == "valid"
    assert ended.details.after["state"] == "revoked"
    assert token not in str(log.entries())
