"""Requests to a provider: paced, tried again, given up; whatever comes back is never more than a failure."""

from dataclasses import replace

import msgspec
import pytest
from tests.screening.providers.local_server import NOW, UNPACED, Hand, serving

from tidegate.screening.providers.calling import BODY_BYTES_MAX, Caller, Failed, GivenUp


class Said(msgspec.Struct):
    word: str


def turns(*answers):
    """Answer in turn, the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


OK = (200, {}, {"word": "yes", "more": 1})


@pytest.fixture
def hand():
    return Hand()


def ask(answer, hand, limits=UNPACED, times=1):
    """Ask so often; return the outcomes and the server."""
    found = []
    with serving(answer) as server:
        caller = Caller(server.url, limits, clock=hand.clock)
        for _ in range(times):
            try:
                found.append(caller.ask("GET", "/x", Said).word)
            except Failed as failed:
                found.append(failed)
        caller.close()
    return found, server


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again_later_and_later(hand, status):
    found, server = ask(turns((status, {}, b""), (status, {}, b""), OK), hand)
    assert found == ["yes"]
    assert len(server.asked) == 3
    assert [wait for wait in hand.waits if wait >= 0.5] == [0.5, 1.0]


def test_what_never_passes_is_a_failure_after_so_many_tries(hand):
    (failed,), server = ask(turns((503, {}, b"")), hand, replace(UNPACED, tries=3))
    assert str(failed) == "it fails (status 503)"
    assert not isinstance(failed, GivenUp)
    assert len(server.asked) == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_it_comes_back_when_it_was_told_to(hand, form):
    told = {"seconds": "7", "date": "Mon, 02 Mar 2026 09:30:07 GMT"}[form]
    assert NOW % 1000 == 0
    found, _ = ask(turns((429, {"Retry-After": told}, b""), OK), hand)
    assert found == ["yes"]
    assert hand.at_s >= 7.0


def test_who_asks_for_hours_is_given_up(hand):
    found, server = ask(turns((429, {"Retry-After": "7200"}, b"")), hand, times=2)
    assert all(isinstance(one, GivenUp) for one in found)
    assert len(server.asked) == 1
    assert "7200 s" in str(found[1])


@pytest.mark.parametrize("status", [401, 403])
def test_who_does_not_admit_us_is_not_asked_again(hand, status):
    found, server = ask(turns((status, {}, b"")), hand, times=3)
    assert all(isinstance(one, GivenUp) for one in found)
    assert len(server.asked) == 1


def test_failures_in_a_row_end_it_and_one_answer_between_them_does_not(hand):
    limits = replace(UNPACED, tries=1, give_up_after=3)
    bad = (400, {}, b"")
    found, server = ask(turns(bad, bad, OK, bad, bad, bad, OK), hand, limits, times=8)
    assert [isinstance(one, GivenUp) for one in found] == [False] * 6 + [True] * 2
    assert found[2] == "yes"
    assert len(server.asked) == 6
    assert str(found[7]) == "3 failures in a row, the last one: it refuses the request (status 400)"


@pytest.mark.parametrize(
    "body", [b"", b'{"word": "ye', b"[]", b'{"word": 5}', b'{"word": "\xff"}', b"<html>", b"[" * 100_000]
)
def test_an_answer_that_is_none_is_tried_again_and_then_a_failure(hand, body):
    (failed,), server = ask(turns((200, {}, body)), hand, replace(UNPACED, tries=2))
    assert str(failed) == "it sent something that is no answer"
    assert len(server.asked) == 2


def test_an_answer_that_ends_too_early_is_tried_again(hand):
    found, _ = ask(turns((200, {"Content-Length": "500"}, b'{"word": "yes"}'), OK), hand)
    assert found == ["yes"]


def test_an_answer_without_end_is_cut_off(hand):
    (failed,), server = ask(turns((200, {}, b" " * (BODY_BYTES_MAX + 1))), hand)
    assert str(failed) == "it sent more than an answer can hold"
    assert len(server.asked) == 1


def test_an_answer_that_drips_is_no_answer(hand):
    """Each part comes in time, the whole does not: the clock goes on by 3 s per part, 5 are allowed."""
    ticking = replace(hand.clock, steady_s=lambda: hand.sleep(3) or hand.at_s)
    with serving(turns((200, {}, b" " * 400_000))) as server:
        caller = Caller(server.url, replace(UNPACED, tries=1, timeout_s=5), clock=ticking)
        with pytest.raises(Failed, match="it does not answer in time"):
            caller.ask("GET", "/x", Said)
        caller.close()


def test_nobody_there_is_a_failure(hand):
    with serving(turns(OK)) as server:
        pass
    caller = Caller(server.url, replace(UNPACED, tries=2), clock=hand.clock)
    with pytest.raises(Failed, match="it cannot be reached"):
        caller.ask("GET", "/x", Said)
    caller.close()


def test_redirections_are_not_followed(hand):
    """Who answers for the provider could send numbers and secret elsewhere."""
    (failed,), server = ask(turns((302, {"Location": "http://127.0.0.1:1/"}, b"")), hand)
    assert str(failed) == "it refuses the request (status 302)"
    assert len(server.asked) == 1


def test_requests_keep_the_pace(hand):
    found, _ = ask(turns(OK), hand, replace(UNPACED, requests_per_s=4), times=5)
    assert found == ["yes"] * 5
    assert hand.waits == [0.25] * 4
