"""Turn a message log (CSV: time, sender, recipient) into events that `tidegate replay` reads.

A log says who wrote to whom and when; this script adds what follows from that and leaves the rest unknown. Unknown is
not false: rules that need it are counted as undecided and stay silent.

- `event_id` is the file's name and the row's number, so the same file always gives the same ids.
- `recipient_is_contact`: no log shows an address book. True when the recipient has written to the sender before. If
  not, they may have talked before the log began, so it is false only once the log has run for `--warm-up` days, and
  unknown until then. `--contacts unknown` leaves it out altogether.
- `is_reply`: true when the recipient wrote to the sender in the last 24 hours, false when not; unknown while the log is
  younger than 24 hours (or than `--warm-up`) and no such message is in it.
- `registered_at` stays unknown, and an account of unknown age has the limits of a stable one. Where everybody joined
  while the log ran, `--first-seen-as-registration` makes each account's first appearance its registration.
- `--tz` and `--market` give every account a profile, which night hours and weekends need.
- `--received` adds the arrival of every message, which rules about conversations need.

Rows that cannot be used are reported by line and left out. Exit code: 0 all rows used, 1 the file cannot be read,
2 wrong usage, 3 some rows left out.
"""
# a script, run by path

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO
from zoneinfo import available_timezones

DAY_MS = 86_400_000
REPLY_WITHIN_MS = DAY_MS
LATEST_MS = 2**42  # the events' own limit: the year 2109
LONGEST_TIME_DIGITS = 20  # a number of more is no time, and costly to write out
MS_PER_UNIT = {"s": 1000, "ms": 1}
USED, UNREADABLE, LEFT_OUT = 0, 1, 3

Event = dict[str, object]


class RowError(Exception):
    """A row that cannot be used; the text says why."""


@dataclass(frozen=True)
class Message:
    """A usable row: the number of the row (1 is the first after the header), its time in ms, and who to whom."""

    row: int
    ts: int
    sender: str
    recipient: str


@dataclass
class LogReader:
    """Reads messages from CSV lines; rows that cannot be used go to ``rejected`` as (line, reason)."""

    time: str
    sender: str
    recipient: str
    unit: str
    offset: str
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def messages(self, lines: Iterable[str]) -> Iterator[Message]:
        """Yield the messages in the order of the rows; raises RowError when the header lacks a column."""
        table = csv.reader(lines)
        header = [name.strip() for name in next(table, [])]
        places = [self._place(header, name) for name in (self.time, self.sender, self.recipient)]
        offset_ms = parse_offset(self.offset, self.unit)
        for row, values in enumerate(table, start=1):
            if not values:
                continue
            try:
                yield self._message(row, values, places, offset_ms)
            except RowError as problem:
                self.rejected.append((table.line_num, str(problem)))

    @staticmethod
    def _place(header: list[str], name: str) -> int:
        if name not in header:
            listed = ", ".join(f"`{each}`" for each in header)
            other = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), None)
            apart = "\n  hint: columns are kept apart by commas: save it so" if other else ""
            raise RowError(
                f"there is no column `{name}`; the columns are {listed}{apart}"
                if header
                else "the file is empty\n  hint: its first line names the columns"
            )
        return header.index(name)

    def _message(self, row: int, values: list[str], places: list[int], offset_ms: int) -> Message:
        if max(places) >= len(values):
            raise RowError(f"has {len(values)} of at least {max(places) + 1} columns")
        time, sender, recipient = (values[place].strip() for place in places)
        for name, value in ((self.sender, sender), (self.recipient, recipient)):
            if not value:
                raise RowError(f"`{name}` is empty")
        if sender == recipient:
            raise RowError(f"sender and recipient are both `{sender}`")
        ts = parse_time(time, self.unit) + offset_ms
        if not 0 <= ts < LATEST_MS:
            raise RowError(f"the time `{time}` lies outside 1970 to 2109: is `--unit {self.unit}` right?")
        return Message(row, ts, sender, recipient)


def parse_time(text: str, unit: str) -> int:
    """Return a time in ms; fractions of a millisecond are cut off."""
    try:
        if unit == "iso":
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise RowError(f"the time `{text}` has no offset from UTC, such as `Z`")
            return int(Decimal(str(moment.timestamp())) * 1000)
        number = Decimal(text)
    except (ValueError, InvalidOperation):
        wanted = "an ISO 8601 time" if unit == "iso" else f"a number of {unit}"
        raise RowError(f"the time `{text}` is not {wanted}") from None
    if not number.is_finite() or number.adjusted() > LONGEST_TIME_DIGITS:
        raise RowError(f"the time `{text}` is not a number of {unit}")
    return int(number * MS_PER_UNIT[unit])


def parse_offset(text: str, unit: str) -> int:
    """Return what is added to every time, in ms: a number in the log's unit, or an ISO 8601 time with offset."""
    try:
        return parse_time(text, "s" if unit == "iso" else unit)
    except RowError:
        return parse_time(text, "iso")


@dataclass
class EventMaker:
    """Makes events of messages, remembering who has written to whom; memory grows with the pairs in the log."""

    name: str
    warm_up_ms: int | None
    first_seen_as_registration: bool = False
    received: bool = False
    profile: dict[str, str] = field(default_factory=dict)
    began_ms: int | None = None
    seen: set[str] = field(default_factory=set)
    last_written: dict[tuple[str, str], int] = field(default_factory=dict)

    def events(self, message: Message) -> Iterator[Event]:
        """Yield the events of one message: introductions of accounts not seen before, then the message."""
        if self.began_ms is None:
            self.began_ms = message.ts
        for role, account in (("s", message.sender), ("r", message.recipient)):
            if account not in self.seen:
                self.seen.add(account)
                yield from self._introductions(message, role, account)
        yield self._sent(message, self.began_ms)
        self.last_written[message.sender, message.recipient] = message.ts
        if self.received:
            yield self._event(
                message, "-in", "message_received", account_id=message.recipient, from_id=message.sender
            )

    def _introductions(self, message: Message, role: str, account: str) -> Iterator[Event]:
        if self.first_seen_as_registration:
            yield self._event(message, f"-{role}-reg", "account_registered", account_id=account)
        if self.profile:
            yield self._event(
                message, f"-{role}-about", "account_profile", account_id=account, **self.profile
            )

    def _sent(self, message: Message, began_ms: int) -> Event:
        answered_ms = self.last_written.get((message.recipient, message.sender))
        log_ms = message.ts - began_ms
        facts: Event = {}
        if answered_ms is not None:
            facts["is_reply"] = message.ts - answered_ms < REPLY_WITHIN_MS
        elif log_ms >= REPLY_WITHIN_MS or (self.warm_up_ms is not None and log_ms >= self.warm_up_ms):
            facts["is_reply"] = False
        if self.warm_up_ms is not None and (answered_ms is not None or log_ms >= self.warm_up_ms):
            facts["recipient_is_contact"] = answered_ms is not None
        return self._event(
            message,
            "",
            "message_sent",
            account_id=message.sender,
            recipient_id=message.recipient,
            group_id=None,
            is_broadcast=False,
            **facts,
        )

    def _event(self, message: Message, suffix: str, kind: str, **fields: object) -> Event:
        return {
            "event_id": f"{self.name}-{message.row:07d}{suffix}",
            "type": kind,
            "ts": message.ts,
            **fields,
        }


def arguments(given: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    about = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=about[0], epilog=about[2], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path, help="CSV file with a header")
    parser.add_argument("--out", type=Path, help="NDJSON file to write; standard output if left out")
    parser.add_argument("--time", default="time", help="column of the time (default: %(default)s)")
    parser.add_argument("--sender", default="sender", help="column of the sender (default: %(default)s)")
    parser.add_argument(
        "--recipient", default="recipient", help="column of the recipient (default: %(default)s)"
    )
    parser.add_argument(
        "--unit", choices=("s", "ms", "iso"), default="s", help="unit of the time (default: %(default)s)"
    )
    parser.add_argument(
        "--offset", default="0", help="added to every time: a number in the unit, or an ISO 8601 time"
    )
    parser.add_argument("--contacts", choices=("answered", "unknown"), default="answered", help="see above")
    parser.add_argument(
        "--warm-up", type=float, default=7.0, metavar="DAYS", help="see above (default: %(default)s)"
    )
    parser.add_argument("--first-seen-as-registration", action="store_true", help="see above")
    parser.add_argument("--received", action="store_true", help="also write message_received events")
    parser.add_argument("--tz", help="home zone of all accounts, such as America/Los_Angeles")
    parser.add_argument("--market", help="home market of all accounts, such as US")
    parser.add_argument("--name", help="first part of the event ids (default: name of the file)")
    parser.add_argument(
        "--sort", action="store_true", help="read everything first and go by time, not by row"
    )
    options = parser.parse_args(given)
    check(parser, options)
    return options


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse what cannot be meant: wrong usage."""
    out, log = options.out, options.log
    if out is not None and out.exists() and log.exists() and out.samefile(log):
        parser.error(f"--out `{out}` is the log itself, which would be lost")
    if not options.warm_up >= 0:
        parser.error(f"--warm-up `{options.warm_up:g}`: days are counted from 0 on")
    if options.tz is not None and options.tz not in available_timezones():
        near = get_close_matches(options.tz, available_timezones(), n=1)
        meant = f": did you mean `{near[0]}`?" if near else ", such as `Europe/Berlin`"
        parser.error(f"--tz `{options.tz}` is no zone of the IANA list{meant}")
    if options.market is not None and not re.fullmatch("[A-Z]{2}", options.market):
        parser.error(f"--market `{options.market}` is no country of two capital letters, such as `DE`")
    try:
        parse_offset(options.offset, options.unit)
    except RowError:
        parser.error(
            f"--offset `{options.offset}` is neither a number nor an ISO 8601 time with its offset from UTC"
        )


def run(given: list[str] | None = None) -> int:
    """Convert the file named on the command line; return the exit code."""
    options = arguments(given)
    reader = LogReader(options.time, options.sender, options.recipient, options.unit, options.offset)
    profile = {name: value for name, value in (("tz", options.tz), ("market", options.market)) if value}
    maker = EventMaker(
        name=options.name or options.log.stem,
        warm_up_ms=None if options.contacts == "unknown" else round(options.warm_up * DAY_MS),
        first_seen_as_registration=options.first_seen_as_registration,
        received=options.received,
        profile=profile,
    )
    try:
        with (
            options.log.open(encoding="utf-8-sig", newline="") as lines,
            nullcontext(sys.stdout)
            if options.out is None
            else options.out.open("w", encoding="utf-8") as out,
        ):
            used, backwards = write(reader.messages(lines), maker, out, by_time=options.sort)
    except OSError as problem:
        sys.stderr.write(f"{problem.filename or options.log}: {(problem.strerror or str(problem)).lower()}\n")
        return UNREADABLE
    except (UnicodeDecodeError, csv.Error, RowError) as problem:
        sys.stderr.write(f"{options.log}: {problem}\n")
        return UNREADABLE
    for line, reason in reader.rejected:
        sys.stderr.write(f"{options.log}:{line}: {reason}\n")
    sys.stderr.write(
        f"{used} messages between {len(maker.seen)} accounts, {len(reader.rejected)} rows left out\n"
    )
    if backwards:
        sys.stderr.write(f"{backwards} rows are older than the row before them\n  hint: give `--sort`\n")
    return LEFT_OUT if reader.rejected else USED


def write(messages: Iterable[Message], maker: EventMaker, out: TextIO, *, by_time: bool) -> tuple[int, int]:
    """Write the events of all messages; return how many messages, and how many were older than the one before."""
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    used = backwards = last_ms = 0
    ordered = sorted(messages, key=lambda message: (message.ts, message.row)) if by_time else messages
    for message in ordered:
        used += 1
        backwards += message.ts < last_ms
        last_ms = message.ts
        out.writelines(encode(event) + "\n" for event in maker.events(message))
    return used, backwards


if __name__ == "__main__":
    sys.exit(run())
