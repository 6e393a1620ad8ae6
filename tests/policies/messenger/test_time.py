"""Where a policy that counts in buckets, knows no calendar or forgets that events may be late would be wrong."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    at,
    event,
    judge,
    last,
    login,
    message,
    messages,
    outcome,
    per_minute,
    registered,
    stable,
)

from tidegate.policies.messenger import policy
from tidegate.testing import Bench

L1 = "msg.burst-over-12-in-60s-l1"
SOFT = "msg.sustained-over-8-for-5min-soft"


def test_a_burst_across_a_minute_mark_is_a_burst():
    #   09:30:54 |m m m m m m 09:31:00 m m m m m m m| 09:31:06: six and seven in their minutes, 13 in a row
    border = T0 + MINUTE
    assert outcome(L1, [stable(), messages(13, border - 6 * SECOND)]) == "fires"


def test_a_message_exactly_60_seconds_old_no_longer_counts():
    first, rest = message(T0), messages(11, T0 + 10 * SECOND)
    assert outcome(L1, [stable(), first, rest, message(T0 + MINUTE)]) == "rests"
    assert outcome(L1, [stable(), first, rest, message(T0 + MINUTE - 1)]) == "fires"


def test_thirteen_messages_over_61_seconds_are_no_burst():
    spread = [message(T0 + i * 61 * SECOND // 12) for i in range(13)]
    assert outcome(L1, [stable(), spread]) == "rests"


def test_equal_times_count_in_order_of_arrival():
    seen = judge([stable(), [message(T0, f"b{i}") for i in range(14)]], arrival=True)
    assert [s.fired[L1]["observed"] for s in seen if L1 in s.fired] == [13, 14]


def test_the_rule_is_level_triggered():
    seen = judge([stable(), messages(15)])
    assert [s.fired[L1]["observed"] for s in seen if L1 in s.fired] == [13, 14, 15]


def test_a_late_message_sees_only_its_past_and_the_next_one_sees_it():
    #   time     0..10 s: 11 messages      20 s late       30 s       31 s
    #   arrival  first                     third           second     fourth
    world = [
        stable(),
        messages(11),
        message(T0 + 30 * SECOND, "on time"),
        message(T0 + 20 * SECOND, "late"),
        message(T0 + 31 * SECOND, "next"),
    ]
    *_, on_time, late, following = judge(world, arrival=True)
    assert L1 not in on_time.fired, "twelve: the late one had not arrived"
    assert L1 not in late.fired, "at 20 s there were twelve, itself included"
    assert following.fired[L1]["observed"] == 14


def test_a_late_message_can_be_the_thirteenth_of_its_minute():
    world = [stable(), messages(12), message(T0 + 4 * MINUTE, "later"), message(T0 + 12 * SECOND, "late")]
    *_, later, late = judge(world, arrival=True)
    assert L1 not in later.fired
    assert late.fired[L1]["observed"] == 13


def test_a_late_registration_does_not_make_the_messages_before_it_new():
    new_registration = registered(-2 * SECOND)
    world = [messages(4), new_registration, messages(8, T0 + 4 * SECOND)]
    assert last(world).fired[L1]["limit"] == 5


def test_minutes_roll_with_the_message():
    #   nine messages in each minute by the clock, but turn about at its start and at its end: 0.., ..51, 0.., ..51, 0..
    crowded = [
        messages(9, T0 + m * MINUTE + 51 * SECOND * (m % 2), SECOND // 2, to=f"{m}-{{}}") for m in range(5)
    ]
    assert outcome(SOFT, [stable(), crowded]) == "rests", (
        "minutes that end at the last message hold 18, 0, 18, 0, 9"
    )
    assert outcome(SOFT, [stable(), per_minute(9, 9, 9, 9, 9, start=T0 + 37 * SECOND)]) == "fires"


NIGHT = "msg.night-0-6-threshold-minus-30pct"
PEAK = "msg.peak-19-22-threshold-minus-30pct"
CLOCKS = [
    ("2026-03-03T05:59:59.999+01:00", NIGHT),
    ("2026-03-03T06:00:00.000+01:00", None),
    ("2026-03-03T06:00:01.000+01:00", None),
    ("2026-03-02T23:59:59.999+01:00", None),
    ("2026-03-03T00:00:00.000+01:00", NIGHT),
    ("2026-03-03T18:59:59.999+01:00", None),
    ("2026-03-03T19:00:00.000+01:00", PEAK),
    ("2026-03-03T21:59:59.999+01:00", PEAK),
    ("2026-03-03T22:00:00.000+01:00", None),
    # the day clocks go forward in Rome: 02:00 becomes 03:00
    ("2026-03-29T01:59:59.999+01:00", NIGHT),
    ("2026-03-29T03:00:00.000+02:00", NIGHT),
    ("2026-03-29T05:59:59.999+02:00", NIGHT),
    ("2026-03-29T06:00:00.000+02:00", None),
    # the day they go back: 02:30 happens twice
    ("2026-10-25T02:30:00.000+02:00", NIGHT),
    ("2026-10-25T02:30:00.000+01:00", NIGHT),
    ("2026-10-25T06:00:00.000+01:00", None),
]


@pytest.mark.parametrize(("text", "modifier"), CLOCKS)
def test_nights_and_evenings_are_those_of_the_account(text, modifier):
    limit = 8.4 if modifier else 12
    ts = at(text)
    world = [stable(tz="Europe/Rome"), [message(ts, f"b{i}") for i in range(int(limit))]]
    assert outcome(L1, world) == "rests"
    fired = last([*world, message(ts)]).fired[L1]
    assert fired["limit"] == limit
    assert [m["modifier"] for m in fired["modifiers"]] == ([modifier] if modifier else [])


def test_the_threshold_is_that_of_the_newest_message():
    six = at("2026-03-03T06:00:00+01:00")
    assert outcome(L1, [stable(tz="Europe/Rome"), messages(10, six - 9 * SECOND)]) == "rests"
    assert outcome(L1, [stable(tz="Europe/Rome"), messages(10, six - 9 * SECOND - 1)]) == "fires"


def test_without_a_zone_nothing_is_applied_and_a_given_hour_wins():
    night = at("2026-03-03T03:00:00+00:00")
    assert outcome(L1, [stable(), messages(12, night)]) == "rests"
    assert outcome(L1, [stable(tz="No/Where"), messages(12, night)]) == "rests"
    assert outcome(L1, [stable(), messages(9, night, local_hour=3)]) == "fires"
    assert outcome(L1, [stable(tz="UTC"), messages(12, night, local_hour=12)]) == "rests"


@pytest.mark.parametrize(
    ("device", "factor", "limit"),
    [
        ({"is_rooted": True}, "device.root-threshold-minus-50pct", 6),
        ({"ram_mb": 1946}, "device.low-end-threshold-plus-20pct", 14.4),
        ({"ram_mb": 2048}, None, 12),
        ({"is_rooted": False, "ram_mb": 4096}, None, 12),
    ],
)
def test_what_the_device_is_moves_the_limit(device, factor, limit):
    report = event("device_report", T0 - DAY, device_id="d", **device)
    for fields in ({}, {"device_id": "d"}):
        assert outcome(L1, [stable(), report, messages(int(limit), **fields)]) == "rests"
        fired = last([stable(), report, messages(int(limit) + 1, **fields)]).fired[L1]
        assert (fired["limit"], [m["modifier"] for m in fired["modifiers"]]) == (
            limit,
            [factor] if factor else [],
        )


def test_the_device_that_sends_counts_and_not_the_one_reported_last():
    rooted = event("device_report", T0 - DAY, device_id="d", is_rooted=True)
    clean = event("device_report", T0 - HOUR, device_id="e", is_rooted=False)
    assert outcome(L1, [stable(), rooted, clean, messages(7, device_id="d")]) == "fires"
    assert outcome(L1, [stable(), rooted, clean, messages(7, device_id="e")]) == "rests"


def test_of_a_device_that_the_message_names_another_one_says_nothing():
    rooted = event("device_report", T0 - DAY, device_id="d", is_rooted=True)
    world = [stable(), rooted, login(T0 - HOUR, device_id="d")]
    assert outcome(L1, [*world, messages(7)]) == "fires"
    assert outcome(L1, [*world, messages(7, device_id="e")]) == "rests"
    for unnamed in ({}, {"device_id": None}):
        nameless = event("device_report", T0 - DAY, is_rooted=True, **unnamed)
        assert outcome(L1, [stable(), nameless, messages(7, device_id="e")]) == "fires", (
            "it may be about this one"
        )
    assert outcome(L1, [stable(), rooted, messages(7, device_id=None)]) == "fires", "none is named"


@pytest.mark.parametrize(
    ("between", "outcome_then"),
    [
        ([login(T0 - HOUR, device_id="d")], "fires"),
        ([login(T0 - 2 * HOUR, device_id="d"), login(T0 - HOUR, device_id="e")], "rests"),
        ([login(T0 - HOUR, device_id="d", ok=False)], "rests"),
        ([login(T0 - HOUR, device_id="d"), event("device_report", T0 - HOUR, is_rooted=False)], "rests"),
        ([], "rests"),
    ],
)
def test_without_a_word_of_the_account_the_device_it_logged_in_on_counts(between, outcome_then):
    rooted = event("device_report", T0 - DAY, None, device_id="d", is_rooted=True)
    assert outcome(L1, [stable(), rooted, *between, messages(7)]) == outcome_then


@pytest.mark.parametrize(("kind", "limit"), [("mno", 12), ("mvno", 9.6), ("virtual", 12)])
def test_the_operator_of_the_number_moves_the_limit(kind, limit):
    number = registered(100 * DAY, number="n")
    check = event("carrier_check", T0 - DAY, None, number="n", carrier_kind=kind)
    assert last([number, check, messages(13)]).fired[L1]["limit"] == limit
    typed = login(T0 - DAY, number_type="mvno")
    assert last([stable(), typed, messages(13)]).fired[L1]["limit"] == 9.6


def test_of_the_operator_counts_what_was_said_last():
    number = registered(100 * DAY, number="n")
    told = event("carrier_check", T0 - DAY, None, number="n", carrier_kind="mvno")
    moved = event("number_profile", T0 - HOUR, None, number="n", carrier_kind="mno")
    assert last([number, told, moved, messages(13)]).fired[L1]["limit"] == 12
    assert last([number, moved | {"ts": T0 - 2 * DAY}, told, messages(13)]).fired[L1]["limit"] == 9.6


def test_factors_multiply_down_to_a_quarter():
    world = [
        stable(tz="UTC"),
        event("device_report", T0 - DAY, device_id="d", is_rooted=True),
        [event("network_switch", at("2026-03-03T02:59:00+00:00") + i) for i in range(4)],
        login(T0, number_type="mvno"),
    ]
    night = at("2026-03-03T03:00:00+00:00")
    fired = last([world, messages(4, night)]).fired[L1]
    assert fired["limit"] == 3, "0.7 x 0.6 x 0.5 x 0.8 = 0.168, held at 0.25"
    assert [m["factor"] for m in fired["modifiers"]] == [0.7, 0.6, 0.5, 0.8]


def test_a_missing_account_leaves_all_undecided():
    seen = last([message(T0, account=None)])
    assert {L1, SOFT} <= set(seen.undecided)
    assert seen.verdict == "allow"


def test_a_missing_field_leaves_only_what_it_could_settle_undecided():
    mass = "msg.rate-over-12-per-minute-downgrade"
    unknown = event("message_sent", T0 + 20 * SECOND, recipient_id="b")
    assert outcome(mass, [stable(), messages(11), unknown]) == "rests", "twelve at most"
    assert outcome(mass, [stable(), messages(12), unknown]) == "undecided"
    assert outcome(mass, [stable(), messages(13), unknown]) == "fires", "thirteen at least"
    assert outcome(mass, [stable(), messages(12), unknown, message(T0 + 21 * SECOND)]) == "fires"


def test_accounts_do_not_share_counts():
    assert outcome(L1, [stable(), stable("z"), messages(12), messages(12, T0 + 100, account="z")]) == "rests"


def test_when_and_where_factors_hold_are_figures():
    figures = {
        "night_from": 1,
        "night_to": 7,
        "peak_from": 18,
        "peak_to": 23,
        "low_end_ram_mb": 4096,
        "sound_share": 0.5,
    }
    midnight = "2026-03-02T00:00:00Z"
    revised = {f"modifiers.{name}": f for name, f in figures.items()} | {"policy.modifier_floor": 0.8}
    bench = Bench(policy.revise(revised), start=midnight)
    unsound = {"ram_mb": 1000, "params_total": 10, "params_wrong": 5}
    limits = []
    for wait, report in [(0.5, {}), (6, {}), (6, {"ram_mb": 3000}), (1, unsound), (5, {}), (4, {})]:
        bench.wait(f"PT{wait * 60:.0f}M")
        account = {"account_id": f"a{len(limits)}"}
        bench.send("account_profile", **account, tz="UTC", registered_at="2025-01-01T00:00:00Z")
        bench.send("device_report", **account, device_id=f"d{len(limits)}", **report)
        for n in range(15):
            decision = bench.send("message_sent", **account, recipient_id=f"b{n}", is_broadcast=False)
        limits += [f.limit for f in decision.fired if f.rule == L1]
    #                 00:30 06:30 12:30 13:30 18:30 22:30
    assert limits == [12.0, 9.6, 14.4, 14.4, 9.6, 9.6], "0.7 of 12, held at 0.8"
