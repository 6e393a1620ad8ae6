"""Plain Python: a deque per account, window and kind of count; a counter of recipients; a running sum."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals.stream import SPAN, WINDOWS, Stream


class Account:
    """What is remembered of an account: the newest events per window, and what the longest-needed ones brought."""

    __slots__ = ("brought", "proactive", "recipients", "total", "windows")

    def __init__(self) -> None:
        self.windows: tuple[deque[tuple[int, bool]], ...] = tuple(deque() for _ in WINDOWS)
        self.proactive = [0] * len(WINDOWS)
        self.brought: deque[tuple[int, int, int]] = deque()
        self.recipients: dict[int, int] = {}
        self.total = 0


def prepare(stream: Stream) -> Callable[[], NDArray[np.float64]]:
    """Return the work: from lists of plain numbers to cells."""
    columns = [
        values.tolist()
        for values in (stream.ts, stream.account, stream.recipient, stream.proactive, stream.bytes)
    ]

    def work() -> NDArray[np.float64]:
        accounts: dict[int, Account] = {}
        rows = []
        for ts, account, recipient, proactive, size in zip(*columns, strict=True):
            state = accounts.get(account)
            if state is None:
                state = accounts[account] = Account()
            rows.append(_event(state, ts, recipient, proactive, size))
        return np.array(rows, np.float64)

    return work


def _event(state: Account, ts: int, recipient: int, proactive: bool, size: int) -> list[int]:  # noqa: FBT001  a column
    row = []
    counts = state.proactive
    for w, window in enumerate(WINDOWS):
        events = state.windows[w]
        start = ts - window
        while events and events[0][0] <= start:
            counts[w] -= events.popleft()[1]
        events.append((ts, proactive))
        counts[w] += proactive
        row.append(len(events))
        row.append(counts[w])
    brought, recipients = state.brought, state.recipients
    start = ts - SPAN
    while brought and brought[0][0] <= start:
        _, old, gone = brought.popleft()
        state.total -= gone
        if recipients[old] == 1:
            del recipients[old]
        else:
            recipients[old] -= 1
    brought.append((ts, recipient, size))
    recipients[recipient] = recipients.get(recipient, 0) + 1
    state.total += size
    row += (len(recipients), state.total)
    return row
