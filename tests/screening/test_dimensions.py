"""The boundary cases of the catalogue's rows, through the command: files in, files out."""

import pytest
from tests.screening.screened import AT, DAY, NUMBER, moment

FACT_CASES = [
    # days since the registration
    ("screen.fake-registered-under-3-months", {"registered_at": moment(AT - 89 * DAY)}, "true", 89),
    ("screen.fake-registered-under-3-months", {"registered_at": moment(AT - 90 * DAY)}, "false", 90),
    ("screen.fake-registered-under-3-months", {"registered_at": moment(AT - 90 * DAY + 1)}, "true", 90),
    ("screen.fake-registered-under-3-months", {"registered_at": moment(AT - 91 * DAY)}, "false", 91),
    ("screen.fake-registered-under-3-months", {"registered_at": moment(AT + DAY)}, "unknown", None),
    ("screen.fake-no-interaction-90d", {"interactions_90d": 0}, "true", 0),
    ("screen.fake-no-interaction-90d", {"interactions_90d": 1}, "false", 1),
    ("screen.fake-no-interaction-90d", {"last_active_at": moment(AT - 90 * DAY)}, "false", 1),
    ("screen.fake-no-interaction-90d", {"last_active_at": moment(AT - 89 * DAY)}, "false", 1),
    ("screen.fake-no-interaction-90d", {"last_active_at": moment(AT - 91 * DAY)}, "true", 0),
    ("screen.fake-no-interaction-90d", {"last_active_at": moment(AT - 90 * DAY - 1)}, "true", 0),
    ("screen.fake-incomplete-profile", {"has_avatar": "yes", "has_signature": "yes"}, "false", 0),
    ("screen.fake-incomplete-profile", {"has_avatar": "no", "has_signature": "yes"}, "true", 1),
    ("screen.fake-incomplete-profile", {"has_avatar": "no", "has_signature": "no"}, "true", 2),
    ("screen.fake-incomplete-profile", {"has_avatar": "yes"}, "unknown", 0),
    ("screen.fake-incomplete-profile", {"has_avatar": "no"}, "true", 1),
    ("screen.historical-violation", {"warnings": 0}, "false", 0),
    ("screen.historical-violation", {"warnings": 1}, "true", 1),
    ("screen.historical-violation", {"warnings": 2}, "true", 2),
    ("screen.empty-account", {"is_reachable": "yes", "is_suspended": "no"}, "false", 0),
    ("screen.empty-account", {"is_reachable": "no"}, "true", 1),
    ("screen.empty-account", {"is_suspended": "yes", "is_reachable": "yes"}, "true", 1),
    ("screen.empty-account", {"is_reachable": "yes"}, "unknown", 0),
    ("screen.unregistered", {"is_registered": "yes"}, "false", 0),
    ("screen.unregistered", {"is_registered": "no"}, "true", 1),
    ("screen.unregistered", {"warnings": 0}, "unknown", None),
]


@pytest.mark.parametrize(("check", "facts", "verdict", "observed"), FACT_CASES)
def test_facts_of_the_list_at_the_limits(screen, check, facts, verdict, observed):
    assert screen(**facts).verdict(check) == (verdict, observed)


ANSWER_CASES = [
    (
        "screen.fake-registered-under-3-months",
        "lookup.registration",
        {"registered_at": AT - 89 * DAY},
        "true",
    ),
    (
        "screen.fake-registered-under-3-months",
        "lookup.registration",
        {"registered_at": AT - 90 * DAY},
        "false",
    ),
    ("screen.fake-no-interaction-90d", "lookup.interactions", {"interactions_90d": 0}, "true"),
    ("screen.fake-no-interaction-90d", "lookup.interactions", {"interactions_90d": 1}, "false"),
    ("screen.fake-no-interaction-90d", "lookup.interactions", {"last_interaction": AT - 90 * DAY}, "false"),
    ("screen.fake-no-interaction-90d", "lookup.interactions", {"last_interaction": AT - 91 * DAY}, "true"),
    ("screen.fake-no-interaction-90d", "lookup.interactions", {"last_interaction": None}, "true"),
    (
        "screen.fake-incomplete-profile",
        "lookup.profile",
        {"has_avatar": True, "has_signature": True},
        "false",
    ),
    (
        "screen.fake-incomplete-profile",
        "lookup.profile",
        {"has_avatar": False, "has_signature": True},
        "true",
    ),
    ("screen.historical-violation", "lookup.violations", {"incident_count": 0}, "false"),
    ("screen.historical-violation", "lookup.violations", {"incident_count": 1}, "true"),
    ("screen.associated-with-banned", "lookup.ban_links", {"via": "device", "banned_id": "b"}, "true"),
    ("screen.associated-with-banned", "lookup.ban_links", {"via": "ip", "banned_id": "b"}, "true"),
    ("screen.associated-with-banned", "lookup.ban_links", {"banned_id": None}, "false"),
    ("screen.empty-account", "lookup.registration", {"is_reachable": True, "is_suspended": False}, "false"),
    ("screen.empty-account", "lookup.registration", {"is_reachable": False}, "true"),
    ("screen.empty-account", "lookup.registration", {"is_suspended": True}, "true"),
    ("screen.unregistered", "lookup.registration", {"is_registered": False}, "true"),
    ("screen.unregistered", "lookup.registration", {"is_registered": True}, "false"),
    ("screen.unregistered", "lookup.registration", {}, "unknown"),
]


@pytest.mark.parametrize(("check", "kind", "fields", "verdict"), ANSWER_CASES)
def test_answers_of_the_platform_at_the_limits(screen, check, kind, fields, verdict):
    found = screen(events=[{"type": kind, "ts": AT - 1000, "number": NUMBER} | fields], remark="x")
    assert found.verdict(check)[0] == verdict


@pytest.mark.parametrize(
    ("days", "regions", "verdict", "observed"),
    [
        ([1, 2, 3], ["DE", "FR", "DE"], "false", 2),
        ([1, 2, 3, 4], ["DE", "FR", "DE", "ES"], "true", 3),
        ([1, 2, 3, 4, 5], ["DE", "FR", "DE", "ES", "FR"], "true", 4),
        ([1, 2, 3, 30], ["DE", "FR", "DE", "ES"], "false", 2),  # exactly 30 days old: no longer counted
        ([1, 2, 3, 29.99], ["DE", "FR", "DE", "ES"], "true", 3),
        ([4, 2, 1, 3], ["DE", "DE", "FR", "FR"], "true", 3),  # out of order in the file
        ([1, 2, 3, 4], ["DE", "FR", None, "DE"], "unknown", 2),  # the one in between may have been anywhere
        ([1, 2], ["DE", None], "false", 0),  # at most one change
        ([40, 41], ["DE", "FR"], "false", 0),
    ],
)
@pytest.mark.parametrize("kind", ["lookup.login_history", "login_attempt"])
def test_changes_of_region(screen, kind, days, regions, verdict, observed):
    """The trail is that of `screen.login-trail-30d`."""
    name = "region" if kind.startswith("lookup") else "ip_country"
    events = [
        {"type": kind, "ts": int(AT - day * DAY), "number": NUMBER} | ({name: region} if region else {})
        for day, region in zip(days, regions, strict=True)
    ]
    assert screen(events=events, remark="x").verdict("screen.stolen-cross-region") == (verdict, observed)


@pytest.mark.parametrize(
    ("regions", "verdict", "observed"),
    [
        (["DE", "DE"], "false", 0),
        (["DE", "FR"], "false", 1),  # at most two, if they are two pairs of logins
        (["DE", "FR", "DE"], "unknown", 2),  # a journey and the way back, or two of each
        (["DE", "FR", "DE", "FR"], "true", 3),
    ],
)
def test_a_journey_that_events_and_answers_both_tell_of_is_one(screen, regions, verdict, observed):
    events = [
        {"type": kind, "ts": AT - (9 - day) * DAY, "number": NUMBER, name: region}
        for day, region in enumerate(regions)
        for kind, name in (("login_attempt", "ip_country"), ("lookup.login_history", "region"))
    ]
    assert screen(events=events, remark="x").verdict("screen.stolen-cross-region") == (verdict, observed)


def login(day, device=None, **fields):
    named = {"device_id": device} if device else {}
    return (
        {"type": "login_attempt", "ts": int(AT - day * DAY), "account_id": "a", "number": NUMBER}
        | named
        | fields
    )


@pytest.mark.parametrize(
    ("events", "verdict", "observed"),
    [
        ([login(40, "old"), login(3, "old")], "false", 0),
        ([login(40, "old"), login(3, "new")], "true", 1),
        ([login(40, "old"), login(3, "new"), login(2, "new")], "true", 1),  # by then it was known
        ([login(40, "old"), login(3, "new"), login(2, "newer")], "true", 2),
        ([login(40, "old"), login(3, "new", ok=False)], "false", 0),  # nobody got in
        ([login(40, "old"), login(30, "new"), login(2, "new")], "false", 0),  # it was new 30 days ago
        ([login(3, "first")], "unknown", 0),  # nobody says whether it was known
        ([login(40, "old"), login(3)], "unknown", 0),
        ([{"type": "account_registered", "ts": AT - 50 * DAY, "account_id": "a", "number": NUMBER, "device_id": "d"}, login(3, "d")],
         "false", 0),
        ([{"type": "account_registered", "ts": AT - 50 * DAY, "account_id": "a", "number": NUMBER, "device_id": "d"}, login(3, "e")],
         "true", 1),
        ([{"type": "account_profile", "ts": AT - 9 * DAY, "account_id": "a", "known_devices": ["d", "e"]}, login(3, "e")], "false", 0),
        ([{"type": "account_profile", "ts": AT - 9 * DAY, "account_id": "a", "known_devices": ["d", "e"]}, login(3, "f")], "true", 1),
    ],
)  # fmt: skip
def test_logins_on_unfamiliar_devices(screen, events, verdict, observed):
    assert screen(events=events, remark="x").verdict("screen.stolen-unfamiliar-device") == (verdict, observed)


@pytest.mark.parametrize(
    ("known", "verdict", "observed"),
    [([True], "false", 0), ([True, False], "true", 1), ([False, False], "true", 2), ([None], "unknown", 0)],
)
def test_what_the_platform_says_of_devices_counts(screen, known, verdict, observed):
    events = [
        {"type": "lookup.login_history", "ts": AT - (9 - i) * DAY, "number": NUMBER, "device_id": f"d{i}"}
        | ({} if yes is None else {"known_device": yes})
        for i, yes in enumerate(known)
    ]
    assert screen(events=events, remark="x").verdict("screen.stolen-unfamiliar-device") == (verdict, observed)


@pytest.mark.parametrize(
    ("answered", "verdict", "observed"),
    [
        (3, "false", 0),  # at the time of the login
        (4, "false", 0),
        (2.999, "true", 1),  # by then the login itself had made it known
    ],
)
@pytest.mark.parametrize("before", [[login(40, "old")], []])
def test_a_device_that_the_platform_says_was_known_was_known_on_logins_of_events_too(
    screen, before, answered, verdict, observed
):
    answer = {
        "type": "lookup.login_history", "ts": int(AT - answered * DAY), "number": NUMBER, "device_id": "d", "known_device": True,
    }  # fmt: skip
    found = screen(events=[*before, login(3, "d"), answer], remark="x")
    if not before and verdict == "true":
        verdict, observed = "unknown", 0  # nothing on record before: nobody says
    assert found.verdict("screen.stolen-unfamiliar-device") == (verdict, observed)


def test_a_login_that_events_and_answers_both_tell_of_is_one(screen):
    answer = {
        "type": "lookup.login_history", "ts": AT - 3 * DAY, "number": NUMBER, "device_id": "new", "known_device": False,
    }  # fmt: skip
    found = screen(events=[login(40, "old"), login(3, "new"), answer], remark="x")
    assert found.verdict("screen.stolen-unfamiliar-device") == ("true", 1)


SIGNS = {"registered_at": moment(AT - 10 * DAY), "interactions_90d": 0, "has_avatar": "no"}
NO_SIGNS = {
    "registered_at": moment(AT - 900 * DAY),
    "interactions_90d": 5,
    "has_avatar": "yes",
    "has_signature": "yes",
}


@pytest.mark.parametrize(
    ("signs", "verdict", "tier", "score"),
    [
        ((), "false", "secure", 0),
        (("registered_at",), "false", "secure", 0.15),
        (("registered_at", "interactions_90d"), "true", "low", 0.45),
        (("registered_at", "interactions_90d", "has_avatar"), "true", "high", 0.8),
    ],
)
def test_signs_of_a_fake_account_decide_together(screen, signs, verdict, tier, score):
    found = screen(**(NO_SIGNS | {name: SIGNS[name] for name in signs}))
    assert found.verdict("screen.fake-composite") == (verdict, len(signs))
    assert (found[NUMBER]["tier"], found[NUMBER]["score"]) == (tier, score)
    assert found[NUMBER]["risk_types"] == (["fake"] if verdict == "true" else [])


def test_missing_data_is_no_sign_of_a_fake_account(screen):
    found = screen(registered_at=SIGNS["registered_at"])
    assert found.verdict("screen.fake-composite") == ("unknown", 1)
    assert found[NUMBER]["tier"] == "secure"


@pytest.mark.parametrize(
    ("facts", "labels"),
    [
        ({"interactions_90d": 0}, ["fake-zombie"]),
        ({"interactions_90d": 1}, []),
        ({"interactions_90d": 2}, []),
        ({"interactions_90d": 0, "number_type": "virtual"}, ["fake-bot", "fake-zombie"]),
        ({"interactions_90d": 0, "number_type": "mobile"}, ["fake-zombie"]),
        ({"number_type": "virtual"}, []),
    ],
)
def test_types_of_fake_accounts(screen, facts, labels):
    """`screen.fake-type-bot` and `screen.fake-type-zombie`."""
    assert screen(**facts)[NUMBER]["labels"] == labels
