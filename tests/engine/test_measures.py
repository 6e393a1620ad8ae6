"""Measures from their opening to their end: throttles, ladders, conditions that end them, and what people decide."""

from dataclasses import replace

import pytest
from tests.engine.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    applied,
    event,
    figure,
    judge,
    lifted,
    message,
    policy_of,
    rule,
    sanction,
    verdicts,
)

import tidegate as tg
from tidegate.errors import PolicyError
from tidegate.events import ChallengeResult, LoginAttempt, MessageSent, ReportFiled

SUSPEND = sanction("suspend")
THROTTLE = sanction(
    "throttle", "throttle", rate_per_minute=figure(4, "rate", high=60), lasting=tg.minutes(30)
)
SLOWER = sanction("slower", "throttle", rate_per_minute=figure(3, "slower", high=60), lasting=tg.minutes(30))
HELD = sanction("held", "throttle", rate_per_minute=figure(0, "held", low=0), lasting=tg.minutes(30))
STEP_UP = sanction("step-up", "challenge", challenge="sms", lasting=tg.hours(24))
BAN = sanction("ban", level=4, capability=("all",), lasting=tg.days(3))


def on_report(*measures, **parts):
    return rule("reported", on=ReportFiled, measures=tuple(tg.Measure(m) for m in measures), **parts)


REPORT = event("report_filed", T0)


# throttles --------------------------------------------------------------------------------------------------------
def waits(policy, times, **options):
    """Seconds to wait after each message, None where it was let through."""
    seen = judge(policy, [REPORT, *(message(T0 + t) for t in times)], **options)[1:]
    assert set(verdicts(seen)) <= {"throttle"}
    return [s.get("retry_after_s") for s in seen]


def test_a_throttle_lets_its_rate_through_in_any_minute_and_says_when_there_is_room():
    #   0 s   10 s  20 s  30 s | 40 s: full   59.999 s: full | 60 s: the first has left | 61 s: full until 70 s
    times = [0, 10 * SECOND, 20 * SECOND, 30 * SECOND, 40 * SECOND, 59_999, 60 * SECOND, 61 * SECOND]
    assert waits(policy_of(on_report(THROTTLE)), times) == [None, None, None, None, 20, 1, None, 9]


def test_what_is_held_back_takes_no_room():
    times = [0, 1, 2, 3, *range(1000, 59_000, 1000), 60_000]
    assert waits(policy_of(on_report(THROTTLE)), times)[-1] is None


def test_of_two_throttles_the_slower_counts_and_neither_is_used_up_by_what_the_other_holds_back():
    policy = policy_of(on_report(THROTTLE, SLOWER))
    assert waits(policy, [0, 1, 2, 3, 4, 5, 60_000, 60_001, 60_002, 60_003]) == [
        None, None, None, 60, 60, 60, None, None, None, 60,
    ]  # fmt: skip


def test_a_late_message_is_held_against_the_minute_before_it():
    times = [0, 1, 2, 3, 90_000, 4, 60_003]
    assert waits(policy_of(on_report(THROTTLE)), times) == [None, None, None, None, None, 60, None]


def test_a_throttle_that_lets_nothing_through_asks_to_wait_until_it_ends():
    assert waits(policy_of(on_report(HELD)), [0, MINUTE]) == [1800, 1740]


def test_a_throttle_ends_half_open():
    seen = judge(
        policy_of(on_report(THROTTLE)), [REPORT, message(T0 + 30 * MINUTE - 1), message(T0 + 30 * MINUTE)]
    )
    assert verdicts(seen)[1:] == ["throttle", "allow"]


# ends -------------------------------------------------------------------------------------------------------------
PASSED = tg.Release(
    on=ChallengeResult,
    when=ChallengeResult.passed,
    sanctions=("step-up",),
    labels=("odd",),
    challenge=ChallengeResult.challenge_type,
)


def check(ts, *, passed=True, account="a", **fields):
    return event("challenge_result", ts, account, passed=passed, **fields)


@pytest.mark.parametrize(
    ("result", "after"),
    [
        (check(T0 + 2, challenge_type="sms"), "allow"),
        (check(T0 + 2), "allow"),
        (check(T0 + 2, challenge_type="voice"), "challenge"),
        (check(T0 + 2, passed=False, challenge_type="sms"), "challenge"),
        (event("challenge_result", T0 + 2, challenge_type="sms"), "challenge"),
        (check(T0 + 2, account="b", challenge_type="sms"), "challenge"),
    ],
)
def test_a_step_up_ends_when_that_check_is_passed(result, after):
    policy = policy_of(on_report(STEP_UP), releases=(PASSED,))
    seen = judge(policy, [REPORT, message(T0 + 1), result, message(T0 + 3)])
    assert verdicts(seen)[1::2] == ["challenge", after]


@pytest.mark.parametrize(
    ("causes", "after"), [(("reported",), "allow"), (("another",), "challenge"), ((), "allow")]
)
def test_an_end_is_for_what_its_causes_opened(causes, after):
    policy = policy_of(on_report(STEP_UP), releases=(replace(PASSED, causes=causes),))
    seen = judge(policy, [REPORT, check(T0 + 2), message(T0 + 3)])
    assert verdicts(seen)[2] == after


@pytest.mark.parametrize(
    ("result", "after"),
    [
        (check(T0 + 2), "allow"),
        (check(T0 + 2, device_id="other"), "challenge"),
        (check(T0 + 2, device_id="d"), "allow"),
        (check(T0 + 2, passed=False), "challenge"),
        (check(T0 + 2, account="c"), "challenge"),
    ],
)
def test_a_check_ends_what_runs_against_whom_the_event_does_not_name(result, after):
    used = tg.events(LoginAttempt).last(LoginAttempt.device_id).per(LoginAttempt.account_id).ever()
    policy = policy_of(
        rule("logged-in", on=LoginAttempt, measures=(tg.Measure(STEP_UP, subject="device"),)),
        releases=(replace(PASSED, named=used, settles=True),),
    )
    login = event("login_attempt", T0, device_id="d")
    seen = judge(policy, [login, result, message(T0 + 3, "b", device_id="d")])
    assert verdicts(seen)[2] == after


def test_nobody_is_named_by_what_is_no_id():
    with pytest.raises(PolicyError, match="names nobody"):
        replace(PASSED, named=ChallengeResult.challenge_type)


def test_what_has_ended_may_be_opened_anew_and_a_late_event_still_meets_it():
    policy = policy_of(on_report(STEP_UP), releases=(PASSED,))
    events = [REPORT, check(T0 + 10), message(T0 + 5), event("report_filed", T0 + 20), message(T0 + 21)]
    seen = judge(policy, events)
    assert verdicts(seen) == ["allow", "allow", "challenge", "allow", "challenge"]
    assert [len(s["sanctions"]) for s in seen] == [1, 0, 0, 1, 0]


@pytest.mark.parametrize(("later", "opened"), [(HOUR, []), (24 * HOUR - 1, []), (24 * HOUR, ["step-up"])])
def test_what_is_settled_is_not_opened_again_by_the_same_cause_before_it_would_have_ended(later, opened):
    settles = replace(PASSED, settles=True)
    policy = policy_of(on_report(STEP_UP), releases=(settles,))
    seen = judge(policy, [REPORT, check(T0 + 10), event("report_filed", T0 + later), message(T0 + later)])
    assert [s["sanction"] for s in seen[2]["sanctions"]] == opened
    assert seen[3]["verdict"] == ("challenge" if opened else "allow")


def test_a_passed_check_takes_off_the_labels_it_clears_and_no_other():
    labels = (tg.Label("odd"), tg.Label("kept"))
    asked = [
        rule(name, given=tg.labelled(name, MessageSent.account_id), points=1, on=MessageSent)
        for name in ("odd", "kept")
    ]
    policy = policy_of(on_report(labels=labels), *asked, releases=(PASSED,))
    seen = judge(policy, [REPORT, message(T0 + 1), check(T0 + 2), message(T0 + 3), message(T0 + 1)])
    assert [[f["rule"] for f in s["fired"]] for s in seen[1::2]] == [["odd", "kept"], ["kept"]]
    assert len(seen[-1]["fired"]) == 2


# what people decide -----------------------------------------------------------------------------------------------
OURS = policy_of(on_report(SUSPEND), sanctions=(BAN,))


def test_a_measure_of_ours_is_lifted_by_its_id_though_the_event_names_no_account():
    number = judge(OURS, [REPORT])[0]["sanctions"][0]["id"]
    seen = judge(OURS, [REPORT, message(T0 + 1), lifted(T0 + 2, number), message(T0 + 3), message(T0 + 1)])
    assert verdicts(seen) == ["allow", "deny", "allow", "allow", "deny"]


def test_an_unknown_id_lifts_nothing():
    assert verdicts(judge(OURS, [REPORT, lifted(T0 + 1), message(T0 + 2)]))[-1] == "deny"


@pytest.mark.parametrize(
    ("fields", "lasts"),
    [
        ({}, 2 * HOUR),
        ({"expires_ts": T0 + HOUR}, HOUR),
        ({"kind": "ban"}, 3 * DAY),
        ({"kind": "sanction.of-theirs", "expires_ts": T0 + DAY, "capability": ["send"]}, DAY),
    ],
)
def test_a_measure_from_outside_restrains_over_its_half_open_span(fields, lasts):
    seen = judge(OURS, [applied(T0, **fields), message(T0), message(T0 + lasts - 1), message(T0 + lasts)])
    assert verdicts(seen)[1:] == ["deny", "deny", "allow"]
    assert [s["id"] for s in seen[0]["sanctions"]] == ["x1"]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "sanction.of-theirs", "capability": ["send"]},
        {"kind": "suspend", "capability": ["call"]},
        {"account": None},
    ],
    ids=["nobody knows when it ends", "another capability", "nobody named"],
)
def test_what_does_not_concern_the_attempt_does_not_restrain(fields):
    assert verdicts(judge(OURS, [applied(T0, **fields), message(T0 + 1)])) == ["allow", "allow"]


def test_one_without_end_stands_until_an_appeal_is_granted():
    appeal = {"appeal_id": "ap1"}
    events = [
        applied(T0, kind="ban", expires_ts=None),
        message(T0 + 300 * DAY),
        event("appeal_filed", T0 + 300 * DAY, "a", sanction_id="x1", **appeal),
        event("appeal_decided", T0 + 300 * DAY + 1, None, granted=False, appeal_id="other"),
        message(T0 + 300 * DAY + 2),
        event("appeal_decided", T0 + 300 * DAY + 3, None, granted=True, **appeal),
        message(T0 + 300 * DAY + 4),
    ]
    assert verdicts(judge(OURS, events))[1::3] == ["deny", "deny"]
    assert verdicts(judge(OURS, events))[-1] == "allow"


def test_a_refused_appeal_changes_nothing():
    filed = event("appeal_filed", T0 + 1, "a", sanction_id="x1", appeal_id="ap1")
    refused = event("appeal_decided", T0 + 2, None, granted=False, appeal_id="ap1")
    assert verdicts(judge(OURS, [applied(T0), filed, refused, message(T0 + 3)]))[-1] == "deny"


def test_an_appeal_that_was_refused_may_be_granted_after_all():
    filed = event("appeal_filed", T0 + 1, "a", sanction_id="x1", appeal_id="ap1")
    decided = [event("appeal_decided", T0 + 2 + n, None, granted=n == 1, appeal_id="ap1") for n in range(2)]
    seen = judge(OURS, [applied(T0), filed, decided[0], message(T0 + 2), decided[1], message(T0 + 4)])
    assert verdicts(seen)[3::2] == ["deny", "allow"]


def test_the_echo_of_a_measure_of_ours_opens_no_second_one_and_lends_it_its_id():
    echo = applied(T0 + 1, "their-id", cause="reported")
    seen = judge(OURS, [REPORT, echo, lifted(T0 + 2, "their-id"), message(T0 + 3)])
    assert [len(s["sanctions"]) for s in seen] == [1, 0, 0, 0]
    assert verdicts(seen)[-1] == "allow"


def test_a_second_word_about_a_measure_moves_its_end():
    events = [applied(T0), applied(T0 + 1, expires_ts=T0 + MINUTE), message(T0 + MINUTE), message(T0 + 2)]
    assert verdicts(judge(OURS, events))[2:] == ["allow", "deny"]


def test_a_measure_that_is_extended_is_shown_with_its_new_end():
    ends = [T0 + MINUTE, T0 + 30_000, T0 + HOUR, None]
    opened, shorter, longer, endless = judge(
        OURS, [applied(T0 + n, expires_ts=e) for n, e in enumerate(ends)]
    )
    first, second, third = (m["sanctions"][0] for m in (opened, longer, endless))
    assert shorter["sanctions"] == []
    assert second == first | {"until": "2026-03-02T10:30:00.000Z"}
    assert third == first | {"until": "permanent"}


def test_a_measure_that_is_over_is_opened_anew_by_its_id_however_long_it_is_held():
    again = [applied(T0 + n * HOUR, f"x{n}", expires_ts=T0 + n * HOUR + MINUTE) for n in range(3)]
    told = applied(T0 + 3 * HOUR, "x0", expires_ts=T0 + 4 * HOUR)
    seen = judge(OURS, [*again, told, message(T0 + 3 * HOUR)])
    assert [(m["id"], m["from"]) for m in seen[3]["sanctions"]] == [("x0", "2026-03-02T12:30:00.000Z")]
    assert verdicts(seen)[-1] == "deny"


def test_an_appeal_is_about_the_measure_that_ran_not_one_opened_anew_under_its_id():
    filed = event("appeal_filed", T0 + 1, sanction_id="x1", appeal_id="ap")
    events = [applied(T0, expires_ts=T0 + MINUTE), filed, applied(T0 + DAY), message(T0 + DAY)]
    granted = event("appeal_decided", T0 + DAY + 1, None, appeal_id="ap", granted=True)
    assert verdicts(judge(OURS, [*events, granted, message(T0 + DAY + 2)]))[3::2] == ["deny", "deny"]


# the ladder -------------------------------------------------------------------------------------------------------
LONGER = sanction("longer", lasting=tg.days(2), level=2)
LONGEST = sanction("longest", lasting=tg.days(10), level=3)
LADDER = tg.Measure(SUSPEND, then=(tg.Measure(LONGER), tg.Measure(LONGEST)), within=tg.days(30))


@pytest.mark.parametrize(
    ("times", "opened"),
    [
        ([0], [["suspend"]]),
        ([0, HOUR, 2 * HOUR], [["suspend"], [], ["suspend", "longer"]]),
        ([0, 3 * HOUR, 6 * HOUR], [["suspend"], ["suspend", "longer"], ["suspend", "longest"]]),
        ([0, 30 * DAY - 1], [["suspend"], ["suspend", "longer"]]),
        ([0, 30 * DAY], [["suspend"], ["suspend"]]),
    ],
)
def test_each_time_within_the_span_a_ladder_goes_one_step_up(times, opened):
    """The step that still runs is not opened again."""
    policy = policy_of(rule("reported", on=ReportFiled, measures=(LADDER,)))
    seen = judge(policy, [event("report_filed", T0 + t) for t in times])
    assert [[m["sanction"] for m in s["sanctions"]] for s in seen] == opened


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        (lambda number: lifted(T0 + HOUR, number, reason="review"), ["suspend"]),
        (lambda number: lifted(T0 + HOUR, number, reason="appeal"), ["suspend"]),
        (lambda number: lifted(T0 + HOUR, number, reason="condition_met"), ["suspend", "longer"]),
        (lambda number: lifted(T0 + HOUR, number), ["suspend", "longer"]),
        (lambda number: lifted(T0 + 2 * HOUR, number, reason="review"), ["suspend", "longer"]),
        (lambda number: event("appeal_filed", T0 + HOUR, sanction_id=number, appeal_id="ap"), ["suspend"]),
    ],
    ids=[
        "reviewed",
        "appealed",
        "its condition was met",
        "why is not known",
        "it was over",
        "appeal granted",
    ],
)
def test_what_was_found_wrong_takes_nobody_up_the_ladder(told, opened):
    policy = policy_of(rule("reported", on=ReportFiled, measures=(LADDER,)))
    number = judge(policy, [REPORT])[0]["sanctions"][0]["id"]
    granted = event("appeal_decided", T0 + HOUR + 1, None, appeal_id="ap", granted=True)
    seen = judge(policy, [REPORT, told(number), granted, event("report_filed", T0 + DAY)])
    assert [m["sanction"] for m in seen[-1]["sanctions"]] == opened


def test_the_longest_end_per_capability_counts():
    policy = policy_of(rule("reported", on=ReportFiled, measures=(LADDER,)))
    events = [REPORT, event("report_filed", T0 + 3 * HOUR), message(T0 + 4 * HOUR)]
    assert judge(policy, events)[-1]["retry_after_s"] == 47 * 3600


# whom it meets ----------------------------------------------------------------------------------------------------
def test_a_measure_on_a_device_meets_every_account_that_comes_with_it():
    measures = tuple(tg.Measure(SUSPEND, subject=s) for s in ("account", "device", "number"))
    policy = policy_of(rule("reported", on=ReportFiled, measures=measures))
    seen = judge(
        policy,
        [
            event("report_filed", T0, device_id="d1", ip="i1"),
            message(T0 + 1),
            message(T0 + 1, "b", device_id="d1"),
            message(T0 + 1, "b", device_id="d2", ip="i1"),
        ],
    )
    assert verdicts(seen)[1:] == ["deny", "deny", "allow"]
    assert [m.get("subject", "account") for m in seen[0]["sanctions"]] == ["account", "device"]


def test_a_rule_may_ask_what_is_in_force():
    asked = rule("asked", given=tg.in_force(MessageSent.account_id, "suspend"), points=1)
    seen = judge(
        policy_of(on_report(SUSPEND), asked),
        [message(T0), REPORT, message(T0 + 1), message(T0 + 2 * HOUR), message(T0 + 3)],
    )
    assert [bool(s["fired"]) for s in seen] == [False, True, True, False, True]


@pytest.mark.parametrize(("capability", "expected"), [("send", True), ("group_join", False), (None, True)])
def test_a_rule_may_ask_what_is_in_force_for_a_capability(capability, expected):
    given = tg.in_force(MessageSent.account_id, "suspend", capability=capability)
    seen = judge(
        policy_of(on_report(SUSPEND), rule("asked", given=given, points=1)), [REPORT, message(T0 + 1)]
    )
    assert bool(seen[-1]["fired"]) is expected


def test_an_attempt_may_be_exempt_from_a_sanction():
    forwards = ("suspend", MessageSent.is_forward == 1)
    policy = replace(
        policy_of(on_report(SUSPEND)), attempts=(tg.Attempt(MessageSent, "send", exempt=(forwards,)),)
    )
    seen = judge(policy, [REPORT, message(T0 + 1), message(T0 + 2, is_forward=True), message(T0 + 3)])
    assert verdicts(seen)[1:] == ["deny", "allow", "deny"]
    with pytest.raises(PolicyError, match="`exempt` of `suspend` is"):
        tg.Attempt(MessageSent, "send", exempt=(("suspend", MessageSent.forward_depth),))


def test_whom_a_measure_names_must_be_of_the_kind_it_is_taken_against():
    with pytest.raises(tg.errors.PolicyError, match="names no account"):
        tg.Measure(sanction("stop"), named=MessageSent.device_id)
    with pytest.raises(tg.errors.PolicyError, match="names no account"):
        tg.Measure(sanction("stop"), named=MessageSent.media_bytes)
