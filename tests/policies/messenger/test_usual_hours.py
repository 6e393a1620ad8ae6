"""Hours that are usual for an account, learned from its own logins (login.hour-profile)."""

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, MINUTE, T0, Table, event, login, profile

ASKED, OPERATION = "login.early-morning-security-question-38pct", "login.unusual-hour-with-high-risk-op"
MIDNIGHT = T0 - T0 % DAY  # in Lisbon, too: winter
ZONE = profile(tz="Europe/Lisbon", ts=MIDNIGHT - 40 * DAY)


def nights(count, hour=3, until=0, account="a", step=DAY, **fields):
    """Logins at an hour, one a `step`, the last one `until` + 1 steps before the night that is judged."""
    return [
        login(MIDNIGHT + hour * HOUR - (until + i + 1) * step, account, **fields)
        for i in reversed(range(count))
    ]


def days(count, hour=12, step=15 * MINUTE):
    """Logins of one hour of the day, many of them on each of the days before."""
    return [
        login(MIDNIGHT - (i // 4 + 1) * DAY + hour * HOUR + i % 4 * step + i // 4 * 1000)
        for i in range(count)
    ]


def tonight(hour=3, **fields):
    return login(MIDNIGHT + hour * HOUR + MINUTE, **fields)


def exported(hour):
    return [tonight(hour), event("contacts_exported", MIDNIGHT + hour * HOUR + 2 * MINUTE, count=51)]


CASES = [
    (ASKED, "19 nights before", [ZONE, nights(19), tonight()], "fires"),
    (ASKED, "20 nights before", [ZONE, nights(20), tonight()], "rests"),
    (ASKED, "20 nights, a month ago", [ZONE, nights(20, until=29), tonight()], "fires"),
    (ASKED, "20 nights, the first one 30 days ago", [ZONE, nights(20, until=10), tonight(3)], "fires"),
    (ASKED, "20 nights, the first one 29 days ago", [ZONE, nights(20, until=9), tonight(3)], "rests"),
    (ASKED, "20 nights, half of them failed", [ZONE, nights(10), nights(10, until=10, ok=False), tonight()], "fires"),
    (ASKED, "20 nights at another hour", [ZONE, nights(20, hour=4), tonight()], "fires"),
    (ASKED, "20 nights of somebody else", [ZONE, nights(20, account="b"), tonight()], "fires"),
    (ASKED, "one of 20 at night", [ZONE, days(19), nights(1), tonight()], "rests"),
    (ASKED, "one of 21 at night", [ZONE, days(20), nights(1), tonight()], "fires"),
    (ASKED, "the profile says it is not used then", [
        profile(tz="Europe/Lisbon", hour_profile=[0] * 12 + [1] * 12, ts=MIDNIGHT - 40 * DAY), nights(20), tonight()], "fires"),
    (ASKED, "the hour as the events say", [nights(20, local_hour=3, hour=9), tonight(9, local_hour=3)], "rests"),
    (ASKED, "after clocks were put forward", [
        profile(tz="Europe/Lisbon", ts=MIDNIGHT - 40 * DAY),
        [login(MIDNIGHT + 28 * DAY - i * DAY + (3 - (i < 1)) * HOUR) for i in range(25, -1, -1)],
        login(MIDNIGHT + 28 * DAY + 2 * HOUR + MINUTE)], "rests"),
    (OPERATION, "at night, not the habit", [ZONE, nights(19), exported(3)], "fires"),
    (OPERATION, "at night, as ever", [ZONE, nights(20), exported(3)], "rests"),
    (OPERATION, "by day, an hour missing among 100", [ZONE, days(100), exported(15)], "fires"),
    (OPERATION, "by day, an hour missing among 99", [ZONE, days(99), exported(15)], "rests"),
    (OPERATION, "by day, an hour that was there once", [ZONE, days(99), nights(1, hour=15), exported(15)], "rests"),
    (OPERATION, "01:59, missing among 100", [ZONE, days(100), exported(1)], "fires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_hours_are_learned_from_logins(table, number):
    assert table.outcome(number) == table.cases[number][3]
