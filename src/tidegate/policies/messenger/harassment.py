"""Message after message to the same few people, who do not answer."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.acquaintance import to_somebody
from tidegate.policies.messenger.doubt import or_not_known
from tidegate.policies.messenger.spam_marks import SpamMarks

CONTACTS = 4  # fewer than five
LOOKED_AT = 1024  # messages: the newest of a day whose recipients are put in order
LOOKED_AT_FROM = 7  # messages: fewer are never more than the least share of the least number of messages


class Harassment(tg.RuleSet):
    """Message after message to the same few people, who do not answer."""

    area = "messaging"

    share_limit = tg.Parameter(
        0.6, low=0.3, high=1, unit="ratio", why="more than 60 % of a day's messages", source="msg.recipient-concentration-harassment"
    )  # fmt: skip
    least_messages = tg.Parameter(
        20, low=20, high=1000, unit="messages", why="of few messages a share says nothing",
        source="msg.recipient-concentration-harassment", assumed=True,
    )  # fmt: skip
    replies_limit = tg.Parameter(
        0.2, low=0, high=1, unit="ratio", why="where one message in five is an answer people talk with each other",
        source="msg.recipient-concentration-harassment", assumed=True,
    )  # fmt: skip

    _sent = tg.events(MessageSent)
    sent_24h = _sent.count().per(MessageSent.account_id).over(tg.days(1))
    unasked_24h = _sent.where(~MessageSent.is_reply).count().per(MessageSent.account_id).over(tg.days(1))
    _to_one = _sent.where(to_somebody.or_else(False))  # noqa: FBT003  an operand
    _named_24h = (
        _to_one.top(MessageSent.recipient_id, CONTACTS, least=LOOKED_AT_FROM)
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    # of more messages than are looked at: at least those to the judged recipient, or all where there are no more people than
    # four; at most the older ones, too, but for one each to everybody else
    _to_people_24h = _to_one.count().per(MessageSent.account_id).over(tg.days(1))
    _people_24h = _to_one.distinct(MessageSent.recipient_id).per(MessageSent.account_id).over(tg.days(1))
    _to_this_24h = (
        _sent.count().per(MessageSent.account_id, MessageSent.recipient_id).over(tg.days(1)).or_else(0)
    )
    _older = tg.greatest(_to_people_24h - LOOKED_AT, 0)
    _to_all_24h = tg.when((_people_24h <= CONTACTS).or_else(False), _to_people_24h, 0)  # noqa: FBT003  an operand
    _least_24h = tg.greatest(_named_24h, tg.when(_older > 0, tg.greatest(_to_this_24h, _to_all_24h), 0))
    _most_24h = tg.least(_named_24h + _older, _to_people_24h - _people_24h + CONTACTS)
    _is_open = (_older > 0) & (_least_24h / sent_24h <= share_limit) & (_most_24h / sent_24h > share_limit)
    to_few_24h = or_not_known(_is_open, _least_24h + SpamMarks.unnamed_24h)

    concentrated = tg.Rule(
        id="msg.recipient-concentration-harassment",
        title="More than 60 % of a day's messages to fewer than 5 people who do not answer",
        on=(MessageSent,),
        when=to_few_24h / sent_24h > share_limit,
        given=(sent_24h >= least_messages) & (unasked_24h / sent_24h >= 1 - replies_limit),
        window="P1D",
        prior=tg.Prior(0.12, scores=False, source="msg.recipient-concentration-harassment"),
        labels=(tg.Label("harassment-suspicion"),),
        measures=(sanctions.step_up("phone", capability="send"),),
        reason="{observed} of the messages of 24 hours went to four people; limit {limit}",
        source="msg.recipient-concentration-harassment",
        note="most people write to the same few: at least 20 messages, and at most a fifth of them answers, so that it is one-sided; undecided"
        " where it is not known what is an answer, or to whom messages went, and it may matter; where an account sends more than"
        " 1,024 messages in the last 24 hours, the newest 1,024 are put in order, and it is undecided where the older ones may"
        " matter; the last 24 hours; messages to groups are in the whole and not in the share. The number is checked: 0.12 is the share of checks: shown, not scored",
        examples=("fires: 61 of 100 messages to four people, none an answer", "does not: 60 of 100"),
    )
