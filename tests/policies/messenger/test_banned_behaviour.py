"""Accounts that behave like one banned on the same device: boundary cases of the row, and how a banned one is known."""

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, T0, event, last, outcome, registered

EVASION = "device.ban-evasion-similarity-over-60pct"
BAN = "sanction.permanent-ban-account"


def vector(account, similarity, ts=T0, **fields):
    """A vector so alike to (1, 0)."""
    return event(
        "account_profile", ts, account, behaviour_vector=[similarity, (1 - similarity**2) ** 0.5], **fields
    )


OLD = [registered(30 * DAY, "old", device_id="d", number="1"), vector("old", 1.0, T0 - 20 * DAY)]
BANNED = event("sanction_applied", T0 - 10 * DAY, "old", kind=BAN)
LISTED = event("device_profile", T0 - 10 * DAY, None, device_id="d", banned_accounts=["other", "old"])
LINKED = event("lookup.ban_links", T0 - HOUR, "new", via="device", banned_id="old")
NEW = registered(DAY, "new", device_id="d", number="2")


def lifted(sanction):
    return event("sanction_lifted", T0 - 2 * DAY, "old", sanction_id=sanction, reason="appeal")


def reported(**fields):
    """A report of the client of the old account."""
    return event("client_report", T0 - 10 * DAY, "old", device_id="d", **fields)


@pytest.mark.parametrize("ban", [BANNED, LISTED, LINKED], ids=["sanction", "list of the device", "query"])
@pytest.mark.parametrize(
    ("similarity", "expected"), [(0.59, "rests"), (0.6, "rests"), (0.61, "fires"), (1.0, "fires")]
)
def test_more_than_60_percent_alike_to_the_banned_account_of_the_device(similarity, expected, ban):
    assert outcome(EVASION, [OLD, ban, NEW, vector("new", similarity)]) == expected


@pytest.mark.parametrize(
    ("why", "world"),
    [
        ("another device", [OLD, BANNED, LISTED, registered(DAY, "new", device_id="e"), vector("new", 0.9)]),
        ("nobody was banned", [OLD, NEW, vector("new", 0.9)]),
        ("a lesser measure", [OLD, event("sanction_applied", T0 - DAY, "old", kind="sanction.link-cooldown-72h"), NEW, vector("new", 0.9)]),
        ("shared is an address", [OLD, {**LINKED, "via": "ip"}, registered(DAY, "new", device_id="e"), vector("new", 0.9)]),
        ("the banned account itself", [OLD, LISTED, vector("old", 1.0, device_id="d")]),
    ],
)  # fmt: skip
def test_both_conditions_are_needed(why, world):
    assert outcome(EVASION, world) == "rests", why


def test_the_device_may_stand_in_the_profile_itself():
    assert outcome(EVASION, [OLD, LISTED, vector("new", 0.9, device_id="d")]) == "fires"


def test_a_vector_of_another_length_cannot_be_compared():
    odd = event("account_profile", T0, "new", behaviour_vector=[1.0])
    assert outcome(EVASION, [OLD, BANNED, NEW, odd]) == "undecided"


def test_it_bans_until_a_person_has_decided():
    seen = last([OLD, BANNED, NEW, vector("new", 0.9)])
    assert [s["sanction"] for s in seen.sanctions if s["cause"] == EVASION] == ["sanction.associated-ban"]
    assert seen.fired[EVASION]["observed"] == 0.9
    assert seen.sanctions[0]["until"] == "permanent"


def test_it_bans_as_long_as_the_one_it_resembles():
    for_five_days = {**BANNED, "sanction_id": "s", "level": 4, "device_id": "d", "expires_ts": T0 + 5 * DAY}
    seen = last([OLD, for_five_days, NEW, vector("new", 0.9, device_id="d")])
    assert [s["until"] for s in seen.sanctions if s["cause"] == EVASION] == ["2026-03-07T09:30:00.000Z"]


def test_it_bans_as_long_as_the_one_it_resembles_where_that_names_no_device():
    for_five_days = {**BANNED, "sanction_id": "s", "expires_ts": T0 + 5 * DAY}
    seen = last([OLD, for_five_days, NEW, vector("new", 0.9)])
    assert [s["until"] for s in seen.sanctions if s["cause"] == EVASION] == ["2026-03-07T09:30:00.000Z"]


APPEAL = [
    event("appeal_filed", T0 + HOUR, "old", appeal_id="p", sanction_id="s"),
    event("appeal_decided", T0 + 2 * HOUR, None, appeal_id="p", granted=True),
]


@pytest.mark.parametrize(
    ("undone", "verdict"),
    [
        ([], "deny"),
        ([event("sanction_lifted", T0 + HOUR, "old", sanction_id="s", reason="review")], "allow"),
        (APPEAL, "allow"),
        ([APPEAL[0], {**APPEAL[1], "granted": False}], "deny"),
    ],
    ids=["it stands", "lifted", "an appeal was granted", "refused"],
)
def test_it_ends_with_the_one_it_resembles_at_what_is_seen_next(undone, verdict):
    ban = {**BANNED, "sanction_id": "s"}
    assert last([OLD, ban, NEW, vector("new", 0.9), undone, logged_in(T0 + DAY)]).verdict == verdict


def test_it_goes_on_where_a_ban_on_another_device_was_undone():
    elsewhere = [
        registered(40 * DAY, "x", device_id="e", number="9"),
        event("sanction_applied", T0 - 30 * DAY, "x", kind=BAN, sanction_id="t"),
        event("sanction_lifted", T0 - 29 * DAY, "x", sanction_id="t", reason="appeal"),
    ]
    world = [OLD, BANNED, NEW, elsewhere, vector("new", 0.9)]
    there = event("login_attempt", T0 + DAY, "new", device_id="e", ok=True)
    assert last([*world, there, {**there, "ts": T0 + DAY + 1}]).verdict == "deny"


@pytest.mark.parametrize(
    ("why", "world", "expected"),
    [
        ("somebody else used the device in between", [OLD, BANNED, registered(5 * DAY, "x", device_id="d"), NEW], "fires"),
        ("the ban was lifted", [OLD, {**BANNED, "sanction_id": "s"}, lifted("s"), NEW], "rests"),
        ("something else was lifted", [OLD, {**BANNED, "sanction_id": "s"}, lifted("t"), NEW], "fires"),
        ("banned by a rule of ours", [OLD, reported(via_unofficial_api=True), NEW], "fires"),
        ("banned for being modified again", [
            OLD, reported(is_modified=True), reported(is_modified=False), reported(is_modified=True), NEW], "fires"),
        ("modified, and official since", [OLD, reported(is_modified=True), reported(is_modified=False), NEW], "rests"),
        ("that ban was lifted", [OLD, reported(via_unofficial_api=True), lifted("t"), NEW], "rests"),
        ("lifted, and banned by a rule of ours since", [
            OLD, {**BANNED, "sanction_id": "s", "ts": T0 - 12 * DAY}, {**lifted("s"), "ts": T0 - 11 * DAY},
            reported(via_unofficial_api=True), NEW], "fires"),
        ("a modified client that bans nobody", [OLD, reported(mod_category="cosmetic"), NEW], "rests"),
    ],
)  # fmt: skip
def test_whoever_was_last_banned_while_using_the_device(why, world, expected):
    assert outcome(EVASION, [*world, vector("new", 0.9)]) == expected, why


def logged_in(ts):
    return event("login_attempt", ts, "new", device_id="d", ok=True)


def test_who_is_alike_is_banned_at_a_login_on_the_device_of_the_banned_account():
    world = [
        OLD,
        BANNED,
        event("account_registered", T0 - DAY, "new", device_id="e"),
        vector("new", 0.9, T0 - HOUR),
    ]
    assert outcome(EVASION, world) == "rests"
    assert outcome(EVASION, [*world, logged_in(T0)]) == "fires"


@pytest.mark.parametrize(("ts", "expected"), [(T0 - 1, "fires"), (T0, "rests")])
def test_a_ban_whose_end_has_come_is_followed_by_none(ts, expected):
    world = [OLD, {**BANNED, "sanction_id": "ban", "expires_ts": T0}, NEW, vector("new", 0.9, T0 - HOUR)]
    assert outcome(EVASION, [*world, logged_in(ts)]) == expected
