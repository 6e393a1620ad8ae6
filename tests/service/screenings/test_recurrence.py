"""When schedules are due: short months, leap years, clocks that are put forward and back, quarters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.errors import UsageError
from tidegate.service.screenings.recurrence import Recurrence, zone_of
from tidegate.windows.timestamps import format_rfc3339, parse_rfc3339

DAY = 86_400_000


def due(recurrence, after, count):
    """Return the next moments behind a time, as text to the minute."""
    ms, found = parse_rfc3339(after), []
    for _ in range(count):
        ms = recurrence.next_after(ms)
        found.append(format_rfc3339(ms)[:16])
    return found


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (28, ["2026-01-28T03:00", "2026-02-28T03:00", "2026-03-28T03:00"]),
        (29, ["2026-01-29T03:00", "2026-02-28T03:00", "2026-03-29T03:00"]),
        (31, ["2026-01-31T03:00", "2026-02-28T03:00", "2026-03-31T03:00"]),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(day, expected):
    assert due(Recurrence("month", day, 3), "2026-01-01T00:00:00Z", 3) == expected


def test_a_leap_year_has_the_29th_of_february():
    assert due(Recurrence("month", 31), "2028-02-01T00:00:00Z", 1) == ["2028-02-29T00:00"]


def test_the_moment_itself_is_not_behind_it():
    every = Recurrence("month", 1, 9, 30)
    assert due(every, "2026-03-01T09:29:59.999Z", 1) == ["2026-03-01T09:30"]
    assert due(every, "2026-03-01T09:30:00Z", 1) == ["2026-04-01T09:30"]


def test_the_time_of_day_is_that_of_the_zone_before_and_after_clocks_change():
    berlin = Recurrence("month", 15, 9, zone="Europe/Berlin")
    assert due(berlin, "2026-03-01T00:00:00Z", 2) == ["2026-03-15T08:00", "2026-04-15T07:00"]


def test_a_time_that_clocks_skip_is_due_later_and_one_that_comes_twice_once():
    skipped = Recurrence("month", 29, 2, 30, "Europe/Berlin")  # on 2026-03-29 clocks go from 2:00 to 3:00
    assert due(skipped, "2026-03-01T00:00:00Z", 2) == ["2026-03-29T01:30", "2026-04-29T00:30"]
    twice = Recurrence("month", 25, 2, 30, "Europe/Berlin")  # on 2026-10-25 from 3:00 back to 2:00
    assert due(twice, "2026-10-01T00:00:00Z", 2) == ["2026-10-25T00:30", "2026-11-25T01:30"]


def test_the_day_is_that_of_the_zone_not_that_of_utc():
    kiritimati = Recurrence("month", 1, 0, zone="Pacific/Kiritimati")  # 14 hours ahead
    assert due(kiritimati, "2026-01-31T09:59:00Z", 2) == ["2026-01-31T10:00", "2026-02-28T10:00"]


def test_quarters_begin_in_january_april_july_and_october():
    audit = Recurrence("quarter", 5, 4)
    assert due(audit, "2026-02-10T00:00:00Z", 4) == [
        "2026-04-05T04:00", "2026-07-05T04:00", "2026-10-05T04:00", "2027-01-05T04:00",
    ]  # fmt: skip
    assert due(audit, "2026-04-05T03:59:00Z", 1) == ["2026-04-05T04:00"]


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "Europe/Berlin/", "europe/berlin"])
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(UsageError, match="no time zone"):
        zone_of(name)


@settings(max_examples=60)
@given(
    st.sampled_from(["month", "quarter"]),
    st.integers(1, 31),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(1_500_000_000_000, 2_500_000_000_000),
)
def test_it_is_due_once_a_month_or_quarter_without_end(every, day, hour, minute, zone, ms):
    recurrence = Recurrence(every, day, hour, minute, zone)
    first = recurrence.next_after(ms)
    second = recurrence.next_after(first)
    longest, shortest = (31, 28) if every == "month" else (92, 89)
    assert ms < first <= ms + (longest + 1) * DAY
    assert shortest * DAY - 2 * 3_600_000 <= second - first <= longest * DAY + 3 * 3_600_000
    assert recurrence.next_after(first - 1) == first
