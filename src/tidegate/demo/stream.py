"""A plain stream of messages for benchmarks: no people in it, only load, and as fast as columns can be drawn.

A few accounts send most of it (rank-one-over-rank, as message logs show), so that windows are both hot and cold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.day import chance
from tidegate.demo.strand import Codes
from tidegate.demo.traffic import START_MS

EVENTS_PER_BLOCK = 65_536
REPLIES = 0.45
CONTACTS = 0.9
WITH_LINK = 0.04
LINKS = 20_000


@dataclass(frozen=True)
class MessageBlock:
    """``len(ts)`` direct messages in time order; accounts and links are codes, ``link`` is -1 where there is none."""

    first: int  # number of the first event of the block in the stream, from 1
    ts: Codes  # ms since the epoch
    sender: Codes
    recipient: Codes
    is_reply: NDArray[np.bool_]
    is_contact: NDArray[np.bool_]
    link: Codes

    def lines(self) -> list[str]:
        """Return the messages as NDJSON lines without line ends."""
        flags = ("false", "true")
        return [
            f'{{"event_id":"e-{number:08d}","type":"message_sent","ts":{ts},"account_id":"a{sender:06d}",'
            f'"recipient_id":"a{recipient:06d}","recipient_is_contact":{flags[contact]},"is_reply":{flags[reply]},'
            f'"message_type":"{"text" if link < 0 else "link"}","is_forward":false,"is_broadcast":false,'
            f'"link_hashes":[{"" if link < 0 else f"{chr(34)}l-{link:08d}{chr(34)}"}]}}'
            for number, (ts, sender, recipient, contact, reply, link) in enumerate(
                zip(
                    self.ts.tolist(),
                    self.sender.tolist(),
                    self.recipient.tolist(),
                    self.is_contact.tolist(),
                    self.is_reply.tolist(),
                    self.link.tolist(),
                    strict=True,
                ),
                start=self.first,
            )
        ]


def message_blocks(
    events: int, accounts: int, *, seed: int = 1, start_ms: int = START_MS, per_second: float = 500.0
) -> Iterator[MessageBlock]:
    """Yield ``events`` messages among ``accounts`` accounts (at least two), ``per_second`` of event time on average."""
    assert accounts > 1, "a message takes two accounts"
    now_ms = start_ms
    for index, first in enumerate(range(0, events, EVENTS_PER_BLOCK)):
        count = min(EVENTS_PER_BLOCK, events - first)
        rng = chance(seed, "message-stream", index)
        gaps_ms = rng.standard_exponential(count) * (1000.0 / per_second)
        ts = now_ms + np.cumsum(gaps_ms).astype(np.int64)
        now_ms = int(ts[-1])
        sender = np.minimum(accounts ** rng.random(count), accounts).astype(np.int64) - 1
        step = 1 + (rng.random(count) ** 3 * (accounts - 1)).astype(np.int64)
        link = np.where(rng.random(count) < WITH_LINK, rng.integers(0, LINKS, count), -1)
        yield MessageBlock(
            first=first + 1,
            ts=ts,
            sender=sender,
            recipient=(sender + step) % accounts,
            is_reply=rng.random(count) < REPLIES,
            is_contact=rng.random(count) < CONTACTS,
            link=link,
        )
