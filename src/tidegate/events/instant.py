"""Moments as text: RFC 3339 with an offset, read to whole units since the Unix epoch. Finer digits are cut off."""

from __future__ import annotations

import re
from datetime import date

from tidegate.events.field import Complaint
from tidegate.events.wording import counted, named, quoted
from tidegate.windows.timestamps import parse_rfc3339

MS_END = (
    1 << 42
)  # moments are 0 <= ms < 2**42 (the year 2109): they must fit the ring words of the window kernels
TEXT_MAX = 64  # characters; the longest sensible form has 35

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)
_DATE_ONLY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LATEST = {"hour": 23, "minute": 59, "second": 59}
_SPACED = re.compile(r"\d{4}-\d\d-\d\d +\d\d:.*", re.ASCII)
_LONG_FRACTION = re.compile(r".*\.\d{10,}.*", re.ASCII)
_FORM = "write RFC 3339 with an offset, such as `2026-03-02T09:30:00.250Z`"


def parse_moment(text: str, *, digits: int = 3) -> int:
    """Return the moment in units of 10**-digits seconds since the epoch; digits is 3 or 6.

    Raise ValueError where the text is no moment, or one outside 1970 to 2109.

    >>> parse_moment("2026-03-02T09:30:00.250Z"), parse_moment("1970-01-01T01:00:00.000250+01:00", digits=6)
    (1772443800250, 250)
    """
    ms = parse_rfc3339(text)
    if ms < 0:
        raise ValueError(text)
    if digits == 3:  # noqa: PLR2004  milliseconds
        return ms
    match = _RFC3339.fullmatch(text)
    assert match
    return ms * 1000 + int((match[7] or "").ljust(6, "0")[3:6])


def moment_complaint(value: object, *, digits: int = 3) -> Complaint | None:
    """Return what is wrong with a JSON value that should be a moment, or None."""
    unit = {3: "milliseconds", 6: "microseconds"}[digits]
    match value:
        case bool():
            return Complaint(f"expected a time, not `{str(value).lower()}`", _FORM)
        case int():
            return _number_complaint(value, unit, MS_END * 10**digits // 1000)
        case float():
            return Complaint(
                f"{named(value)} is not written as a whole number",
                f"write whole {unit} since the epoch, without point and exponent",
            )
        case str():
            return _text_complaint(value, digits)
        case _:
            return Complaint("expected a time", f"{_FORM}, or whole {unit} since the epoch")


def _number_complaint(value: int, unit: str, end: int) -> Complaint | None:
    if 0 <= value < end:
        return None
    shown = quoted(str(value)) if value.bit_length() < 256 else "given"  # noqa: PLR2004  printing is quadratic
    if value < 0:
        return Complaint(f"the time {shown} lies before 1970", f"write {unit} since the Unix epoch")
    return Complaint(
        f"the time {shown} is too far in the future",
        f"write {unit} since the Unix epoch, less than {counted(end)}",
    )


def _text_complaint(text: str, digits: int) -> Complaint | None:
    shown = quoted(text)
    match = _RFC3339.fullmatch(text) if len(text) <= TEXT_MAX else None
    if match is None:
        return Complaint(f"{shown} is not a time", _hint_for(text))
    year, month, day, *clock = (int(part) for part in match.groups()[:6])
    try:
        date(year, month, day)
    except ValueError:
        return Complaint(f"the date of {shown} does not exist", "give a day that is in the calendar")
    for (part, latest), number in zip(_LATEST.items(), clock, strict=True):
        if number > latest:
            leap = (part, number) == ("second", 60)
            hint = (
                "a leap second counts as the second before it"
                if leap
                else f"count {part}s from 0 to {latest}"
            )
            return Complaint(f"the {part} of {shown} does not exist", hint)
    try:
        parse_moment(text, digits=digits)
    except ValueError:
        if match[8] and (int(match[9]) > 23 or int(match[10]) > 59):  # noqa: PLR2004  the clock
            return Complaint(
                f"the offset of {shown} does not exist", "write an offset such as `+02:00`, or `Z`"
            )
        return Complaint(
            f"the time {shown} lies outside 1970 to 2109", "give the time of the event on the server clock"
        )
    return None


def _hint_for(text: str) -> str:
    if _WITHOUT_OFFSET.fullmatch(text):
        return "say which clock: end it with `Z` or an offset such as `+02:00`"
    if _DATE_ONLY.fullmatch(text):
        return "a date alone is no moment: add the time and an offset, such as `T00:00:00Z`"
    if _SPACED.fullmatch(text):
        return "put a `T` between date and time: `2026-03-02T09:30:00.250Z`"
    if _LONG_FRACTION.fullmatch(text):
        return "at most nine digits may follow the point"
    if text.isascii() and text.isdigit():
        return "write milliseconds as a number, without quotes"
    return _FORM
