"""Published limits: events in, exceeded quotas out; the verdict stays what it is.

reason for length: one table of cases of 54 quotas, beside the tests of what all of them share.
"""

from functools import partial

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    at,
    attempt,
    business,
    event,
    joins,
    judge,
    last,
    login,
    message,
    messages,
    outcome,
    profile,
    registered,
    report,
    stable,
)

NEW = registered(3 * DAY)
MIB = 1 << 20
FAR = {"number_lat": 0.0, "number_lon": 0.0, "ip_lat": 0.0}
KM = 360 / (2 * 3.141592653589793 * 6371.0088)  # degrees of the equator


def young(account="a"):
    return profile(account, registered_at=T0 - 40 * DAY)


def links(count, start=T0, step=SECOND, **fields):
    return messages(count, start, step, link_hashes=["h"], **fields)


def plain(count, start=T0, step=SECOND, **fields):
    return messages(count, start, step, link_hashes=[], **fields)


def batches(count, start=T0, step=5 * MINUTE, **fields):
    return [event("broadcast_batch", start + i * step, batch_id=f"b{i}", **fields) for i in range(count)]


def called(*moments):
    """A profile of the number that asks for codes."""
    return event("number_profile", T0 - 1, None, number="n", voice_calls=list(moments))


def voice(count, start=T0, step=HOUR, channel="voice"):
    return [
        event("verification_code_requested", start + i * step, None, number="n", channel=channel)
        for i in range(count)
    ]


def received(ts, by="b"):
    return event("message_received", ts, from_id=by)


def sized(large, small, start=T0, step=MINUTE):
    """Joins, large groups last."""
    sizes = [100] * small + [501] * large
    return [
        event("group_joined", start + i * step, group_id=f"g{i}", method="link", group_size=size)
        for i, size in enumerate(sizes)
    ]


def leaves(count, start):
    return [event("group_left", start + i * SECOND, group_id=f"g{i}") for i in range(count)]


def after_five(pause, count=5):
    """Five messages seconds apart, then one more."""
    return [messages(count), message(T0 + (count - 1) * SECOND + pause, "x")]


def count_cases(quota, limit, world, *, strict=False):
    """Cases just under, at and over a limit; `world` gives the events for a count."""
    most = limit - 1 if strict else limit
    return [(quota, f"{n}", world(n), "rests" if n <= most else "fires") for n in (most - 1, most, most + 1)]


def of_whom(who, some, count):
    """So many actions of an account."""
    return [who, some(count)]


DAYS = [  # quota, limit, whose, the events of a day
    ("msg.quota-new-per-day", 50, NEW, messages),
    ("msg.quota-new-per-day", 50, young(), messages),
    ("msg.quota-stable-per-day", 200, stable(), messages),
    ("msg.quota-stable-per-day", 200, [], messages),
    ("msg.quota-business-per-day", 500, business(), messages),
    ("msg.quota-day-150", 150, [], messages),
    ("bcast.quota-new-batches", 2, NEW, batches),
    ("bcast.quota-stable-batches", 5, stable(), batches),
    ("bcast.quota-stable-batches", 5, [], batches),
    ("bcast.quota-business-batches", 10, business(), batches),
    ("group.quota-new-per-day", 3, NEW, joins),
    ("group.quota-stable-per-day", 8, stable(), joins),
    ("group.quota-stable-per-day", 8, [], joins),
    ("group.quota-business-per-day", 15, business(), joins),
    ("group.quota-5-per-day", 5, [], joins),
    ("group.quota-weekend-8-per-day", 8, [], joins),
]
MINUTES = [
    ("msg.quota-new-per-minute", 5, NEW, messages),
    ("msg.quota-stable-per-minute", 12, stable(), messages),
    ("msg.quota-stable-per-minute", 12, [], messages),
    ("msg.quota-business-per-minute", 20, business(), messages),
    ("msg.quota-media-8-per-min", 8, [], lambda n: messages(n, message_type="image")),
    ("link.quota-5-per-min", 5, [], links),
    ("group.quota-new-per-hour", 1, NEW, joins),
    ("group.quota-stable-per-hour", 2, stable(), joins),
    ("group.quota-stable-per-hour", 2, [], joins),
    ("group.quota-business-per-hour", 4, business(), joins),
    ("msg.quota-day1-30-per-hour", 30, registered(5 * HOUR), messages),
    ("msg.quota-new-per-minute", 5, [NEW, profile(tier=None)], messages),
    ("msg.quota-stable-per-minute", 12, profile(tier=None), messages),
    ("group.quota-stable-per-hour", 2, profile(tier=None), joins),
]
OF_A_TIER = [  # one more than the limit of a tier, by an account of another
    ("msg.quota-new-per-minute", stable(), messages(6)),
    ("msg.quota-new-per-minute", [], messages(6)),
    ("msg.quota-stable-per-minute", NEW, messages(13)),
    ("msg.quota-stable-per-minute", business(), messages(13)),
    ("msg.quota-business-per-minute", stable(), messages(21)),
    ("bcast.quota-new-batches", stable(), batches(3)),
    ("group.quota-new-per-day", stable(), joins(4)),
    ("group.quota-weekend-8-per-day", business(), joins(9)),
    ("msg.quota-first-week-20-per-day", stable(), messages(20)),
    ("msg.quota-day1-30-per-hour", NEW, messages(31)),
]
CASES = [
    *[case for quota, limit, who, some in DAYS + MINUTES for case in count_cases(quota, limit, partial(of_whom, who, some))],
    *[(quota, "another tier", [who, events], "rests") for quota, who, events in OF_A_TIER],
    *count_cases("msg.quota-first-week-20-per-day", 20, lambda n: [NEW, messages(n)], strict=True),
    *count_cases("msg.quota-first-week-conversations", 10, lambda n: [NEW, messages(n)]),
    ("msg.quota-first-week-conversations", "ten people, many messages",
     [NEW, messages(10), messages(30, T0 + HOUR, to="b3")], "rests"),
    ("msg.quota-first-week-conversations", "one person again each day",
     [NEW, messages(10, T0 - DAY), messages(10)], "rests"),
    ("msg.quota-first-week-conversations", "ten people, one of them late as well",
     [NEW, messages(10, T0, MINUTE), message(T0 + MINUTE, "b9"), message(T0 + 10 * MINUTE, "b0")], "rests"),
    ("msg.quota-first-week-conversations", "an eleventh who comes late",
     [NEW, messages(10, T0, MINUTE), message(T0 + 8 * MINUTE, "late"), message(T0 + 10 * MINUTE, "b0")], "fires"),
    # strangers
    *count_cases("msg.quota-cold-5-per-day", 5, lambda n: messages(n, recipient_is_contact=False)),
    *count_cases("msg.quota-cold-5-per-day", 5, messages),
    ("msg.quota-cold-5-per-day", "contacts", messages(9, recipient_is_contact=True), "rests"),
    ("msg.quota-cold-5-per-day", "replies", messages(9, is_reply=True), "rests"),
    ("msg.quota-cold-5-per-day", "the same five all day", [messages(5), messages(5, T0 + HOUR)], "rests"),
    ("msg.quota-cold-5-per-day", "five, one of them late as well",
     [messages(5, T0, MINUTE), message(T0 + 2 * MINUTE, "b4"), message(T0 + 5 * MINUTE, "b0")], "rests"),
    ("msg.quota-cold-5-per-day", "who wrote this week",
     [[received(T0 - DAY, f"b{i}") for i in range(9)], messages(9)], "rests"),
    ("msg.quota-cold-5-per-day", "who wrote a week ago",
     [[received(T0 - 7 * DAY, f"b{i}") for i in range(6)], messages(6, T0, 1)], "fires"),
    ("msg.prefer-3-day-contacts", "2 days", [message(T0 - 2 * DAY), message(T0)], "rests"),
    ("msg.prefer-3-day-contacts", "3 days", [message(T0 - 3 * DAY), message(T0)], "rests"),
    ("msg.prefer-3-day-contacts", "3 days and 1 ms", [message(T0 - 3 * DAY - 1), message(T0)], "fires"),
    ("msg.prefer-3-day-contacts", "heard 2 days ago",
     [message(T0 - 9 * DAY), received(T0 - 2 * DAY), message(T0)], "rests"),
    ("msg.prefer-3-day-contacts", "never", [message(T0)], "fires"),
    ("msg.prefer-3-day-contacts", "to a group", [event("message_sent", T0, group_id="g")], "rests"),
    # pacing
    ("msg.quota-interval-90s", "89.999 s", [message(T0), message(T0 + 89_999)], "fires"),
    ("msg.quota-interval-90s", "90 s", [message(T0), message(T0 + 90_000)], "rests"),
    ("msg.quota-interval-90s", "the first", [message(T0)], "rests"),
    ("msg.quota-pause-2min-per-5", "1 min", after_five(MINUTE), "fires"),
    ("msg.quota-pause-2min-per-5", "2 min less 1 ms", after_five(2 * MINUTE - 1), "fires"),
    ("msg.quota-pause-2min-per-5", "2 min", after_five(2 * MINUTE), "rests"),
    ("msg.quota-pause-2min-per-5", "after four", after_five(MINUTE, 4), "rests"),
    ("msg.quota-pause-2min-per-5", "a pause before", [messages(4, T0 - 3 * MINUTE), messages(4)], "rests"),
    ("msg.quota-pause-2min-per-5", "the seventh in a row", messages(7, step=MINUTE), "fires"),
    ("msg.quota-pause-5min-per-5", "4 min", after_five(4 * MINUTE), "fires"),
    ("msg.quota-pause-5min-per-5", "5 min", after_five(5 * MINUTE), "rests"),
    ("msg.quota-day1-pause-15min-per-20", "14 min", [registered(2 * HOUR), after_five(14 * MINUTE, 20)], "fires"),
    ("msg.quota-day1-pause-15min-per-20", "15 min", [registered(2 * HOUR), after_five(15 * MINUTE, 20)], "rests"),
    ("msg.quota-day1-pause-15min-per-20", "after 19", [registered(2 * HOUR), after_five(MINUTE, 19)], "rests"),
    ("msg.quota-day1-pause-15min-per-20", "third day", [NEW, after_five(MINUTE, 20)], "rests"),
    # media
    ("msg.media-size-under-16mb", "15 MB", message(T0, message_type="video", media_bytes=15 * MIB), "rests"),
    ("msg.media-size-under-16mb", "16 MB", message(T0, message_type="video", media_bytes=16 * MIB), "fires"),
    ("msg.media-size-under-16mb", "a picture", message(T0, message_type="image", media_bytes=16 * MIB), "rests"),
    ("msg.media-size-under-16mb", "size not known", message(T0, message_type="video"), "undecided"),
    ("msg.media-size-under-16mb", "no attachment", message(T0, message_type="video", media_bytes=None), "rests"),
    ("msg.image-under-1200px", "1199", message(T0, message_type="image", media_width=1199, media_height=900), "rests"),
    ("msg.image-under-1200px", "1200 high", message(T0, message_type="image", media_width=9, media_height=1200), "fires"),
    # broadcasts
    ("bcast.quota-new-batches", "none on the first day", [registered(HOUR), batches(1)], "fires"),
    ("bcast.quota-new-batches", "two after 24 h", [registered(DAY), batches(2)], "rests"),
    *[("bcast.quota-15-per-batch", f"{n}", batches(1, recipient_count=n), "fires" if n > 15 else "rests") for n in (14, 15, 16)],
    ("bcast.quota-15-per-batch", "listed", batches(1, recipient_ids=[f"b{i}" for i in range(16)]), "fires"),
    ("bcast.quota-15-per-batch", "not known", batches(1), "undecided"),
    ("bcast.quota-interval-3min", "2:59.999", batches(2, step=3 * MINUTE - 1), "fires"),
    ("bcast.quota-interval-3min", "3 min", batches(2, step=3 * MINUTE), "rests"),
    # links
    *[(f"link.quota-{tier}-share", f"{share} %", [who, links(share), plain(100 - share, T0 + HOUR)],
       "fires" if share >= limit else "rests")
      for tier, who, limit in (("new", NEW, 20), ("stable", stable(), 35), ("stable", [], 35), ("business", business(), 50))
      for share in (limit - 1, limit, limit + 1)],
    ("link.quota-new-share", "nine messages", [NEW, links(9)], "rests"),
    ("link.quota-new-share", "yesterday's links", [NEW, links(50, T0 - DAY), plain(10)], "rests"),
    ("link.quota-5-per-min", "links not known", [messages(4), links(5, T0 + 5 * SECOND)], "undecided"),
    ("link.quota-pause-2min-per-10", "1 min", [links(10), links(1, T0 + 9 * SECOND + MINUTE)], "fires"),
    ("link.quota-pause-2min-per-10", "2 min", [links(10), links(1, T0 + 9 * SECOND + 2 * MINUTE)], "rests"),
    ("link.quota-pause-2min-per-10", "texts between", [links(10), plain(5, T0 + 10 * SECOND), links(1, T0 + MINUTE)], "fires"),
    ("link.quota-pause-2min-per-10", "a text", [links(10), plain(1, T0 + MINUTE)], "rests"),
    # groups
    ("group.quota-interval-30min", "29 min", joins(2, step=29 * MINUTE), "fires"),
    ("group.quota-interval-30min", "added by others a minute later", [joins(1), joins(1, T0 + MINUTE, method="added_by_other")], "rests"),
    ("group.quota-interval-30min", "30 min", joins(2, step=30 * MINUTE), "rests"),
    ("group.quota-stable-per-hour", "an hour later", [stable(), joins(3, step=30 * MINUTE)], "rests"),
    ("group.quota-stable-per-hour", "two in India", [stable(market="IN"), joins(2)], "fires"),
    ("group.quota-business-per-hour", "two in Brazil",
     [stable(market="BR", verified_business=True), joins(2)], "fires"),
    ("group.quota-stable-per-hour", "added by others", [stable(), joins(9, method="added_by_other")], "rests"),
    ("group.quota-new-large-share", "32 of 100", [NEW, sized(32, 68)], "rests"),
    ("group.quota-new-large-share", "33 of 100", [NEW, sized(33, 67)], "fires"),
    ("group.quota-new-large-share", "one of three", [NEW, sized(1, 2)], "fires"),
    ("group.quota-new-large-share", "two joins", [NEW, sized(1, 1)], "rests"),
    ("group.quota-stable-large-share", "1 of 3", [stable(), sized(1, 2)], "rests"),
    ("group.quota-stable-large-share", "2 of 4", [stable(), sized(2, 2)], "fires"),
    ("group.quota-stable-large-share", "500 members are not large",
     [stable(), joins(4, group_size=500)], "rests"),
    ("group.quota-stable-large-share", "eight days ago", [stable(), sized(3, 0, T0 - 8 * DAY), sized(0, 3)], "rests"),
    ("group.quota-business-large-share", "6 of 9", [business(), sized(6, 3)], "rests"),
    ("group.quota-business-large-share", "7 of 10", [business(), sized(7, 3)], "fires"),
    *[(f"group.quota-{tier}-leave-redline", f"{left} of 10",
       [who, joins(10, T0 - HOUR), leaves(left, T0)], "fires" if left > line else "rests")
      for tier, who, line in (("new", NEW, 2), ("stable", stable(), 3), ("stable", [], 3), ("business", business(), 4))
      for left in (line, line + 1)],
    *[(f"group.quota-{tier}-leave-redline", "5 of 10, then added to a group by others",
       [who, joins(10, T0 - HOUR), leaves(5, T0), joins(1, T0 + MINUTE, method="added_by_other")], "rests")
      for tier, who in (("new", NEW), ("stable", stable()), ("business", business()))],
    ("group.quota-stable-leave-redline", "left two days later",
     [stable(), joins(10, T0 - 2 * DAY), joins(3, T0 - HOUR), leaves(4, T0)[3:]], "rests"),
    # registration
    *[("reg.table-ip-safe-3-per-24h", f"{n} numbers",
       [attempt(T0 + i * HOUR, f"n{i}", device=f"d{i}") for i in range(n)], "fires" if n > 3 else "rests") for n in (2, 3, 4)],
    ("reg.table-ip-safe-3-per-24h", "retries", [attempt(T0 + i, "n", device=f"d{i}") for i in range(9)], "rests"),
    ("reg.table-ip-safe-3-per-24h", "four without numbers",
     [event("registration_attempt", T0 + i, None, ip="i") for i in range(4)], "fires"),
    ("reg.table-ip-safe-3-per-24h", "the first a day ago",
     [attempt(T0, "m"), *[attempt(T0 + DAY + i, f"n{i}") for i in range(3)]], "rests"),
    *[("reg.table-device-safe-2-per-7d", f"{n} numbers",
       [attempt(T0 + i * DAY, f"n{i}", ip=f"i{i}") for i in range(n)], "fires" if n > 2 else "rests") for n in (1, 2, 3)],
    *[("reg.table-geo-safe-500km", f"{km} km", attempt(T0, **FAR, ip_lon=km * KM), "fires" if km > 500 else "rests")
      for km in (499, 501)],
    ("reg.table-geo-safe-500km", "place not known", attempt(T0), "undecided"),
    *[("reg.table-number-idle-90d", f"{days} days",
       [event("number_profile", T0 - DAY, None, number="n", last_registered_at=T0 - days * DAY), attempt(T0)],
       "fires" if days < 90 else "rests") for days in (89, 90, 91)],
    ("reg.table-number-idle-90d", "never", [event("number_profile", T0 - DAY, None, number="n", last_registered_at=None),
                                           attempt(T0)], "rests"),
    *[("verify.voice-max-2-per-24h", f"{n} calls", voice(n), "fires" if n > 2 else "rests") for n in (1, 2, 3)],
    ("verify.voice-max-2-per-24h", "text messages", voice(5, channel="sms"), "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists two", [called(T0 - 5, T0 - HOUR), voice(1)], "fires"),
    ("verify.voice-max-2-per-24h", "a profile lists one", [called(T0 - HOUR), voice(1)], "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists two, one of them a day ago", [called(T0 - 5, T0 - DAY - 1), voice(1)], "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists two, a day before", [called(T0 - 5, T0 - HOUR), voice(1, T0 + DAY)], "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists two, one of them a day before the call", [called(T0 - 5, T0 - HOUR), voice(1, T0 + DAY - HOUR)], "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists two of a moment less than a day before the call", [called(T0 - HOUR, T0 - HOUR), voice(1, T0 + DAY - HOUR - 1)], "fires"),
    ("verify.voice-max-2-per-24h", "a profile lists the one that was seen", [voice(1, T0 - HOUR), called(T0 - HOUR), voice(1)], "rests"),
    ("verify.voice-max-2-per-24h", "a profile lists none", [voice(2, T0 - 2 * HOUR), called(), voice(1)], "fires"),
    ("verify.voice-max-2-per-24h", "a day later", [voice(2), voice(1, T0 + DAY)], "rests"),
    # conduct
    ("login.habitual-fixed-network", "listed", [profile(known_networks=["i", "j"]), login(T0, ip="j")], "rests"),
    ("login.habitual-fixed-network", "not listed", [profile(known_networks=["i"]), login(T0, ip="j")], "fires"),
    ("login.habitual-fixed-network", "none at all", [profile(known_networks=[]), login(T0, ip="j")], "fires"),
    ("login.habitual-fixed-network", "no longer listed",
     [profile(ts=T0 - 2 * DAY, known_networks=["j"]), profile(known_networks=["i"]), login(T0, ip="j")], "fires"),
    ("login.habitual-fixed-network", "behind a VPN", [profile(known_networks=["i"]), login(T0, ip="i", is_vpn=True)], "fires"),
    ("login.habitual-fixed-network", "nothing told", [login(T0, ip="i")], "rests"),
    ("content.compliant-wording", "spam", [report(T0, "r", category="spam")], "fires"),
    ("content.compliant-wording", "something else", [report(T0, "r", category="other")], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table([(q, n, [w], e) for q, n, w, e in CASES]).params)
def test_a_quota_is_exceeded_just_beyond_its_limit(table, number):
    _, _, _, expected = table.cases[number]
    assert table.outcome(number) == expected


def test_a_quota_advises_and_restrains_nothing():
    seen = last([stable(), messages(151, step=10 * MINUTE, start=T0 - 25 * HOUR)])
    assert seen.verdict == "allow"
    world = [stable(tz="UTC"), messages(151, at("2026-03-02T00:00:00Z"), 9 * MINUTE)]
    entry = last(world).fired["msg.quota-day-150"]
    assert entry == {
        "rule": "msg.quota-day-150",
        "observed": 151,
        "limit": 150,
        "window": "P1D",
        "probability": None,
        "modifiers": [],
        "reason": "151 messages today; up to 150 are advised",
        "quota": "exceeded",
    }
    seen = last(world)
    assert (seen.verdict, seen.score, seen.labels, seen.sanctions, seen.cases) == ("allow", 0.0, [], [], [])


def test_a_quota_is_told_beside_the_rules_that_restrain():
    seen = last([stable(), messages(13)])
    assert seen.verdict == "deny"
    assert "quota" not in seen.fired["msg.burst-over-12-in-60s-l1"]
    assert seen.fired["msg.quota-stable-per-minute"]["quota"] == "exceeded"
    assert list(seen.fired)[-1] == "msg.quota-pause-5min-per-5"


# the day of an account --------------------------------------------------------------------------------------------
DAY_1 = "group.quota-new-per-day"  # three a day


def three_and_one_more(zone, first, later):
    """Three joins, then one, by a new account of a zone."""
    who = [registered(3 * DAY, until=at(first)), *([profile(tz=zone, ts=at(first) - DAY)] if zone else [])]
    return outcome(DAY_1, [*who, joins(3, at(first), SECOND), event("group_joined", at(later), group_id="x")])


@pytest.mark.parametrize(
    ("zone", "first", "later", "expected"),
    [
        ("UTC", "2026-03-02T23:59:50+00:00", "2026-03-03T00:00:00+00:00", "rests"),
        ("UTC", "2026-03-02T00:00:00+00:00", "2026-03-02T23:59:59.999+00:00", "fires"),
        (None, "2026-03-02T00:00:00+00:00", "2026-03-02T23:59:59.999+00:00", "fires"),
        (None, "2026-03-02T23:59:50+00:00", "2026-03-03T00:00:00+00:00", "rests"),
        ("Asia/Kolkata", "2026-03-02T18:29:50+00:00", "2026-03-02T18:30:00+00:00", "rests"),
        ("Asia/Kolkata", "2026-03-02T18:30:00+00:00", "2026-03-03T18:29:59+00:00", "fires"),
        # Berlin, 2026-03-29: 23 hours; 2026-10-25: 25 hours
        ("Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00", "fires"),
        ("Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "rests"),
        ("Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-25T23:59:59+01:00", "fires"),
        ("Europe/Berlin", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "rests"),
    ],
)
def test_a_published_day_is_the_calendar_day_of_the_account(zone, first, later, expected):
    assert three_and_one_more(zone, first, later) == expected


@pytest.mark.parametrize(
    ("later", "expected"), [("2026-03-02T23:59:59.999Z", "fires"), ("2026-03-03T00:00:00Z", "rests")]
)
def test_where_no_zone_is_on_record_the_day_is_that_of_utc(later, expected):
    world = [registered(3 * DAY), profile(tz=None), joins(3, at("2026-03-02T10:00:00Z"), SECOND)]
    assert outcome(DAY_1, [*world, event("group_joined", at(later), group_id="x")]) == expected


def test_a_day_in_a_zone_that_nobody_knows_is_undecided():
    assert three_and_one_more("Mars/Olympus", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z") == "undecided"


def test_an_account_grows_out_of_its_quotas():
    born = T0 - 7 * DAY
    world = [event("account_registered", born), messages(5, T0 - 5 * SECOND)]
    assert outcome("msg.quota-new-per-minute", [*world, message(T0)]) == "fires"
    assert outcome("msg.quota-first-week-20-per-day", [world[0], messages(20, T0 - 19, 1)]) == "fires"
    assert outcome("msg.quota-first-week-20-per-day", [world[0], messages(20, T0 - 18, 1)]) == "rests"


def test_a_late_event_counts_from_its_arrival_on():
    world = [stable(), joins(2, T0, 2 * MINUTE), event("group_joined", T0 + MINUTE, group_id="late")]
    seen = judge([*world, event("group_joined", T0 + 3 * MINUTE, group_id="x")], arrival=True)
    hourly = [s.fired.get("group.quota-stable-per-hour", {}).get("observed") for s in seen]
    assert hourly == [None, None, None, None, 4]


def test_the_strict_set_calls_two_accounts_of_an_address_safe():
    world = [attempt(T0 + i * HOUR, f"n{i}", device=f"d{i}") for i in range(3)]
    assert outcome("reg.table-ip-safe-3-per-24h", world) == "rests"
    assert outcome("reg.table-ip-safe-3-per-24h", world, figures="strict") == "fires"


# the ramp, off unless its parameter set is in force -----------------------------------------------------------------
FIRST_DAY, GROWTH = "msg.quota-day1-80", "msg.quota-first-week-growth-20pct"


@pytest.mark.parametrize(("count", "expected"), [(79, "rests"), (80, "rests"), (81, "fires")])
def test_the_ramp_starts_with_eighty_messages(count, expected):
    world = [registered(HOUR), messages(count)]
    assert outcome(FIRST_DAY, world) == "rests"
    assert outcome(FIRST_DAY, world, figures="ramp") == expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [(2, 95, "rests"), (2, 96, "rests"), (2, 97, "fires"), (3, 115, "rests"), (3, 116, "fires"), (6, 199, "rests"),
     (7, 200, "rests"), (7, 238, "rests"), (7, 239, "fires")],
)  # fmt: skip
def test_the_ramp_grows_by_a_fifth_each_day(day, count, expected):
    midnight = at("2026-03-02T00:00:00Z")
    born = event(
        "account_registered", midnight - (day - 2) * DAY - 2 * HOUR
    )  # two hours before the second day
    world = [born, messages(count, midnight + HOUR)]
    assert outcome(GROWTH, world) == "rests"
    assert outcome(GROWTH, world, figures="ramp") == expected
