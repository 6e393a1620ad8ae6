"""The work that all rivals do, defined once: messages as columns of whole numbers, and the features to compute of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.load import Load

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000
WINDOWS = (
    60 * SECOND,
    300 * SECOND,
    HOUR,
    DAY,
    7 * DAY,
)  # counts: of all messages, and of those that answer nobody
SPAN = DAY  # distinct recipients, and the sum of bytes
FEATURES = (
    *(f"{kind} in {window // SECOND} s" for window in WINDOWS for kind in ("all", "proactive")),
    "distinct recipients in 24 h",
    "bytes in 24 h",
)


@dataclass(frozen=True)
class Stream:
    """Messages in time order, no two at one time: `ts` in ms, ids as whole numbers."""

    ts: NDArray[np.int64]
    account: NDArray[np.int64]
    recipient: NDArray[np.int64]
    proactive: NDArray[np.bool_]
    bytes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ts)


def stream_of(events: int, accounts: int) -> Stream:
    """Return such a stream; the bytes of messages are made of what they say."""
    load = Load(events, accounts, distinct_times=True)
    blocks = list(load.blocks())
    ts, sender, recipient, reply = (
        np.concatenate([getattr(b, name) for b in blocks])
        for name in ("ts", "sender", "recipient", "is_reply")
    )
    return Stream(ts, sender, recipient, ~reply, (sender * 31 + ts) % 200_000)
