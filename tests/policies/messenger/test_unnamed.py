"""Events that do not say who: a count of different people is then an interval, and a rule it does not settle undecided."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    attempt,
    event,
    joins,
    judge,
    last,
    login,
    outcome,
    report,
    reports,
)

OVER_5, REVIEW = "report.over-5-in-24h", "report.over-5-unique-in-72h-priority"
PER_IP, DEVICES = "reg.ip-over-2-accounts-24h", "login.devices-over-3-in-24h"


def nameless(count, start=T0 - HOUR, **fields):
    return [event("report_filed", start + i * MINUTE, **fields) for i in range(count)]


@pytest.mark.parametrize(
    ("unnamed", "named", "expected"),
    [
        (0, 5, "rests"),
        (1, 4, "rests"),
        (1, 5, "undecided"),
        (2, 4, "undecided"),
        (5, 1, "undecided"),
        (0, 6, "fires"),
        (3, 6, "fires"),
    ],
)
def test_reports_that_do_not_say_who_may_be_those_of_others(unnamed, named, expected):
    assert outcome(OVER_5, [nameless(unnamed), reports(named)]) == expected


def test_one_of_nobody_is_nobody_s():
    assert outcome(OVER_5, [nameless(3, reporter_id=None), reports(5)]) == "rests"


def test_those_that_have_left_the_window_widen_it_no_more():
    assert outcome(OVER_5, [nameless(1, T0 - DAY + 4 * MINUTE + 1), reports(5)]) == "undecided"
    assert outcome(OVER_5, [nameless(1, T0 - DAY + 4 * MINUTE), reports(5)]) == "rests"


def test_those_about_somebody_else_do_not_count():
    assert outcome(OVER_5, [[{**e, "account_id": "b"} for e in nameless(3)], reports(5)]) == "rests"


def test_a_repeated_reporter_adds_nothing_where_all_are_named():
    assert outcome(OVER_5, [reports(5), report(T0 + HOUR, "r0"), report(T0 + 2 * HOUR, "r1")]) == "rests"


def test_a_late_one_widens_what_comes_after_it():
    world = [*reports(5), *nameless(1, T0 + 30_000), report(T0 + 5 * MINUTE, "r0")]
    seen = judge(world, arrival=True)
    assert OVER_5 not in seen[4].undecided
    assert OVER_5 in seen[-1].undecided


def test_longer_windows_remember_them_longer():
    world = [nameless(1, T0 - 2 * DAY), reports(5)]
    assert (outcome(OVER_5, world), outcome(REVIEW, world)) == ("rests", "undecided")


def test_registrations_without_a_number_may_be_other_accounts():
    unknown = [event("registration_attempt", T0 - HOUR + i, None, ip="i") for i in range(2)]
    assert outcome(PER_IP, [unknown[:1], attempt(T0, "n1")]) == "rests"
    assert outcome(PER_IP, [unknown, attempt(T0, "n1")]) == "undecided"
    assert (
        outcome(PER_IP, [unknown, attempt(T0, "n1"), attempt(T0 + 1, "n2"), attempt(T0 + 2, "n3")]) == "fires"
    )


def test_what_falls_on_a_number_that_is_not_named_meets_that_attempt_alone():
    unsaid = {k: v for k, v in attempt(T0, ip_anonymity=0.86, is_public_vpn=True).items() if k != "number"}
    seen = last([unsaid])
    assert (seen.verdict, seen.challenge) == ("challenge", "captcha")
    assert [m["sanction"] for m in seen.sanctions] == ["sanction.step-up-verification"]
    after = unsaid | {"ts": T0 + MINUTE, "is_public_vpn": False}
    assert last([unsaid, after]).verdict == "allow"
    wrong = event("verification_code_attempt", T0, None, session_id="s", correct=False)
    assert not last([wrong] * 3).sanctions
    [wait] = last([wrong] * 4).sanctions
    assert wait["sanction"] == "sanction.registration-session-wait-30m"


def test_a_marked_device_says_nothing_of_a_number_that_is_not_named():
    wrong = event("device_report", T0 - MINUTE, None, device_id="d", params_wrong=3, params_total=12)
    unsaid = {k: v for k, v in attempt(T0).items() if k != "number"}
    reban = "device.reban-after-number-change-78pct"
    assert reban in last([wrong, attempt(T0)]).fired
    assert reban in last([wrong, unsaid]).undecided


def test_logins_without_a_device_may_be_on_others():
    known = [login(T0 + i * MINUTE, device_id=f"d{i}") for i in range(3)]
    assert outcome(DEVICES, known) == "rests"
    assert outcome(DEVICES, [login(T0 - HOUR), known]) == "undecided"


def test_groups_joined_by_name_are_counted_as_before():
    assert outcome("group.join-over-2-per-hour", joins(2)) == "rests"
