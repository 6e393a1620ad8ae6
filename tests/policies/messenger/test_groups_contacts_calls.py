"""Group, contact, call and client rules: every boundary case of their catalogue rows, as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    at,
    business,
    event,
    joins,
    judge,
    last,
    message,
    outcome,
    profile,
    registered,
    stable,
    timers,
)

HOURLY = "group.join-over-2-per-hour"
IN_BR = "group.join-over-1-per-hour-in-br"
NEW_10 = "group.new-over-10-24h"
OVER_20 = "group.new-over-20-24h-cooldown"
ADMINS = "group.removed-by-over-5-admins-72h"
CLOCKWORK = "group.join-regular-pattern"
CONTACTS = "contact.over-20-new-per-hour"
UNKNOWN = "contact.new-account-over-30-unknown"
EXPORT = "contact.bulk-export"
CALLS = "call.unidentified-over-10-day"
CHECKS = "client.integrity-checks-below-3-per-24h"
DOWNLOAD = "client.bulk-download-over-5"
UPLOAD = "client.media-over-16mb-upload"


def joined_after(*minutes):
    """Joins with these gaps in minutes, the first at the start."""
    times = [sum(minutes[:i]) for i in range(len(minutes) + 1)]
    return [event("group_joined", T0 + m * MINUTE, group_id=f"g{i}") for i, m in enumerate(times)]


def removals(admins, **fields):
    return [
        event(
            "group_member_removed",
            T0 + i * HOUR,
            group_id=f"g{i}",
            removed_by=admin,
            **{"by_admin": True} | fields,
        )
        for i, admin in enumerate(admins)
    ]


def contacts(count, step, start=T0, **fields):
    return [event("contact_added", start + i * step, contact_id=f"c{i}", **fields) for i in range(count)]


def calls(count, step=HOUR, **fields):
    return [
        event("call_started", T0 + i * step, callee_id=f"b{i}", **{"kind": "voice"} | fields)
        for i in range(count)
    ]


unidentified = profile(is_identified=False)

CASES = [
    (HOURLY, "under", [stable(), joins(1)], "rests"),
    (HOURLY, "at", [stable(), joins(2)], "rests"),
    (HOURLY, "over", [stable(), joins(3)], "fires"),
    (HOURLY, "age not known: as stable", joins(2), "rests"),
    (HOURLY, "added by others", [stable(), joins(2), event("group_joined", T0 + 5 * MINUTE, group_id="x", method="added_by_other")], "rests"),
    (HOURLY, "how it came in is not known: it joined", [stable(), [event("group_joined", T0 + i, group_id=f"g{i}") for i in range(3)]], "fires"),
    (HOURLY, "a new account may join one", [registered(DAY), joins(2)], "fires"),
    (HOURLY, "young for 30 days", [registered(30 * DAY, until=T0 + 2 * MINUTE), joins(2)], "fires"),
    (HOURLY, "stable from 30 days on", [registered(30 * DAY), joins(2)], "rests"),
    (HOURLY, "a verified business may join four", [business(), joins(4)], "rests"),
    (HOURLY, "and not five", [business(), joins(5)], "fires"),
    (IN_BR, "under", [stable(market="IN"), joins(0), message(T0)], "rests"),
    (IN_BR, "at", [stable(market="IN"), joins(1)], "rests"),
    (IN_BR, "over", [stable(market="IN"), joins(2)], "fires"),
    (IN_BR, "Brazil", [stable(market="BR"), joins(2)], "fires"),
    (IN_BR, "Italy", [stable(market="IT"), joins(2)], "rests"),
    (IN_BR, "market not known", [stable(), joins(2)], "undecided"),
    (IN_BR, "market from the country of the number", [registered(90 * DAY, number="n", number_country="IN"), joins(2)], "fires"),
    (NEW_10, "under", [registered(HOUR), joins(9, step=HOUR)], "rests"),
    (NEW_10, "at", [registered(HOUR), joins(10, step=HOUR)], "rests"),
    (NEW_10, "over", [registered(HOUR), joins(11, step=HOUR)], "fires"),
    (NEW_10, "an old account", [stable(), joins(11, step=HOUR)], "rests"),
    (NEW_10, "on the seventh day", [registered(7 * DAY, until=T0 + 10 * HOUR), joins(11, step=HOUR)], "fires"),
    (OVER_20, "under", [registered(HOUR), joins(19, step=HOUR)], "rests"),
    (OVER_20, "at", [registered(HOUR), joins(20, step=HOUR)], "rests"),
    (OVER_20, "over", [registered(HOUR), joins(21, step=HOUR)], "fires"),
    (OVER_20, "for every account", [stable(), joins(21, step=HOUR)], "fires"),
    *(
        (ADMINS, f"{n} removals of which it is not known who made them",
         [event("group_member_removed", T0 + i * HOUR, group_id=f"g{i}", removed_by=f"x{i}") for i in range(n)], expected)
        for n, expected in ((5, "rests"), (6, "undecided"))
    ),
    (ADMINS, "under", removals("abcd"), "rests"),
    (ADMINS, "at", removals("abcde"), "rests"),
    (ADMINS, "over", removals("abcdef"), "fires"),
    (ADMINS, "one administrator removes from 6 groups", removals("aaaaaa"), "rests"),
    (ADMINS, "five that perhaps administrators made, and one by nobody on record", [event("group_member_removed", T0 + i, removed_by=by) for i, by in enumerate([*"abcde", None])], "rests"),
    (ADMINS, "six that perhaps administrators made", [event("group_member_removed", T0 + i, removed_by=by) for i, by in enumerate("abcdef")], "undecided"),
    (ADMINS, "removed by members", removals("abcdef", by_admin=False), "rests"),
    (CLOCKWORK, "under: every 5 min for 1 h 55 min", joined_after(*[5] * 23), "rests"),
    (CLOCKWORK, "at: every 5 min for exactly 2 h, 25 joins", joined_after(*[5] * 24), "rests"),
    (CLOCKWORK, "over: every 5 min for 2 h 5 min", joined_after(*[5] * 25), "fires"),
    (CLOCKWORK, "every 60 min for 6 h, gaps within 1 min", joined_after(60, 61, 60, 59, 60, 60), "fires"),
    (CLOCKWORK, "gaps of 2, 11, 4, 9, 30 min for 3 h", joined_after(*[2, 11, 4, 9, 30] * 4), "rests"),
    (CLOCKWORK, "gaps that vary by exactly a tenth", joined_after(*[4.5, 5.5] * 13), "fires"),
    (CLOCKWORK, "gaps that vary by 12 %", joined_after(*[4.4, 5.6] * 13), "rests"),
    (CLOCKWORK, "one gap longer, one shorter by half a minute", joined_after(*[5] * 10, 5.5, 4.5, *[5] * 14), "fires"),
    (CLOCKWORK, "gaps that grow by a tenth each", joined_after(*[5 * 1.1**n for n in range(14)]), "rests"),
    (CLOCKWORK, "after a slow start", joined_after(90, 7, 31, *[5] * 25), "fires"),
    (CLOCKWORK, "across midnight", [{**e, "ts": e["ts"] + 13 * HOUR} for e in joined_after(*[5] * 25)], "fires"),
    (CLOCKWORK, "two joins at one moment", joined_after(0, 0, *[5] * 24), "rests"),
    (CLOCKWORK, "too few joins: five", joined_after(60, 60, 60, 60), "rests"),
    (CLOCKWORK, "six joins", joined_after(60, 60, 60, 60, 60), "fires"),
    (CLOCKWORK, "a pause starts a new series", joined_after(*[5] * 20, 200, *[5] * 24), "rests"),
    (CLOCKWORK, "the first join ever", joined_after(), "rests"),
    (CONTACTS, "the address book of a new phone", [registered(MINUTE), contacts(300, step=100)], "rests"),
    (CONTACTS, "the address book, and 20 later", [registered(MINUTE), contacts(300, step=100), contacts(20, step=100, start=T0 + 4 * MINUTE)], "rests"),
    (CONTACTS, "the address book, and 21 later", [registered(MINUTE), contacts(300, step=100), contacts(21, step=100, start=T0 + 4 * MINUTE)], "fires"),
    (CONTACTS, "under", contacts(19, MINUTE), "rests"),
    (CONTACTS, "at", contacts(20, MINUTE), "rests"),
    (CONTACTS, "over", contacts(21, MINUTE), "fires"),
    (CONTACTS, "eleven people, added twice", [contacts(11, MINUTE), contacts(11, MINUTE, T0 + 20 * MINUTE)], "rests"),
    (CONTACTS, "twenty people, and one nobody names", [contacts(20, MINUTE), event("contact_added", T0 + 30 * MINUTE)], "undecided"),
    (CONTACTS, "21 in exactly an hour: the first is too old", contacts(21, 3 * MINUTE), "rests"),
    (UNKNOWN, "under", [registered(HOUR), contacts(29, 10 * MINUTE, is_known=False)], "rests"),
    (UNKNOWN, "at", [registered(HOUR), contacts(30, 10 * MINUTE, is_known=False)], "rests"),
    (UNKNOWN, "over", [registered(HOUR), contacts(31, 10 * MINUTE, is_known=False)], "fires"),
    (UNKNOWN, "30 of whom that is not known", [registered(HOUR), contacts(30, 10 * MINUTE)], "rests"),
    (UNKNOWN, "31 of whom that is not known", [registered(HOUR), contacts(31, 10 * MINUTE)], "undecided"),
    (UNKNOWN, "31, one of whom it may know", [registered(HOUR), contacts(30, 10 * MINUTE, is_known=False), event("contact_added", T0 + 9 * HOUR, contact_id="x")], "undecided"),
    (UNKNOWN, "31 for sure, one of whom it may know besides", [registered(HOUR), contacts(31, 10 * MINUTE, is_known=False), event("contact_added", T0 + 9 * HOUR, contact_id="x")], "fires"),
    (UNKNOWN, "60 of 30 of whom that is not known", [registered(HOUR), contacts(30, 10 * MINUTE), contacts(30, 10 * MINUTE, T0 + 6 * HOUR)], "rests"),
    (UNKNOWN, "30, again, of whom that is no longer known", [registered(HOUR), contacts(30, 10 * MINUTE, is_known=False), contacts(30, 10 * MINUTE, T0 + 6 * HOUR)], "rests"),
    (UNKNOWN, "30, and one nobody names", [registered(HOUR), contacts(30, 10 * MINUTE, is_known=False), event("contact_added", T0 + 9 * HOUR, is_known=False)], "undecided"),
    (UNKNOWN, "30 and nobody", [registered(HOUR), contacts(30, 10 * MINUTE, is_known=False), event("contact_added", T0 + 9 * HOUR, is_known=False, contact_id=None)], "rests"),
    (UNKNOWN, "people it knows", [registered(HOUR), contacts(60, MINUTE, is_known=True)], "rests"),
    (EXPORT, "50 contacts", [event("contacts_exported", T0, count=50)], "rests"),
    (EXPORT, "51 contacts", [event("contacts_exported", T0, count=51)], "fires"),
    (EXPORT, "how many is not known", [event("contacts_exported", T0)], "undecided"),
    (CALLS, "under", [unidentified, calls(9)], "rests"),
    (CALLS, "at", [unidentified, calls(10)], "rests"),
    (CALLS, "over", [unidentified, calls(11)], "fires"),
    (CALLS, "20 calls by an identified account", [profile(is_identified=True), calls(20)], "rests"),
    (CALLS, "no identity on record", [profile(is_identified=None), calls(11)], "fires"),
    (CALLS, "identity not known", calls(11), "undecided"),
    (CALLS, "of one it is not known whether it is a video call", [unidentified, calls(10), event("call_started", T0 + 12 * HOUR)], "undecided"),
    (CALLS, "11 calls, and one of which it is not known", [unidentified, calls(11), event("call_started", T0 + 12 * HOUR)], "fires"),
    (CALLS, "of one no kind is on record", [unidentified, calls(10), event("call_started", T0 + 12 * HOUR, kind=None)], "rests"),
    (CALLS, "video calls", [unidentified, calls(11, kind="video")], "rests"),
    (DOWNLOAD, "under", [event("media_downloaded", T0, file_count=4)], "rests"),
    (DOWNLOAD, "at", [event("media_downloaded", T0, file_count=5)], "rests"),
    (DOWNLOAD, "over", [event("media_downloaded", T0, file_count=6)], "fires"),
    *((UPLOAD, f"{mib} MiB", [message(T0, media_bytes=round(mib * 2**20))], x) for mib, x in ((15.9, "rests"), (16, "rests"), (16.1, "fires"))),
    (UPLOAD, "size not known", [message(T0)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def clock(text, count=2, market="IT", **fields):
    """So many joins within minutes, the last at that local time in Rome."""
    ts = at(text)
    return [stable(tz="Europe/Rome", market=market), joins(count, ts - (count - 1) * MINUTE)]


HOURS = [
    ("2026-03-03T19:59:59.999+01:00", 3, 2, []),
    ("2026-03-03T20:00:59.999+01:00", 3, 2, []),  # the first of the evening: those before came before 20 h
    ("2026-03-03T20:01:00+01:00", 2, 1.2, ["group.peak-20-23-threshold-minus-40pct"]),
    ("2026-03-03T22:59:59.999+01:00", 2, 1.2, ["group.peak-20-23-threshold-minus-40pct"]),
    ("2026-03-03T23:00:00+01:00", 3, 2, []),
    ("2026-03-06T23:59:59.999+01:00", 3, 2, []),
    ("2026-03-07T00:02:00+01:00", 3, 2.5, ["group.weekend-tolerance-plus-25pct"]),
    ("2026-03-08T12:00:00+01:00", 3, 2.5, ["group.weekend-tolerance-plus-25pct"]),
    ("2026-03-09T00:02:00+01:00", 3, 2, []),
    (
        "2026-03-07T21:00:00+01:00",
        2,
        1.5,
        ["group.peak-20-23-threshold-minus-40pct", "group.weekend-tolerance-plus-25pct"],
    ),
]


@pytest.mark.parametrize(("text", "fires_at", "limit", "modifiers"), HOURS)
def test_evenings_and_weekends_move_the_limit_of_joins(text, fires_at, limit, modifiers):
    assert HOURLY not in last(clock(text, fires_at - 1)).fired
    fired = last(clock(text, fires_at)).fired[HOURLY]
    assert fired["limit"] == limit
    assert [m["modifier"] for m in fired["modifiers"]] == modifiers


@pytest.mark.parametrize(
    ("second", "fires"), [("2026-03-03T21:40:00+01:00", True), ("2026-03-03T23:00:00+01:00", False)]
)
def test_the_second_join_of_an_evening_need_not_follow_within_an_hour(second, fires):
    first = at("2026-03-03T20:05:00+01:00")
    in_the_day = [joins(1, first - n * HOUR) for n in range(2, 7)]
    world = [registered(4 * DAY, until=first), profile(ts=first - DAY, tz="Europe/Rome"), in_the_day]
    found = last([*world, joins(1, first), joins(1, at(second))]).fired
    assert ("group.new-over-10-24h" in found) == fires  # seven joins: 10 times 0.6 in the evening


@pytest.mark.parametrize(
    ("market", "day", "weekend"),
    [
        ("EG", "2026-03-06", True),
        ("EG", "2026-03-07", True),
        ("EG", "2026-03-08", False),
        ("IN", "2026-03-07", False),
        ("IN", "2026-03-08", True),
        ("IR", "2026-03-06", True),
        ("IR", "2026-03-07", False),
        ("AF", "2026-03-05", True),
        (None, "2026-03-07", False),  # no market on record: nobody knows whose weekend it is
        (None, "2026-03-08", False),
    ],
)
def test_the_weekend_is_that_of_the_market(market, day, weekend):
    fired = last(clock(f"{day}T12:00:00+01:00", 3, market)).fired[HOURLY]
    assert fired["limit"] == (2.5 if weekend else 2)


def test_a_single_join_in_the_evening_is_no_abuse():
    evening = at("2026-03-03T21:00:00+01:00")
    world = [registered(DAY, until=evening), profile(ts=evening - HOUR, tz="Europe/Rome"), joins(1, evening)]
    assert outcome(HOURLY, world) == "rests"


def test_clockwork_meets_a_phone_check_at_the_next_join():
    seen = last(joined_after(*[60] * 5))
    assert (seen.verdict, seen.challenge, seen.labels[-1]) == ("challenge", "phone", "bot-behaviour")
    assert seen.fired[CLOCKWORK]["probability"] == 0.89
    assert seen.fired[CLOCKWORK]["observed"] == 5


def test_who_is_thrown_out_joins_by_approval_for_a_week():
    world = removals("abcdef")
    seen = last([*world, event("group_joined", T0 + 6 * HOUR, group_id="x")])
    assert (seen.verdict, seen.retry_after_s) == ("throttle", 7 * DAY // 1000 - 3600)
    assert last([*world, event("group_joined", T0 + 5 * HOUR + 7 * DAY, group_id="x")]).verdict == "allow"


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        ({"labels": {}}, "allow"),
        ({"labels": {"group-abuse": T0}}, "allow"),
        ({"labels": {"low-quality-member": T0}}, "throttle"),
        ({"tz": "Asia/Kolkata"}, "throttle"),  # of labels nothing is said
    ],
)
def test_approval_ends_when_the_label_is_taken_off(told, verdict):
    world = [removals("abcdef"), profile(ts=T0 + 6 * HOUR, **told)]
    assert last([*world, event("group_joined", T0 + 7 * HOUR, group_id="x")]).verdict == verdict
    again = [removals("g"), event("group_joined", T0 + 9 * HOUR, group_id="x")]
    again[0][0]["ts"] = T0 + 8 * HOUR
    assert last([*world, *again]).verdict == "throttle"


def test_calls_stop_for_a_day_and_messages_go_on():
    world = [unidentified, calls(11)]
    assert last(world).verdict == "deny"
    assert last([*world, message(T0 + 11 * HOUR)]).verdict == "allow"


def session(*, checks, closed=(), then=DAY + 1):
    """A session that opens at the start, checks and closings so many hours later, and an event that passes the deadline."""
    return [
        event("session_state", T0, state="open", session_id="s", device_id="d"),
        [event("integrity_check", T0 + h * HOUR, ok=True, device_id="d") for h in checks],
        [event("session_state", T0 + h * HOUR, state="close", session_id="s", device_id="d") for h in closed],
        message(T0 + then, account="someone else"),
    ]


@pytest.mark.parametrize(
    ("checks", "fires"),
    [((), True), ((1, 9), True), ((1, 9, 17), False), ((1, 9, 17, 23), False), ((0, 8, 16), True)],
)
def test_a_client_online_for_a_day_owes_three_checks(checks, fires):
    # the check of hour 0 is exactly 24 hours old at the deadline: it no longer counts
    found = timers(session(checks=checks))
    assert [t.fired.keys() for t in found] == ([{CHECKS}] if fires else [])


def test_another_client_of_the_account_neither_checks_for_it_nor_hides_it():
    other = [
        event("session_state", T0 + HOUR, state="open", session_id="t", device_id="e"),
        [event("integrity_check", T0 + h * HOUR, ok=True, device_id="e") for h in (2, 3, 4)],
        event("session_state", T0 + 5 * HOUR, state="close", session_id="t", device_id="e"),
    ]
    first, *rest = session(checks=(1, 9))
    assert [t.fired.keys() for t in timers([first, other, rest])] == [{CHECKS}]
    nameless = event("integrity_check", T0 + HOUR, ok=True)
    assert timers([first, nameless, rest]) == []


def checked(*hours, **fields):
    return [event("integrity_check", T0 + h * HOUR, **{"ok": True, "device_id": "d"} | fields) for h in hours]


def owed_at(*events):
    """At which hours of a session that opens at the start the client owed checks, at checks and at deadlines."""
    first, *_ = session(checks=())
    seen = judge([first, *events, message(T0 + 5 * DAY, account="someone else")])
    return [round((at(s.ts) - T0) / HOUR, 3) for s in seen if CHECKS in s.fired]


def test_a_client_that_stays_online_owes_three_checks_on_every_day():
    daily = [8 * n + 0.01 * (n % 3) for n in range(15)]  # the gaps are not always eight hours
    assert owed_at(checked(*daily)) == []
    assert owed_at(checked(1, 9, 17, 35, 52)) == [35, 52, 76]
    assert owed_at(checked(1, 9, 17, 24.5, 30, 40.5)) == [64.5], "40.5 is the last one"
    assert owed_at(checked(1, 9, 17)) == [41]
    assert owed_at(checked(0, 8, 16)) == [24, 40], (
        "once at the deadline of the opening, which the first check shares"
    )


def test_checks_that_failed_are_none_and_of_those_without_a_result_nobody_knows():
    world = [session(checks=())[0], checked(1, 9, 17)]
    assert last([world, checked(26, ok=False)]).fired[CHECKS]["observed"] == 2
    assert last([world, checked(26, ok=None)]).fired[CHECKS]["observed"] == 2
    assert CHECKS not in last([world, checked(26)]).fired
    unsaid = event("integrity_check", T0 + 26 * HOUR, device_id="d")
    assert CHECKS in last([world, unsaid]).undecided


@pytest.mark.parametrize("told", [{"device_id": "d"}, {}])
@pytest.mark.parametrize("state", ["close", "open"])
def test_whose_session_ended_or_began_within_the_day_owes_nothing(state, told):
    state = event("session_state", T0 + 20 * HOUR, state=state, session_id="s", **told)
    opened = {n: v for n, v in session(checks=())[0].items() if n != "device_id" or told}
    checks = [{n: v for n, v in check.items() if n != "device_id" or told} for check in checked(1, 9, 17, 43)]
    seen = judge([opened, state, checks])
    assert all(CHECKS not in s.fired for s in seen)
    assert CHECKS in last([opened, checks]).fired


def test_who_is_not_known_to_be_online_owes_nothing():
    seen = judge([checked(1, 30), message(T0 + 3 * DAY, account="someone else")])
    assert all(CHECKS not in s.fired and CHECKS not in s.undecided for s in seen)
    other = event("session_state", T0, state="open", session_id="t", device_id="e")
    assert CHECKS not in last([other, checked(1, 30)]).fired


def test_absence_is_judged_at_its_deadline_and_names_the_account():
    (timer,) = timers(session(checks=(1,)))
    assert (timer.ts, timer.account_id, timer.event_id) == ("2026-03-03T09:30:00.000Z", "a", None)
    assert timer.fired[CHECKS]["observed"] == 1
    assert timer.labels == ["modified-client-watch"]


def test_absence_is_not_judged_before_its_deadline_has_passed_or_for_who_was_offline():
    assert timers(session(checks=(), then=DAY)) == []
    assert timers(session(checks=(), closed=(5,))) == []
