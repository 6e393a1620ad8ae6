"""How a live engine keeps its data folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from tidegate.expr.duration import Duration


@dataclass(frozen=True)
class LiveOptions:
    """`retention` None: everything is kept. `lateness` None: that of the folder, of a new one 5 minutes.

    `behind`: checkpoints that nobody waits for are written beside the judging.
    `give_up_damaged`: go on where the log is damaged, without the events in the damaged part.
    `count_anew`: a policy that counts other things than the one before counts the log anew; else it is refused.
    """

    lateness: Duration | None = None
    segment_bytes: int = 16 << 20  # some 200,000 to 400,000 events
    checkpoint_events: int = 500_000  # some seconds of judging: what recovery may have to do again
    retention: Duration | None = None
    give_up_damaged: bool = False
    count_anew: bool = False
    behind: bool = True
    sync: Callable[[int], None] = os.fdatasync
