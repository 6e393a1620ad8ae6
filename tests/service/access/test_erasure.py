"""Erasing an account over HTTP: afterwards no byte of the data folder says that it was here, opened or not."""

import json
import sqlite3

import pytest
import sqlalchemy as sa
from tests.engine.worlds import policy_of, rule, sanction
from tests.ledger.worlds import policy as plain_policy
from tests.service.access.test_forgetting import payloads
from tests.service.routes.house import House

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.journal.folder import DataFolder
from tidegate.journal.forgetting import names_for
from tidegate.ledger import fallbacks
from tidegate.ledger.tables import metadata
from tidegate.service.access.account_export import export_account
from tidegate.service.access.audit_check import check_audit
from tidegate.service.access.erasing import PENDING

VICTIM, IP, NUMBER, EMAIL = "victim-4711", "203.0.113.77", "+4915123456789", "v@example.org"
GONE = (VICTIM, IP, NUMBER, EMAIL)
WHY = {"reason": "asked for it"}

BLOCKED = [sanction(f"block-{of}", lasting=tg.days(1), subject=of) for of in ("ip", "number")]
policy = policy_of(
    *plain_policy.rules,
    rule(
        "promo",
        given=MessageSent.is_promotional,
        measures=tuple(tg.Measure(one) for one in BLOCKED),
        labels=tuple(tg.Label(f"odd-{of}", on=of) for of in ("ip", "number")),
    ),
)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    yield house
    house.close()


@pytest.fixture(scope="module")
def alive(tmp_path_factory):
    """A house in which the victim has lived; tests look and change nothing."""
    house = House(tmp_path_factory.mktemp("alive") / "data", policy)
    house.measure = live_through(house)
    yield house
    house.close()


@pytest.fixture(scope="module")
def erased(tmp_path_factory):
    """A house out of which the victim has been erased; what the server said, and how another account stood before."""
    house = House(tmp_path_factory.mktemp("erased") / "data", policy)
    live_through(house)
    house.message("a10", is_forward=True)
    house.before = house.get("/v1/accounts/a1")
    house.done = erase(house, VICTIM)
    yield house
    house.close()


def erase(house, account):
    return house.ask("DELETE", f"/v1/accounts/{account}", "root", params=WHY)


def live_through(house):
    """The victim does all that leaves traces, and others do as well."""
    own = {"ip": IP, "number": NUMBER, "extra": {"email": EMAIL}}
    measure = house.message(VICTIM, is_forward=True, **own)["sanctions"][0]["id"]
    house.message(VICTIM, is_promotional=True, **own)
    house.message(VICTIM, **own)
    house.message("a1", is_forward=True, recipient_id=VICTIM, ip="198.51.100.1")
    house.happen("report_filed", VICTIM, reporter_id="a1")
    house.happen("report_filed", "a1", reporter_id=VICTIM)
    hook = {"url": "https://hooks.example.org/x"}
    house.post("/v1/webhooks", "root", 201, **hook)
    house.post(f"/v1/sanctions/{measure}/lift", "root", reason=f"{VICTIM} sent an album")
    house.post("/v1/identifiers/search", "ann", kind="ip", value=IP, reason="case 1")
    house.run(house.service.parts["ledger"].flush())
    house.service.parts["enforcement"].announcer.step()
    house.ask("GET", "/v1/accounts/" + VICTIM, "rita")
    return measure


def traces(house):
    """Where the data folder still says something about the victim: files as they are, and what opens with the keys."""
    folder, custody = house.settings.data, house.service.custody
    found = [
        (name, word)
        for name, data in payloads(folder, custody.cipher)
        for word in GONE
        if word.encode() in data
    ]
    for entry in custody.audit.entries():
        found += [("audit", word) for word in GONE if word in str(entry.data())]
    for kind, value in (("ip", IP), ("number", NUMBER), ("email", EMAIL)):
        found += [("identifiers", one.account_id) for one in custody.identifiers.find(kind, value)]
    return found


def test_the_traces_are_there_before(alive):
    found = {name for name, word in traces(alive) if word == VICTIM}
    assert any(".seg:EVENTS" in name for name in found)
    assert any("sqlite" in name for name in found)
    assert {"audit", "identifiers"} <= found


def test_numbers_and_addresses_are_readable_nowhere_without_the_keys(alive):
    house = alive
    changes = house.get("/v1/measures/changes")["changes"]
    subjects = {(c["data"]["subject"]["kind"], c["data"]["subject"]["id"]) for c in changes}
    assert {("ip", IP), ("number", NUMBER)} <= subjects
    assert {IP, NUMBER} <= {one["subject_id"] for one in house.get("/v1/labels")["labels"]}
    assert len(house.get("/v1/sanctions", subject_id=IP)["sanctions"]) == 1
    files = [path for path in house.settings.data.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        content = path.read_bytes()
        assert [word for word in (IP, NUMBER, EMAIL) if word.encode() in content] == [], path.name


def test_no_trace_is_left_and_the_audit_log_is_sound(erased):
    done = erased.done
    assert {"measures", "timeline", "announcements", "identifiers", "outbox"} <= set(done["rows"])
    assert done["journal"]["events"] == 5
    assert len(done["pseudonym"]) == len(VICTIM)
    assert traces(erased) == []
    found = check_audit(erased.service.custody.audit)
    assert found.problems == []
    assert found.erased == 1
    last = next(e for e in erased.service.custody.audit.entries() if e.action == "account.erase")
    assert (last.details.reason, last.details.subject) == ("asked for it", None)
    assert erased.get(f"/v1/accounts/{VICTIM}")["labels"] == []


def test_nothing_comes_back_after_a_restart_or_with_a_read_model_made_anew(house):
    live_through(house)
    erase(house, VICTIM)
    house.stop()
    house.start()
    assert traces(house) == []
    history = house.run(house.service.judging.call(lambda live: list(live.history(0))))
    house.service.ledger.rebuild(lambda after: [one for one in history if one.position > after])
    house.service.parts["enforcement"].announcer.step()
    assert traces(house) == []


def test_others_keep_what_is_theirs(erased):
    after = erased.get("/v1/accounts/a1")
    assert erased.before["sanctions"] == after["sanctions"] != []
    assert erased.before["labels"] == after["labels"] == ["pusher"]
    assert VICTIM not in {one["subject"] for one in erased.get("/v1/measures/changes")["changes"]}


def test_an_erasure_that_was_interrupted_is_finished_at_the_next_start(house, monkeypatch):
    live_through(house)

    def killed(*_, **__):
        raise OSError("the power went off")

    monkeypatch.setattr("tidegate.service.access.erasing.erase_from_books", killed)
    with pytest.raises(OSError, match="power"):
        house.ask("DELETE", f"/v1/accounts/{VICTIM}", "root", 500, params=WHY)
    monkeypatch.undo()
    pending = house.settings.data / "keys" / PENDING
    assert pending.exists()
    assert all(word.encode() not in pending.read_bytes() for word in GONE)
    assert traces(house) != []
    house.stop()
    house.start()
    assert not pending.exists()
    assert traces(house) == []
    assert check_audit(house.service.custody.audit).sound


def test_erasing_twice_or_whom_nobody_knows_is_no_error(erased):
    again = erase(erased, VICTIM)
    assert (again["rows"], again["journal"]["events"]) == ({}, 0)


def test_an_account_whose_name_is_part_of_another_s_leaves_the_other_alone(erased):
    erase(erased, "a1")
    assert erased.get("/v1/accounts/a10")["labels"] == ["pusher"]
    assert erased.get("/v1/accounts/a1")["labels"] == []


def test_an_account_called_like_a_word_of_ours_leaves_what_is_said_of_others(erased):
    with erased.service.ledger.writing() as connection:
        fallbacks.note(connection, [("e1", "allow", "deny")])
    erase(erased, "allow")
    erase(erased, "deny")
    with erased.service.ledger.reading() as connection:
        (row,) = fallbacks.listed(connection, 0, 10)
    assert (row["answered"], row["decided"]) == ("allow", "deny")


WORDS = (
    "send",
    "fired",
    "rule",
    "burst",
    "opened",
    "sanction",
    "account",
    "pusher",
    "2026",
    "block-ip",
)


def test_accounts_called_like_words_of_ours_or_of_the_policy_leave_the_books_of_others_alone(house):
    house.message("a1", is_forward=True, recipient_id="b2")
    measure = house.message("a1", is_promotional=True, ip=IP)["sanctions"][0]["id"]
    house.post("/v1/webhooks", "root", 201, url="https://hooks.example.org/x", kinds=["opened"])
    house.run(house.service.parts["ledger"].flush())

    def books():
        with house.service.ledger.reading() as connection:
            return {
                str(table.name): connection.execute(sa.select(table)).mappings().all()
                for table in metadata.sorted_tables
                if table.name != "audit"
            }

    before = books()
    assert before["timeline"]
    assert before["webhooks"]
    for word in (*WORDS, measure):
        assert erase(house, word)["rewritten"] == {}, word
    assert books() == before


def test_whoever_is_named_in_the_books_of_others_goes_by_another_name(house):
    measure = house.message("a1", is_forward=True)["sanctions"][0]["id"]
    house.post(f"/v1/sanctions/{measure}/lift", "root", reason=f"14 contacts, all to {VICTIM}, says anna")
    house.happen("appeal_filed", "a1", appeal_id="ap1", sanction_id=measure, extra={"actor": VICTIM})
    house.run(house.service.parts["ledger"].flush())
    name = erase(house, VICTIM)["pseudonym"]
    erase(house, "14")
    erase(house, "contacts")  # as the policy's own reasons say
    anna = erase(house, "anna")["pseudonym"]
    (appeal,) = house.get("/v1/appeals")["appeals"]
    assert appeal["filed_by"] == name
    history = house.get(f"/v1/sanctions/{measure}")["history"]
    assert [one["reason"] for one in history if one["change"] == "lifted"] == [
        f"14 contacts, all to {name}, says {anna}"
    ]


def test_an_export_has_everything_and_is_in_the_audit_log(alive):
    house, measure = alive, alive.measure
    house.run(house.service.judging.call(lambda live: live.begin_segment()))
    custody = house.service.custody
    lines = [json.loads(one) for one in export_account(custody, DataFolder(custody.folder), VICTIM, {})]
    parts = {}
    for one in lines:
        parts.setdefault(one["part"], []).append(one["data"])
    assert parts["end"] == [{"lines": len(lines) - 1}]
    assert len(parts["event"]) == 7
    assert {one["account_id"] for one in parts["decision"]} == {VICTIM}
    assert {(one["kind"], one["value"]) for one in parts["identifier"]} == {
        ("ip", IP),
        ("number", NUMBER),
        ("email", EMAIL),
    }
    assert measure in {one["id"] for one in parts["measures"]}
    assert {"timeline", "audit", "cases", "announcements"} <= set(parts)
    answer = house.run(
        house.client.get(
            f"/v1/accounts/{VICTIM}/export",
            params=WHY,
            headers={"authorization": f"Bearer {house.keys['root']}"},
        )
    )
    assert answer.status_code == 200
    assert json.loads(answer.text.splitlines()[-1])["part"] == "end"
    assert [e.action for e in custody.audit.entries(subject=VICTIM)][-1] == "account.export"


def test_an_export_after_an_erasure_is_empty(erased):
    erased.run(erased.service.judging.call(lambda live: live.begin_segment()))
    custody = erased.service.custody
    parts = [
        json.loads(one)["part"] for one in export_account(custody, DataFolder(custody.folder), VICTIM, {})
    ]
    assert parts == ["account", "end"]


def test_the_names_of_others_are_not_taken(alive):
    alive.run(alive.service.judging.call(lambda live: live.begin_segment()))
    names, _ = names_for(DataFolder(alive.settings.data), alive.service.custody.cipher, VICTIM)
    assert set(names) == {VICTIM, IP, NUMBER}
    assert len(set(names.values())) == 3


def test_the_database_has_no_free_pages_with_old_content(erased):
    with sqlite3.connect(erased.settings.data / "tidegate.sqlite") as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    connection.close()
