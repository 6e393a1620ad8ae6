"""The ledger is fed whatever the database does meanwhile: nothing missing, nothing twice, and judging never waits."""

import asyncio
import threading
import time

import pytest
from sqlalchemy.exc import OperationalError
from tests.ledger.worlds import contents, policy, rows
from tests.service.routes.house import House
from tests.service.waiting import WAIT_S, until

from tidegate.ledger import Ledger, tables
from tidegate.service import bookkeeper


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "data", policy)
    yield house
    house.close()


def decide(house, account):
    """Have a message judged, without waiting for the ledger."""
    flush, house.service.parts["ledger"].flush = house.service.parts["ledger"].flush, _no_flush
    try:
        return house.message(account, is_forward=True)
    finally:
        house.service.parts["ledger"].flush = flush


async def _no_flush():
    return False


def anew(house):
    """What the tables hold when made anew from the journal."""
    ledger = house.service.ledger
    before = contents(ledger)
    ledger.rebuild(
        lambda after: house.run(house.service.judging.call(lambda live: list(live.history(after))))
    )
    return {**before, "projection": ()}, {**contents(ledger), "projection": ()}


def test_what_a_crash_kept_from_the_ledger_is_taken_in_at_the_next_start(house, monkeypatch):
    house.message("a", is_forward=True)
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "project", lambda *_: None)
        for n in range(3):
            decide(house, f"b{n}")
        house.stop()
    house.start()
    assert [r["account_id"] for r in rows(house.service.ledger, tables.measures)].count("b2") == 1
    assert len(rows(house.service.ledger, tables.measures)) == 4
    before, made_anew = anew(house)
    assert before == made_anew


def test_a_database_that_fails_for_a_while_misses_nothing(house, monkeypatch):
    monkeypatch.setattr(bookkeeper, "AGAIN_S", 0.01)
    project, failures = Ledger.project, iter(range(5))

    def fails(ledger, happened, position):
        if next(failures, None) is not None:
            raise OperationalError("INSERT", {}, Exception("disk I/O error"))
        project(ledger, happened, position)

    monkeypatch.setattr(Ledger, "project", fails)
    assert decide(house, "a")["verdict"] == "deny"  # judged all the same
    decide(house, "b")
    assert house.run(house.service.parts["ledger"].flush())
    assert {r["account_id"] for r in rows(house.service.ledger, tables.measures)} == {"a", "b"}
    assert not house.service.parts["ledger"].failing


def test_decisions_share_a_transaction_and_whoever_waits_ends_the_gathering(house, monkeypatch):
    part, project, taken = house.service.parts["ledger"], Ledger.project, []
    house.run(part.flush())
    monkeypatch.setattr(bookkeeper, "GATHER_S", 3600.0)

    def counted(ledger, happened, position):
        taken.append([one.decision.account_id for one in happened])
        project(ledger, happened, position)

    monkeypatch.setattr(Ledger, "project", counted)
    for n in range(3):
        decide(house, f"a{n}")
    assert taken == []
    assert house.run(part.flush())
    assert taken == [["a0", "a1", "a2"]]


def test_a_question_waits_for_what_was_answered_before_it(house, monkeypatch):
    project = Ledger.project

    def slowly(ledger, happened, position):
        time.sleep(1)
        project(ledger, happened, position)

    monkeypatch.setattr(Ledger, "project", slowly)
    decide(house, "asked")
    (found,) = house.get("/v1/sanctions", account_id="asked")["sanctions"]
    assert found["state"] == "running"


def test_a_ledger_that_lags_too_far_behind_is_fed_from_the_journal(house, monkeypatch):
    monkeypatch.setattr(bookkeeper, "HELD_MAX", 2)
    monkeypatch.setattr(bookkeeper, "TOGETHER", 3)
    project = Ledger.project
    slow = [True]

    def waits(ledger, happened, position):
        while slow[0]:
            time.sleep(0.005)
        project(ledger, happened, position)

    monkeypatch.setattr(Ledger, "project", waits)
    for n in range(12):
        decide(house, f"a{n}")
    part = house.service.parts["ledger"]
    assert part.behind
    slow[0] = False
    house.run(until(lambda: not part.behind and len(rows(house.service.ledger, tables.measures)) == 12))
    house.message("after", is_forward=True)
    assert len(rows(house.service.ledger, tables.measures)) == 13
    before, made_anew = anew(house)
    assert before == made_anew


def test_an_act_that_is_not_on_record_in_time_says_so_and_holds(house, monkeypatch):
    number = house.message("a", is_forward=True)["sanctions"][0]["id"]
    monkeypatch.setattr(bookkeeper, "AGAIN_S", 0.01)
    monkeypatch.setattr(house.service.parts["ledger"], "flush", _no_flush)
    headers = {"Idempotency-Key": "k"}
    problem = house.post(f"/v1/sanctions/{number}/lift", status=503, headers=headers, reason="x")
    assert problem["type"] == "/problems/not-on-record"
    monkeypatch.undo()
    house.run(house.service.parts["ledger"].flush())
    assert house.message("a")["verdict"] == "allow"
    assert house.post(f"/v1/sanctions/{number}/lift", headers=headers, reason="x")["state"] == "ended"


def test_what_the_ledger_cannot_take_in_is_left_out_and_does_not_stop_the_rest(house, monkeypatch, caplog):
    project = Ledger.project

    def chokes(ledger, happened, position):
        if any(one.decision.account_id == "poison" for one in happened):
            raise ValueError("cannot be written")
        project(ledger, happened, position)

    monkeypatch.setattr(Ledger, "project", chokes)
    for account in ("a", "poison", "b"):
        decide(house, account)
    assert house.run(house.service.parts["ledger"].flush())
    assert {r["account_id"] for r in rows(house.service.ledger, tables.measures)} == {"a", "b"}
    assert house.service.parts["ledger"].left_out == 1
    assert "is not on record" in caplog.text


def test_the_read_model_is_made_anew_while_judging_goes_on(house):
    for n in range(5):
        house.message(f"a{n}", is_forward=True)
    ledger = house.service.ledger
    before = contents(ledger)
    with ledger.writing() as connection:
        connection.execute(tables.measures.update().values(cause="wrong"))
    assert house.post("/v1/ledger/rebuild", status=403, reason="x")["status"] == 403
    assert house.post("/v1/ledger/rebuild", who="root", status=202, reason="a wrong column")["rebuilding"]
    decide(house, "meanwhile")
    house.run(until(lambda: not house.service.parts["ledger"].rebuilding))
    state = house.get("/v1/ledger")
    assert (state["rebuilding"], state["behind"], state["left_out"]) == (False, False, 0)
    house.run(house.service.parts["ledger"].flush())
    assert {r["cause"] for r in rows(ledger, tables.measures)} == {"forwarded"}
    assert len(rows(ledger, tables.measures)) == 6
    house.message("after", is_forward=True)
    assert len(rows(ledger, tables.measures)) == 7
    kept = {name: [row for row in rows_ if "a0" in map(str, row)] for name, rows_ in contents(ledger).items()}
    assert kept == {name: [row for row in rows_ if "a0" in map(str, row)] for name, rows_ in before.items()}


def test_making_it_anew_waits_until_nothing_is_taken_in_from_the_journal_any_more(house, monkeypatch):
    """What is taken in behind the clearing says that all before it is known, which it is not."""
    part, project, clear = house.service.parts["ledger"], Ledger.project, Ledger.clear
    go, gone = threading.Event(), threading.Event()
    for n in range(5):
        house.message(f"a{n}", is_forward=True)
    part.position = 2

    def waits(ledger, happened, position):
        go.wait(WAIT_S)
        project(ledger, happened, position)
        gone.set()

    def cleared(ledger):
        clear(ledger)
        go.set()
        gone.wait(WAIT_S)

    monkeypatch.setattr(bookkeeper, "TOGETHER", 2)
    monkeypatch.setattr(Ledger, "project", waits)
    monkeypatch.setattr(Ledger, "clear", cleared)
    house.run(_called(part._begin_catching_up))
    assert house.post("/v1/ledger/rebuild", who="root", status=202, reason="x")["rebuilding"]
    house.run(asyncio.sleep(0.2))
    go.set()
    house.run(until(lambda: not part.rebuilding))
    house.run(part.flush())
    assert len(rows(house.service.ledger, tables.measures)) == 5


async def _called(function):
    function()


def test_books_that_know_more_than_the_journal_are_made_anew_from_it(house):
    """A journal that was put back to an older state gives its numbers once more, to other events."""
    house.message("a", is_forward=True)
    with house.service.ledger.writing() as connection:
        connection.execute(tables.projection.update().values(position=1000))
    house.stop()
    house.start()
    house.message("b", is_forward=True)
    assert {r["account_id"] for r in rows(house.service.ledger, tables.measures)} == {"a", "b"}
    assert house.service.ledger.position < 1000
