"""Events from the future: one with a wrong year would make all that follow too late, for years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tidegate.errors import EventError
from tidegate.events import Rejected
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from tidegate.events import EventBlock

DAY_MS = 86_400_000


def without_future(block: EventBlock, now_ms: int, ahead_days: int) -> tuple[EventBlock, list[Rejected]]:
    """Return the events that lie no more than some days ahead of the clock, and the refusals of the others; 0 days: all of them."""
    if not ahead_days:
        return block, []
    beyond = block.ts > now_ms + ahead_days * DAY_MS
    if not beyond.any():
        return block, []
    refused = [_refusal(block, at, ahead_days) for at in np.flatnonzero(beyond).tolist()]
    return block.select(np.flatnonzero(~beyond)), refused


def _refusal(block: EventBlock, at: int, ahead_days: int) -> Rejected:
    ts = format_rfc3339(int(block.ts[at]))
    error = EventError(
        f"{ts} lies more than {ahead_days} days ahead of the clock",
        field="ts",
        hint="send the time at which it happened; `TIDEGATE_AHEAD_DAYS` allows more",
    )
    return Rejected(block.file, int(block.lines[at]), error, "")
