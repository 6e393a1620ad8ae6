"""What the oracles found in the engine, reduced to a few events each. The expected values are worked out by hand."""

import pytest
from tests.oracle.observe import UNKNOWN, Bounds, Reading, Running, observe

from tidegate import days, events, hours, local_hour, minutes, seconds
from tidegate.events import (
    AccountProfile,
    BroadcastBatch,
    GroupJoined,
    LoginAttempt,
    MessageSent,
    ReportFiled,
)

M, B, G, L, R = MessageSent, BroadcastBatch, GroupJoined, LoginAttempt, ReportFiled
T = 1_772_443_800_000


def message(ts, **fields):
    return {"type": "message_sent", "ts": T + ts, "account_id": "ann", **fields}


def login(ts, **fields):
    return {"type": "login_attempt", "ts": T + ts, "account_id": "ann", **fields}


def joined(ts):
    return {"type": "group_joined", "ts": T + ts, "account_id": "ann"}


def seen(value, on, stream):
    """What each event shows that reads the value."""
    table, _ = observe([Reading("it", value, on)], stream, Running())
    return [row["it"] for row in table if "it" in row]


def test_a_flag_known_to_be_none_does_not_hold_and_its_opposite_does():
    direct = events(M).where(~M.is_broadcast).count().per(M.account_id).over(hours(1))
    both = events(M).where(~M.is_broadcast & ~M.is_forward).count().per(M.account_id).over(hours(1))
    stream = [message(0, is_broadcast=None, is_forward=False), message(1, is_broadcast=True, is_forward=None)]
    assert seen(direct, (M,), stream) == [1, 1]
    assert seen(both, (M,), stream) == [1, 1]


def test_an_event_without_account_belongs_to_no_account():
    stream = [login(0, ok=False, ip_country="DE"), login(9, account_id=None, ok=False, ip_country="US")]
    for what in (events(L).last_seen(), events(L).last(L.ip_country), events(L).run(~L.ok)):
        assert seen(what.per(L.account_id).ever(), (L,), stream)[1] is UNKNOWN


def test_a_message_without_links_is_no_sighting_of_a_link():
    last = events(M).last_seen().per(M.link_hashes).ever()
    senders = events(M).distinct(M.recipient_id).per(M.link_hashes).over(hours(1))
    stream = [message(0, link_hashes=["x"], recipient_id="bob"), message(9, link_hashes=[])]
    assert seen(last, (M,), stream) == [T, None]
    assert seen(senders, (M,), stream) == [1, 0]


def test_a_series_lasts_from_its_first_event_to_its_last():
    regular = events(G).regular_for(seconds(1), seconds(60)).per(G.account_id).ever()
    stream = [message(0), joined(1000), joined(31_000), message(9_000_000), joined(9_100_000)]
    assert seen(regular, (G, M), stream) == [0, 0, 30_000, 30_000, 0]


def test_whether_a_doubtful_event_was_the_first_is_not_known():
    first = events(M).where(M.is_forward).first_seen().per(M.account_id).ever()
    stream = [message(0), message(5, is_forward=True), message(9)]
    assert seen(first, (M,), stream) == [UNKNOWN, T + 5, T + 5]


def test_each_window_since_a_moment_has_its_own_farthest_reach():
    start = events(L).last_seen().per(L.account_id).ever()
    readings = [
        Reading(name, events(M).count().per(M.account_id).since(start, at_most=reach), (M,))
        for name, reach in (("far", days(3)), ("near", hours(1)))
    ]
    stream = [login(0), *(message(ts) for ts in (1, 3_600_000, 3_600_001))]
    table, _ = observe(readings, stream, Running())
    assert [(row["far"], row["near"]) for row in table[1:]] == [(1, 1), (2, 2), (3, 2)]


def test_the_largest_amounts_stay_in_the_sum():
    sent = events(M).sum(M.media_bytes).per(M.account_id).over(hours(1))
    exact = events(M).sum(M.media_bytes, places=0).per(M.account_id).over(hours(1))
    assert seen(sent, (M,), [message(0, media_bytes=2**40)]) == [2**53 / 10_000]
    assert seen(exact, (M,), [message(0, media_bytes=2**52 + 1)]) == [2**52 + 1]


def test_a_pair_never_seen_has_a_count_of_zero():
    sent = events(M).count().per(M.account_id, M.recipient_id).over(days(1))
    answered = events(M).last_seen().per(M.account_id, M.recipient_id).ever()
    stream = [message(0, recipient_id="bob")]
    assert seen(sent.at(M.recipient_id, M.account_id), (M,), stream) == [0]
    assert seen(answered.at(M.recipient_id, M.account_id), (M,), stream) == [None]


def test_a_count_that_must_be_positive_is_not_zero():
    direct = events(M).where(~M.is_broadcast).count().per(M.account_id).over(hours(1))
    stream = [message(0), message(1, is_broadcast=False)]
    assert seen(direct == 0, (M,), stream) == [UNKNOWN, 0]
    assert seen(direct != 0, (M,), stream) == [UNKNOWN, 1]


def test_one_message_to_nobody_known_is_at_most_one_recipient():
    recipients = events(M).distinct(M.recipient_id).per(M.account_id).over(hours(1))
    stream = [message(0, recipient_id="bob"), message(1), message(2, recipient_id=None)]
    assert seen(recipients, (M,), stream) == [1, Bounds(1, 2), 1]
    assert seen(recipients > 2, (M,), stream) == [0, 0, 0]


def test_a_doubtful_amount_adds_at_most_itself():
    paid = events(M).where(M.is_forward).sum(M.media_bytes, places=0).per(M.account_id).over(hours(1))
    stream = [
        message(0, media_bytes=7, is_forward=True),
        message(1, media_bytes=5),
        message(2, is_forward=True),
    ]
    assert seen(paid, (M,), stream) == [7, Bounds(7, 12), Bounds(7, float("inf"))]


def test_a_change_to_none_is_a_change():
    hops = events(L).changes(L.ip_country)
    good = events(L).where(L.ok).changes(L.ip_country)
    stream = [login(0, ok=True, ip_country="DE"), login(1, ip_country=None)]
    assert seen(hops.per(L.account_id).over(hours(1)), (L,), stream) == [0, 1]
    assert seen(good.per(L.account_id).over(hours(1)), (L,), stream) == [0, Bounds(0, 1)]


def test_the_message_before_one_to_oneself_is_not_that_message():
    answered = events(M).previous_seen().per(M.account_id, M.recipient_id).ever()
    stream = [message(0, recipient_id="ann"), message(5, recipient_id="ann")]
    assert seen(answered.at(M.recipient_id, M.account_id), (M,), stream) == [None, T]


@pytest.mark.parametrize("late", [0, 1])
def test_what_is_read_per_account_beside_a_list_of_accounts_is_one_account(late):
    received = events(B).count().per(B.recipient_ids).over(minutes(10)).at(B.account_id)
    stream = [
        {"type": "broadcast_batch", "ts": T + 5, "account_id": "ann", "recipient_ids": ["bob", "eve"]},
        {"type": "broadcast_batch", "ts": T + 5 - late, "account_id": "bob", "recipient_ids": ["ann"]},
    ]
    assert seen(received, (B,), stream) == [0, 0 if late else 1]


def test_before_any_word_was_seen_no_zone_is_known():
    zone = events(AccountProfile).last(AccountProfile.tz).per(AccountProfile.account_id).ever()
    assert seen(local_hour(zone), (M,), [message(0), message(86_400_000)]) == [UNKNOWN, UNKNOWN]
