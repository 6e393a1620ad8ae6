"""The two batches before the judged one, in the order of their times, whatever the order in which they came."""

from dataclasses import dataclass

import tidegate as tg
from tidegate.events import BroadcastBatch
from tidegate.expr import Expr
from tidegate.features.stream import Stream
from tidegate.policies.messenger.doubt import TOLD, UNTOLD

_MEMORY = tg.days(30)
_OWN = 2  # the judged batch, and the one before it


@dataclass(frozen=True)
class Content:
    """What is known of a batch's content (see `told_of`), and the halves of its fingerprint, where it is `TOLD`."""

    told: Expr
    halves: tuple[Expr, Expr]


def before(batches: Stream, judged: Content) -> tuple[Content, Content]:
    """Return the contents of the batch before the judged one, and of the one before that.

    One that came late, between the two, was not there when the later of them looked back; it is what the sums since the earlier one
    have more. Where several came so, nobody knows which of them was the last: the content is not known.
    """

    def previous(value: Expr) -> Expr:
        return batches.previous(value).per(BroadcastBatch.account_id).ever()

    last = Content(previous(judged.told), (previous(judged.halves[0]), previous(judged.halves[1])))
    when = batches.previous_seen().per(BroadcastBatch.account_id).ever()
    earlier = previous(when)  # than the last one, as that saw it
    came_late = batches.count().per(BroadcastBatch.account_id).since(earlier + 1, at_most=_MEMORY) - _OWN
    one_late, some_late = (came_late == 1).or_else(False), (came_late >= 1).or_else(False)  # noqa: FBT003  operands

    def remaining(value: Expr, of_last: Expr) -> Expr:
        total = batches.sum(value, places=0).per(BroadcastBatch.account_id)
        return total.since(earlier + 1, at_most=_MEMORY) - value - of_last

    def half(n: int) -> Expr:
        own = tg.when(judged.told == TOLD, judged.halves[n], 0)
        of_last = tg.when(last.told == TOLD, last.halves[n], 0)
        return tg.when(one_late, remaining(own, of_last), previous(last.halves[n]))

    told = tg.when(
        one_late, remaining(judged.told, last.told), tg.when(some_late, UNTOLD, previous(last.told))
    )
    return last, Content(told, (half(0), half(1)))
