"""Links that nobody opens: days by the account's clock, six hours of patience, clicks that are known or not."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    at,
    event,
    last,
    message,
    messages,
    outcome,
    profile,
)

IGNORED = "link.over-10-day-low-ctr"
MORNING = at("2026-03-02T06:00:00+00:00")
NOON = MORNING + 6 * HOUR + 30 * MINUTE  # when the messages of the morning are ripe


def links(count, start=MORNING, **fields):
    return messages(count, start, 10_000, link_hashes=["l"], **fields)


def clicks(count, start=MORNING + HOUR, sender="a"):
    return [
        event("link_clicked", start + i, None, link_hash="l", sender_id=sender, recipient_id=f"b{i}")
        for i in range(count)
    ]


told = clicks(1, MORNING - DAY, sender="z")  # the platform tells of clicks, if not of these
later = message(NOON, link_hashes=[])

CASES = [
    (IGNORED, "under: 10 messages, no click", [told, links(10), later], "rests"),
    (IGNORED, "at: exactly 5 %", [told, links(40), clicks(2), later], "rests"),
    (IGNORED, "over: 4.9 %", [told, links(41), clicks(2), later], "fires"),
    (IGNORED, "11 messages, no click", [told, links(11), later], "fires"),
    (IGNORED, "11 messages, one click", [told, links(11), clicks(1), later], "rests"),
    (IGNORED, "a click of now counts", [told, links(11), clicks(1, NOON - 1), later], "rests"),
    (IGNORED, "clicks on somebody else's links", [links(11), clicks(1, sender="z"), later], "fires"),
    (IGNORED, "too early to judge", [told, links(11), message(MORNING + 5 * HOUR, link_hashes=[])], "rests"),
    (IGNORED, "the first is six hours old", [told, links(11), message(MORNING + 6 * HOUR, link_hashes=[])], "fires"),
    (IGNORED, "a millisecond less", [told, links(11), message(MORNING + 6 * HOUR - 1, link_hashes=[])], "rests"),
    (IGNORED, "what is young is not held against it", [told, links(30), clicks(2), links(20, NOON - HOUR), later], "rests"),
    (IGNORED, "links not known", [told, links(10), event("message_sent", MORNING + HOUR, recipient_id="b"), later], "undecided"),
    (IGNORED, "links not known of a young one", [told, links(11, NOON - HOUR), event("message_sent", NOON - MINUTE, recipient_id="b"), later], "rests"),
    (IGNORED, "nor of the judged one: 2 of 41 are too few", [told, links(41), clicks(2), links(5, NOON - HOUR), event("message_sent", NOON, recipient_id="b")], "fires"),
    (IGNORED, "links not known of a ripe one: 1 of 20 or of 21", [told, links(20), event("message_sent", MORNING + MINUTE, recipient_id="b"), clicks(1), later], "undecided"),
    (IGNORED, "which do not matter: 1 of 21 or of 22", [told, links(21), event("message_sent", MORNING + MINUTE, recipient_id="b"), clicks(1), later], "fires"),
    (IGNORED, "the next day", [told, links(11), message(MORNING + DAY, link_hashes=[])], "rests"),
    (IGNORED, "five before midnight, six after", [told, links(5, MORNING - 12 * HOUR), links(6), later], "rests"),
    (IGNORED, "clicks of yesterday", [told, clicks(5, MORNING - 12 * HOUR), links(11), later], "fires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_where_nobody_tells_of_clicks_nothing_is_decided():
    assert outcome(IGNORED, [links(11), later]) == "undecided"
    assert outcome(IGNORED, [links(10), later]) == "rests"


@pytest.mark.parametrize(
    ("zone", "expected"), [("UTC", "fires"), ("Asia/Tokyo", "rests"), ("America/New_York", "fires"), (None, "fires")]
)  # fmt: skip
def test_the_day_is_that_of_the_account(zone, expected):
    # 14:00 to 14:02 and, ripe at 20:30, after midnight in Tokyo
    afternoon = MORNING + 8 * HOUR
    where = profile(ts=T0 - 9 * DAY, **({"tz": zone} if zone else {"market": "IT"}))
    world = [told, where, links(11, afternoon), message(afternoon + 6 * HOUR + 30 * MINUTE, link_hashes=[])]
    assert outcome(IGNORED, world) == expected


def test_at_midnight_counting_starts_anew():
    night = at("2026-03-03T00:00:00+01:00")
    rome = profile(ts=T0 - 9 * DAY, tz="Europe/Rome")
    world = [told, rome, links(11, night - 12 * HOUR)]
    assert outcome(IGNORED, [*world, message(night - 1, link_hashes=[])]) == "fires"
    assert outcome(IGNORED, [*world, message(night, link_hashes=[])]) == "rests"


def test_the_label_and_no_measure():
    seen = last([told, links(11), later])
    assert (seen.labels, seen.verdict) == (["potentially-risky-content"], "allow")
    assert seen.fired[IGNORED]["observed"] == 11
