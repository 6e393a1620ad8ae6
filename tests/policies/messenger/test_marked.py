"""Numbers and devices that are marked: every later registration is looked at by a person; and whose a session is."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    at,
    attempt,
    event,
    judge,
    last,
    login,
)

NUMBER, DEVICE, WRONG = (
    "reg.five-consecutive-failures-number-marked",
    "device.over-3-accounts-90d-permanent",
    "verify.wrong-code-over-3",
)
REVIEW = "registration"


def failures(count=5, number="n"):
    return [attempt(T0 + i * HOUR, number, f"i{i}", f"d{i}", outcome="failed") for i in range(count)]


def created(count=4, device="d"):
    return [attempt(T0 + i * DAY, f"n{i}", f"i{i}", device, outcome="created") for i in range(count)]


def queues(seen):
    return [case["queue"] for case in seen.cases]


@pytest.mark.parametrize("outcome", [None, "created", "queued"])
def test_a_later_registration_of_a_marked_number_goes_to_a_person(outcome):
    later = attempt(T0 + 30 * DAY, "n", "j", "e", **({} if outcome is None else {"outcome": outcome}))
    seen = last([failures(), later])
    assert (NUMBER in seen.fired) is (outcome == "queued"), "one that waits ends no series of failures"
    assert (queues(seen), at(seen.cases[0]["due"]) - T0) == ([REVIEW], 30 * DAY + 6 * HOUR)
    assert queues(last([failures(4), later])) == []
    assert queues(last([failures(), {**later, "number": "m"}])) == []


def test_while_a_case_is_open_no_second_one_is_opened():
    seen = judge([failures(), [attempt(T0 + 30 * DAY + i * HOUR, "n", f"j{i}", f"e{i}") for i in range(8)]])
    assert [queues(one) for one in seen[-8:]] == [[REVIEW], [], [], [], [], [], [REVIEW], []]


def test_a_failure_that_the_rule_fires_at_has_the_case_of_the_rule_and_no_second_one():
    assert [queues(one) for one in judge(failures(6))] == [[], [], [], [], [REVIEW], [REVIEW]]


def test_asking_for_a_code_is_part_of_a_registration_logging_in_is_not():
    code = event("verification_code_requested", T0 + 30 * DAY, None, number="n")
    assert queues(last([failures(), code])) == [REVIEW]
    assert queues(last([failures(), login(T0 + 30 * DAY, number="n")])) == []


def test_once_the_mark_is_taken_off_nobody_is_asked():
    (mark,) = [s["id"] for one in judge(failures()) for s in one.sanctions if s["cause"] == NUMBER]
    lifted = event("sanction_lifted", T0 + DAY, None, sanction_id=mark, reason="review")
    assert queues(last([failures(), lifted, attempt(T0 + 30 * DAY, "n", "j", "e")])) == []


def test_a_later_registration_on_a_marked_device_goes_to_a_person():
    later = attempt(T0 + 200 * DAY, "m", "j", "d")
    seen = last([created(), later])
    assert DEVICE not in seen.fired
    assert queues(seen) == [REVIEW]
    assert queues(last([created(3), later])) == []
    assert queues(last([created(), {**later, "device_id": "e"}])) == []


# sanction.registration-session-wait-30m
def wrong(count=4, **fields):
    return [
        event("verification_code_attempt", T0 + i * SECOND, None, session_id="s", correct=False, **fields)
        for i in range(count)
    ]


BEGUN = event("registration_attempt", T0 - MINUTE, None, session_id="s", number="n", device_id="d", ip="i")
ASKED = event("verification_code_requested", T0 - MINUTE, None, session_id="s", number="n")


@pytest.mark.parametrize("known", [BEGUN, ASKED])
@pytest.mark.parametrize(
    ("wait", "verdict"),
    [(30 * MINUTE - SECOND, "deny"), (30 * MINUTE, "allow"), (30 * MINUTE + SECOND, "allow")],
)
def test_the_number_of_the_session_waits_where_the_wrong_code_does_not_say_it(known, wait, verdict):
    again = event(
        "registration_attempt",
        T0 + 3 * SECOND + wait,
        None,
        session_id="r",
        number="n",
        device_id="e",
        ip="j",
    )
    assert last([known, wrong(), again]).verdict == verdict
    assert last([known, wrong(), {**again, "number": "m"}]).verdict == "allow"


@pytest.mark.parametrize("known", [BEGUN, ASKED])
def test_the_session_is_over_at_once_for_what_does_not_say_its_number(known):
    right = event("verification_code_attempt", T0 + MINUTE, None, session_id="s", correct=True)
    again = event("registration_attempt", T0 + MINUTE, None, session_id="s")
    assert last([known, wrong(3)]).verdict == "allow"
    assert [last([known, wrong(), *then]).verdict for then in ([], [right], [again])] == ["deny"] * 3
    assert last([known, wrong(), {**again, "ts": T0 + 3 * SECOND + 30 * MINUTE}]).verdict == "allow"
    assert last([known, wrong(), {**again, "session_id": "r"}]).verdict == "allow"


def test_the_number_that_the_code_is_of_counts_first():
    (wait,) = last([BEGUN, wrong(number="m")]).sanctions
    assert (wait["sanction"], wait["subject"], wait.get("of")) == (
        "sanction.registration-session-wait-30m",
        "number",
        None,
    )
    (wait,) = last([BEGUN, wrong()]).sanctions
    assert (wait["subject"], wait["of"]) == ("number", "n")


@pytest.mark.parametrize(
    ("wait", "verdict"),
    [(30 * MINUTE - SECOND, "deny"), (30 * MINUTE, "allow"), (30 * MINUTE + SECOND, "allow")],
)
@pytest.mark.parametrize("kind", ["registration_attempt", "verification_code_requested"])
def test_a_session_without_a_number_waits_itself(kind, wait, verdict):
    again = event(kind, T0 + 3 * SECOND + wait, None, session_id="s")
    assert last([wrong(), again]).verdict == verdict
    assert last([wrong(), {**again, "session_id": "r"}]).verdict == "allow"
    assert last([wrong(3), again]).verdict == "allow"


def test_a_wait_that_is_lifted_does_not_begin_again_with_the_next_attempt():
    (wait,) = last([BEGUN, wrong()]).sanctions
    lifted = event("sanction_lifted", T0 + MINUTE, None, sanction_id=wait["id"], reason="review")
    again = event(
        "registration_attempt", T0 + 2 * MINUTE, None, session_id="s", number="n", device_id="d", ip="i"
    )
    assert last([BEGUN, wrong(), lifted, again]).verdict == "allow"


def test_a_session_of_which_nothing_else_is_known_ends_all_the_same():
    seen = last(wrong())
    assert WRONG in seen.fired
    assert [s["sanction"] for s in seen.sanctions] == ["sanction.registration-session-wait-30m"]
