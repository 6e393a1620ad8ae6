"""The load: messages among accounts of which few send most, as blocks in a plan's columns, as events, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.day import chance
from tidegate.demo.stream import MessageBlock, message_blocks
from tidegate.demo.traffic import START_MS
from tidegate.engine import Engine
from tidegate.engine.encode import Encoded, SiteColumns
from tidegate.events import MessageSent, decode_lines
from tidegate.events.block import EVENTS_MAX, EventBlock
from tidegate.events.registry import TYPE_CODES

PER_ACCOUNT_AND_WEEK = 26  # messages: what the promise about memory calls an active account
HEAVIEST_SHARE = (
    200  # rank r sends in proportion to 1 / (r + accounts / 200): no honest account floods its peers
)
CONTACTS = (
    10  # people that an account writes to; the CollegeMsg log has 32 messages and 11 recipients per account
)
WEEK_MS = 7 * 86_400_000
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo")
TIERS = ("stable", "stable", "stable", "new", "business")
MESSAGE_CODE = TYPE_CODES[MessageSent.type_name]


@dataclass(frozen=True)
class Load:
    """`events` messages among `accounts`, `per_week` from each on average: event time runs accordingly.

    Accounts send by rank (see HEAVIEST_SHARE), or all alike where `even`. `marked` is the share of accounts whose messages
    are promotions, on which a rule of the sized policy fires. `distinct_times`: no two messages in one millisecond.
    """

    events: int
    accounts: int = 100_000
    marked: float = 0.0
    per_week: float = PER_ACCOUNT_AND_WEEK
    even: bool = False
    distinct_times: bool = False
    seed: int = 1
    block_events: int = EVENTS_MAX

    def blocks(self) -> Iterator[MessageBlock]:
        """Yield the messages in time order, at most `block_events` at a time."""
        rate = self.accounts * self.per_week / (WEEK_MS / 1000)
        newest = 0
        for number, plain in enumerate(
            message_blocks(self.events, self.accounts, seed=self.seed, per_second=rate)
        ):
            block = self._peopled(plain, number)
            if self.distinct_times:
                turn = np.arange(len(block.ts))
                ts = turn + np.maximum.accumulate(np.maximum(block.ts, newest + 1) - turn)
                newest = int(ts[-1])
                block = replace(block, ts=ts)
            for lo in range(0, len(block.ts), self.block_events):
                yield _cut(block, lo, lo + self.block_events)

    def _peopled(self, block: MessageBlock, number: int) -> MessageBlock:
        """Give the messages senders by rank, and recipients: nine of ten go to the sender's few contacts."""
        rng = chance(self.seed, "benchmark-people", number)
        n, accounts = len(block.ts), self.accounts
        drawn = rng.random(n)
        first = accounts / HEAVIEST_SHARE
        rank = drawn * accounts if self.even else first * ((accounts + first) / first) ** drawn - first
        sender = np.minimum(rank.astype(np.int64), accounts - 1)
        contact = (sender * 7919 + rng.integers(0, CONTACTS, n) ** 2 * 104_729 + 1) % accounts
        recipient = np.where(block.is_contact, contact, rng.integers(0, accounts, n))
        recipient = np.where(recipient == sender, (sender + 1) % accounts, recipient)
        return replace(block, sender=sender, recipient=recipient)

    def promotions(self, block: MessageBlock) -> NDArray[np.bool_]:
        """Which messages of a block are promotions: all of the marked accounts."""
        return (block.sender * 2_654_435_761 >> 7) % 10_000 < self.marked * 10_000


def _cut(block: MessageBlock, lo: int, hi: int) -> MessageBlock:
    columns = {
        name: getattr(block, name)[lo:hi]
        for name in ("ts", "sender", "recipient", "is_reply", "is_contact", "link")
    }
    return replace(block, first=block.first + lo, **columns)


def profiles(accounts: int) -> Iterator[EventBlock]:
    """Yield what is on record about every account: registration, zone, tier; before the first message."""
    for lo in range(0, accounts, EVENTS_MAX):
        lines = [
            f'{{"event_id":"p-{n:07d}","type":"account_profile","ts":{START_MS - 1},"account_id":"a{n:06d}",'
            f'"registered_at":{START_MS - 86_400_000 * (n * 7 % 900)},"tz":"{ZONES[n % len(ZONES)]}",'
            f'"tier":"{TIERS[n % len(TIERS)]}","is_identified":true,"market":"DE"}}'.encode()
            for n in range(lo, min(lo + EVENTS_MAX, accounts))
        ]
        yield decode_lines(lines).block


class Columns:
    """Messages in the columns of an engine's plan, every id interned beforehand: the work of a codec left out."""

    def __init__(self, engine: Engine, load: Load) -> None:
        self.plan = engine.plan
        self.load = load
        names = self.plan.names
        self.accounts = np.empty(load.accounts)
        names.space("account").intern_many([f"a{n:06d}" for n in range(load.accounts)], self.accounts)
        self.links = np.empty(20_000)
        names.space("link").intern_many([f"l-{n:08d}" for n in range(len(self.links))], self.links)
        self.words = {word: float(names.space("").intern(word)) for word in ("text", "link")}
        self.site = self.plan.sites[int(self.plan.site_of_code[MESSAGE_CODE])]

    def encoded(self, block: MessageBlock) -> Encoded:
        """Return the block as the plan reads it."""
        n = len(block.ts)
        columns: dict[int, NDArray[np.float64]] = {}
        items = np.empty(0)
        for name, _, column in self.site.fields:
            if name == "link_hashes":
                has = block.link >= 0
                columns[column] = np.cumsum(has) - has
                columns[column + 1] = has.astype(float)
                items = self.links[block.link[has]]
            else:
                columns[column] = self._column(name, block)
        site = np.full(n, self.site.number, np.int32)
        entry = SiteColumns(np.array(list(columns), np.int32), np.array(list(columns.values())))
        return Encoded(site, block.ts, {self.site.number: entry}, items)

    def _column(self, name: str, block: MessageBlock) -> NDArray[np.float64]:
        n = len(block.ts)
        if name == "message_type":
            return np.where(block.link < 0, self.words["text"], self.words["link"])
        columns: dict[str, Callable[[], NDArray[np.float64]]] = {
            "account_id": lambda: self.accounts[block.sender],
            "recipient_id": lambda: self.accounts[block.recipient],
            "recipient_is_contact": lambda: block.is_contact.astype(float),
            "is_reply": lambda: block.is_reply.astype(float),
            "is_broadcast": lambda: np.zeros(n),
            "is_forward": lambda: np.zeros(n),
            "is_promotional": lambda: self.load.promotions(block).astype(float),
            "via_business_api": lambda: np.zeros(n),
            "media_bytes": lambda: ((block.sender * 31 + block.ts) % 200_000).astype(float),
        }
        return columns[name]() if name in columns else np.full(n, np.nan)


def prepared(engine: Engine, load: Load) -> list[Encoded]:
    """Put the profiles on record, and return the messages in the engine's columns."""
    for block in profiles(load.accounts):
        engine.step(block)
    columns = Columns(engine, load)
    return [columns.encoded(block) for block in load.blocks()]


def message_lines(load: Load) -> Iterator[bytes]:
    """Yield the messages as lines of JSON."""
    for block in load.blocks():
        for line in block.lines():
            yield line.encode()
