"""The two batches before the judged one, in the order of their times, whatever the order in which they came."""

from dataclasses import dataclass

import tidegate as tg
from tidegate.events import BroadcastBatch
from tidegate.expr import Expr
from tidegate.features.stream import Stream
from tidegate.policies.messenger.doubt import TOLD, UNTOLD

_MEMORY = tg.days(30)
_JUDGED_AND_LAST = 2


@dataclass(frozen=True)
class Content:
    """What is known of a batch's content (see `told_of`), and the halves of its fingerprint, where it is `TOLD`."""

    told: Expr
    halves: tuple[Expr, Expr]

    def of_previous(self, batches: Stream) -> "Content":
        """Return the same of the batch before the one whose content this is, as that one saw it when it came."""
        return Content(
            _previous(batches, self.told),
            (_previous(batches, self.halves[0]), _previous(batches, self.halves[1])),
        )

    def summable(self) -> tuple[Expr, Expr, Expr]:
        """Return what is known of it and the halves as amounts: 0 where there is no fingerprint."""
        first, second = (tg.when(self.told == TOLD, half, 0) for half in self.halves)
        return self.told, first, second


def before(batches: Stream, judged: Content) -> tuple[Content, Content]:
    """Return the contents of the batch before the judged one, and of the one before that.

    The last batch saw which one was before it. A batch between these two that came late was not there yet: it is all that there is
    since the earlier one beside the last and the judged one, and so told by sums. Where several came so, nobody knows which of them
    was the last: the content is not known.
    """
    last = judged.of_previous(batches)
    seen_by_last = last.of_previous(batches)
    last_at = batches.previous_seen().per(BroadcastBatch.account_id).ever()
    since = _previous(batches, last_at) + 1  # after the batch that the last one saw
    came_late = (
        batches.count().per(BroadcastBatch.account_id).since(since, at_most=_MEMORY) - _JUDGED_AND_LAST
    )
    one_late, some_late = (came_late == 1).or_else(False), (came_late >= 1).or_else(False)  # noqa: FBT003  operands
    late = _late(batches, since, judged, last)
    told = tg.when(one_late, late.told, tg.when(some_late, UNTOLD, seen_by_last.told))
    first, second = (
        tg.when(one_late, ours, theirs) for ours, theirs in zip(late.halves, seen_by_last.halves, strict=True)
    )
    return last, Content(told, (first, second))


def _late(batches: Stream, since: Expr, judged: Content, last: Content) -> Content:
    """Return the content of the one batch that there is since a moment beside the judged and the last one."""
    told, first, second = (
        batches.sum(own, places=0).per(BroadcastBatch.account_id).since(since, at_most=_MEMORY)
        - own
        - of_last
        for own, of_last in zip(judged.summable(), last.summable(), strict=True)
    )
    return Content(told, (first, second))


def _previous(batches: Stream, value: Expr) -> Expr:
    """Return a value of the batch before the one at hand."""
    return batches.previous(value).per(BroadcastBatch.account_id).ever()
