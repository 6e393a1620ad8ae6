"""The book of screenings, over each kind of database: what is noted takes hold only as long as a screening is open."""

import pytest
import sqlalchemy as sa
from tests.service.screenings.office import NUMBERS

from tidegate.errors import ReviewError
from tidegate.ledger.tables_screening import screenings
from tidegate.service.access.audit_check import check_audit
from tidegate.service.access.rotation import rotate
from tidegate.service.screenings.order import File, Stage
from tidegate.service.screenings.terms import Terms

SUMMARY = {"main_account": {"numbers": NUMBERS[:1]}, "tiers": {"high": {"accounts": 1}}}
FILES = [File("high_risk.csv", 10, "00ff")]


def row(office, screening_id):
    with office.book.database.reading() as connection:
        return connection.execute(sa.select(screenings).where(screenings.c.id == screening_id)).one()


def test_what_tells_of_people_is_sealed_and_the_rest_is_there_to_look_for(any_office):
    book = any_office.book
    terms = Terms(("stolen",), None, ("fake",), 1, "DE", {"number": "B"})
    screening_id = any_office.enter(terms=terms, notify="ann@example.org", position=7)
    assert book.begin(screening_id) == 1
    assert book.finish(screening_id, SUMMARY, FILES)
    found = book.found(screening_id)
    assert (found.terms, found.position, found.state, found.mail) == (terms, 7, "done", "pending")
    assert (found.sealed.summary, found.sealed.files, found.sealed.notify) == (
        SUMMARY,
        tuple(FILES),
        "ann@example.org",
    )
    plain = repr(row(any_office, screening_id)).encode()
    for secret in (NUMBERS[0].encode(), b"ann@example", found.sealed.key, b"high_risk"):
        assert secret not in plain
    assert (found.purpose, found.basis) == ("a test", "consent")


def test_what_comes_first_is_done_first_and_what_was_begun_before_everything(any_office):
    book = any_office.book
    first, second = any_office.enter(), any_office.enter()
    with book.database.writing() as connection:  # however many of them a millisecond holds
        connection.execute(sa.update(screenings).where(screenings.c.id == first).values(created_at=1))
    assert book.next_open().id == first
    book.begin(second)
    assert book.next_open().id == second
    book.finish(second, {}, ())
    book.cancel(first)
    assert book.next_open() is None


def test_one_that_is_over_stays_as_it_is(any_office):
    book = any_office.book
    screening_id = any_office.enter()
    assert book.cancel(screening_id)
    book.note(screening_id, Stage("checks", "fake accounts", 1, 2))
    assert book.begin(screening_id) is None
    assert not book.finish(screening_id, SUMMARY, FILES)
    assert not book.fail(screening_id, "too late")
    assert not book.cancel(screening_id)
    found = book.found(screening_id)
    assert (found.state, found.stage, found.sealed.summary) == ("cancelled", None, None)


@pytest.mark.parametrize(
    ("step", "done", "total", "percent"),
    [("list", 500, None, 0), ("evidence", 0, None, 20), ("checks", 0, 10, 40), ("checks", 5, 10, 50), ("files", 9, 9, 99)],
)  # fmt: skip
def test_progress_names_the_stage(office, step, done, total, percent):
    book = office.book
    office.screenings.runner.stop()
    screening_id = office.enter()
    book.begin(screening_id)
    book.note(screening_id, Stage(step, "non-compliant accounts", done, total))
    assert book.found(screening_id).progress == f"{percent} %, non-compliant accounts"


def test_attempts_are_counted_per_step_and_those_we_ended_are_not(any_office):
    book = any_office.book
    screening_id = any_office.enter()
    assert [book.begin(screening_id) for _ in range(3)] == [1, 2, 3]
    book.kept(screening_id)
    assert book.begin(screening_id) == 2
    book.put_back(screening_id)
    assert book.begin(screening_id) == 2


def test_a_mail_is_due_once_it_is_over_and_again_when_it_failed(any_office):
    book = any_office.book
    quiet, told = any_office.enter(), any_office.enter(notify="ann@example.org")
    assert book.mail_due() is None
    for one in (quiet, told):
        book.begin(one)
        book.fail(one, "no column holds phone numbers")
    assert book.mail_due().id == told
    book.not_mailed(told, "451 later", any_office.custody.now() + 60_000)
    assert book.mail_due() is None
    assert (book.found(told).mail, book.found(told).sealed.mail_error) == ("pending", "451 later")
    book.not_mailed(told, "550 no such user", None)
    assert (book.found(told).mail, book.found(told).mail_attempts) == ("failed", 2)
    assert book.found(quiet).mail is None


def test_the_newest_come_first_page_by_page(any_office):
    ids = [any_office.enter() for _ in range(5)]
    any_office.book.cancel(ids[0])
    seen, cursor = [], None
    while True:
        page, cursor = any_office.book.listed(after=cursor, rows=2)
        seen += [(one.created_at, one.id) for one in page]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert {one for _, one in seen} == set(ids)
    assert [one.id for one in any_office.book.listed("cancelled")[0]] == [ids[0]]
    with pytest.raises(ReviewError, match="none that a page ended with"):
        any_office.book.listed(after="nonsense")


def test_the_same_request_is_entered_once(any_office):
    first = any_office.enter(request="r1")
    with pytest.raises(AssertionError):
        any_office.enter(request="r1")
    assert any_office.book.of_request("r1").id == first
    assert len(any_office.book.listed()[0]) == 1


def test_a_renewed_key_seals_the_book_again(any_office):
    screening_id = any_office.enter(notify="ann@example.org")
    before = row(any_office, screening_id)
    rotated = rotate(any_office.custody, actor="test")
    assert rotated.data()["sealed_again"]["screenings"] == 1
    after = row(any_office, screening_id)
    assert (before.key_id, after.key_id) == (1, 2)
    assert any_office.book.found(screening_id).sealed.notify == "ann@example.org"


def test_what_is_erased_is_gone_from_disk_and_database_and_the_log_still_closes(any_office):
    office, book = any_office, any_office.book
    screening_id = office.enter(notify="ann@example.org")
    book.begin(screening_id)
    book.finish(screening_id, SUMMARY, FILES)
    sealed, key = row(office, screening_id).sealed, book.found(screening_id).sealed.key
    office.screenings.note("ann#1", "download", screening_id, after={"file": "high_risk.csv"})
    if book.database.is_sqlite:
        assert sealed in office.bytes_on_disk()
    assert office.screenings.erase(screening_id)
    assert not office.screenings.erase(screening_id)  # again does no harm
    found = book.found(screening_id)
    assert (found.state, found.sealed, found.mail, found.terms) == ("erased", None, None, Terms())
    assert (found.purpose, found.basis, found.created_by) == ("a test", "consent", "ann#1")
    assert not (office.folder / "screenings" / screening_id).exists()
    if book.database.is_sqlite:
        assert sealed not in office.bytes_on_disk()
        assert key not in office.bytes_on_disk()
    assert check_audit(office.custody.audit).problems == []
