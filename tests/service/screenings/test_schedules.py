"""Screenings that come again, and the end of those that were kept long enough, under a clock that is moved by hand."""

import asyncio
import json
import queue
import threading

import pytest
import sqlalchemy as sa
from tests.service.waiting import eventually

from tidegate.ledger import Ledger
from tidegate.ledger.tables_screening import screenings
from tidegate.screening.outputs import files as outputs
from tidegate.service.access.custody import Custody
from tidegate.service.problem import Problem
from tidegate.service.screenings.letter import letter
from tidegate.service.screenings.recurrence import Recurrence
from tidegate.service.screenings.schedules import Schedules
from tidegate.service.screenings.screening import CANCELLED, DONE, ERASED, FAILED, QUEUED
from tidegate.service.screenings.screenings import Screenings
from tidegate.service.screenings.terms import Terms
from tidegate.service.screenings.worker import work
from tidegate.service.settings import Settings
from tidegate.windows.timestamps import format_rfc3339, parse_rfc3339

DAY = 86_400_000
START = parse_rfc3339("2026-01-10T12:00:00Z")
MONTHLY = Recurrence("month", 31, 3, zone="Europe/Berlin")
LIST = "number,registered_at,interactions_90d,has_avatar,warnings\n+4915123456781,2020-01-01,0,no,0\n+4915123456782,2020-01-01,9,yes,0\n"
WORSE = LIST.replace("9,yes,0", "9,yes,1") + "+4915123456783,2020-01-01,9,yes,0\n"


class InThread:
    """The work on an order, in a thread of this process."""

    def __init__(self, order):
        self._told = queue.SimpleQueue()

        def carry_out():
            work(order, self._told.put)
            self._told.put(None)

        threading.Thread(target=carry_out, daemon=True).start()

    def messages(self):
        while (message := self._told.get()) is not None:
            yield message

    def end(self):
        """Nothing of what is tested ends one."""


class Bench:
    """A server's screenings and schedules; `started` again, it is another process on the same folder."""

    def __init__(self, folder, url):
        self.ms, self.folder, self.url = START, folder, url
        self.ledger = Ledger.open(url)
        self.loop = asyncio.new_event_loop()
        self.started()

    def started(self, **settings):
        custody = Custody.open(self.folder, self.ledger.database, now=lambda: self.ms)
        given = Settings(data=self.folder, scratch=str(self.folder.parent), **settings)
        self.audit = custody.audit
        self.part = Screenings(custody, given, launch=InThread, pause_s=0.01)
        self.schedules = Schedules(self.part, self._position, lambda: self.ms)
        self.run(self.part.start())

    async def _position(self):
        return 0

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def at(self, text):
        self.ms = parse_rfc3339(text)
        return self

    def step(self):
        self.run(self.schedules.step())

    def upload(self, text=LIST, *, wait=True, notify=None, **options):
        upload = self.part.upload()

        async def parts():
            yield text.encode()

        assert self.run(upload.take(parts(), bytes_max=1 << 20))
        sealed = type(upload.sealed)(upload.key, upload.sealed.list_bytes, upload.sealed.list_sha256, notify)
        given = {"pool": "customers"} | options
        terms = given.pop("terms", Terms())
        assert self.part.enter(
            upload.id, sealed, terms, purpose="monthly", basis="interest", by="ann", position=0, **given
        )
        return self.over(upload.id) if wait else self.part.book.found(upload.id)

    def over(self, screening_id):
        """Return a screening once it is over."""
        eventually(lambda: self.part.book.found(screening_id).finished_at)
        return self.part.book.found(screening_id)

    def last(self, schedule):
        """Return the last run of a schedule, once it is over."""
        return self.over(self.schedules.book.found(schedule.id).last_screening_id)

    def file(self, screening, name):
        _, pieces = self.part.content_of(screening, name)
        return b"".join(pieces).decode("utf-8-sig")

    def monthly(self, keep_days=180, recurrence=MONTHLY):
        return self.schedules.add("customers", recurrence, keep_days=keep_days, by="ann")

    def count(self):
        return len(self.part.book.listed()[0])

    def close(self):
        self.run(self.part.stop())
        self.loop.close()
        self.ledger.close()


@pytest.fixture(autouse=True)
def without_report(monkeypatch):
    """Write no PDF: other tests read it, and it takes most of the time."""
    monkeypatch.setattr(outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []})


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path / "data", tmp_path / "ledger.db")
    yield bench
    bench.close()


def test_a_monthly_schedule_that_ran_twice_tells_what_changed(tmp_path, database_url):
    bench = Bench(tmp_path / "data", database_url)
    bench.upload(notify="ann@example.org")
    schedule = bench.monthly()
    assert format_rfc3339(schedule.next_at) == "2026-01-31T02:00:00.000Z"
    bench.step()
    assert bench.count() == 1, "nothing is due yet"

    bench.at("2026-01-31T02:00:00Z").step()
    first = bench.last(schedule)
    assert (first.state, first.pool, first.schedule_id, first.created_by) == (
        DONE, "customers", schedule.id, f"schedule:{schedule.id}",
    )  # fmt: skip
    assert first.sealed.summary["since"]["days"] == pytest.approx(20.58, abs=0.01)
    uploaded = bench.at("2026-02-20T00:00:00Z").upload(WORSE, notify="ann@example.org")
    bench.at("2026-02-28T02:00:05Z").step()
    second = bench.last(schedule)
    assert second.previous_id == uploaded.id
    drift = json.loads(bench.file(second, "drift.json"))
    assert drift["before"] == {"screened_at": "2026-02-20T00:00:00.000Z", "accounts": 3}
    assert uploaded.previous_id == first.id
    told = json.loads(bench.file(uploaded, "drift.json"))
    assert (told["why"]["worse"], told["why"]["new"]) == (1, 1)
    assert "+4915123456782,,worse,secure,high" in bench.file(uploaded, "drift.csv")
    assert [point["accounts"] for point in second.sealed.summary["history"]] == [2, 2, 3, 3]
    observed = bench.file(second, "observed.csv")
    assert observed.splitlines()[1].startswith(
        "+4915123456781,,2026-01-10T12:00:00.000Z,2026-02-10T12:00:00.000Z,month over"
    )
    text = letter(uploaded, sender="tidegate@example.org").get_content()
    assert "Since 2026-01-31: 1 worse, 1 new." in text
    assert "+49" not in text
    assert format_rfc3339(bench.schedules.book.found(schedule.id).next_at) == "2026-03-31T01:00:00.000Z"
    bench.close()


def test_runs_that_were_missed_while_the_server_was_down_are_made_up_for_once(bench):
    bench.upload()
    schedule = bench.monthly()
    bench.run(bench.part.stop())
    bench.at("2026-05-17T00:00:00Z").started()
    bench.step()
    bench.step()
    found = bench.schedules.book.found(schedule.id)
    assert bench.count() == 2
    assert format_rfc3339(found.next_at) == "2026-05-31T01:00:00.000Z"
    assert format_rfc3339(found.last_due_at) == "2026-01-31T02:00:00.000Z"
    assert bench.last(schedule).state == DONE


def test_a_server_that_dies_between_the_run_and_its_note_does_not_run_it_twice(bench, monkeypatch):
    bench.upload()
    schedule = bench.monthly()
    bench.at("2026-01-31T02:00:00Z")
    with monkeypatch.context() as patched:
        patched.setattr(bench.schedules.book, "ran", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            bench.step()
    assert bench.count() == 2
    bench.step()
    assert bench.count() == 2
    (run,) = [one for one in bench.part.book.listed()[0] if one.schedule_id]
    assert bench.schedules.book.found(schedule.id).last_screening_id == run.id
    assert bench.over(run.id).state == DONE
    assert len(list((bench.folder / "screenings").iterdir())) == 2, "the second copy of the list is gone"


def test_a_stop_lets_a_run_that_is_being_entered_come_to_its_end(bench):
    bench.upload()
    schedule = bench.monthly()
    bench.at("2026-01-31T02:00:00Z")

    async def stopped_at_once():
        entering = asyncio.Event()

        async def position():
            entering.set()
            await asyncio.sleep(0.05)
            return 0

        bench.schedules._position = position
        await bench.schedules.start()
        await entering.wait()
        await bench.schedules.stop()

    bench.run(stopped_at_once())
    assert bench.last(schedule).state == DONE


def test_what_cannot_be_entered_now_is_tried_again_and_holds_up_nothing_else(bench, monkeypatch):
    old = bench.upload(pool="others", keep_days=5)
    bench.upload()
    schedule = bench.monthly()
    bench.at("2026-01-31T02:00:00Z")

    async def away():
        raise Problem(503, "not-ready", "the server starts")

    with monkeypatch.context() as patched:
        patched.setattr(bench.schedules, "_position", away)
        bench.step()
    assert bench.schedules.book.found(schedule.id).last_screening_id is None
    assert bench.part.book.found(old.id).state == ERASED
    assert len(list((bench.folder / "screenings").iterdir())) == 1, "the copy of the list is gone"
    bench.step()
    assert bench.last(schedule).state == DONE


def test_a_run_takes_the_last_list_of_its_pool_as_it_was_read_then(bench):
    uploaded = bench.upload(
        "Spalte;Zahl\n015123456789;1\n".replace("Spalte", "x"),
        terms=Terms(country="DE", columns={"number": "x"}),
    )
    bench.upload(LIST, pool="others")
    schedule = bench.monthly()
    bench.at("2026-01-31T02:00:00Z").step()
    found = bench.last(schedule)
    assert found.terms == Terms(country="DE", columns={"number": "x"}, list_at_ms=uploaded.created_at)
    assert "+4915123456789" in bench.file(found, "result.ndjson")
    bench.at("2026-02-28T02:00:00Z").step()
    answers = bench.last(schedule).sealed.summary["evidence"]["answers"]
    assert answers["list_is_stale"], "the list gets older from run to run"
    assert answers["list_of"] == format_rfc3339(uploaded.created_at)


def test_the_audit_of_a_quarter_checks_everything_whatever_the_list_was_checked_for(bench):
    """`sops.quarterly-audit`."""
    bench.upload(terms=Terms(dimensions=("stolen",), at_ms=START))
    schedule = bench.monthly(recurrence=Recurrence("quarter", 1, 4))
    bench.at("2026-04-01T04:00:00Z").step()
    found = bench.last(schedule)
    assert found.sealed.summary["checks"].keys() >= {
        "screen.stolen-cross-region",
        "screen.fake-composite",
        "screen.unregistered",
    }
    assert found.sealed.summary["screened_at"] == "2026-04-01T04:00:00.000Z"
    assert found.sealed.summary["since"]["asked_alike"] is False


def test_a_schedule_whose_pool_has_no_list_any_more_says_so_and_goes_on(bench):
    found = bench.upload()
    schedule = bench.monthly()
    bench.part.erase(found.id)
    bench.at("2026-01-31T02:00:00Z").step()
    row = bench.schedules.book.found(schedule.id)
    assert "no list of the pool `customers`" in row.problem
    assert format_rfc3339(row.next_at) == "2026-02-28T02:00:00.000Z"
    bench.upload()
    bench.at("2026-02-28T02:00:00Z").step()
    assert bench.schedules.book.found(schedule.id).problem is None
    assert bench.last(schedule).state == DONE


def test_a_list_that_was_damaged_is_no_list(bench):
    found = bench.upload()
    schedule = bench.monthly()
    path = bench.folder / "screenings" / found.id / "list.sealed"
    path.write_bytes(path.read_bytes()[:-1])
    bench.at("2026-01-31T02:00:00Z").step()
    assert "no list" in bench.schedules.book.found(schedule.id).problem
    assert len(list((bench.folder / "screenings").iterdir())) == 1


def test_a_screening_before_whose_files_are_gone_is_said_and_not_compared(bench):
    found = bench.upload()
    (bench.folder / "screenings" / found.id / "files" / "result.ndjson.sealed").unlink()
    after = bench.upload()
    assert after.state == DONE
    assert after.sealed.summary["since"] is None
    assert any("not compared with the screening before" in said for said in after.sealed.summary["remarks"])


def test_a_pool_has_one_schedule_of_a_kind_and_it_can_be_ended(bench):
    schedule = bench.monthly()
    assert bench.monthly() is None
    assert bench.monthly(recurrence=Recurrence("quarter", 1)) is not None
    assert bench.schedules.book.drop(schedule.id)
    assert not bench.schedules.book.drop(schedule.id)
    assert [one.every for one in bench.schedules.book.all()] == ["quarter"]


@pytest.mark.parametrize(("keep_days", "days"), [(None, 180), (7, 7)])
def test_a_screening_is_erased_when_it_has_been_kept_long_enough(bench, keep_days, days):
    found = bench.upload(keep_days=keep_days)
    bench.ms = START + days * DAY - 1
    bench.step()
    assert bench.part.book.found(found.id).state == DONE
    bench.ms += 1
    bench.step()
    erased = bench.part.book.found(found.id)
    assert (erased.state, erased.sealed, erased.purpose) == (ERASED, None, "monthly")
    assert not (bench.folder / "screenings" / found.id).exists()
    noted = bench.audit.entries(subject=f"screening:{found.id}")[-1].data()
    assert (noted["actor"], noted["action"], noted["reason"]) == (
        "retention", "screening.erase", "the time it is kept for is over",
    )  # fmt: skip
    bench.step()
    assert (
        len(
            [
                e
                for e in bench.audit.entries(subject=f"screening:{found.id}")
                if e.data()["action"] == "screening.erase"
            ]
        )
        == 1
    )


def test_a_screening_that_names_no_end_is_kept_as_the_settings_say(bench):
    found = bench.upload()
    with bench.ledger.database.writing() as connection:
        connection.execute(sa.update(screenings).values(keep_until=None))
    for days, state in ((179, DONE), (180, ERASED)):
        bench.ms = START + days * DAY
        bench.step()
        assert bench.part.book.found(found.id).state == state


def test_what_failed_or_was_cancelled_is_erased_too_and_what_is_open_is_not(bench):
    bench.run(bench.part.stop())
    open_, cancelled = (bench.upload(wait=False, keep_days=1) for _ in range(2))
    assert bench.part.cancel(cancelled.id)
    bench.started()
    failed = bench.upload("nothing\n", keep_days=1)
    assert failed.state == FAILED
    done = bench.over(open_.id)
    assert done.state == DONE
    bench.run(bench.part.stop())
    waiting = bench.upload(wait=False, keep_days=1)
    assert bench.part.book.found(cancelled.id).state == CANCELLED
    bench.ms += 2 * DAY
    bench.step()
    states = {one.id: one.state for one in bench.part.book.listed()[0]}
    assert states == {
        open_.id: ERASED, cancelled.id: ERASED, failed.id: ERASED, waiting.id: QUEUED,
    }  # fmt: skip


def test_a_schedule_goes_on_while_retention_erases_its_older_runs(bench):
    bench.upload(keep_days=40)
    schedule = bench.monthly(keep_days=35)
    for month in ("01-31T02", "02-28T02", "03-31T01", "04-30T01"):
        bench.at(f"2026-{month}:00:00Z").step()
        assert bench.last(schedule).sealed.summary["since"] is not None
    states = [one.state for one in bench.part.book.listed()[0]]
    assert states.count(DONE) == 2
    assert states.count(ERASED) == 3


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_screenings_cannot_be_kept_for_ever(days):
    with pytest.raises(Exception, match="lies outside"):
        Settings(screenings_keep_days=days)
