"""Series: events in equal steps, written as the first and the last of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tidegate.windows.timestamps import format_rfc3339, parse_rfc3339_many

Event = dict[str, Any]
SERIES_MIN = 3  # fewer are written one by one
MOMENTS = ("ts", "client_ts")
_NUMBER = re.compile(r"\d+(?!.*\d)", re.DOTALL)  # the last number in a text


@dataclass(frozen=True)
class Series:
    """Events in equal steps from the first to the last; `times` 1: a single one."""

    times: int
    first: Event
    last: Event

    def events(self) -> list[Event]:
        """Return all of them."""
        return [_between(self.first, self.last, n, self.times - 1) for n in range(self.times)]

    def data(self) -> Event:
        """Return what is written to a file."""
        return (
            self.first if self.times == 1 else {"times": self.times, "first": self.first, "last": self.last}
        )


def folded(events: list[Event]) -> tuple[Series, ...]:
    """Return the events as series, as long as possible; expanded again they are the same events."""
    found: list[Series] = []
    start = 0
    while start < len(events):
        times = _length(events, start)
        if times < SERIES_MIN:
            times = 1
        found.append(Series(times, events[start], events[start + times - 1]))
        start += times
    return tuple(found)


def _length(events: list[Event], start: int) -> int:
    """Return how many events from `start` on are one series."""
    longest = 1
    if start + 1 >= len(events):
        return longest
    for end in range(start + 1, len(events)):
        steps = end - start
        first, second = events[start], events[start + 1]
        try:
            ahead = _between(first, second, steps, 1)
        except ValueError:
            break
        if ahead != events[end]:
            break
        longest = steps + 1
    return longest


def _between(first: Any, last: Any, n: int, steps: int) -> Any:  # noqa: ANN401  whatever an event holds
    """Return what lies `n` of `steps` equal steps from the first to the last; raise ValueError where that has no meaning."""
    if first == last:
        return first
    if isinstance(first, dict) and isinstance(last, dict) and first.keys() == last.keys():
        if first.get("type") != last.get("type"):
            raise ValueError
        return {
            key: _moment(first[key], last[key], n, steps)
            if key in MOMENTS
            else _between(first[key], last[key], n, steps)
            for key in first
        }
    if isinstance(first, list) and isinstance(last, list) and len(first) == len(last):
        return [_between(a, b, n, steps) for a, b in zip(first, last, strict=True)]
    if isinstance(first, str) and isinstance(last, str):
        a, b = _NUMBER.search(first), _NUMBER.search(last)
        if a and b and (first[: a.start()], first[a.end() :]) == (last[: b.start()], last[b.end() :]):
            number = _step(int(a[0]), int(b[0]), n, steps)
            text = first[: a.start()] + str(number) + first[a.end() :]
            if (first, last) == (_with(first, a, int(a[0])), _with(last, b, int(b[0]))):
                return text
    if type(first) is int and type(last) is int:
        return _step(first, last, n, steps)
    raise ValueError


def _with(text: str, found: re.Match[str], number: int) -> str:
    return text[: found.start()] + str(number) + text[found.end() :]


def _step(first: int, last: int, n: int, steps: int) -> int:
    number, rest = divmod((last - first) * n, steps)
    if rest or first + number < 0:
        raise ValueError
    return first + number


def _moment(first: Any, last: Any, n: int, steps: int) -> Any:  # noqa: ANN401
    if not isinstance(first, str) or not isinstance(last, str):
        return _between(first, last, n, steps)
    a, b = (int(moment) for moment in parse_rfc3339_many([first, last])[0])
    return format_rfc3339(_step(a, b, n, steps))
