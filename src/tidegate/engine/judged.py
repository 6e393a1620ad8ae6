"""What became of a block of events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tidegate.engine.decision import Decision


class TimerDecision(NamedTuple):
    """The decision of a timer that fired, and the index in the block of the event that passed it."""

    before: int
    decision: Decision


@dataclass
class Judged:
    """Decisions about a block of events, in arrival order.

    Most events are *plain*: no rule fired and nothing is on record about whom they name, so they are allowed, with score 0.
    `closer` holds the decisions of all others by index. `pattern[i]` says which rules were undecided at event i: the index of
    a tuple of rule ids in `patterns`, which grows as new ones occur and is shared by all blocks of an engine.
    """

    pattern: NDArray[np.int32]
    patterns: list[tuple[str, ...]]
    closer: dict[int, Decision] = field(default_factory=dict)
    timers: list[TimerDecision] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pattern)
