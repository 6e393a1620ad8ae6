"""When something ends, as people write it: a span from now, or a moment."""

from __future__ import annotations

from tidegate.errors import TidegateError, UsageError
from tidegate.events.instant import moment_complaint, parse_moment
from tidegate.expr.duration import parse_duration

LATEST_MS = (1 << 42) - 1  # in the year 2109: what times are written with


def moment(text: str, now_ms: int) -> int:
    """Return the time in ms that `P90D` or `2027-01-01T00:00:00Z` means; raises UsageError.

    >>> moment("PT1S", 1000), moment("1970-01-01T00:00:05Z", 1000)
    (2000, 5000)
    """
    if text.startswith("P"):
        try:
            ends = now_ms + parse_duration(text).ms
        except TidegateError as error:
            raise UsageError(error.problem, place="expires", hint=error.hint) from None
        if ends > LATEST_MS:
            raise UsageError(
                f"`{text}` is too long", place="expires", hint="such as P90D; left out, it does not end"
            )
        return ends
    if moment_complaint(text) is not None:
        raise UsageError(
            f"`{text}` is no time", place="expires", hint="such as P90D, or 2027-01-01T00:00:00Z"
        )
    return parse_moment(text)
