"""Messaging rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    business,
    event,
    last,
    message,
    messages,
    outcome,
    per_minute,
    profile,
    registered,
    stable,
)

from tidegate.policies.messenger import policy
from tidegate.testing import Bench

FLAG = "msg.burst-over-12-per-minute-flag"
L1 = "msg.burst-over-12-in-60s-l1"
DOWNGRADE = "msg.rate-over-12-per-minute-downgrade"
CEILING = "msg.rate-over-20-per-minute"
ONE_PER_SECOND = "msg.one-per-second-15min"
MEDIA = "msg.media-risk-10-per-min"
SOFT = "msg.sustained-over-8-for-5min-soft"
THROTTLE = "msg.rate-over-12-for-5min-throttle"
HOURLY = "msg.hour-over-50-mostly-broadcast"
PROACTIVE = "msg.day-over-200-proactive"
PROMOTION = "msg.promo-over-500-day-manual"
FIRST_MARK = "msg.new-account-over-50-first-mark"
DAY_1 = "msg.new-account-day1-over-50-82pct"
HEAVY = "msg.new-account-over-100-first-24h"
DAY_1_HOUR = "msg.day1-risk-45-per-hour"
STRANGERS = "msg.new-account-non-contacts-over-30"


def young(hours=2):
    """A new account, so many hours old when its first message goes out."""
    return registered(hours * HOUR)


def spread(count, step, **fields):
    return messages(count, T0, step, **fields)


def hour_of(sent, broadcast):
    """Within an hour `sent` messages, `broadcast` of them broadcast; a single one last."""
    return [
        messages(broadcast, T0, 20 * SECOND, is_broadcast=True),
        messages(sent - broadcast, T0 + 40 * MINUTE, 10 * SECOND),
    ]


BURSTS = [
    (rule, name, [stable(), messages(count, step=4 * SECOND)], expected)
    for rule in (FLAG, L1, DOWNGRADE)
    for name, count, expected in (("under", 11, "rests"), ("at", 12, "rests"), ("over", 13, "fires"))
]

CASES = [
    *BURSTS,
    (
        DOWNGRADE,
        "13 recipients through one broadcast are exempt",
        [stable(), messages(13, is_broadcast=True)],
        "rests",
    ),
    (
        DOWNGRADE,
        "one broadcast to 13 and 13 single messages",
        [stable(), messages(13, T0, 100, is_broadcast=True), messages(13, T0 + 2000)],
        "fires",
    ),
    (DOWNGRADE, "what belongs to a batch is exempt, said or not", [stable(), [event("message_sent", T0 + i, recipient_id=f"b{i}", batch_id="x") for i in range(13)]], "rests"),
    (DOWNGRADE, "known to belong to no batch", [stable(), [event("message_sent", T0 + i, recipient_id=f"b{i}", batch_id=None) for i in range(13)]], "fires"),
    (DOWNGRADE, "broadcast or not is not known", [stable(), [event("message_sent", T0 + i, recipient_id=f"b{i}") for i in range(13)]], "undecided"),
    (FLAG, "messages of a broadcast are messages", [stable(), messages(13, is_broadcast=True)], "fires"),
    (CEILING, "under", [business(), messages(19)], "rests"),
    (CEILING, "at", [business(), messages(20)], "rests"),
    (CEILING, "over", [business(), messages(21)], "fires"),
    (ONE_PER_SECOND, "under: 0.9 a second", [messages(54)], "rests"),
    (ONE_PER_SECOND, "at: one a second", [messages(60)], "fires"),
    (ONE_PER_SECOND, "over: 1.1 a second", [messages(66, step=900)], "fires"),
    (MEDIA, "under", [messages(9, message_type="image")], "rests"),
    (MEDIA, "at", [messages(5, message_type="image"), messages(5, T0 + 9000, message_type="video")], "fires"),
    (MEDIA, "over", [messages(11, message_type="video")], "fires"),
    (MEDIA, "text is no media", [messages(11, message_type="text")], "rests"),
    # five minutes on end
    (SOFT, "under", [stable(), per_minute(7, 7, 7, 7, 7)], "rests"),
    (SOFT, "at", [stable(), per_minute(8, 8, 8, 8, 8)], "rests"),
    (SOFT, "over", [stable(), per_minute(9, 9, 9, 9, 9)], "fires"),
    (SOFT, "a last minute of 8", [stable(), per_minute(9, 9, 9, 9, 8)], "rests"),
    (SOFT, "45 in five minutes, one minute with 5", [stable(), per_minute(10, 10, 10, 10, 5)], "rests"),
    (THROTTLE, "under", [stable(), per_minute(11, 11, 11, 11, 11)], "rests"),
    (THROTTLE, "at", [stable(), per_minute(12, 12, 12, 12, 12)], "rests"),
    (THROTTLE, "over", [stable(), per_minute(13, 13, 13, 13, 13)], "fires"),
    (THROTTLE, "a middle minute of 12, mean 15.6", [stable(), per_minute(20, 13, 12, 13, 20)], "rests"),
    (
        THROTTLE,
        "61 at once, then next to nothing: mean 12.2",
        [stable(), per_minute(60), message(T0 + 4 * MINUTE)],
        "rests",
    ),
    # per hour and day
    (HOURLY, "under: 50 messages, 80 % broadcast", hour_of(50, 40), "rests"),
    (HOURLY, "at: 60 messages, exactly 70 % broadcast", hour_of(60, 42), "rests"),
    (HOURLY, "over: 51 messages, 36 broadcast", hour_of(51, 36), "fires"),
    (PROACTIVE, "under", [stable(), spread(199, 5 * MINUTE)], "rests"),
    (PROACTIVE, "at", [stable(), spread(200, 5 * MINUTE)], "rests"),
    (PROACTIVE, "over", [stable(), spread(201, 5 * MINUTE)], "fires"),
    (
        PROACTIVE,
        "replies do not count",
        [stable(), spread(200, 4 * MINUTE), spread(100, 3 * MINUTE, is_reply=True), message(T0 + 800 * MINUTE, is_reply=True)],
        "rests",
    ),
    (PROACTIVE, "a business account has its own quota", [business(), spread(201, 5 * MINUTE)], "rests"),
    (PROACTIVE, "201 in 25 hours", [stable(), spread(201, 450 * SECOND)], "rests"),
    *(
        (PROMOTION, name, spread(count, 2 * MINUTE, is_promotional=True, via_business_api=api), expected)
        for name, count, api, expected in (
            ("under", 499, False, "rests"),
            ("at", 500, False, "rests"),
            ("over", 501, False, "fires"),
            ("600 through the business API", 600, True, "rests"),
        )
    ),
    # the first day
    *(
        (rule, name, [young(), spread(limit + more, 10 * MINUTE)], "fires" if more > 0 else "rests")
        for rule, limit in ((FIRST_MARK, 50), (DAY_1, 50), (HEAVY, 100))
        for name, more in (("under", -1), ("at", 0), ("over", 1))
    ),
    (FIRST_MARK, "not on the second day", [registered(25 * HOUR), spread(51, SECOND)], "rests"),
    (FIRST_MARK, "its last millisecond", [registered(DAY - 1, until=T0 + 50_000), messages(51)], "fires"),
    (FIRST_MARK, "24 hours after registration the first day is over", [registered(DAY, until=T0 + 50_000), messages(51)], "rests"),
    (FIRST_MARK, "a profile knows better", [registered(HOUR), profile(registered_at=T0 - 9 * DAY), messages(51)], "rests"),
    (FIRST_MARK, "age not known", [messages(51)], "undecided"),
    (FIRST_MARK, "age not known, but too few", [messages(50)], "rests"),
    (FIRST_MARK, "a profile without a registration on record", [profile(registered_at=None), messages(51)], "rests"),
    (DAY_1_HOUR, "under", [young(), spread(44, MINUTE)], "rests"),
    (DAY_1_HOUR, "at", [young(), spread(45, MINUTE)], "fires"),
    (DAY_1_HOUR, "over", [young(), spread(46, MINUTE)], "fires"),
    (STRANGERS, "under", [young(), spread(29, MINUTE, recipient_is_contact=False)], "rests"),
    (STRANGERS, "at", [young(), spread(30, MINUTE, recipient_is_contact=False)], "rests"),
    (STRANGERS, "over", [young(), spread(31, MINUTE, recipient_is_contact=False)], "fires"),
    (STRANGERS, "90 messages to 30 strangers", [young(), [spread(30, MINUTE, recipient_is_contact=False)] * 3], "rests"),
    (STRANGERS, "30 of whom that is not known", [young(), spread(30, MINUTE)], "rests"),
    (STRANGERS, "31 of whom that is not known", [young(), spread(31, MINUTE)], "undecided"),
    (STRANGERS, "contacts are no strangers", [young(), spread(31, MINUTE, recipient_is_contact=True)], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


TIERS = [
    ("new: 5", registered(7 * DAY, until=T0 + 5 * SECOND), 5),
    ("a millisecond past the seventh day: young, as new", registered(7 * DAY + 1, until=T0), 5),
    ("young until three months are full", registered(90 * DAY, until=T0 + 20 * SECOND), 5),
    ("stable: 12", registered(90 * DAY), 12),
    ("official business: 20", business(), 20),
    ("a tier that a profile gives", profile(tier="business"), 20),
    (
        "confirmed as a business later",
        [profile(tier="new"), profile(ts=T0 - HOUR, official_business=True)],
        20,
    ),
    ("not known: as stable", profile(market="IT"), 12),
    ("a known null: no registration on record", profile(registered_at=None), 12),
]


@pytest.mark.parametrize(("account", "limit"), [pytest.param(a, n, id=name) for name, a, n in TIERS])
def test_limits_per_minute_follow_the_tier(account, limit):
    assert outcome(L1, [account, messages(limit)]) == "rests"
    seen = last([account, messages(limit + 1)])
    assert (seen.fired[L1]["observed"], seen.fired[L1]["limit"]) == (limit + 1, limit)


@pytest.mark.parametrize(
    ("account", "count", "expected"),
    [
        (registered(3 * DAY), 3, "rests"),
        (registered(3 * DAY), 4, "fires"),
        (business(), 13, "rests"),
        (business(), 14, "fires"),
    ],
)
def test_sustained_limits_scale_with_the_tier(account, count, expected):
    assert outcome(SOFT, [account, per_minute(*[count] * 5)]) == expected


@pytest.mark.parametrize(
    ("segment", "account"), [("stable", None), ("new", 30 * DAY), ("stable", 100 * DAY), ("new", DAY)]
)
def test_a_revised_tier_takes_along_those_that_have_its_limits(segment, account):
    bench = Bench(policy.revise({"MessageBurst.level_1_limit": {segment: 3}}))
    if account is not None:
        bench.send("account_profile", account_id="a", registered_at=bench.now - account)
    sent = [bench.send("message_sent", account_id="a", recipient_id=f"b{n}") for n in range(4)]
    assert [[f.limit for f in s.fired if f.rule == L1] for s in sent] == [[], [], [], [3]]


def test_the_strict_set_takes_the_literal_figures():
    new = registered(3 * DAY)
    assert outcome(L1, [new, messages(12)], figures="strict") == "rests"
    assert outcome(L1, [business(), messages(13)], figures="strict") == "fires"
    assert outcome(SOFT, [new, per_minute(8, 8, 8, 8, 8)], figures="strict") == "rests"
    assert outcome(SOFT, [business(), per_minute(9, 9, 9, 9, 9)], figures="strict") == "fires"


def test_a_message_to_a_cold_contact_halves_the_soft_limit():
    def last_to(**fields):
        return [stable(), per_minute(5, 5, 5, 5, 4), message(T0 + 5 * MINUTE - SECOND, "x", **fields)]

    assert outcome(SOFT, last_to(recipient_is_contact=False)) == "fires"
    assert outcome(SOFT, last_to(recipient_is_contact=True)) == "rests"
    assert outcome(SOFT, last_to()) == "rests", "not known: not applied"
    assert outcome(SOFT, last_to(recipient_is_contact=None)) == "fires", "on no record"
    assert outcome(SOFT, last_to(recipient_is_contact=False, is_reply=True)) == "rests"
    heard = event("message_received", T0 - 6 * DAY, from_id="x")
    assert outcome(SOFT, [heard, *last_to(recipient_is_contact=False)]) == "rests"
    long_ago = event("message_received", T0 - 7 * DAY, from_id="x")
    assert outcome(SOFT, [long_ago, *last_to(recipient_is_contact=False)]) == "fires"
    fired = last(last_to(recipient_is_contact=False)).fired[SOFT]
    assert fired["limit"] == 4
    assert fired["modifiers"] == [{"modifier": "msg.cold-contact-threshold-minus-50pct", "factor": 0.5}]


def test_the_burst_rule_suspends_sending_for_two_hours_and_does_not_open_it_twice():
    seen = last([stable(), messages(13)])
    (measure,) = [s for s in seen.sanctions if s["sanction"] == "sanction.send-suspend-2h"]
    assert (seen.verdict, seen.retry_after_s) == ("deny", 7200)
    assert (measure["capability"], measure["level"], measure["cause"]) == (["send"], 1, L1)
    assert (measure["from"], measure["until"]) == ("2026-03-02T09:30:12.000Z", "2026-03-02T11:30:12.000Z")
    again = last([stable(), messages(14)])
    assert L1 in again.fired
    assert again.sanctions == []
    assert again.verdict == "deny"
    ended = last([stable(), messages(13), message(T0 + 12 * SECOND + 2 * HOUR)])
    assert ended.verdict == "allow", "the end is not part of the measure"


def test_the_soft_limit_lets_four_messages_a_minute_through():
    start = T0 + 7 * MINUTE  # after a pause: the throttle counts, not a burst
    tail = [message(start + i * SECOND, "x") for i in range(5)]
    seen = last([stable(), per_minute(9, 9, 9, 9, 9), tail])
    assert seen.verdict == "throttle"
    assert 0 < seen.retry_after_s <= 60


def test_a_permanent_ban_denies_at_once_and_names_its_review():
    seen = last(messages(501, step=2 * MINUTE, is_promotional=True, via_business_api=False))
    (measure,) = [s for s in seen.sanctions if s["cause"] == PROMOTION]
    assert (measure["until"], measure["review"]) == ("permanent", "permanent-deactivation")
    assert (seen.verdict, seen.score) == ("deny", 0.89)
    assert "score.restrict-threshold-unit-scale" in seen.fired
    assert "restricted" in seen.labels


def test_both_rows_on_the_first_day_count_once():
    seen = last([young(), spread(101, 10 * MINUTE)])
    assert {FIRST_MARK, DAY_1, HEAVY} <= seen.fired.keys()
    assert seen.score == 0.82
    assert "score.restrict-threshold-unit-scale" not in seen.fired


def test_unrelated_signals_add_up_to_a_restriction():
    seen = last([young(), spread(51, 10 * MINUTE, recipient_is_contact=False)])
    assert {DAY_1, STRANGERS} <= seen.fired.keys()
    assert seen.score == 0.9496
    assert seen.fired["score.restrict-threshold-unit-scale"]["limit"] == 0.85
