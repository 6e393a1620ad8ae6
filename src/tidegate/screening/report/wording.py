"""Numbers, shares, moments and names as a reader of the report expects them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

TIER_NAMES = {"high": "High risk", "low": "Low risk", "secure": "Secure"}
RISK_NAMES = {
    "stolen": "Stolen", "non_compliant": "Non-compliant", "fake": "Fake", "empty": "Unreachable", "unregistered": "Not registered",
}  # fmt: skip
DIMENSION_NAMES = {
    "stolen": "Stolen",
    "fake": "Fake",
    "non_compliant": "Non-compliant",
    "validity": "Validity",
}
# labels of accounts that look stolen: how it may have happened, and what came of it
THEFT_SIGNS = {
    "theft-by-phishing": "a malicious link was opened", "theft-by-read-code": "a code was right at the first try",
    "theft-by-guessed-password": "logins were refused before one was not", "leak-after-theft": "contacts were exported",
    "spam-after-theft": "a measure for spam or content was taken",
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_SHOWN = 0.001


def count(number: int) -> str:
    """Return a count with its thousands set apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "account"), counted(2000, "account"), counted(0, "row")
    ('1 account', '2,000 accounts', '0 rows')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def share(part: float) -> str:
    """Return a share in per cent; what is more than nothing, or less than all, is never shown as that.

    >>> share(0.2167), share(0.0), share(0.0004), share(1.0), share(0.9999)
    ('21.7 %', '0 %', '< 0.1 %', '100 %', '> 99.9 %')
    """
    if 0 < part < _LEAST_SHOWN:
        return "< 0.1 %"
    if 1 - _LEAST_SHOWN < part < 1:
        return "> 99.9 %"
    return percent(part) if part in (0, 1) else f"{part * 100:.1f} %"


def percent(figure: float) -> str:
    """Return a figure of a source in whole per cent.

    >>> percent(0.97)
    '97 %'
    """
    return f"{figure * 100:.0f} %"


def share_of(part: int, whole: int) -> str:
    """Return a share of a whole in per cent; of nothing, none.

    >>> share_of(1, 8), share_of(0, 0)
    ('12.5 %', 'none')
    """
    return share(part / whole) if whole else "none"


def moment(ms: int) -> str:
    """Return a moment, to the minute.

    >>> moment(1_772_443_800_000)
    '2 March 2026, 09:30 UTC'
    """
    at = _EPOCH + timedelta(milliseconds=ms)
    return f"{day(ms)}, {at:%H:%M} UTC"


def day(ms: int) -> str:
    """Return the day of a moment, in UTC.

    >>> day(0)
    '1 January 1970'
    """
    at = _EPOCH + timedelta(milliseconds=ms)
    return f"{at.day} {at:%B} {at.year}"


def listed(parts: list[str]) -> str:
    """Return parts as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
