"""Whose number it is, every event tells that names both; of which country, its prefix, where the event does not say it."""

import pytest
from tests.policies.messenger.worlds import HOUR, T0, attempt, event, outcome

MISMATCH = "reg.country-code-ip-mismatch"
BRAZIL = "group.join-over-1-per-hour-in-br"
GERMAN, BRAZILIAN = "+4915112345678", "+5511987654321"


def registration(number, ip_country="DE", **fields):
    return [attempt(T0, number, ip_country=ip_country, **fields)]


def two_joins(number, **fields):
    return [
        event("account_registered", T0 - 400 * 24 * HOUR, number=number, **fields),
        [event("group_joined", T0 + i, group_id=f"g{i}", method="link") for i in range(2)],
    ]


def seen_at(kind, **fields):
    return [event(kind, T0 - HOUR, number=BRAZILIAN, **fields), two_joins("n")[1:]]


CASES = [
    (MISMATCH, "of the country of the address", registration(GERMAN), "rests"),
    (MISMATCH, "of another country", registration(BRAZILIAN), "fires"),
    (MISMATCH, "of a shared calling code", registration("+16135550100", "US"), "rests"),
    (MISMATCH, "what is said wins", registration(BRAZILIAN, number_country="DE"), "rests"),
    (MISMATCH, "none on record wins, too", registration(BRAZILIAN, number_country=None), "rests"),
    (MISMATCH, "a keyed hash", registration("9f86d081884c7d65"), "undecided"),
    (MISMATCH, "no number", [event("registration_attempt", T0, None, ip_country="DE")], "undecided"),
    (MISMATCH, "country of the address not known", [attempt(T0, BRAZILIAN)], "undecided"),
    (BRAZIL, "a Brazilian number", two_joins(BRAZILIAN), "fires"),
    (BRAZIL, "a German number", two_joins(GERMAN), "rests"),
    (BRAZIL, "a Brazilian number said to be German", two_joins(BRAZILIAN, number_country="DE"), "rests"),
    (BRAZIL, "a number that a call names", seen_at("call_started"), "fires"),
    (BRAZIL, "a number that a group names", seen_at("group_left", group_id="x"), "fires"),
    (BRAZIL, "a number that a report names", seen_at("report_filed", reporter_id="r"), "fires"),
    (BRAZIL, "a number in the account's pool", seen_at("pool_row", job_id="j"), "undecided"),
    (
        BRAZIL,
        "a number of somebody of the account's organisation",
        seen_at("org_login", member_id="m"),
        "undecided",
    ),
    (BRAZIL, "a number of whom nobody knows", two_joins("n"), "undecided"),
]


@pytest.mark.parametrize(("rule", "name", "world", "expected"), CASES)
def test_a_case(rule, name, world, expected):
    assert outcome(rule, world) == expected, name
