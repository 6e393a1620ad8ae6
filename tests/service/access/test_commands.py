"""`tidegate keys` and `tidegate audit`, as somebody at the machine uses them."""

import json
import sqlite3

import pytest

from tidegate.cli import main


@pytest.fixture
def run(tmp_path, capsys):
    folder = str(tmp_path / "data")

    def run(*arguments, status=0):
        assert main([*arguments, "--data", folder]) == status
        said = capsys.readouterr()
        return said.out if status == 0 else said.err

    return run


def test_a_key_is_made_listed_and_revoked(run):
    made = json.loads(run("keys", "create", "chat server", "--role", "ingest", "--role", "read", "--json"))
    assert made["token"].startswith("tg_")
    assert made["roles"] == ["ingest", "read"]
    (listed,) = json.loads(run("keys", "list", "--json"))
    assert "token" not in listed
    assert listed["state"] == "valid"
    assert "is revoked" in run("keys", "revoke", made["id"], "--reason", "left the team")
    assert json.loads(run("keys", "list", "--json"))[0]["state"] == "revoked"
    assert "chat server" in run("keys", "list")
    last = json.loads(run("audit", "show", "--json"))[-1]
    assert (last["action"], last["reason"], last["actor"][:4]) == ("key.revoke", "left the team", "cli:")


def test_what_ends_for_good_is_told_to_machines(run):
    made = json.loads(run("keys", "create", "x", "--role", "admin", "--json"))
    assert json.loads(run("keys", "revoke", made["id"], "--json"))["state"] == "revoked"
    assert json.loads(run("audit", "head", "--json"))["head"] == run("audit", "head").strip()
    run("keys", "rotate", "--reason", "yearly")
    run("keys", "reseal", "--reason", "yearly")
    assert json.loads(run("keys", "retire", "1", "--reason", "yearly", "--json")) == {
        "key": 1,
        "state": "retired",
    }
    assert json.loads(run("keys", "change-master", "--reason", "moved", "--json")) == {"in_folder": True}


def test_a_key_may_end_by_itself(run):
    made = json.loads(
        run("keys", "create", "x", "--role", "admin", "--expires", "2099-01-01T00:00:00Z", "--json")
    )
    assert made["expires_at"] == "2099-01-01T00:00:00.000Z"
    for wrong in ("1999-01-01T00:00:00Z", "soon", "P0D", "P3X", "P99999999999D"):
        assert "hint" in run("keys", "create", "x", "--role", "admin", "--expires", wrong, status=2)


def test_what_is_not_there_is_said(run):
    assert "no data folder" in run("keys", "list", status=1)
    run("keys", "create", "x", "--role", "admin")
    assert "there is no key `nope`" in run("keys", "revoke", "nope", status=2)
    assert "a list of `-1` entries" in run("audit", "show", "--limit", "-1", status=2)
    assert "no end of a log" in run("audit", "verify", "--head", "nonsense", status=2)
    assert "root" in run("keys", "create", "x", "--role", "root", status=2)


def test_rotation_seals_the_books_again_and_the_log_stays_sound(run):
    run("keys", "create", "x", "--role", "admin")
    rotated = json.loads(run("keys", "rotate", "--reason", "yearly", "--json"))
    assert (rotated["key"], rotated["sealed_again"]["audit"]) == (2, 2)
    assert run("audit", "verify").startswith("sound: 3 records")
    assert "keys.rotate" in run("audit", "show")


def test_a_log_that_was_tampered_with_fails(run, tmp_path):
    run("keys", "create", "x", "--role", "admin")
    run("keys", "create", "y", "--role", "admin")
    end = run("audit", "head").strip()
    assert run("audit", "verify", "--head", end).startswith("sound")
    connection = sqlite3.connect(tmp_path / "data" / "tidegate.sqlite")
    connection.execute("DELETE FROM audit WHERE seq = 3")
    connection.commit()
    connection.close()
    assert "the end was cut off" in run("audit", "verify", status=1)
    found = main(["audit", "verify", "--json", "--data", str(tmp_path / "data")])
    assert found == 1
