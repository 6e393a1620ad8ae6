"""Codes that are asked for and typed in: what they slow down, which check they pass, whom wrong ones are held against."""

import pytest
from tests.policies.messenger.registrations import code_request, codes, distance, masked, on_device, typed
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    attempt,
    flat,
    last,
)


def test_the_fourth_code_is_slowed_down_and_a_guessed_one_ends_the_session():
    assert last(codes(0, 20, 40, 59)).verdict == "throttle"
    wrong = typed("WWWW")
    assert last(wrong).sanctions[0]["until"] == "2026-03-02T10:03:00.000Z"
    assert last(wrong).verdict == "deny"
    assert last([*wrong, *typed("R", session="s")]).verdict == "deny"
    assert last([*wrong, attempt(T0 + 32 * MINUTE)]).verdict == "deny"
    assert last([*wrong, attempt(T0 + 33 * MINUTE)]).verdict == "allow"


def test_a_code_that_is_typed_in_answers_a_check_and_is_not_slowed_down():
    far = distance(1600) | {"session_id": "s"}
    assert last([far]).verdict == "challenge"
    assert last([far, *typed("R")]).verdict == "allow"
    assert last([codes(0, 20, 40, 59), codes(59.1)]).verdict == "throttle"
    assert last([codes(0, 20, 40, 59), typed("W")[0] | {"ts": T0 + 59 * MINUTE + 6000}]).verdict == "allow"


@pytest.mark.parametrize(("channel", "letter", "verdict"), [("voice", "R", "allow"), ("voice", "W", "challenge"), ("sms", "R", "challenge")])  # fmt: skip
def test_a_code_by_voice_that_is_typed_in_right_is_the_check_that_was_asked_for(channel, letter, verdict):
    asked = code_request(number="n", session_id="s", channel=channel)
    typed_in = typed(letter)[0] | {"ts": T0 + 2 * MINUTE}
    again = distance(1600) | {"ts": T0 + HOUR}
    assert last([distance(1600), asked, typed_in, again]).verdict == verdict
    behind_vpn = masked(0.9) | {"ts": T0 - MINUTE}
    assert last([behind_vpn, distance(1600), asked, typed_in, attempt(T0 + HOUR)]).verdict == "challenge"


def of_session(events):
    """The same events without their numbers."""
    return [{name: told for name, told in e.items() if name != "number"} for e in flat(events)]


@pytest.mark.parametrize(("session", "number", "verdict"), [("s", "not said", "allow"), ("s", None, "allow"), ("t", "not said", "challenge")])  # fmt: skip
@pytest.mark.parametrize("asked", [{"number": "n", "session_id": "s"}, {"number": "n"}])
def test_a_code_by_voice_that_names_its_session_alone_is_the_check_of_the_sessions_number(
    session, number, verdict, asked
):
    typed_in = of_session(typed("R", session))[0] | {"ts": T0 + 2 * MINUTE}
    typed_in |= {} if number == "not said" else {"number": number}
    far = distance(1600) | {"session_id": "s"}
    again = distance(1600) | {"ts": T0 + HOUR}
    assert last([far, code_request(**asked), typed_in, again]).verdict == verdict


@pytest.mark.parametrize("nobody", [{}, {"number": None}])
def test_wrong_codes_that_name_nobody_are_held_against_the_first_number_that_their_session_names(nobody):
    wrong = [e | nobody for e in of_session(typed("WWWW"))]
    named = attempt(T0 + 10 * MINUTE, session_id="s")
    (wait,) = last([*wrong, named]).sanctions
    assert (wait["subject"], wait["until"]) == ("number", "2026-03-02T10:03:00.000Z")
    assert last([*wrong, named]).verdict == "deny"
    assert last([*wrong, named, attempt(T0 + 33 * MINUTE - 1, session_id="t")]).verdict == "deny"
    assert last([*wrong, named, attempt(T0 + 33 * MINUTE, session_id="s")]).verdict == "allow"
    assert last([*wrong, attempt(T0 + 33 * MINUTE, session_id="s")]).verdict == "allow"
    assert last([*wrong, attempt(T0 + 10 * MINUTE, session_id="t")]).verdict == "allow"


def test_attempts_of_the_session_that_name_nobody_wait_as_long_as_its_wrong_codes_say():
    nameless = of_session([attempt(T0 + 10 * MINUTE, session_id="s")])
    assert [m["until"] for m in last([typed("WWWW"), nameless]).sanctions] == ["2026-03-02T10:03:00.000Z"]


def test_the_third_registration_of_a_device_gets_its_code_although_it_starts_the_cool_down():
    third = on_device(0, 1, 2)
    code = code_request(T0 + 2 * DAY + MINUTE, number="n2", device_id="d", channel="sms")
    assert last(third).verdict == last([*third, code]).verdict == "allow"
    assert last([*third, attempt(T0 + 2 * DAY + MINUTE, "n3", "i3")]).verdict == "deny"
