"""How long an answer counts, what a list that is old gives way to, and that a result says which counted and why."""

import numpy as np
import pytest
from tests.screening.providers.local_server import Hand
from tests.screening.providers.test_answer_cache import Book
from tests.screening.screened import AT, DAY, NUMBER, moment

from tidegate.screening.evidence.consulting import consult
from tidegate.screening.evidence.freshness import Choices, Freshness
from tidegate.screening.evidence.gathering import Evidence
from tidegate.screening.modes import checks_of
from tidegate.screening.outputs import files as outputs

PROFILE, EMPTY = "screen.fake-incomplete-profile", "screen.empty-account"
SILENT, RECORD = "screen.fake-no-interaction-90d", "screen.historical-violation"
LINKED = "screen.associated-with-banned"
LIMIT = 31 * DAY
NAN = float("nan")


@pytest.fixture(autouse=True)
def _without_report(monkeypatch):
    monkeypatch.setattr(outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []})


def answer(kind, age, **facts):
    return {"type": f"lookup.{kind}", "ts": AT - age, "number": NUMBER} | facts


def stale(age=LIMIT + 1):
    return ("--list-date", moment(AT - age))


@pytest.mark.parametrize(
    ("kind", "facts", "check", "fresh"),
    [
        ("profile", {"has_avatar": False, "has_signature": True}, PROFILE, "true"),
        (
            "registration",
            {"is_registered": True, "is_suspended": False, "is_reachable": True},
            EMPTY,
            "false",
        ),
        ("interactions", {"last_interaction": None, "interactions_90d": 0}, SILENT, "true"),
        ("violations", {"incident_count": 0}, RECORD, "false"),
        ("ban_links", {"via": "device", "banned_id": None}, LINKED, "false"),
    ],
)
def test_an_answer_counts_up_to_its_age_and_is_not_known_from_then_on(screen, kind, facts, check, fresh):
    assert screen("number\n" + NUMBER, [answer(kind, LIMIT, **facts)]).verdict(check)[0] == fresh
    found = screen("number\n" + NUMBER, [answer(kind, LIMIT + 1, **facts)])
    assert found.verdict(check) == ("unknown", None)
    longer = screen("number\n" + NUMBER, [answer(kind, LIMIT + 1, **facts)], "--answer-days", "32")
    assert longer.verdict(check)[0] == fresh


def test_what_happened_stays_known_however_old_the_answer_is(screen):
    old = [
        answer("violations", 300 * DAY, incident_count=2),
        answer("interactions", 60 * DAY, last_interaction=AT - 70 * DAY, interactions_90d=4),
    ]
    found = screen("number\n" + NUMBER, old)
    assert found.verdict(RECORD) == ("true", 2)
    assert found.verdict(SILENT) == ("false", 1), "one is certain, four were in other 90 days"


def test_an_answer_that_counts_no_more_is_said_with_the_reason(screen):
    found = screen("number\n" + NUMBER, [answer("profile", 40 * DAY, has_avatar=True)])
    why = "the answer is older than 31 days"
    assert found[NUMBER]["weighed"] == [
        {"fact": "has_avatar", "counts": "nobody", "answered": moment(AT - 40 * DAY), "why": why}
    ]
    assert found.summary["evidence"]["answers"] == {"days": 31, "list_of": None, "list_is_stale": False}
    assert found.summary["evidence"]["weighed"] == [
        {"fact": "has_avatar", "counts": "nobody", "why": why, "accounts": 1}
    ]


@pytest.mark.parametrize(
    ("options", "answered", "observed", "counts", "why"),
    [
        ((), 1, 1, "list", "what the list says comes first"),
        (stale(LIMIT), 1, 1, "list", "what the list says comes first"),
        (stale(), 1, 0, "answer", "the list is older than 31 days"),
        (stale(), LIMIT, 0, "answer", "the list is older than 31 days"),
        (stale(), LIMIT + 1, 1, "list", "the answer is older than 31 days"),
        ((*stale(), "--answer-days", "40"), 1, 1, "list", "what the list says comes first"),
    ],
)
def test_a_list_gives_way_to_an_answer_when_it_is_stale_and_the_answer_is_not(
    screen, options, answered, observed, counts, why
):
    events = [answer("profile", answered, has_avatar=True, has_signature=True)]
    found = screen(None, events, *options, has_avatar="no", has_signature="yes")
    assert found.verdict(PROFILE)[1] == observed
    (said,) = found[NUMBER]["weighed"]
    assert (said["fact"], said["counts"], said["why"]) == ("has_avatar", counts, why)


def test_where_nobody_answers_a_stale_list_stands_but_for_the_90_days_it_speaks_of(screen):
    facts = {"has_avatar": "no", "has_signature": "yes", "interactions_90d": 0, "warnings": 1}
    found = screen(None, (), *stale(), **facts)
    assert found.verdict(PROFILE) == ("true", 1)
    assert found.verdict(RECORD) == ("true", 1)
    assert found.verdict(SILENT) == ("unknown", None)
    assert "weighed" not in found[NUMBER]
    silent = moment(AT - 100 * DAY)
    assert screen(last_active_at=silent).verdict(SILENT)[0] == "true"
    assert screen(None, (), *stale(), last_active_at=silent).verdict(SILENT)[0] == "unknown"
    assert screen(None, (), *stale(), last_active_at=moment(AT - 80 * DAY)).verdict(SILENT) == ("false", 1)


def test_of_an_account_that_nobody_answers_about_nothing_is_said(screen):
    pool = f"number,has_avatar\n{NUMBER},no\n+4915123456782,no\n"
    found = screen(pool, [answer("profile", 1, has_avatar=True)], *stale())
    assert "weighed" in found[NUMBER]
    assert "weighed" not in found["+4915123456782"]


@pytest.mark.parametrize(("told_days", "suspended", "asked"), [(1, 0, 1), (31, 0, 1), (32, 1, 2), (70, 1, 2)])
def test_a_provider_is_asked_about_what_only_a_stale_list_says_and_its_answer_counts(
    told_days, suspended, asked
):
    """Told as of so many days before the screening; what a first provider settles, the second is not asked."""
    choices = Choices(Freshness(AT, LIMIT, AT - 60 * DAY))
    column = choices.between("is_suspended", np.array([1.0]), np.array([NAN]), np.array([NAN]))
    known = Evidence([NUMBER], AT, {"is_suspended": column}, choices)
    hand = Hand()
    hand.at_s = -told_days * DAY / 1000
    books = [
        Book({NUMBER: {"is_suspended": False}}, hand.clock, name, ("is_suspended",))
        for name in ("first", "second")
    ]
    found = consult(books, checks_of(None, ["empty-account"]), known)
    assert known["is_suspended"].tolist() == [suspended]
    assert sum(len(book.asked) for book in books) == asked
    told = found.told[NUMBER][0]
    assert told.get("instead_of_list") == (None if suspended else ["is_suspended"])
    assert told.get("why") == (None if suspended else "the list is older than 31 days")


def test_of_a_fresh_list_no_provider_is_asked_what_it_says():
    choices = Choices(Freshness(AT, LIMIT, AT - LIMIT))
    column = choices.between("is_suspended", np.array([1.0]), np.array([NAN]), np.array([NAN]))
    book = Book({NUMBER: {"is_suspended": False}}, Hand().clock, "book", ("is_suspended",))
    consult(
        [book],
        checks_of(None, ["empty-account"]),
        Evidence([NUMBER], AT, {"is_suspended": column, "is_reachable": column}, choices),
    )
    assert book.asked == []


@pytest.mark.parametrize("days", ["0", "3651", "-1"])
def test_an_age_out_of_bounds_is_a_mistake_of_usage(screen, capsys, days):
    with pytest.raises(FileNotFoundError):
        screen("number\n" + NUMBER, (), "--answer-days", days)
    assert "from 1 to 3650" in capsys.readouterr().err


def test_screenings_by_which_answers_count_otherwise_did_not_ask_alike(screen, tmp_path):
    screen("number\n" + NUMBER, out="before")
    for days, alike in (("31", True), ("40", False)):
        options = ("--answer-days", days, "--previous", str(tmp_path / "before"))
        assert screen("number\n" + NUMBER, (), *options).summary["since"]["asked_alike"] is alike
