"""Signals of registration: held against the number while there is no account, and against the account that is made of it."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    attempt,
    event,
    judge,
    last,
    message,
)

THIRD = T0 + 2 * MINUTE  # the third attempt from one address
WEEK = 7 * DAY
RESTRICTION, WANDERING = "score.restrict-threshold-unit-scale", "reg.network-switch-over-2-in-10min"


def three(last_number="n3", **fields):
    """Attempts of three numbers from one address, each on a device of its own: the third is a signal of 0.65."""
    names = ("n1", "n2", last_number)
    return [attempt(T0 + i * MINUTE, n, device=f"d{i + 1}", tz="UTC", **fields) for i, n in enumerate(names)]


def made(account="a", ts=THIRD + HOUR, **named):
    return event("account_registered", ts, account, **{"number": "n3"} | named)


def wandering(count=3):
    """Changes of the network while registering."""
    return [
        event("network_switch", T0 + (i + 1) * SECOND, None, session_id="s", number="n3")
        for i in range(count)
    ]


def scores(*events):
    return [seen.score for seen in judge([*events])]


def test_an_attempt_has_the_score_of_what_fired_and_of_its_number():
    again = attempt(THIRD + 2 * DAY, "n3", "elsewhere", "d9")
    other = attempt(THIRD + 2 * DAY + 1, "n2", "elsewhere", "d9")
    assert scores(three(), again, other) == [0, 0, 0.65, 0.65, 0]


def test_signals_of_one_number_are_taken_together():
    abroad = attempt(THIRD + DAY, "n3", "elsewhere", number_country="IT", ip_country="FR")
    assert last([three(), abroad]).score == 0.685  # 1 - 0.35 * 0.9


@pytest.mark.parametrize(("after", "score"), [(0, 0.65), (HOUR, 0.65), (WEEK - 1, 0.65), (WEEK, 0)])
def test_the_account_of_the_number_has_them_for_a_week_after_they_fired(after, score):
    assert scores(three(), made(ts=THIRD + after)) == [0, 0, 0.65, score]


@pytest.mark.parametrize(("after", "score"), [(WEEK - 1, 0.65), (WEEK, 0)])
def test_later_events_of_the_account_have_them_like_its_other_signals(after, score):
    seen = judge([three(), made(), message(THIRD + after)])
    assert [s.score for s in seen[-2:]] == [0.65, score]
    assert not seen[-1].sanctions


@pytest.mark.parametrize(
    "named", [{"number": "n2"}, {"number": "unknown"}, {"number": None}, {"device_id": "d3", "number": "n9"}]
)
def test_nobody_else_gets_them(named):
    assert scores(three(), made(**named), message(THIRD + 2 * HOUR))[-2:] == [0, 0]


def test_they_go_to_one_account_only():
    first, second = made("a"), made("b", THIRD + 2 * HOUR)
    found = scores(three(), first, second, message(THIRD + 3 * HOUR, account="b"), message(THIRD + 4 * HOUR))
    assert found[3:] == [0.65, 0, 0, 0.65]


def test_the_number_has_none_left_and_begins_anew():
    later = [attempt(THIRD + DAY + i * MINUTE, f"m{i}", "j", f"e{i}", tz="UTC") for i in range(2)]
    third = attempt(THIRD + DAY + HOUR, "n3", "j", "e3", tz="UTC")
    alone = attempt(THIRD + 2 * HOUR, "n3", "elsewhere")
    found = scores(three(), made(), alone, later, third, made("b", THIRD + 2 * DAY))
    assert found[3:] == [0.65, 0, 0, 0, 0.65, 0.65]


def test_without_a_number_they_are_held_against_the_device():
    nameless = [
        event("registration_attempt", T0 + i * MINUTE, None, ip="i", number=f"n{i}") for i in range(2)
    ]
    abroad = event("registration_attempt", THIRD, None, device_id="d", number_country="IT", ip_country="FR")
    found = scores(nameless, abroad, made(device_id="d"), made("b", THIRD + 2 * HOUR, device_id="d"))
    assert found == [0, 0, 0.1, 0.1, 0]


def test_of_an_event_that_names_nobody_the_score_is_what_fired_at_it():
    abroad = event("registration_attempt", T0, None, number_country="IT", ip_country="FR")
    assert scores(abroad, {**abroad, "ts": T0 + 1}, made()) == [0.1, 0.1, 0]


@pytest.mark.parametrize(("switches", "score"), [(2, 0.65), (3, 0.91)])
def test_changes_of_the_network_weigh_in_and_restrict_the_account_only(switches, score):
    seen = judge([three(session_id="s"), wandering(switches), made(), message(THIRD + 2 * HOUR)])
    *_, at_third, registered, sent = seen
    assert (at_third.score, registered.score, sent.score) == (score,) * 3
    assert (WANDERING in at_third.fired) is (switches > 2)
    assert RESTRICTION not in at_third.fired
    assert "restricted" not in at_third.labels
    opened = [s["sanction"] for s in registered.sanctions]
    assert (
        (RESTRICTION in registered.fired) is (opened == ["sanction.function-restriction"]) is (switches > 2)
    )


def test_a_change_of_the_network_after_the_attempt_weighs_for_the_account_too():
    after = [
        event("network_switch", THIRD + (i + 1) * SECOND, None, session_id="s", number="n3") for i in range(3)
    ]
    assert scores(three(session_id="s"), after, made())[-2:] == [0.91, 0.91]


def test_an_account_that_the_attempt_names_has_them_at_once():
    named = [{**e, "account_id": f"a{i}"} for i, e in enumerate(three())]
    assert scores(named, attempt(THIRD + 1, "n3", "elsewhere"), made("b")) == [0, 0, 0.65, 0, 0]


def test_one_that_arrives_late_sees_what_fired_before_it():
    early, late = message(THIRD + MINUTE), made(ts=THIRD - 1)
    found = [
        seen.score for seen in judge([three(), early, late, made("b", THIRD + 2 * MINUTE)], arrival=True)
    ]
    assert found[3:] == [0, 0, 0.65]


def test_what_was_over_when_the_account_was_made_is_nobodys():
    abroad = attempt(THIRD + DAY, "n3", "elsewhere", number_country="IT", ip_country="FR")
    late = message(THIRD + WEEK - MINUTE)
    found = judge([three(), abroad, made(ts=THIRD + WEEK), late], arrival=True)
    assert [seen.score for seen in found][3:] == [0.685, 0.1, 0.1]
