"""What ends measures early, how long each of them lasts, and that people can lift them all."""

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
    login,
    messages,
    renamed,
    stable,
)

from tidegate.policies.messenger import policy


def updated(ts, *, after=True):
    return event("client_updated", ts, from_official=False, to_official=after)


# what ends --------------------------------------------------------------------------------------------------------
def passed(ts=T0 + HOUR, **fields):
    return event("challenge_result", ts, passed=True, **fields)


def after(world, *ends, ts=T0 + 2 * HOUR, kind="login_attempt", **fields):
    """The verdict for an attempt once the ends have come."""
    return last([world, *ends, event(kind, ts, **fields)]).verdict


ABROAD = [login(T0 - i * 5 * HOUR, ip_country=c, ok=True) for i, c in enumerate(("IT", "FR", "US", "JP"))]


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ([], "challenge"),
        ([passed(challenge_type="two_factor")], "allow"),
        ([passed()], "allow"),
        ([passed(challenge_type="voice")], "allow"),  # the row asks for a verification, whichever
        ([passed(challenge_type="two_factor") | {"passed": False}], "challenge"),
    ],
)
def test_a_step_up_at_login_ends_when_passed(ends, verdict):
    assert after(ABROAD, *ends) == verdict


AT_NIGHT = login(T0, local_hour=3)


@pytest.mark.parametrize(("check", "verdict"), [("security_question", "allow"), ("voice", "challenge")])
def test_the_check_that_a_row_names_is_the_one_to_pass(check, verdict):
    assert after(AT_NIGHT, passed(challenge_type=check)) == verdict


JUMP = [
    login(T0 - HOUR, ip_lat=0.0, ip_lon=10.0, ip_country="GA"),
    login(T0 - 50 * MINUTE, ip_lat=7.0, ip_lon=10.0, ip_country="GA"),  # 778 km: the check, no cool-down
]


@pytest.mark.parametrize(("check", "verdict"), [("biometric", "allow"), ("sms", "challenge")])
def test_the_check_after_a_journey_leaves_no_other_open(check, verdict):
    assert after(JUMP, passed(challenge_type=check), ip_country="GA", ok=True) == verdict


COSMETIC = event("client_report", T0, mod_category="cosmetic", is_modified=True)


def test_a_demand_to_update_ends_with_the_official_version():
    attempt_at = {"kind": "message_sent", "recipient_id": "b"}
    assert after(COSMETIC, **attempt_at) == "challenge"
    assert after(COSMETIC, updated(T0 + HOUR, after=False), **attempt_at) == "challenge"
    assert after(COSMETIC, updated(T0 + HOUR), **attempt_at) == "allow"
    for told, verdict in ((False, "allow"), (True, "challenge"), (None, "challenge")):
        assert after(COSMETIC, event("client_report", T0 + HOUR, is_modified=told), **attempt_at) == verdict


# every measure, by the word of people -----------------------------------------------------------------------------
ATTEMPT = {
    "send": {"kind": "message_sent", "recipient_id": "b"},
    "links": {"kind": "message_sent", "recipient_id": "b", "link_hashes": ["l"]},
    "broadcast": {"kind": "broadcast_batch", "recipient_ids": ["b"]},
    "group_join": {"kind": "group_joined", "group_id": "g"},
    "group_create": {"kind": "group_created", "group_id": "g"},
    "call": {"kind": "call_started", "callee_id": "b"},
    "payment": {"kind": "payment_attempted"},
    "login": {"kind": "login_attempt"},
    "register": {"kind": "registration_attempt"},
}
MEASURES = [
    ("send-suspend-2h", "send", "deny", 2 * HOUR),
    ("soft-throttle-4-per-min", "send", "throttle", 30 * MINUTE),
    ("delivery-throttle-24h", "send", "throttle", DAY),
    ("function-restriction", "send", "deny", DAY),
    ("account-function-suspend", "call", "deny", DAY),
    ("send-restrict-48h", "send", "deny", 2 * DAY),
    ("report-restriction-48-72h", "send", "deny", 2 * DAY),
    ("send-freeze-72h", "send", "deny", 3 * DAY),
    ("send-restrict-72h", "send", "deny", 3 * DAY),
    ("messaging-full-restrict", "send", "deny", 3 * DAY),
    ("broadcast-suspend-24h", "broadcast", "deny", DAY),
    ("broadcast-disable", "broadcast", "deny", 3 * DAY),
    ("broadcast-permission-revoke", "broadcast", "deny", 30 * DAY),
    ("reach-minus-30pct", "broadcast", "throttle", 7 * DAY),
    ("link-cooldown-72h", "links", "deny", 3 * DAY),
    ("group-join-cooldown-72h", "group_join", "deny", 3 * DAY),
    ("group-join-success-minus-60pct", "group_join", "throttle", 7 * DAY),
    ("call-suspend-24h", "call", "deny", DAY),
    ("login-cooldown-48h", "login", "deny", 2 * DAY),
    ("account-lock-24h", "payment", "deny", DAY),
    ("travel-mode-lock", "payment", "deny", 3 * DAY),
    ("step-up-verification", "login", "challenge", DAY),
    ("device-registration-cooldown-168h", "register", "deny", 7 * DAY),
    ("registration-session-wait-30m", "register", "deny", 30 * MINUTE),
    ("code-send-restrict", "register", "throttle", DAY),
    ("early-deactivation", "login", "deny", 3 * DAY),
    ("forced-logout-update", "send", "challenge", 14 * DAY),
    ("service-stop-outdated", "send", "deny", DAY),
    ("service-priority-degrade", "send", "throttle", HOUR),
    ("main-account-temp-ban", "broadcast", "deny", 3 * DAY),
    ("linked-accounts-send-stop-2w", "send", "deny", 14 * DAY),
]
FOR_GOOD = [
    ("group-create-permanent-ban", "group_create"),
    ("permanent-ban-account", "send"),
    ("associated-ban", "send"),
    ("permanent-ban-device-number", "send"),
    ("main-account-permanent-suspension", "send"),
]
NAMED = {"device_id": "d", "number": "n"}


def applied(name, **fields):
    return event("sanction_applied", T0, sanction_id="x", kind=f"sanction.{name}", **NAMED, **fields)


def _attempt(capability, ts):
    fields = dict(ATTEMPT[capability])
    return event(fields.pop("kind"), ts, **NAMED, **fields)


def each_apart(worlds):
    """The decisions about worlds of different people, judged as one stream."""
    marked = [
        renamed(e, n) | {"event_id": f"{n}/{i}"} | ({"sanction_id": f"x{n}"} if "sanction_id" in e else {})
        for n, world in enumerate(worlds)
        for i, e in enumerate(world)
    ]
    seen = {s.event_id: s for s in judge(marked)}
    return [[seen[f"{n}/{i}"] for i in range(len(world))] for n, world in enumerate(worlds)]


def test_a_measure_lasts_as_long_as_its_row_says():
    worlds = [
        [applied(name), *(_attempt(capability, T0 + at) for at in (lasts - 1, lasts))]
        for name, capability, _, lasts in MEASURES
    ]
    found = {
        m[0]: [s.verdict for s in seen[1:]] for m, seen in zip(MEASURES, each_apart(worlds), strict=True)
    }
    assert found == {name: [verdict, "allow"] for name, _, verdict, _ in MEASURES}


def test_every_measure_may_be_lifted():
    lift = event("sanction_lifted", T0 + 1, None, sanction_id="x", reason="appeal")
    worlds = [
        [applied(name), lift, _attempt(capability, T0 + 2)] for name, capability, *_ in (*MEASURES, *FOR_GOOD)
    ]
    assert {seen[-1].verdict for seen in each_apart(worlds)} == {"allow"}


@pytest.mark.parametrize(("name", "capability"), FOR_GOOD)
def test_a_measure_for_good_stands_until_an_appeal_is_granted(name, capability):
    world = [
        applied(name),
        _attempt(capability, T0 + 365 * DAY),
        event("appeal_filed", T0 + 366 * DAY, appeal_id="p", sanction_id="x"),
        event("appeal_decided", T0 + 367 * DAY, None, appeal_id="p", granted=True),
        _attempt(capability, T0 + 368 * DAY),
    ]
    seen = judge(world)
    assert [seen[1].verdict, seen[-1].verdict] == ["deny", "allow"]
    assert seen[0].sanctions[0]["until"] == "permanent"


def test_every_measure_of_the_catalogue_can_be_taken():
    listed = {s.id for s in policy.sanctions}
    assert {f"sanction.{name}" for name, *_ in (*MEASURES, *FOR_GOOD)} <= listed
    assert len(listed) == 43  # all rows but the ladder itself


def test_the_restriction_by_score_climbs_the_ladder_within_a_month():
    once = judge([stable(), messages(60, T0, step=900)])
    opened = [s["sanction"] for seen in once for s in seen.sanctions if s["cause"].startswith("score.")]
    assert opened == ["sanction.function-restriction"]
    again = judge([stable(), messages(60, T0, step=900), messages(60, T0 + 3 * DAY, step=900)])
    opened = [s["sanction"] for seen in again for s in seen.sanctions if s["cause"].startswith("score.")]
    assert opened == [
        "sanction.function-restriction",
        "sanction.function-restriction",
        "sanction.messaging-full-restrict",
    ]


# what lets its own event through ----------------------------------------------------------------------------------
def test_the_door_that_a_third_number_closes_behind_it_is_closed_to_all_that_follows_in_the_same_moment():
    *_, third, again = judge([attempt(T0, name, f"i{i}") for i, name in enumerate(("n0", "n1", "n2", "n2"))])
    assert [s["from"] for s in third.sanctions] == ["2026-03-02T09:30:00.000Z"]
    assert (third.verdict, again.verdict, again.retry_after_s) == ("allow", "deny", 168 * HOUR // SECOND)
