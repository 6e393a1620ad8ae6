"""Broadcast and link rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    joins,
    last,
    message,
    messages,
    registered,
    report,
    stable,
)

RISKY = "bcast.risk-20-per-batch"
SCAN = "bcast.batch-over-25-content-scan"
COMPLAINTS = "bcast.reports-3-disable"
FIRST_DAY = "bcast.first-day-mass-75pct"
FAST = "link.risk-7-per-min"
EVERYWHERE = "link.same-link-over-50-users-24h"
REPORTED = "link.reports-over-50-30d"


def batch(size, ts=T0, **fields):
    return event("broadcast_batch", ts, batch_id="batch", recipient_count=size, **fields)


def complaints(*batches):
    return [report(T0 + i * HOUR, f"r{i}", batch_id=b) for i, b in enumerate(batches)]


def with_links(count, step=SECOND, **fields):
    return messages(count, T0, step, **{"link_hashes": ["l"]} | fields)


def to_unnamed(count):
    return [event("message_sent", T0 + i * MINUTE, link_hashes=["l"]) for i in range(count)]


def nameless(count, **fields):
    return [event("report_filed", T0 + i * MINUTE, link_hash="l", **fields) for i in range(count)]


def listed(count, since=DAY):
    return event(
        "link_profile", T0 - DAY, None, link_hash="l", reports=[T0 - since - i for i in range(count)]
    )


def link_reports(count, people):
    return [report(T0 + i * MINUTE, f"r{i % people}", link_hash="l") for i in range(count)]


CASES = [
    (RISKY, "under", [batch(19)], "rests"),
    (RISKY, "at", [batch(20)], "fires"),
    (RISKY, "over", [batch(21)], "fires"),
    (RISKY, "the recipients themselves", [event("broadcast_batch", T0, recipient_ids=[f"b{i}" for i in range(20)])], "fires"),
    (RISKY, "no size on record, the recipients themselves", [event("broadcast_batch", T0, recipient_count=None, recipient_ids=[f"b{i}" for i in range(20)])], "fires"),
    (RISKY, "no size on record, recipients not known", [event("broadcast_batch", T0, recipient_count=None)], "rests"),
    (RISKY, "19 recipients, each listed twice", [event("broadcast_batch", T0, recipient_ids=[f"b{i % 19}" for i in range(38)])], "rests"),
    (RISKY, "19 recipients, each listed twice, and another broadcast to one at the same moment", [event("broadcast_batch", T0, batch_id="a", recipient_ids=["x"]), event("broadcast_batch", T0, batch_id="b", recipient_ids=[f"b{i % 19}" for i in range(38)])], "rests"),
    (RISKY, "no size on record, 19 recipients", [event("broadcast_batch", T0, recipient_count=None, recipient_ids=[f"b{i}" for i in range(19)])], "rests"),
    (RISKY, "neither size nor recipients known", [event("broadcast_batch", T0)], "undecided"),
    (SCAN, "under", [batch(24)], "rests"),
    (SCAN, "at", [batch(25)], "rests"),
    (SCAN, "over", [batch(26)], "fires"),
    (COMPLAINTS, "under", complaints("b", "b"), "rests"),
    (COMPLAINTS, "at", complaints("b", "c", "b"), "fires"),
    (COMPLAINTS, "over", complaints("b", "b", "b", "b"), "fires"),
    (COMPLAINTS, "one report about no broadcast", complaints("b", "b", None), "rests"),
    (COMPLAINTS, "three reports by two people", [complaints("b", "b"), report(T0 + 5 * HOUR, "r0", batch_id="b")], "rests"),
    (COMPLAINTS, "the first is seven days old", [complaints("b", "b"), report(T0 + 7 * DAY, "x", batch_id="b")], "rests"),
    (COMPLAINTS, "what the third is about is not known", [complaints("b", "b"), report(T0 + 5 * HOUR, "x")], "undecided"),
    (FIRST_DAY, "under: no broadcast, 3 groups", [registered(HOUR), joins(3)], "rests"),
    (FIRST_DAY, "at: one broadcast", [registered(HOUR), batch(2)], "fires"),
    (FIRST_DAY, "over: no broadcast, 4 groups", [registered(HOUR), joins(4)], "fires"),
    (FIRST_DAY, "the second day", [registered(DAY), batch(2)], "rests"),
    (FIRST_DAY, "added to four groups by others", [registered(HOUR), joins(4, method="added_by_other")], "rests"),
    (FIRST_DAY, "a broadcast, then added to a group by others", [registered(HOUR), batch(2), joins(1, T0 + MINUTE, method="added_by_other")], "rests"),
    (FIRST_DAY, "four groups, then added to a fifth by others", [registered(HOUR), joins(4), joins(1, T0 + HOUR, method="added_by_other")], "rests"),
    (FIRST_DAY, "added to one group by others, then a broadcast", [registered(HOUR), joins(1, method="added_by_other"), batch(2, T0 + MINUTE)], "fires"),
    (FIRST_DAY, "a broadcast, then a join of nobody knows what kind", [registered(HOUR), batch(2), event("group_joined", T0 + MINUTE, group_id="g")], "fires"),
    (FAST, "under", with_links(6), "rests"),
    (FAST, "at", with_links(7), "fires"),
    (FAST, "over", with_links(8), "fires"),
    (FAST, "messages without links", [with_links(6), messages(20, T0 + 10 * SECOND, link_hashes=[])], "rests"),
    (FAST, "links not known", [with_links(6), message(T0 + 7 * SECOND)], "undecided"),
    (EVERYWHERE, "under", with_links(49, MINUTE), "rests"),
    (EVERYWHERE, "at", with_links(50, MINUTE), "rests"),
    (EVERYWHERE, "over", with_links(51, MINUTE), "fires"),
    (EVERYWHERE, "60 sends to 50 users", [with_links(50, MINUTE), messages(10, T0 + 2 * HOUR, MINUTE, link_hashes=["l"])], "rests"),
    (EVERYWHERE, "the first is a day old", [with_links(50, MINUTE), message(T0 + DAY, "x", link_hashes=["l"])], "rests"),
    (EVERYWHERE, "another link", [with_links(50, MINUTE), message(T0 + 2 * HOUR, "x", link_hashes=["m"])], "rests"),
    (EVERYWHERE, "one of two links", [with_links(50, MINUTE, link_hashes=["l", "m"]), message(T0 + 2 * HOUR, "x", link_hashes=["k", "l"])], "fires"),
    (EVERYWHERE, "another account's people", [with_links(50, MINUTE), message(T0 + 2 * HOUR, "x", "z", link_hashes=["l"])], "rests"),
    (EVERYWHERE, "no link", [with_links(51, MINUTE), message(T0 + 2 * HOUR, "x", link_hashes=[])], "rests"),
    (EVERYWHERE, "links are not known", [with_links(50), message(T0 + HOUR, "x")], "undecided"),
    (EVERYWHERE, "links are not known, by far not enough people", [message(T0, link_hashes=[]), message(T0 + 1, "x")], "rests"),
    (EVERYWHERE, "links are not known, most other messages had none", [with_links(25), with_links(60, link_hashes=[]), message(T0 + HOUR, "x")], "rests"),
    (EVERYWHERE, "links are not known, nor to whom any went", [to_unnamed(50), message(T0 + HOUR, "x")], "undecided"),
    (EVERYWHERE, "nobody knows what one of 50 got ten times", [with_links(49), [message(T0 + HOUR + i, "x") for i in range(10)], message(T0 + 2 * HOUR, "b0", link_hashes=["l"])], "rests"),
    (EVERYWHERE, "nobody knows what one of 51 got ten times", [with_links(50), [message(T0 + HOUR + i, "x") for i in range(10)], message(T0 + 2 * HOUR, "b0", link_hashes=["l"])], "undecided"),
    (EVERYWHERE, "no link on record", [message(T0, link_hashes=None)], "rests"),
    (EVERYWHERE, "50 messages to nobody knows whom", to_unnamed(50), "rests"),
    (EVERYWHERE, "51 messages to nobody knows whom", to_unnamed(51), "undecided"),
    (EVERYWHERE, "50 people and one message to nobody knows whom before", [with_links(50, MINUTE), to_unnamed(1), message(T0 + HOUR, "b0", link_hashes=["l"])], "undecided"),
    (EVERYWHERE, "50 people, and before that one message of unknown links", [{k: v for k, v in message(T0 - 1, "x").items() if k != "link_hashes"}, with_links(50, MINUTE)], "undecided"),
    (EVERYWHERE, "50 people, and before that a post of unknown links", [event("message_sent", T0 - 1, group_id="g"), with_links(50, MINUTE)], "rests"),
    (EVERYWHERE, "a message to a group that names nobody", [with_links(50, MINUTE), event("message_sent", T0 + 2 * HOUR, link_hashes=["l"], group_id="g")], "rests"),
    (EVERYWHERE, "a message to a group", [with_links(50, MINUTE), message(T0 + 2 * HOUR, None, link_hashes=["l"], group_id="g")], "rests"),
    (REPORTED, "under", link_reports(49, 49), "rests"),
    (REPORTED, "at", link_reports(50, 50), "rests"),
    (REPORTED, "over", link_reports(51, 51), "fires"),
    (REPORTED, "80 reports by 50 people", link_reports(80, 50), "rests"),
    (REPORTED, "50 reports that name nobody", nameless(50), "rests"),
    (REPORTED, "51 reports that name nobody", nameless(51), "fires"),
    (REPORTED, "51 reports of nobody on record", nameless(51, reporter_id=None), "fires"),
    (REPORTED, "some with names, some without", [link_reports(40, 25), nameless(25)], "rests"),
    (REPORTED, "30 days between the first and the last", [nameless(50), report(T0 + 30 * DAY, "x", link_hash="l")], "rests"),
    (REPORTED, "a profile lists 50", [listed(50), link_reports(1, 1)], "rests"),
    (REPORTED, "a profile lists 51", [listed(51), link_reports(1, 1)], "fires"),
    (REPORTED, "51 that are not yet old, in an old profile", [listed(51), link_reports(1, 1), report(T0 + 29 * DAY - 51, "x", link_hash="l")], "fires"),
    (REPORTED, "51, of which one has become old", [listed(51), link_reports(1, 1), report(T0 + 29 * DAY - 50, "x", link_hash="l")], "rests"),
    (REPORTED, "51 that were old when it was told", [listed(51, 31 * DAY), link_reports(1, 1)], "rests"),
    (REPORTED, "a report that names no link", [link_reports(51, 51), report(T0 + 2 * HOUR, "x", link_hash=None)], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_a_risky_size_counts_a_tenth():
    seen = last([batch(20)])
    assert (seen.score, seen.verdict) == (0.1, "allow")


def test_a_large_batch_is_handed_to_the_scan():
    assert [c["queue"] for c in last([batch(26)]).cases] == ["content-scan"]


def test_complaints_stop_broadcasts_and_leave_single_messages_alone():
    world = [stable(), complaints("b", "b", "b")]
    assert last([world, batch(2, T0 + 3 * HOUR)]).verdict == "deny"
    assert last([world, message(T0 + 3 * HOUR, is_broadcast=True)]).verdict == "deny"
    assert last([world, message(T0 + 3 * HOUR)]).verdict == "allow"
    assert last([world, event("message_sent", T0 + 3 * HOUR, batch_id="x")]).verdict == "deny", (
        "part of a batch"
    )
    assert last([world, event("message_sent", T0 + 3 * HOUR, batch_id=None)]).verdict == "allow"
    assert last([world, batch(2, T0 + 2 * HOUR + 3 * DAY)]).verdict == "allow"


def test_after_the_cool_down_for_links_plain_text_still_passes():
    world = [stable(), with_links(51, MINUTE)]
    assert last(world).verdict == "deny"
    assert last([world, message(T0 + 2 * HOUR, link_hashes=[])]).verdict == "allow"
    assert last([world, message(T0 + 2 * HOUR, link_hashes=["other"])]).verdict == "deny"
    assert last([world, message(T0 + 2 * HOUR, message_type="link")]).verdict == "deny", (
        "which link is not known"
    )
    assert last([world, message(T0 + 2 * HOUR, message_type="text")]).verdict == "allow"


def test_a_notorious_link_alone_restricts_who_is_reported_for_it():
    seen = last(link_reports(51, 51))
    assert seen.fired[REPORTED]["probability"] == 0.99
    assert seen.score > 0.85
