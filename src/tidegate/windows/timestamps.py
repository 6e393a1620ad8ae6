"""RFC 3339 texts to milliseconds since the Unix epoch, and back.

Strict: `YYYY-MM-DDTHH:MM:SS[.fraction](Z|+HH:MM|-HH:MM)`, `t` and `z` also in lower case, one to nine digits of fraction
(cut to milliseconds), dates that exist, hours to 23, seconds to 59 (a leap second has no millisecond of its own).
Times range over 0 <= ms < 2**42, that is from 1970 to May 2109.
"""

from __future__ import annotations

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.cpython.unicode import PyUnicode_1BYTE_DATA, PyUnicode_AsUTF8AndSize, PyUnicode_New

TIME_LIMIT = cython.declare(cython.longlong, 1 << 42)
INVALID = cython.declare(cython.longlong, -1)
NO_DAY = cython.declare(cython.longlong, -(1 << 30))
MS_PER_DAY = cython.declare(cython.longlong, 86_400_000)
EPOCH_DAY = cython.declare(cython.longlong, 719_468)  # days from 0000-03-01 to 1970-01-01
DAYS_PER_ERA = cython.declare(cython.longlong, 146_097)  # days in 400 Gregorian years
SHORTEST = cython.declare(cython.int, 20)  # 2026-03-02T09:30:00Z
ZERO = cython.declare(cython.int, 48)
NOT_DIGITS = cython.declare(cython.int, -1_000_000)  # negative, whatever is added to it below


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _two(raw: cython.p_const_uchar, at: cython.Py_ssize_t) -> cython.int:
    """The number of two digits at raw[at], NOT_DIGITS when they are none."""
    tens: cython.int = raw[at] - ZERO
    ones: cython.int = raw[at + 1] - ZERO
    if tens < 0 or tens > 9 or ones < 0 or ones > 9:
        return NOT_DIGITS
    return 10 * tens + ones


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _day_number(year: cython.int, month: cython.int, day: cython.int) -> cython.longlong:
    """Days since the epoch of a date of the Gregorian calendar, NO_DAY when it does not exist or is before 1969."""
    march_month: cython.longlong
    march_year: cython.longlong
    era: cython.longlong
    longest: cython.int = 31
    if month == 4 or month == 6 or month == 9 or month == 11:
        longest = 30
    elif month == 2:
        longest = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    if year < 1969 or month < 1 or month > 12 or day < 1 or day > longest:
        return NO_DAY
    march_month = (month + 9) % 12  # a year that begins in March has its leap day at the end
    march_year = year - (march_month >= 10)
    era = march_year // 400
    march_year -= 400 * era
    return (
        era * DAYS_PER_ERA
        + march_year * 365
        + march_year // 4
        - march_year // 100
        + (153 * march_month + 2) // 5
        + day
        - 1
        - EPOCH_DAY
    )


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _parse(raw: cython.p_const_uchar, n: cython.Py_ssize_t) -> cython.longlong:
    """Milliseconds of raw[0:n], INVALID when it is no RFC 3339 time within the range."""
    at: cython.Py_ssize_t = 19
    hour: cython.int
    minute: cython.int
    second: cython.int
    digits: cython.int = 0
    fraction: cython.int = 0
    digit: cython.int
    offset: cython.int = 0
    days: cython.longlong
    ms: cython.longlong
    if n < SHORTEST or raw[4] != 45 or raw[7] != 45 or raw[13] != 58 or raw[16] != 58:  # - and :
        return INVALID
    if raw[10] != 84 and raw[10] != 116:  # T, t
        return INVALID
    hour = _two(raw, 11)
    minute = _two(raw, 14)
    second = _two(raw, 17)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return INVALID
    days = _day_number(100 * _two(raw, 0) + _two(raw, 2), _two(raw, 5), _two(raw, 8))
    if days == NO_DAY:
        return INVALID
    if raw[at] == 46:  # a full stop
        at += 1
        while at < n:
            digit = raw[at] - ZERO
            if digit < 0 or digit > 9:
                break
            if digits < 3:
                fraction = 10 * fraction + digit
            digits += 1
            at += 1
        if digits == 0 or digits > 9:
            return INVALID
        while digits < 3:
            fraction *= 10
            digits += 1
    if at + 1 == n:
        if raw[at] != 90 and raw[at] != 122:  # Z, z
            return INVALID
    elif at + 6 == n and (raw[at] == 43 or raw[at] == 45) and raw[at + 3] == 58:  # +, -, :
        hour_off: cython.int = _two(raw, at + 1)
        minute_off: cython.int = _two(raw, at + 4)
        if hour_off < 0 or hour_off > 23 or minute_off < 0 or minute_off > 59:
            return INVALID
        offset = 60 * hour_off + minute_off
        if raw[at] == 45:
            offset = -offset
    else:
        return INVALID
    ms = days * MS_PER_DAY + 1000 * (3600 * hour + 60 * (minute - offset) + second) + fraction
    return ms if 0 <= ms < TIME_LIMIT else INVALID


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def parse_bytes(raw: cython.p_const_uchar, start: cython.Py_ssize_t, n: cython.Py_ssize_t) -> cython.longlong:
    """Milliseconds of the text raw[start:start + n], -1 when it is no valid time; for other kernels, compiled only."""
    return _parse(raw + start, n)


@cython.cfunc
@cython.exceptval(-2)
def _parse_text(text: str) -> cython.longlong:
    n: cython.Py_ssize_t = 0
    if cython.compiled:
        raw: cython.p_const_uchar = cython.cast(
            cython.p_const_uchar, PyUnicode_AsUTF8AndSize(text, cython.address(n))
        )
        return _parse(raw, n)
    encoded = text.encode()
    return _parse(encoded, len(encoded))


def parse_rfc3339(text: str) -> int:
    """Milliseconds since the epoch of one text, -1 when it is no valid time."""
    return _parse_text(text)


def parse_rfc3339_many(texts: list[str]) -> tuple[np.ndarray, list[int]]:
    """Milliseconds of each text as int64[len(texts)], and the indexes of the invalid ones (-1 in the array)."""
    n: cython.Py_ssize_t = len(texts)
    out = np.empty(n, np.int64)
    ms: cython.longlong[::1] = memoryview(out)
    invalid: list[int] = []
    i: cython.Py_ssize_t
    for i in range(n):
        ms[i] = _parse_text(texts[i])
        if ms[i] == INVALID:
            invalid.append(i)
    return out, invalid


@cython.cfunc
@cython.nogil
@cython.inline
@cython.exceptval(check=False)
def _put(raw: cython.p_uchar, at: cython.Py_ssize_t, width: cython.int, number: cython.int) -> cython.void:
    """Write `number` as `width` digits to raw[at:]."""
    i: cython.int
    for i in range(width - 1, -1, -1):
        raw[at + i] = ZERO + number % 10
        number //= 10


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def write_bytes(raw: cython.p_uchar, ms: cython.longlong) -> cython.int:
    """Write a time within the range as 24 bytes; for other kernels too. Give how many were written."""
    days: cython.longlong = ms // MS_PER_DAY + EPOCH_DAY
    rest: cython.int = cython.cast(cython.int, ms % MS_PER_DAY)
    era: cython.int = cython.cast(cython.int, days // DAYS_PER_ERA)
    day_of_era: cython.int = cython.cast(cython.int, days % DAYS_PER_ERA)
    year_of_era: cython.int = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year: cython.int = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month: cython.int = (5 * day_of_year + 2) // 153
    month: cython.int = march_month + 3 if march_month < 10 else march_month - 9
    raw[4] = raw[7] = 45
    raw[10] = 84
    raw[13] = raw[16] = 58
    raw[19] = 46
    raw[23] = 90
    _put(raw, 0, 4, 400 * era + year_of_era + (month <= 2))
    _put(raw, 5, 2, month)
    _put(raw, 8, 2, day_of_year - (153 * march_month + 2) // 5 + 1)
    _put(raw, 11, 2, rest // 3_600_000)
    _put(raw, 14, 2, rest // 60_000 % 60)
    _put(raw, 17, 2, rest // 1000 % 60)
    _put(raw, 20, 3, rest % 1000)
    return 24


@cython.cfunc
def _format(ms: cython.longlong) -> str:
    assert 0 <= ms < TIME_LIMIT, "times are milliseconds in 0 <= ms < 2**42"
    if cython.compiled:
        text: str = PyUnicode_New(24, 127)
        write_bytes(cython.cast(cython.p_uchar, PyUnicode_1BYTE_DATA(text)), ms)
        return text
    raw = bytearray(24)
    write_bytes(raw, ms)
    return raw.decode()


def format_rfc3339(ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`; a time outside 0 <= ms < 2**42 is a broken invariant."""
    return _format(ms)
