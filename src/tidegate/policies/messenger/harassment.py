"""Message after message to the same few people, who do not answer."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.spam_marks import SpamMarks

CONTACTS = 4  # fewer than five
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
    _named_24h = (
        _sent.where(MessageSent.recipient_id.is_known())
        .top(MessageSent.recipient_id, CONTACTS, least=LOOKED_AT_FROM)
        .per(MessageSent.account_id)
        .over(tg.days(1))
    )
    to_few_24h = _named_24h + SpamMarks.unnamed_24h

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
        " where it is not known what is an answer, or to whom messages went, and it may matter; the last 24"
        " hours; messages to groups are in the whole and not in the share. The number is checked: 0.12 is the share of checks: shown, not scored",
        examples=("fires: 61 of 100 messages to four people, none an answer", "does not: 60 of 100"),
    )
