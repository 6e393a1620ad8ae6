"""Decisions as a homeserver hears them."""

import json

import pytest

from tidegate.adapters.matrix.answers import ALLOWED, Wording, answer

WORDING = Wording(appeal_url="https://id.example/appeal", challenge_url="https://id.example/confirm")


def said(**decision):
    status, body = answer({"event_id": "$1"} | decision, WORDING)
    return status, json.loads(body)


def test_what_is_allowed_is_an_empty_object():
    assert answer({"verdict": "allow"}, WORDING) == ALLOWED == (200, b"{}")


def test_a_throttle_within_its_rate_is_allowed():
    assert said(verdict="throttle") == (200, {})


@pytest.mark.parametrize(("verdict", "retry_s"), [("throttle", 20), ("throttle", 86_400), ("deny", 7200)])
def test_what_ends_soon_is_a_rate_limit_with_its_time(verdict, retry_s):
    status, body = said(verdict=verdict, retry_after_s=retry_s)
    assert (status, body["errcode"], body["retry_after_ms"]) == (429, "M_LIMIT_EXCEEDED", retry_s * 1000)


def test_what_lasts_longer_is_forbidden_and_can_be_appealed():
    status, body = said(verdict="deny", retry_after_s=7201)
    assert (status, body["errcode"], body["retry_after_ms"]) == (403, "M_FORBIDDEN", 7_201_000)
    assert body["org.tidegate.appeal_url"] == "https://id.example/appeal"
    assert body["org.tidegate.decision_id"] == "$1"
    assert "3 hours" in body["error"]
    status, body = said(verdict="deny")
    assert (status, body["error"]) == (403, "This account may not do this")


def test_a_challenge_says_where_to_pass_it():
    status, body = said(verdict="challenge", challenge="captcha")
    assert (status, body["errcode"]) == (403, "M_FORBIDDEN")
    assert body["error"] == "Please confirm that it is you (captcha): https://id.example/confirm"
