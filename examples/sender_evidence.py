"""What speaks for spam in a message log, sender by sender, from its rows alone: no policy, no importer.

- *contacted*: people a sender was the first to write to, no message having passed between the two before;
- *reach*: the most people contacted on one local day;
- *answered*: the share of the people contacted who ever wrote back;
- *pace*: the most messages within 60 seconds.
"""
# beside a script that is run by path

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

REACH, REACH_IF_SILENT = 20, 10  # people contacted on one day; the lower one where hardly anybody answers
ANSWERED, OPENED = 0.2, 10  # the lowest tenth of those senders who contacted at least ten people
PACE = 10  # messages within 60 seconds


@dataclass
class Sender:
    """One sender, as the log alone shows it."""

    sent: int = 0
    pace: int = 0
    days: set[date] = field(default_factory=set)
    opened: dict[str, int] = field(default_factory=dict)  # person contacted first -> number of the row
    opened_on: Counter[date] = field(default_factory=Counter)
    answered_by: set[str] = field(default_factory=set)

    @property
    def reach(self) -> int:
        """The most people contacted for the first time on one day."""
        return max(self.opened_on.values(), default=0)

    @property
    def answered(self) -> float | None:
        """The share of the people contacted first who ever wrote back; None when there were none."""
        return len(self.answered_by) / len(self.opened) if self.opened else None

    @property
    def silent(self) -> bool:
        """Whether hardly anybody of many answered."""
        return len(self.opened) >= OPENED and len(self.answered_by) <= ANSWERED * len(self.opened)

    @property
    def evidence(self) -> str:
        """What speaks for spam: some of `reach`, `silence`, `pace`."""
        signs = {
            "reach": self.reach >= REACH,
            "silence": self.silent and self.reach >= REACH_IF_SILENT,
            "pace": self.pace >= PACE,
        }
        return ", ".join(sign for sign, holds in signs.items() if holds)


def senders_of(rows: Iterable[tuple[int, str, str]], zone: ZoneInfo) -> dict[str, Sender]:
    """Return every sender of the rows, which are in order of time."""
    senders: dict[str, Sender] = defaultdict(Sender)
    met: set[tuple[str, str]] = set()  # both ways round
    recent: dict[str, deque[int]] = defaultdict(deque)
    for number, (ts, sender, recipient) in enumerate(rows, start=1):
        one, day = senders[sender], local_day(ts, zone)
        one.sent += 1
        one.days.add(day)
        if (sender, recipient) not in met:
            met |= {(sender, recipient), (recipient, sender)}
            one.opened[recipient] = number
            one.opened_on[day] += 1
        elif recipient in senders and sender in senders[recipient].opened:
            senders[recipient].answered_by.add(sender)
        last = recent[sender]
        last.append(ts)
        while last[0] <= ts - 60:
            last.popleft()
        one.pace = max(one.pace, len(last))
    return dict(senders)


def local_day(ts: float, zone: ZoneInfo) -> date:
    """Return the day of a time in s since 1970."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts)).astimezone(zone).date()
