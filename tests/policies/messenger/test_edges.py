"""The two ends of every window: an event exactly as old as the window no longer counts, a millisecond younger still does.

Days that begin in the middle of a window change nothing, nor does the order in which events of other kinds arrive.
"""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    at,
    event,
    judge,
    message,
    profile,
    registered,
    stable,
)

FP = "00ff13a27be09c44"
MIDNIGHT = at("2026-03-03T00:00:00+00:00")
unidentified = profile(is_identified=False)


def sent(**fields):
    return lambda ts, i: message(ts, f"b{i}", **fields)


def joined(ts, i):
    return event("group_joined", ts, group_id=f"g{i}", method="link")


def removed(ts, i):
    return event("group_member_removed", ts, group_id=f"g{i}", removed_by=f"r{i}", by_admin=True)


def called(ts, i):
    return event("call_started", ts, callee_id=f"b{i}", kind="voice")


def added(ts, i):
    return event("contact_added", ts, contact_id=f"c{i}", is_known=False)


def reported(**fields):
    return lambda ts, i: event("report_filed", ts, reporter_id=f"r{i}", **fields)


def posted(ts, i):
    return message(ts, None, group_id=f"g{i}", content_fp=FP)


def from_one_address(ts, i):
    return message(ts, account=f"s{i}", ip="i")


promotion = sent(is_promotional=True, via_business_api=False, link_hashes=["l"])

# rule, who it is, the event, how many of them fire it, its window
ROWS = [
    ("msg.burst-over-12-per-minute-flag", stable(), sent(), 13, MINUTE),
    ("msg.rate-over-12-per-minute-downgrade", stable(), sent(), 13, MINUTE),
    ("msg.rate-over-20-per-minute", stable(), sent(), 21, MINUTE),
    ("msg.one-per-second-15min", stable(), sent(), 60, MINUTE),
    ("msg.media-risk-10-per-min", stable(), sent(message_type="image"), 10, MINUTE),
    ("msg.hour-over-50-mostly-broadcast", stable(), sent(is_broadcast=True), 51, HOUR),
    ("msg.merchant-example-68-in-1h", stable(), promotion, 68, HOUR),
    ("msg.day1-risk-45-per-hour", registered(2 * HOUR), sent(), 45, HOUR),
    ("msg.day-over-200-proactive", stable(), sent(), 201, DAY),
    ("msg.promo-over-500-day-manual", stable(), promotion, 501, DAY),
    ("msg.new-contacts-over-5-for-10min", stable(), sent(recipient_is_contact=False), 6, 10 * MINUTE),
    ("link.risk-7-per-min", stable(), sent(link_hashes=["l"]), 7, MINUTE),
    ("link.same-link-over-50-users-24h", stable(), sent(link_hashes=["l"]), 51, DAY),
    ("link.reports-over-50-30d", stable(), reported(link_hash="l"), 51, 30 * DAY),
    ("bcast.reports-3-disable", stable(), reported(batch_id="x"), 3, 7 * DAY),
    ("content.sea-fraud-keywords-over-5-day", stable(market="VN"), sent(keyword_classes=["fraud"]), 6, DAY),
    ("contact.over-20-new-per-hour", stable(), added, 21, HOUR),
    ("group.join-over-2-per-hour", stable(), joined, 3, HOUR),
    ("group.join-over-1-per-hour-in-br", stable(market="BR"), joined, 2, HOUR),
    ("group.new-over-10-24h", registered(2 * HOUR), joined, 11, DAY),
    ("group.new-over-20-24h-cooldown", stable(), joined, 21, DAY),
    ("group.removed-by-over-5-admins-72h", stable(), removed, 6, 3 * DAY),
    ("group.same-message-over-5-groups-1h", stable(), posted, 6, HOUR),
    ("call.unidentified-over-10-day", unidentified, called, 11, DAY),
    ("net.ip-over-30-senders-1h", [], from_one_address, 31, HOUR),
]


def with_last(who, make, count, ts):
    """One event at the start, one at the end, the others in the last second before it."""
    between = [make(ts - SECOND + i, i) for i in range(1, count - 1)]
    return [who, make(T0, 0), between, make(ts, count)]


CASES = [
    case
    for rule, who, make, count, window in ROWS
    for case in (
        (rule, "the first exactly as old as the window", with_last(who, make, count, T0 + window), "rests"),
        (rule, "a millisecond younger", with_last(who, make, count, T0 + window - 1), "fires"),
        (rule, "across midnight", [who, [make(MIDNIGHT - count + 2 * i, i) for i in range(count)]], "fires"),
    )
]


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_both_ends_of_a_window(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize(("rule", "who", "make", "count", "window"), ROWS, ids=[row[0] for row in ROWS])
def test_what_comes_late_counts_from_its_own_time(rule, who, make, count, window):
    """The last but one comes after the last: that one saw too few, and so does the late one, but the next sees all."""
    start = T0 + MINUTE
    *first, late, final = [make(start + i * 500, i) for i in range(count)]
    who = [who] if isinstance(who, dict) else who
    seen = judge([*who, *first, final, late, make(final["ts"] + 1, count)], arrival=True)
    assert [rule in s.fired for s in seen[-3:]] == [False, False, True]
