"""One content sent over and over: to strangers, and batch after batch."""

import tidegate as tg
from tidegate.events import BroadcastBatch, MessageReceived, MessageSent
from tidegate.expr import Duration, Expr
from tidegate.features import Feature
from tidegate.features.stream import Unkeyed
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import is_cold, of_untold_content
from tidegate.policies.messenger.broadcast_spam import BroadcastSpam
from tidegate.policies.messenger.doubt import NONE, TOLD, UNTOLD, in_doubt, or_not_known, told_of
from tidegate.policies.messenger.instant import INSTANT
from tidegate.policies.messenger.last_batches import Content, before

UNSAID = -1  # stands for a number of people that is not known and may be above the limit

_told = told_of(BroadcastBatch.content_fp)

_surely_cold, _perhaps_cold = is_cold.or_else(False), in_doubt(is_cold)  # noqa: FBT003  an operand
_to_strangers = tg.events(MessageSent).where(_surely_cold).distinct(MessageSent.recipient_id)
# none, or up to as many as the messages of which it is not known whether they went to strangers: nobody says to whom
_doubtful = tg.events(MessageSent).where(_perhaps_cold).count()
_untold_doubtful = tg.events(MessageSent).where(_perhaps_cold & of_untold_content).count()
_has_content = ~MessageSent.content_fp.is_null().or_else(True)  # noqa: FBT003  an operand


def _in_hour(unkeyed: Unkeyed, *more: Expr) -> Feature:
    return unkeyed.per(MessageSent.account_id, *more).over(tg.hours(1))


def _heard_from(silent_for: Duration) -> Expr:
    """Return how many people of the batch have been heard from in so long a time."""
    return (
        tg.events(MessageReceived)
        .seen()
        .per(MessageReceived.account_id, MessageReceived.from_id)
        .over(silent_for)
        .at(BroadcastBatch.account_id, BroadcastBatch.recipient_ids)
    )


def _in_all(silent_for: Duration) -> Expr:
    """Return how many different people got one content within an hour, by messages to strangers or by batches.

    Less those of the batches who have been heard from, who count again in each: never too many.
    """
    sent = tg.events(MessageSent).where(_surely_cold) | tg.events(BroadcastBatch)
    people = _in_hour(
        sent.distinct(MessageSent.recipient_id, BroadcastBatch.recipient_ids), MessageSent.content_fp
    )
    known = _in_hour(tg.events(BroadcastBatch).sum(_heard_from(silent_for)), MessageSent.content_fp)
    return (people - known).or_else(0)


def _of_message(silent_for: Duration, limit: tg.Parameter) -> Expr:
    """Return how many strangers got the content of the message, or its batch, within an hour.

    Not known where nothing tells what the message says, or to whom some went, once it may matter.
    """
    in_all, doubtful = _in_hour(_to_strangers), _in_hour(_doubtful)
    # none, or up to as many as the strangers who got messages of which nobody says what they say
    untold = tg.least(
        _in_hour(tg.events(MessageSent).where(_surely_cold & of_untold_content).count()),
        _in_hour(
            tg.events(MessageSent)
            .where(_surely_cold & ~MessageSent.content_fp.is_known())
            .distinct(MessageSent.recipient_id)
        ),
    )
    of_content = _in_hour(_to_strangers, MessageSent.content_fp)
    # with those of which nobody says what they say: no more people than all strangers of the hour
    told_of_content = tg.least(of_content.or_else(0) + untold, in_all)
    more_of_content = _in_hour(_doubtful, MessageSent.content_fp) + _in_hour(_untold_doubtful)
    in_batch = ~MessageSent.batch_id.is_null().or_else(True)  # noqa: FBT003  an operand
    with_batches = tg.greatest(told_of_content, _in_all(silent_for) + untold)
    told = tg.greatest(
        tg.when(_has_content, with_batches + more_of_content, 0),
        _in_hour(_to_strangers, MessageSent.batch_id).or_else(0)
        + tg.when(in_batch, _in_hour(_doubtful, MessageSent.batch_id), 0),
    )
    is_told = MessageSent.content_fp.is_known() | in_batch
    # whatever the message says: no more people than messages of one content, if each other content went out once
    told_messages = tg.events(MessageSent).where(_surely_cold & MessageSent.content_fp.is_known())
    contents = _in_hour(told_messages.distinct(MessageSent.content_fp))
    most_of_one = _in_hour(told_messages.count()) - tg.greatest(contents - 1, 0)
    # nor more than these and the people of batches, but for the judged one, which has a figure of its own
    batches = tg.events(BroadcastBatch)
    no_batch_now = batches.last_seen().per(BroadcastBatch.account_id).over(INSTANT).is_null()
    in_batches = tg.when(no_batch_now, _in_hour(batches.distinct(BroadcastBatch.recipient_ids)), 0)
    is_too_few = tg.least(most_of_one + untold, in_all) + doubtful + in_batches <= limit
    return tg.when(is_told | is_too_few, told, of_content)


def _strangers_of_batch(silent_for: Duration, limit: tg.Parameter) -> Expr:
    """Return how many people of the batch, or of the hour's batches and messages of that content, have not been heard from for so long.

    Not known where the batch does not say who they are, unless it states that they are no more than the limit.
    """
    batches = tg.events(BroadcastBatch)
    of_batch = BroadcastSpam.listed - _heard_from(silent_for)
    unsaid = tg.when(BroadcastBatch.recipient_count <= limit, 0, UNSAID).or_else(
        tg.when(BroadcastBatch.recipient_ids.is_null().or_else(False), 0, UNSAID)  # noqa: FBT003  an operand
    )
    strangers = tg.greatest(of_batch, _in_all(silent_for)).or_else(unsaid)
    # over the moment of the batch itself: a message that follows reads its own figures only, at whatever moment
    is_any = BroadcastBatch.account_id.is_known()
    with_it, without = (
        run.per(BroadcastBatch.account_id).over(INSTANT).or_else(0)
        for run in (batches.run(is_any), batches.run_before(is_any))
    )
    figure = batches.last(strangers).per(BroadcastBatch.account_id).over(INSTANT).or_else(0)
    now = tg.when(with_it > without, figure, 0)
    return tg.when(now == UNSAID, 1 / (now - UNSAID), now)  # by zero: not known


def _may_be_alike(told: Expr, told_other: Expr, alike: Expr) -> Expr:
    """Return whether two batches are alike or, where the content of one is not known, may be."""
    both = (told == TOLD) & (told_other == TOLD)
    return tg.when(both, alike, (told > NONE) & (told_other > NONE)).or_else(False)  # noqa: FBT003  an operand


class RepeatedContent(tg.RuleSet):
    """One content sent over and over: to strangers, and batch after batch.

    The same content: one broadcast, or an equal fingerprint within an hour. Fingerprints come from the sender's side;
    where none is supplied, only broadcasts are known.
    """

    area = "broadcast"

    strangers_limit = tg.Parameter(
        20, low=5, high=500, unit="recipients", why="more than 20", source="bcast.same-content-over-20-strangers"
    )  # fmt: skip
    cold_limit = tg.Parameter(
        15, low=3, high=500, unit="recipients", why="more than 15", source="msg.cold-contact-batch-over-15"
    )  # fmt: skip
    alike_least = tg.Parameter(
        0.8, low=0.5, high=1, unit="similarity 0..1", why="above 80 %", source="bcast.similarity-over-80pct-3-batches"
    )  # fmt: skip
    batches_limit = tg.Parameter(
        3, low=2, high=3, unit="batches", why="three in a row, each like both others",
        source="bcast.similarity-over-80pct-3-batches",
    )  # fmt: skip
    scanned_size = tg.Parameter(
        25, low=2, high=500, unit="recipients", why="smaller batches are not scanned",
        source="bcast.similarity-over-80pct-3-batches", assumed=True,
    )  # fmt: skip

    _month, _week = tg.days(30), tg.days(7)
    strangers = tg.greatest(
        _of_message(_month, strangers_limit), _strangers_of_batch(_month, strangers_limit)
    )
    cold = tg.greatest(_of_message(_week, cold_limit), _strangers_of_batch(_week, cold_limit))

    size = BroadcastSpam.recipients
    # of one whose size is not known nobody can tell whether it stands in the row
    _scanned = tg.events(BroadcastBatch).where((size > scanned_size).or_else(True))  # noqa: FBT003  an operand
    _kept = tg.when((size >= 0).or_else(False), _told, UNTOLD)  # noqa: FBT003  an operand
    _judged = Content(_kept, tg.halves(BroadcastBatch.content_fp))
    _last, _last_but_one = before(_scanned, _judged)
    like_the_last = (
        (_last.told == TOLD) & (tg.likeness(_judged.halves, _last.halves) > alike_least)
    ).or_else(False)  # noqa: FBT003  an operand
    like_all = (
        (_last_but_one.told == TOLD)
        & (tg.likeness(_judged.halves, _last_but_one.halves) > alike_least)
        & (tg.likeness(_last.halves, _last_but_one.halves) > alike_least)
    ).or_else(False)  # noqa: FBT003  an operand
    # of a batch whose content is not known nobody can tell whether it was alike; one that has none on record was not
    _perhaps_alike = (
        _may_be_alike(_told, _last.told, tg.likeness(_judged.halves, _last.halves) > alike_least)
        & _may_be_alike(
            _told, _last_but_one.told, tg.likeness(_judged.halves, _last_but_one.halves) > alike_least
        )
        & _may_be_alike(
            _last.told, _last_but_one.told, tg.likeness(_last.halves, _last_but_one.halves) > alike_least
        )
    )
    in_a_row = or_not_known(
        _perhaps_alike & (tg.greatest(_told, _last.told, _last_but_one.told) > TOLD),
        tg.when(like_the_last, tg.when(like_all, 3, 2), 1),
    )

    to_strangers = tg.Rule(
        id="bcast.same-content-over-20-strangers",
        title="The same content to more than 20 people without a conversation",
        on=(BroadcastBatch, MessageSent),
        when=strangers > strangers_limit,
        window="PT1H",
        labels=(tg.Label("potential-spam"),),
        measures=(tg.Measure(sanctions.SEND_RESTRICT_48H),),
        reason="the same content to {observed} people without a conversation within an hour; limit {limit}",
        source="bcast.same-content-over-20-strangers",
        note="without a conversation: no contact, as the event says, else by the address book of the last 30 days, no answer, and nothing"
        " heard within a week (a broadcast: within 30 days, whoever is a contact); messages and batches of one content within an"
        " hour count together: all their people, less those heard from in each batch; undecided where the content of a message is not known, or"
        " nobody says to whom messages went, once more than the limit may have gone to strangers, and where a batch does not say to whom"
        " it goes",
        examples=("fires: 21 strangers, one content", "does not: 21 strangers, 21 contents"),
    )
    to_cold_contacts = tg.Rule(
        id="msg.cold-contact-batch-over-15",
        title="More than 15 recipients without a conversation in 7 days",
        on=(BroadcastBatch, MessageSent),
        when=cold > cold_limit,
        window="P7D",
        labels=(tg.Label("cold-contact"),),
        reason="the same content to {observed} people without a conversation in 7 days; limit {limit}",
        source="msg.cold-contact-batch-over-15",
        note="a batch is one broadcast, or the same content within an hour",
        examples=("fires: a broadcast to 16 strangers", "does not: to 15"),
    )
    alike_batches = tg.Rule(
        id="bcast.similarity-over-80pct-3-batches",
        title="Three batches in a row with more than 80 % of the content in common",
        on=(BroadcastBatch,),
        when=in_a_row >= batches_limit,
        given=size > scanned_size,
        measures=(tg.Measure(sanctions.BROADCAST_SUSPEND_24H),),
        reason="{observed} batches in a row whose contents are alike; limit {limit}",
        source="bcast.similarity-over-80pct-3-batches",
        note="similarity is 1 - Hamming distance / 64 of the fingerprints; of three batches each pair is above the limit; batches of"
        " up to 25 are not scanned and do not count; undecided while one of three whose content is not known may be alike",
        examples=("fires: three batches with 10 of 64 bits apart", "does not: two alike, another, one alike"),
    )
