"""Lists by cursor: every row once, in order, however long the pages are and whatever comes in between."""

import pytest
from tests.ledger.worlds import DAY, HOUR, MINUTE, T0, World, event

from tidegate.errors import ReviewError
from tidegate.ledger import accounts, appeals, cases, measures, revisions, rule_counts
from tidegate.ledger.accounts import LabelFilter
from tidegate.ledger.appeals import AppealFilter, FindingFilter
from tidegate.ledger.cases import CaseFilter
from tidegate.ledger.measures import MeasureFilter

END = T0 + 10 * DAY


@pytest.fixture
def fed(ledger):
    """Seven accounts, each with a forwarded message, a report and an appeal; every second appeal is granted."""
    world = World()
    for n in range(7):
        who, at = f"a{n}", T0 + n * HOUR
        opened = world.take(event("message_sent", at, who, is_forward=True, device_id="d1"))
        measure = opened[0].decision.sanctions[0].id
        world.take(event("report_filed", at + 1, who, reporter_id="r", report_id=f"r{n}"))
        world.take(event("appeal_filed", at + 2, who, appeal_id=f"p{n}", sanction_id=measure))
        world.take(event("appeal_decided", at + 3, who, appeal_id=f"p{n}", granted=bool(n % 2)))
    ledger.project(world.happened, world.count)
    return ledger


def pages(ledger, listed, rows):
    """All rows of a list, read page by page."""
    seen, after = [], None
    while True:
        with ledger.reading() as connection:
            page = listed(connection, after=after, rows=rows)
        assert len(page.rows) <= rows
        assert len(seen) < 1000, "pages repeat"
        seen += page.rows
        after = page.next
        if after is None:
            return seen
        assert len(page.rows) == rows


LISTS = {
    "measures": (lambda c, **page: measures.listed(c, MeasureFilter(END), **page), 15, lambda r: -r["since"]),
    "cases": (lambda c, **page: cases.listed(c, CaseFilter(), **page), 7, lambda r: (r["due"], r["id"])),
    "appeals": (lambda c, **page: appeals.listed(c, AppealFilter(), **page), 7, lambda r: (r["due"], r["id"])),
    "findings": (lambda c, **page: appeals.findings_listed(c, FindingFilter(), **page), 7, lambda r: (-r["position"], r["ordinal"])),
    "labels": (lambda c, **page: accounts.labels_listed(c, LabelFilter(), **page), 8, lambda r: (r["subject"], r["subject_id"])),
    "timeline": (lambda c, **page: accounts.timeline_of(c, "a3", **page), 4, lambda r: -r["ts"]),
}  # fmt: skip


def test_pages_of_any_length_hold_every_row_once_in_order(fed):
    for name, (listed, count, order) in LISTS.items():
        whole = pages(fed, listed, 500)
        assert len(whole) == count, name
        assert [order(row) for row in whole] == sorted(order(row) for row in whole), name
        for rows in (1, 3):
            assert pages(fed, listed, rows) == whole, name


def test_what_comes_in_meanwhile_moves_nothing(fed):
    with fed.reading() as connection:
        first = measures.listed(connection, MeasureFilter(END), rows=5)
    world = World()
    world.count = 1000
    fed.project(world.take(event("message_sent", T0 + 9 * DAY, "new", is_forward=True)), world.count)
    with fed.reading() as connection:
        rest = measures.listed(connection, MeasureFilter(END), after=first.next, rows=500)
    assert len(first.rows) + len(rest.rows) == 15
    assert not {(r["id"], r["subject"]) for r in first.rows} & {(r["id"], r["subject"]) for r in rest.rows}


CURSORS = [
    "",
    "nonsense",
    "W10",
    "WyJhIiwiYiIsImMiXQ",
    "WzEsMl0",
    "W251bGxd",
    "x" * 3000,
    "WzFlOTksImEiLCJiIl0",
]


def test_a_cursor_that_no_page_ended_with_is_refused(fed):
    with fed.reading() as connection:
        for cursor in CURSORS:
            with pytest.raises(ReviewError) as caught:
                measures.listed(connection, MeasureFilter(END), after=cursor)
            assert caught.value.field == "cursor"


def test_measures_are_found_by_state(fed):
    at = T0 + 6 * HOUR + MINUTE
    with fed.reading() as connection:
        by_state = {
            s: measures.listed(connection, MeasureFilter(at, state=s)).rows for s in ("running", "ended")
        }
        waiting = measures.listed(connection, MeasureFilter(at, state="unconfirmed")).rows
        running = measures.running(connection, "a6", at)
    assert len(by_state["running"]) + len(by_state["ended"]) == 15
    assert all(r["until"] is None or r["until"] > at for r in by_state["running"])
    assert waiting == []
    assert {r["sanction"] for r in running} == {"slow", "reported"}


def test_queues_say_how_long_they_are(fed):
    with fed.reading() as connection:
        (queue,) = cases.queues(connection, T0 + 3 * HOUR)
    assert (queue["queue"], int(queue["open"]), int(queue["taken"]), int(queue["overdue"]), queue["due"]) == (
        "reports",
        7,
        0,
        2,
        T0 + 1 + HOUR,
    )


def test_rules_are_counted_over_days_and_by_what_people_found(fed):
    with fed.reading() as connection:
        counted = rule_counts.totals(connection, T0)
        assert rule_counts.totals(connection, T0 + 5 * DAY) == {}
        (day,) = rule_counts.by_day(connection, "quiet", T0)
        found = appeals.finding_counts(connection)
    assert counted["forwarded"] == {"fired": 7, "shadow": 0, "last_at": T0 + 6 * HOUR}
    assert (day["fired"], day["shadow"]) == (0, 7)
    assert found["forwarded"] == {"right": 4, "wrong": 3}


def test_revisions_are_kept_in_their_book(ledger):
    row = {
        "id": "rev-1", "state": "proposed", "figures": {"a": {"new": 1.5}}, "states": {}, "reason": "x",
        "proposed_by": "ann", "proposed_at": T0, "base": "sha256:0",
    }  # fmt: skip
    with ledger.writing() as connection:
        revisions.enter(connection, row)
        revisions.enter(connection, row | {"id": "rev-2", "proposed_at": T0 + 1})
    with ledger.writing() as connection:
        assert revisions.found(connection, "rev-1")["figures"] == {"a": {"new": 1.5}}
        revisions.change(connection, "rev-1", state="active", preview={"n": 1})
    assert [r["id"] for r in pages(ledger, revisions.listed, 1)] == [
        "rev-2",
        "rev-1",
    ]
    with ledger.reading() as connection:
        assert [r["preview"] for r in revisions.listed(connection, "active").rows] == [{"n": 1}]
        assert revisions.found(connection, "rev-3") is None
