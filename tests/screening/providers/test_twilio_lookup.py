"""Twilio Lookup v2, against a server on this machine that speaks its documented format."""

import base64
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from tests.screening.providers.local_server import UNPACED, Hand, serving

from tidegate.screening.providers import Answer, Unanswered
from tidegate.screening.providers.calling import Caller
from tidegate.screening.providers.settings import ProviderSettings
from tidegate.screening.providers.twilio_lookup import TwilioLookup

NUMBER = "+14159929960"
ACCOUNT, SECRET = "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "0123456789abcdef0123456789abcdef"
BOTH = ("line_type_intelligence", "line_status")


def lookup(number=NUMBER, valid=True, line_type=None, line_status=None, type_error=None, status_error=None):
    """A resource as Twilio's reference shows it; packages that were not asked for are null."""
    line = {
        "error_code": type_error, "mobile_country_code": "310", "mobile_network_code": "456",
        "carrier_name": "verizon", "type": line_type,
    }  # fmt: skip
    return {
        "calling_country_code": "1", "country_code": "US", "phone_number": number, "national_format": "(415) 992-9960",
        "valid": valid, "validation_errors": [] if valid else ["TOO_SHORT"], "caller_name": None, "sim_swap": None,
        "call_forwarding": None, "line_type_intelligence": line if line_type or type_error else None,
        "line_status": {"status": line_status, "error_code": status_error} if line_status or status_error else None,
        "identity_match": None, "reassigned_number": None, "sms_pumping_risk": None, "phone_number_quality_score": None,
        "pre_fill": None, "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
    }  # fmt: skip


def error(status, code, message):
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return status, {"Content-Type": "application/json"}, body


def ask(answer, *numbers, packages=BOTH, limits=UNPACED):
    hand = Hand()
    with serving(answer) as server:
        settings = ProviderSettings(
            "twilio", "twilio-lookup-v2", "a basis", server.url, limits, SECRET, ACCOUNT, packages
        )
        caller = Caller(server.url, limits, auth=(ACCOUNT, SECRET), clock=hand.clock)
        found = list(TwilioLookup(settings, caller).ask(numbers or [NUMBER]))
        caller.close()
    return found, server


@pytest.mark.parametrize(
    ("resource", "facts"),
    [
        (lookup(line_type="mobile"), {"number_type": "mobile"}),
        (lookup(line_type="landline"), {"number_type": "fixed"}),
        (lookup(line_type="fixedVoip"), {"number_type": "fixed"}),
        (lookup(line_type="nonFixedVoip"), {"number_type": "virtual"}),
        *((lookup(line_type=kind), {}) for kind in (
            "personal", "tollFree", "premium", "sharedCost", "uan", "voicemail", "pager", "unknown", "new",
        )),
        (lookup(line_type="mobile", type_error=60600), {}),
        (lookup(type_error=60601), {}),
        (lookup(line_status="reachable"), {"is_reachable": True}),
        (lookup(line_status="inactive"), {"is_reachable": False}),
        (lookup(line_status="active"), {}),
        (lookup(line_status="unreachable"), {}),
        (lookup(line_status="unknown"), {}),
        (lookup(line_status="inactive", status_error=60622), {}),
        (lookup(valid=False), {"is_reachable": False}),
        (lookup(valid=None), {}),
        (lookup(line_type="nonFixedVoip", line_status="reachable"), {"number_type": "virtual", "is_reachable": True}),
    ],
)  # fmt: skip
def test_what_is_documented_is_read_and_nothing_is_guessed(resource, facts):
    (answer,), _ = ask(lambda _: (200, {}, resource))
    assert answer == Answer(NUMBER, facts, answer.at_ms, "twilio")


def test_it_is_asked_as_documented():
    _, server = ask(lambda _: (200, {}, lookup()))
    (request,) = server.asked
    address = urlsplit(request.path)
    assert (request.method, unquote(address.path)) == ("GET", f"/v2/PhoneNumbers/{NUMBER}")
    assert parse_qs(address.query) == {"Fields": ["line_type_intelligence,line_status"]}
    scheme, _, given = request.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(given).decode()) == ("Basic", f"{ACCOUNT}:{SECRET}")


def test_without_packages_the_free_question_is_asked():
    _, server = ask(lambda _: (200, {}, lookup()), packages=())
    assert "Fields" not in server.paths[0]


def test_a_number_that_it_does_not_have_stays_unknown():
    found, server = ask(lambda _: error(404, 20404, "The requested resource was not found"))
    assert [one.facts for one in found] == [{}]
    assert len(server.asked) == 1


def test_wrong_credentials_end_it_at_once():
    numbers = [f"+1415992{i:04}" for i in range(50)]
    found, server = ask(lambda _: error(401, 20003, "Authenticate"), *numbers)
    assert all(isinstance(one, Unanswered) for one in found)
    assert [one.number for one in found] == numbers
    assert len(server.asked) == 1
    assert [one.asked for one in found] == [True] + [False] * 49
    assert "does not admit us" in found[-1].why


def test_too_many_requests_are_sent_again_when_it_says():
    left = [error(429, 20429, "Too Many Requests") for _ in range(2)]
    left[0][1]["Retry-After"] = "3"
    found, server = ask(lambda _: left.pop() if left else (200, {}, lookup(line_type="mobile")))
    assert [one.facts for one in found] == [{"number_type": "mobile"}]
    assert len(server.asked) == 3


def test_each_number_has_its_own_answer_whatever_becomes_of_the_others():
    kinds = {"0": "mobile", "1": "nonFixedVoip", "2": None}

    def answer(request):
        number = unquote(urlsplit(request.path).path).rpartition("/")[2]
        last = number[-1]
        if last == "3":
            return error(503, 20503, "Service unavailable")
        if last == "4":
            return 200, {}, b'{"valid": tr'
        return 200, {}, lookup(number, line_type=kinds[last])

    numbers = [f"+1415992{i:03}{last}" for i in range(8) for last in "01234"]
    found, _ = ask(answer, *numbers, limits=replace(UNPACED, at_once=4, tries=2, give_up_after=1000))
    assert [one.number for one in found] == numbers
    for one in found:
        last = one.number[-1]
        if last in "34":
            assert isinstance(one, Unanswered), one
            assert one.asked
        else:
            assert one.facts == (
                {} if kinds[last] is None else {"number_type": {"0": "mobile", "1": "virtual"}[last]}
            )
