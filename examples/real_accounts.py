"""What four public data sets tell of real accounts: who wrote to whom and when, features of phone numbers, what bots did.

The sets lie beside the project and are described in their own READMEs. Times are moved by whole weeks, so that hours and days of
the week stay, to end at `AT_MS`, the time of the screening.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent))
from import_message_log import Message
from real_data_findings import COLLEGE, COPENHAGEN, Log
from sender_evidence import senders_of

AT_MS = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
DAY_MS = 86_400_000
WEEK_S = 7 * 86_400
MONTHS = 8  # of bills and of data traffic in the telecom set
ACTIONS = 100  # of a bot: sequences are cut to one length, as their length alone gives the groups away
SPAM_GROUPS = (
    "social_bot2",
    "traditional_spambot",
)  # sold things or spread scams; `social_bot1` repeated a politician


@dataclass
class Person:
    """A real person of a message log: when they wrote, when they were written to, what speaks for spam."""

    name: str
    log: Log
    spam: str = ""  # what speaks for spam in the raw rows (sender_evidence.py)
    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    @property
    def first_ms(self) -> int:
        """The first time they are seen."""
        return min(*self.sent[:1], *self.received[:1], AT_MS)

    @property
    def opened_with_log(self) -> bool:
        """Whether the community opened with the log, so that they joined when they are first seen."""
        return self.log is COLLEGE

    @property
    def market(self) -> str:
        """The country they are at home in."""
        return self.log.options[self.log.options.index("--market") + 1]

    def login_times(self) -> list[int]:
        """The first message of each day."""
        return sorted({ts // DAY_MS: ts for ts in reversed(self.sent)}.values())


@dataclass(frozen=True)
class PhoneNumber:
    """A real phone number of the telecom set over eight months; `fraud` is its label."""

    bills: int  # months in which it had one: 0 none, 8 all
    has_traffic: bool  # used mobile data in any month
    devices: int
    cities: int  # from which it called
    fraud: bool


@dataclass(frozen=True)
class Bot:
    """A real bot: its group, and what it did in order: A wrote first, T replied, C passed on."""

    group: str
    actions: str


@dataclass
class RealAccounts:
    """All of it. `messages` are those of both logs, moved in time, by log."""

    people: dict[str, Person]
    messages: dict[str, list[Message]]
    numbers: list[PhoneNumber]
    bots: list[Bot]


def real_accounts(data: Path, college_day: int) -> RealAccounts:
    """Return what the sets in a folder tell; CollegeMsg is screened on that day of its life, in the same week."""
    found = RealAccounts({}, {}, phone_numbers(data), bots(data))
    for log, prefix, days in ((COLLEGE, "c", college_day), (COPENHAGEN, "d", 28)):
        rows = _moved(list(log.rows(data)), days)
        people = {name: Person(prefix + name, log) for _, *both in rows for name in both}
        for name, sender in senders_of(rows, ZoneInfo(log.zone)).items():
            people[name].spam = sender.evidence if log is COLLEGE else ""
        for ts, sender, recipient in rows:
            people[sender].sent.append(ts * 1000)
            people[recipient].received.append(ts * 1000)
        found.people |= {one.name: one for one in people.values()}
        found.messages[prefix] = [
            Message(i, ts * 1000, prefix + a, prefix + b) for i, (ts, a, b) in enumerate(rows, 1)
        ]
    return found


def _moved(rows: list[tuple[int, str, str]], days: int) -> list[tuple[int, str, str]]:
    """Return the rows moved so that the day asked for is in the week before the screening; later ones are left out."""
    end = rows[0][0] + days * 86_400
    by = (AT_MS // 1000 - end) // WEEK_S * WEEK_S
    return [(ts + by, a, b) for ts, a, b in rows if (ts + by) * 1000 <= AT_MS and a != b]


def phone_numbers(data: Path) -> list[PhoneNumber]:
    """Return the numbers of the telecom set. How many months had a bill is the sum of the bills over their mean."""
    with (data / "sichuan_telecom_fraud" / "nodes.csv").open(encoding="utf-8", newline="") as lines:
        return [_number(row) for row in csv.DictReader(lines)]


def _number(row: dict[str, str]) -> PhoneNumber:
    total, mean = _figure(row["arpu_sum"]), _figure(row["arpu_mean"])
    bills = 0 if not mean else min(MONTHS, round(total / mean))
    devices, cities = (max(1, int(_figure(row[name]))) for name in ("imeis", "city_name_nunique"))
    return PhoneNumber(bills, _figure(row["month_ids"]) > 0, devices, cities, row["label"] == "1")


def _figure(text: str) -> float:
    """Return a figure; one that is not there counts as none."""
    value = float(text or "nan")
    return 0.0 if isnan(value) else value


def bots(data: Path) -> list[Bot]:
    """Return the bots that did anything, each with its first actions."""
    with (data / "cresci2017_ddna" / "sequences.csv").open(encoding="utf-8", newline="") as lines:
        rows: Iterable[dict[str, str]] = csv.DictReader(lines)
        return [Bot(row["group"], row["dna"][:ACTIONS]) for row in rows if row["bot"] == "1" and row["dna"]]
