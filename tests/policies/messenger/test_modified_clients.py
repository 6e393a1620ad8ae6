"""Modified builds of the client, and farms of them: what follows, for whom, and how it ends."""

import pytest
from tests.policies.messenger.clients import client, farm, returned, updates, versions
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    T0,
    event,
    judge,
    last,
    message,
    profile,
    registered,
)

PERMANENT = "client.modified-permanent-ban"


@pytest.mark.parametrize(
    ("world", "banned"),
    [
        (versions("M"), False),
        (versions("MM"), False),
        (versions("OM"), False),
        (versions("MOM"), True),
        (
            [
                client(T0 + i * DAY, is_modified=m, mod_category="cosmetic")
                for i, m in enumerate([True, None, True])
            ],
            False,
        ),
        (versions("MOM", step=366 * DAY), False),
        ([versions("M"), returned(T0 + DAY), client(T0 + 2 * DAY, is_modified=True)], True),
        ([returned(T0 - DAY), client(T0, is_modified=True)], False),
        ([versions("M"), returned(T0 + DAY), client(T0 + 366 * DAY, is_modified=True)], False),
        ([client(is_modified=True, mod_category="core_protocol")], True),
        ([client(is_modified=True)], False),
        ([client(is_modified=True, mod_category=None)], False),
    ],
)
def test_a_modified_build_is_banned_for_good_only_again_or_with_a_protocol_of_its_own(world, banned):
    seen = last(world)
    opened = [s["sanction"] for s in seen.sanctions if s["cause"] == PERMANENT]
    assert PERMANENT in seen.fired
    assert opened == (["sanction.permanent-ban-account"] if banned else [])


@pytest.mark.parametrize(("back", "banned"), [(None, False), ("d", True), ("e", False), ("nameless", True)])
def test_an_official_app_on_another_device_is_no_return(back, banned):
    modified = {"device_id": "d", "is_modified": True}
    other = client(T0 + HOUR, device_id="e", is_modified=False)
    update = {} if back == "nameless" else {"device_id": back}
    there_and_back = [returned(T0 + 2 * HOUR) | update] if back else []
    seen = last([client(**modified), other, there_and_back, client(T0 + 3 * HOUR, **modified)])
    assert ("sanction.permanent-ban-account" in [s["sanction"] for s in seen.sanctions]) is banned


@pytest.mark.parametrize(
    ("modified_on", "official_on", "verdict"),
    [("d", "d", "allow"), ("d", "e", "challenge"), ("d", None, "allow"), (None, "e", "allow")],
)
def test_the_demand_to_update_ends_with_a_report_of_the_official_app_where_the_modified_one_ran(
    modified_on, official_on, verdict
):
    themes = client(device_id=modified_on, is_modified=True, mod_category="cosmetic")
    back = client(T0 + HOUR, device_id=official_on, is_modified=False)
    seen = judge([themes, back, message(T0 + 2 * HOUR)])
    assert [s["sanction"] for s in seen[0].sanctions] == ["sanction.forced-logout-update"]
    assert seen[-1].verdict == verdict


def test_a_cosmetic_build_meets_the_demand_to_update_for_at_most_two_weeks():
    world = [client(mod_category="cosmetic", is_modified=True)]
    seen = last([*world, message(T0 + HOUR)])
    assert (seen.verdict, seen.challenge) == ("challenge", "update")
    assert last([*world, message(T0 + 14 * DAY)]).verdict == "allow"


def test_a_functional_build_may_not_send_for_72_hours():
    world = [client(mod_category="functional", is_modified=True)]
    assert last([*world, message(T0 + 72 * HOUR - 1)]).verdict == "deny"
    assert last([*world, message(T0 + 72 * HOUR)]).verdict == "allow"
    assert last([*world, event("call_started", T0 + HOUR, callee_id="b")]).verdict == "allow"


def test_a_privacy_build_only_loses_its_live_status():
    seen = last([client(mod_category="privacy", is_modified=True)])
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["capability"]) == ("sanction.status-feature-disable", ["status"])
    assert last([client(mod_category="privacy"), message(T0 + HOUR)]).verdict == "allow"


def test_a_broken_protocol_bans_account_device_and_number_until_a_person_decides():
    world = [client(mod_category="core_protocol", is_modified=True, device_id="d", number="n")]
    opened = [s for s in last(world).sanctions if s["sanction"] == "sanction.permanent-ban-device-number"]
    assert [s.get("subject", "account") for s in opened] == ["account", "device", "number"]
    assert {s["review"] for s in opened} == {"permanent-deactivation"}
    year = T0 + 365 * DAY
    assert last([*world, message(year)]).verdict == "deny"
    assert last([*world, message(year, account="b", device_id="d")]).verdict == "deny"
    attempt = event("registration_attempt", year, None, number="n", device_id="e")
    assert last([*world, attempt]).verdict == "deny"
    assert last([*world, message(year, account="b", device_id="e")]).verdict == "allow"


def test_an_unofficial_interface_is_banned_pending_review():
    seen = last([client(via_unofficial_api=True)])
    (measure,) = seen.sanctions
    assert (measure["sanction"], measure["review"]) == (
        "sanction.permanent-ban-account",
        "permanent-deactivation",
    )
    assert seen.score == 0.8


def test_the_points_of_a_farm_are_for_every_account_that_reported_its_build():
    world = farm((6, "f", "1"))
    others = [client(T0, "other", device_id="x", ip="i", is_modified=True, mod_family="f", mod_version="2")]
    for account, score in (("a0", 0.4), ("a5", 0.4), ("other", 0), ("nobody", 0)):
        assert last([others, world, message(T0 + HOUR, account=account)]).score == score, account
    # five do not make a farm: nobody has points by then
    assert last([farm((5, "f", "1")), message(T0 + HOUR, account="a0")]).score == 0


def test_a_farm_reaches_who_reported_within_the_day_for_a_day():
    spread = farm(
        (7, "f", "1"), step=4 * HOUR
    )  # the seventh report is 24 hours after the first, which has run out
    at_sixth, at_seventh = T0 + 20 * HOUR, T0 + 24 * HOUR
    assert last([spread[:6], message(at_sixth + DAY - 1, account="a0")]).score == 0.4
    assert last([spread[:6], message(at_sixth + DAY, account="a0")]).score == 0
    assert last([spread, message(at_sixth + DAY, account="a0")]).score == 0
    assert last([spread, message(at_seventh + DAY - 1, account="a1")]).score == 0.4


def test_whom_the_points_of_a_farm_take_over_the_threshold_is_restricted_at_his_next_event():
    suspect = profile("a0", ts=T0 - HOUR, risk_score=0.5)
    assert last([suspect, farm((5, "f", "1")), message(T0 + HOUR, account="a0")]).verdict == "allow"
    seen = last([suspect, farm((6, "f", "1")), message(T0 + HOUR, account="a0")])
    assert (seen.score, seen.verdict, seen.labels) == (0.9, "deny", ["restricted"])


def test_40_points_of_a_farm_alone_do_not_restrict():
    seen = last(farm((6, "f", "1")))
    assert (seen.score, seen.labels) == (0.4, ["association-risk"])
    assert seen.sanctions == []


def test_a_switch_to_a_modified_version_is_enough_to_restrict():
    seen = last(updates("OM"))
    assert seen.score == 0.89
    assert "restricted" in seen.labels


@pytest.mark.parametrize(
    ("known", "named", "banned"),
    [
        ([registered(DAY, number="+1")], {}, "+1"),
        ([registered(DAY, number="+1")], {"number": "+2"}, "+2"),
        ([event("login_attempt", T0 - HOUR, number="+3")], {}, "+3"),
        ([], {}, None),
    ],
)
def test_a_build_with_a_protocol_of_its_own_bans_the_number_that_is_known_of_the_account(
    known, named, banned
):
    core = event("client_report", T0, mod_category="core_protocol", device_id="d", **named)
    for number in ("+1", "+2", "+3"):
        again = event("registration_attempt", T0 + HOUR, None, number=number, device_id="e", ip="i")
        assert (last([known, core, again]).verdict == "deny") is (number == banned)
