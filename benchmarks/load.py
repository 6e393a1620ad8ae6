"""The load: messages among accounts of which few send most, as blocks in a plan's columns, as events, as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.stream import MessageBlock, message_blocks
from tidegate.demo.traffic import START_MS
from tidegate.engine import Engine
from tidegate.engine.encode import Encoded, SiteColumns
from tidegate.events import MessageSent, decode_lines
from tidegate.events.block import EVENTS_MAX, EventBlock
from tidegate.events.registry import TYPE_CODES

PER_ACCOUNT_AND_WEEK = 26  # messages: what the promise about memory calls an active account
WEEK_MS = 7 * 86_400_000
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo")
TIERS = ("stable", "stable", "stable", "new", "business")
MESSAGE_CODE = TYPE_CODES[MessageSent.type_name]


@dataclass(frozen=True)
class Load:
    """`events` messages among `accounts`; `marked` is the share of promotions, on which a rule of the sized policy fires.

    Event time runs so that an account sends PER_ACCOUNT_AND_WEEK messages a week on average, whatever their number.
    """

    events: int
    accounts: int = 100_000
    marked: float = 0.0
    seed: int = 1

    def blocks(self) -> Iterator[MessageBlock]:
        """Yield the messages in time order, at most EVENTS_MAX at a time."""
        rate = self.accounts * PER_ACCOUNT_AND_WEEK / (WEEK_MS / 1000)
        for large in message_blocks(self.events, self.accounts, seed=self.seed, per_second=rate):
            for lo in range(0, len(large.ts), EVENTS_MAX):
                yield _cut(large, lo, lo + EVENTS_MAX)

    def promotions(self, block: MessageBlock) -> NDArray[np.bool_]:
        """Which messages of a block are promotions: of the accounts that send little, chosen by account."""
        chosen = (block.sender * 2_654_435_761 >> 7) % 10_000 < self.marked * 10_000
        return chosen & (block.sender > self.accounts // 100)


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
        entry = SiteColumns(np.arange(n))
        items = np.empty(0)
        for name, _, column in self.site.fields:
            if name == "link_hashes":
                has = block.link >= 0
                entry.columns[column] = np.cumsum(has) - has
                entry.columns[column + 1] = has.astype(float)
                items = self.links[block.link[has]]
            else:
                entry.columns[column] = self._column(name, block)
        site = np.full(n, self.site.number, np.int32)
        return Encoded(site, block.ts, {self.site.number: entry}, items)

    def _column(self, name: str, block: MessageBlock) -> NDArray[np.float64]:
        n = len(block.ts)
        if name == "message_type":
            return np.where(block.link < 0, self.words["text"], self.words["link"])
        columns = {
            "account_id": lambda: self.accounts[block.sender],
            "recipient_id": lambda: self.accounts[block.recipient],
            "recipient_is_contact": lambda: block.is_contact.astype(float),
            "is_reply": lambda: block.is_reply.astype(float),
            "is_broadcast": lambda: np.zeros(n),
            "is_forward": lambda: np.zeros(n),
            "is_promotional": lambda: self.load.promotions(block).astype(float),
            "via_business_api": lambda: np.zeros(n),
            "media_bytes": lambda: (block.sender * 31 + block.ts) % 200_000.0,
        }
        return columns[name]() if name in columns else np.full(n, np.nan)


def prepared(engine: Engine, load: Load, events: int | None = None) -> list[Encoded]:
    """Put the profiles on record, and return the messages (the first `events` of them) in the engine's columns."""
    for block in profiles(load.accounts):
        engine.step(block)
    columns = Columns(engine, load)
    wanted = None if events is None else -(-events // EVENTS_MAX)
    return [columns.encoded(block) for block in islice(load.blocks(), wanted)]
