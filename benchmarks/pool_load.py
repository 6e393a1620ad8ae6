"""A pool of accounts as a list, and the history that a platform may tell of it: made up, the same on every run.

The accounts of the pool are three of four that the platform has. Every account registers and has a profile on record; the rest
of the history is messages sent and received, logins, deliveries, calls, and the few events that tell of abuse.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet
import xlsxwriter  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from tidegate.demo.day import chance

END = datetime(2026, 3, 2, tzinfo=UTC)
END_MS = int(END.timestamp() * 1000)
DAY_MS = 86_400_000
HISTORY_DAYS = 120
HEAD = (
    "Phone number",
    "Remark",
    "Registered at",
    "Last active",
    "Avatar",
    "Signature",
    "Warnings",
    "Reachable",
)
# code and beginning of mobile numbers, with how many digits follow
PLANS = (
    ("+49151", 8), ("+49176", 8), ("+1415", 7), ("+1212", 7), ("+55119", 8), ("+9198", 8), ("+4479", 8), ("+86138", 8),
    ("+62812", 8), ("+336", 8), ("+346", 8), ("+234803", 7), ("+9053", 8), ("+39347", 7), ("+5255", 8), ("+8490", 7),
)  # fmt: skip
COUNTRIES = ("DE", "US", "BR", "IN", "GB", "CN", "ID", "FR", "ES", "NG", "TR", "IT", "MX", "VN")
_BLOCK = 65_536
# per mille of the events that are not registrations and profiles
MIX = {
    "message_sent": 520, "message_received": 200, "login_attempt": 130, "message_delivered": 90, "call_started": 25,
    "contact_added": 20, "lookup.login_history": 8, "device_profile": 2, "ip_profile": 3, "sanction_applied": 2,
}  # fmt: skip
Row = tuple[object, ...]


@dataclass(frozen=True)
class PoolLoad:
    """`accounts` in the list, `events` in the history."""

    accounts: int
    events: int
    seed: int = 1

    @property
    def known(self) -> int:
        """How many accounts the platform has."""
        return self.accounts * 4 // 3 + 2

    def number(self, account: int) -> str:
        """Return the number of an account of the platform."""
        begin, digits = PLANS[account % len(PLANS)]
        place = account // len(PLANS) * 7_919 % 10**digits
        return f"{begin}{(place + 2 * 10 ** (digits - 1)) % 10**digits:0{digits}d}"

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the list: three of a hundred say nothing beside the number, one of a thousand is no number."""
        rng = chance(self.seed, "pool", 0)
        n = self.accounts
        since = rng.integers(1, 2_000, n)
        silent = (rng.random(n) ** 3 * 200).astype(np.int64)
        drawn = rng.random((4, n))
        listed = zip(since.tolist(), silent.tolist(), *drawn.tolist(), strict=True)
        for account, (age, quiet, avatar, signature, warned, reached) in enumerate(listed):
            number = self.number(account)
            if account % 1000 == 999:
                yield (number[-5:-1], f"customer {account}", *[None] * 6)
            elif account % 33 == 0:
                yield (number, *[None] * 7)
            else:
                registered, active = END - timedelta(days=age), END - timedelta(days=quiet)
                yield (
                    number, f"customer {account}", registered.date(), active.date(), "yes" if avatar < 0.9 else "no",
                    "yes" if signature < 0.8 else "no", int(warned < 0.02), "no" if reached < 0.01 else "yes",
                )  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Yield the history as lines of JSON, in the order of time."""
        for first in range(0, self.known, _BLOCK):
            yield from self._people(np.arange(first, min(first + _BLOCK, self.known)))
        left = self.events - 2 * self.known
        step = HISTORY_DAYS * DAY_MS / max(left, 1)
        for block, first in enumerate(range(0, left, _BLOCK)):
            yield from self._happenings(block, first, min(_BLOCK, left - first), step)

    def _people(self, accounts: NDArray[np.int64]) -> Iterator[str]:
        begin = END_MS - (HISTORY_DAYS + 1) * DAY_MS
        for account in accounts.tolist():
            who = f'"account_id":"u{account:07d}","number":"{self.number(account)}"'
            yield (
                f'{{"event_id":"r-{account:07d}","type":"account_registered","ts":{begin + account * 60},{who},'
                f'"device_id":"d-{account:07d}","ip":"10.{account >> 16 & 255}.{account >> 8 & 255}.{account & 255}"}}'
            )
            yield (
                f'{{"event_id":"p-{account:07d}","type":"account_profile","ts":{begin + account * 60},{who},'
                f'"registered_at":{begin - account % 900 * DAY_MS},"tier":"stable","is_identified":true,"tz":"Europe/Berlin",'
                f'"known_devices":["d-{account:07d}"]}}'
            )

    def _happenings(self, block: int, first: int, count: int, step: float) -> Iterator[str]:
        rng = chance(self.seed, "history", block)
        names = list(MIX)
        kind = np.searchsorted(np.cumsum(list(MIX.values())), rng.integers(0, 1000, count), side="right")
        who = (rng.random(count) ** 2 * self.known).astype(np.int64)
        other = (who * 7_919 + rng.integers(0, 10, count) ** 2 * 104_729 + 1) % self.known
        luck = rng.integers(0, 1000, count)
        ts = END_MS - HISTORY_DAYS * DAY_MS + ((first + np.arange(count)) * step).astype(np.int64)
        writers = [WRITERS[name] for name in names]
        listed = zip(kind.tolist(), ts.tolist(), who.tolist(), other.tolist(), luck.tolist(), strict=True)
        for number, (of_kind, at, account, peer, chosen) in enumerate(listed, first):
            yield (
                f'{{"event_id":"e-{number:08d}","type":"{names[of_kind]}","ts":{at},"account_id":"u{account:07d}",'
                f"{writers[of_kind](account, peer, chosen)}}}"
            )


def _login(account: int, luck: int) -> str:
    """Where a login comes from: 3 of 100 from another country, 2 of 100 on another device."""
    country = COUNTRIES[(account + (luck < 30)) % len(COUNTRIES)]
    device = f"x-{account:07d}-{luck}" if luck % 50 == 7 else f"d-{account:07d}"
    return (
        f'"ok":{"false" if luck > 970 else "true"},"network_type":"wifi","device_id":"{device}",'
        f'"ip":"10.{account >> 16 & 255}.{account >> 8 & 255}.{(account + luck) & 255}","ip_country":"{country}"'
    )


def _history_answer(account: int, luck: int) -> str:
    known = "false" if luck < 50 else "true"
    return f'"region":"{COUNTRIES[account % len(COUNTRIES)]}","known_device":{known},"device_id":"d-{account:07d}"'


WRITERS: Mapping[str, Callable[[int, int, int], str]] = {
    "message_sent": lambda _, peer, luck: (
        f'"recipient_id":"u{peer:07d}","recipient_is_contact":{"true" if luck < 900 else "false"},'
        f'"is_reply":{"true" if luck % 9 < 4 else "false"},"message_type":"text","is_forward":false,"is_broadcast":false,'
        f'"link_hashes":[]'
    ),
    "message_received": lambda _, peer, __: f'"from_id":"u{peer:07d}"',
    "login_attempt": lambda account, _, luck: _login(account, luck),
    "message_delivered": lambda account, peer, luck: f'"message_id":"m-{account}-{peer}-{luck}"',
    "call_started": lambda _, peer, __: f'"kind":"voice","callee_id":"u{peer:07d}"',
    "contact_added": lambda _, peer, luck: (
        f'"contact_id":"u{peer:07d}","is_known":{"true" if luck < 700 else "false"}'
    ),
    "lookup.login_history": lambda account, _, luck: _history_answer(account, luck),
    "device_profile": lambda account, peer, luck: (
        f'"device_id":"d-{account:07d}","watch_tier":"cold",'
        f'"banned_accounts":[{f"{chr(34)}u{peer:07d}{chr(34)}" if luck < 100 else ""}]'
    ),
    "ip_profile": lambda account, _, luck: (
        f'"ip":"10.{account >> 16 & 255}.{account >> 8 & 255}.{account & 255}","is_shared":{"true" if luck < 300 else "false"}'
    ),
    "sanction_applied": lambda account, _, luck: (
        f'"sanction_id":"s-{account}-{luck}","kind":"sanction.{"permanent-ban-account" if luck < 200 else "limit-sending"}",'
        f'"cause":"msg.{"spam" if luck < 600 else "flood"}"'
    ),
}


def write_list(load: PoolLoad, path: Path) -> None:
    """Write the list as CSV or XLSX, by the ending."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEAD, *load.rows()])
        return
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet, day = book.add_worksheet("Pool"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEAD)
    for at, row in enumerate(load.rows(), 1):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(at, column, cell, day if column in (2, 3) else None)
    book.close()


def write_ndjson(load: PoolLoad, path: Path) -> None:
    """Write the history as lines of JSON."""
    with path.open("w", encoding="ascii", newline="\n") as file:
        held: list[str] = []
        for line in load.lines():
            held.append(line)
            if len(held) == _BLOCK:
                file.write("\n".join(held) + "\n")
                held = []
        file.write("".join(f"{line}\n" for line in held))


TEXTS = (
    "account_id", "number", "device_id", "ip", "recipient_id", "from_id", "callee_id", "contact_id", "message_type", "message_id",
    "network_type", "ip_country", "region", "tier", "tz", "kind", "cause", "sanction_id", "watch_tier",
)  # fmt: skip
FLAGS = (
    "recipient_is_contact",
    "is_reply",
    "is_forward",
    "is_broadcast",
    "ok",
    "known_device",
    "is_shared",
    "is_identified",
    "is_known",
)
LISTS = ("link_hashes", "known_devices", "banned_accounts")
SCHEMA = pa.schema(
    {"event_id": pa.string(), "type": pa.string(), "ts": pa.int64(), "registered_at": pa.int64()}
    | dict.fromkeys(TEXTS, pa.string())
    | dict.fromkeys(FLAGS, pa.bool_())
    | dict.fromkeys(LISTS, pa.list_(pa.string()))
)


def write_parquet(lines: Path, path: Path) -> None:
    """Write a history that is there as lines as Parquet."""
    options: dict[str, Any] = {"parse_options": pyarrow.json.ParseOptions(explicit_schema=SCHEMA)}
    with (
        pyarrow.json.open_json(lines, **options) as read,
        pyarrow.parquet.ParquetWriter(path, SCHEMA) as write,
    ):
        for batch in read:
            write.write_batch(batch.select(SCHEMA.names))
