"""What became of a block of events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tidegate.engine.decision import Decision, Fired
    from tidegate.engine.quotas import Exceeded


class TimerDecision(NamedTuple):
    """The decision of a timer that fired, and the index in the block of the event that passed it."""

    before: int
    decision: Decision


@dataclass
class Judged:
    """Decisions about a block of events, in arrival order.

    Most events are *plain*: no rule fired and nothing is on record about whom they name, so they are allowed, with score 0.
    `exceeded` are the quotas that events exceed, plain ones and others; decisions in `closer` list their own already.
    `closer` holds the decisions of all others by index. `pattern[i]` says which rules were undecided at event i: the index of
    a tuple of rule ids in `patterns`, which grows as new ones occur and is shared by all blocks of an engine.
    """

    pattern: NDArray[np.int32]
    patterns: list[tuple[str, ...]]
    closer: dict[int, Decision] = field(default_factory=dict)
    timers: list[TimerDecision] = field(default_factory=list)
    exceeded: list[Exceeded] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pattern)

    def quotas_of(self, i: int) -> tuple[Fired, ...]:
        """Return the entries of a plain event: the quotas it exceeds."""
        return tuple(
            quota.terms.fired(float(quota.observed[at[0]]), float(quota.limit[at[0]]))
            for quota in self.exceeded
            if quota.terms.shown and len(at := (quota.events == i).nonzero()[0])
        )
