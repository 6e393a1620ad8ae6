"""How alike what an account sends is to what it sent before."""

import tidegate as tg
from tidegate.events import BroadcastBatch, MessageSent
from tidegate.policies.messenger.doubt import NONE, TOLD, UNTOLD, or_not_known, told_of
from tidegate.policies.messenger.instant import INSTANT


class MessageSimilarity(tg.RuleSet):
    """How alike what an account sends is to what it sent before: on record, nothing follows.

    Messages of a broadcast are one act: the broadcast is compared, not they with each other.
    """

    area = "content"

    alike_least = tg.Parameter(
        0.8, low=0.5, high=1, unit="similarity 0..1", why="the row states no figure: that of batches that are alike",
        source="content.message-similarity", assumed=True,
    )  # fmt: skip

    _of_batch = ~MessageSent.batch_id.is_null().or_else(True)  # noqa: FBT003  an operand
    _sent = tg.events(BroadcastBatch) | tg.events(MessageSent).where(~_of_batch)
    # whether the judged event itself is a message of a broadcast
    _is_part = tg.events(MessageSent).where(_of_batch).last_seen().per(MessageSent.account_id).over(INSTANT)

    _fingerprint = MessageSent.content_fp
    _told = told_of(_fingerprint)
    _content = tg.halves(_fingerprint)
    _before = (
        _sent.previous(_content[0]).per(MessageSent.account_id).over(tg.days(1)),
        _sent.previous(_content[1]).per(MessageSent.account_id).over(tg.days(1)),
    )
    _told_before = _sent.previous(_told).per(MessageSent.account_id).over(tg.days(1)).or_else(NONE)
    _is_open = _told + _told_before == TOLD + UNTOLD
    like_before = tg.when(
        (_told == TOLD) & (_told_before == TOLD),
        tg.likeness(_content, _before),
        or_not_known(_is_open, 0),
    )

    similar = tg.Rule(
        id="content.message-similarity",
        title="Sent like what was sent before",
        on=(MessageSent, BroadcastBatch),
        when=like_before > alike_least,
        given=_is_part.is_null(),
        window="P1D",
        reason="the content is alike to that of the message or broadcast before by {observed}; limit {limit}",
        source="content.message-similarity",
        note="1 - Hamming distance / 64 of the fingerprints (SimHash), with the message or broadcast before within a day; seen in the decision"
        " only; messages of a broadcast are not compared with each other; off where no fingerprint is supplied, undecided where one"
        " of the two lacks it",
        examples=("fires: 12 of 64 bits apart", "does not: 13 of 64 bits apart, or no content on record"),
    )
