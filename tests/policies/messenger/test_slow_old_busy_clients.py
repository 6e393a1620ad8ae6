"""Clients that are slow, outdated or busier than all others; blocks of virtual numbers: boundary cases of their rows."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    attempt,
    event,
    judge,
    last,
    messages,
    outcome,
)

CONNECT = "client.connect-latency-plus-130ms"
DELIVER = "client.message-latency-plus-400ms"
OUTDATED = "client.version-gap-over-60d"
INTENSE = "msg.intensity-over-300pct"
VIRTUAL = "num.virtual-block-deviation-over-08"


def baseline(ts=T0 - DAY):
    fields = {"connect_ms": 200, "message_latency_ms": 300, "avg_message_rate": 2.0}
    return event("baseline_profile", ts, None, **fields)


def timings(*pairs, step=HOUR, **fields):
    return [
        event("connect_timing", T0 + i * step, connect_ms=connect, message_latency_ms=deliver, **fields)
        for i, (connect, deliver) in enumerate(pairs)
    ]


def connects(*ms, **fields):
    return [baseline(), timings(*((200 + m, 0) for m in ms), **fields)]


def delivers(*ms):
    return [baseline(), timings(*((0, 300 + m) for m in ms))]


def sent(count, step=SECOND):
    return [baseline(), messages(count, T0, step)]


CASES = [
    (CONNECT, "under", connects(129), "rests"),
    (CONNECT, "at", connects(130), "fires"),
    (CONNECT, "over", connects(131), "fires"),
    (CONNECT, "one slow connection among quick ones", connects(0, 900, 0), "rests"),
    (CONNECT, "most connections slow, this one quick", connects(900, 900, 0), "fires"),
    (CONNECT, "two in the middle: their mean", connects(100, 160), "fires"),
    (CONNECT, "the slow ones are a day old", connects(900, 900, 0, step=DAY), "rests"),
    (CONNECT, "time not known", [baseline(), event("connect_timing", T0)], "undecided"),
    (DELIVER, "under", delivers(399), "rests"),
    (DELIVER, "at", delivers(400), "fires"),
    (DELIVER, "over", delivers(401), "fires"),
    (INTENSE, "2.9 times the mean", sent(29), "rests"),
    (INTENSE, "3.0 times the mean", sent(30), "rests"),
    (INTENSE, "3.1 times the mean", sent(31), "fires"),
    (INTENSE, "4.0 times the mean", sent(40), "fires"),
    (INTENSE, "3.5 times the mean", sent(35), "fires"),
    (INTENSE, "31 messages, the first five minutes old", sent(31, 10 * SECOND), "rests"),
    (VIRTUAL, "under", [attempt(T0, number_block_deviation=0.79)], "rests"),
    (VIRTUAL, "at", [attempt(T0, number_block_deviation=0.8)], "rests"),
    (VIRTUAL, "over", [attempt(T0, number_block_deviation=0.81)], "fires"),
    (VIRTUAL, "deviation not known", [attempt(T0)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


@pytest.mark.parametrize("rule", [CONNECT, DELIVER])
def test_nobody_is_slower_than_a_client_of_which_nothing_is_on_record(rule):
    none = event("baseline_profile", T0 - DAY, None, connect_ms=None, message_latency_ms=None)
    assert outcome(rule, [none, timings((900, 900))]) == "rests"


def build(day, account="a", ts=T0, **fields):
    return event("client_report", ts, account, build_date=day, **fields)


NEWEST = build("2026-02-20", "other", T0 - DAY)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2025-12-23", "rests"), ("2025-12-22", "rests"), ("2025-12-21", "fires"), (None, "rests")],
)
def test_an_app_may_be_60_days_behind_the_newest_release(day, expected):
    assert outcome(OUTDATED, [NEWEST, build(day)]) == expected


@pytest.mark.parametrize(
    ("why", "newest"),
    [
        ("an old build, none newer known", []),
        ("a modified build may claim any date", build("2026-02-20", "other", T0 - DAY, is_modified=True)),
        ("a build of the future is forged", build("2026-05-01", "other", T0 - DAY)),
        ("a release reported later", build("2026-02-20", "other", T0 + MINUTE)),
    ],
)
def test_nobody_is_outdated_by_a_release_that_is_none(why, newest):
    seen = [s for s in _judged([newest, build("2025-12-01")]) if s.event_id == "old"]
    assert OUTDATED not in seen[0].fired, why


def _judged(world):
    from tests.policies.messenger.worlds import flat, judge

    events = flat(world)
    events[-1] = {**events[-1], "event_id": "old"}
    return judge(events)


def test_a_late_report_of_a_newer_release_counts_from_its_own_time_on():
    late = build("2026-02-20", "other", T0 - MINUTE)
    world = [
        build("2025-12-01", ts=T0 - 2 * MINUTE),
        build("2025-12-01", "b"),
        late,
        build("2025-12-01", "c"),
    ]
    fired = [OUTDATED in s.fired for s in _arrived(world)]
    assert fired == [False, False, False, True]


def _arrived(world):
    return judge(world, arrival=True)


def test_the_service_of_an_outdated_app_stops_until_it_is_updated():
    seen = last([NEWEST, build("2025-12-01")])
    (measure,) = [s for s in seen.sanctions if s["cause"] == OUTDATED]
    assert measure["sanction"] == "sanction.service-stop-outdated"
    assert seen.fired[OUTDATED]["observed"] == 81


@pytest.mark.parametrize(
    ("day", "verdict"),
    [("2026-02-20", "allow"), ("2025-12-22", "allow"), ("2025-12-21", "deny"), (None, "deny")],
)
def test_the_service_goes_on_where_the_app_reports_a_build_that_is_not_outdated(day, verdict):
    told = [NEWEST, build("2025-12-01"), build(day, ts=T0 + HOUR)]
    assert last([*told, event("message_sent", T0 + 2 * HOUR, recipient_id="b")]).verdict == verdict


def test_four_messages_in_a_quiet_hour_are_no_load():
    quiet = event("baseline_profile", T0 - DAY, None, avg_message_rate=0.01)
    assert outcome(INTENSE, [quiet, messages(4)]) == "rests"
    assert outcome(INTENSE, [quiet, messages(5)]) == "fires"


@pytest.mark.parametrize(("official", "slow"), [(126.4, 256.4), (127.9, 257.9), (200.1, 330.1)])
def test_130_ms_are_130_ms_whatever_the_official_median(official, slow):
    others = event("baseline_profile", T0 - DAY, None, connect_ms=official)
    assert outcome(CONNECT, [others, timings((slow, slow))]) == "fires"
    assert outcome(CONNECT, [others, timings((slow - 0.1, slow))]) == "rests"


@pytest.mark.parametrize(("mean", "exactly"), [(1.4, 21), (2.8, 42), (3.8, 57), (0.4, 6)])
def test_exactly_three_times_any_mean_is_not_more(mean, exactly):
    others = event("baseline_profile", T0 - DAY, None, avg_message_rate=mean)
    first, one_more = judge([others, messages(exactly + 1)])[-2:]
    assert INTENSE not in first.fired
    assert INTENSE in one_more.fired


def test_without_a_mean_it_is_not_known_whether_five_messages_are_many():
    assert outcome(INTENSE, messages(4)) == "rests"
    assert outcome(INTENSE, messages(5)) == "undecided"


def test_intensity_stops_sending_for_two_hours():
    seen = last(sent(31))
    (measure,) = [s for s in seen.sanctions if s["cause"] == INTENSE]
    assert (measure["sanction"], measure["capability"]) == ("sanction.send-suspend-2h", ["send"])


def test_a_virtual_block_marks_the_number():
    assert last([attempt(T0, number_block_deviation=0.9)]).labels == ["virtual-number"]
