"""How an account stands to those it writes to: looked at where it is reported, shown to whoever reads the decision."""

import tidegate as tg
from tidegate.events import MessageReceived, MessageSent, ReportFiled
from tidegate.policies.messenger.spam_marks import SpamMarks


class RecipientRelations(tg.RuleSet):
    """How an account stands to those it writes to: looked at where it is reported, shown to whoever reads the decision.

    Nothing follows from either figure alone: most people write to the same few again and again.
    """

    area = "messaging"

    repetition_least = tg.Parameter(
        0, low=0, high=1, unit="share", why="the row states no figure: shown from the first on", source="msg.recipient-repetition-rate",
        assumed=True,
    )  # fmt: skip
    least_messages = tg.Parameter(
        20, low=1, high=1000, unit="messages", why="of few messages a share says nothing", source="msg.recipient-repetition-rate",
        assumed=True,
    )  # fmt: skip
    relation_least = tg.Parameter(
        1, low=1, high=1000, unit="messages", why="one is a relation", source="msg.recipient-relation", assumed=True
    )  # fmt: skip

    recipients_24h = SpamMarks.recipients_24h
    sent_24h = tg.events(MessageSent).count().per(MessageSent.account_id).over(tg.days(1))
    from_reporter_7d = (
        tg.events(MessageReceived)
        .count()
        .per(MessageReceived.account_id, MessageReceived.from_id)
        .over(tg.days(7))
        .at(ReportFiled.account_id, ReportFiled.reporter_id)
    )

    repetition = tg.Rule(
        id="msg.recipient-repetition-rate",
        title="How often the recipients of a reported account recur",
        on=(ReportFiled,),
        when=1 - recipients_24h / sent_24h >= repetition_least,
        given=sent_24h >= least_messages,
        window="P1D",
        reason="{observed} of the messages of the last day went to people who had got one before",
        source="msg.recipient-repetition-rate",
        note="1 - different recipients / messages; at least so many, where nobody says to whom some went",
        examples=("fires: 20 messages to 5 people: 0.75", "does not: 19 messages"),
    )
    relation = tg.Rule(
        id="msg.recipient-relation",
        title="Reported by somebody who writes to the account",
        on=(ReportFiled,),
        when=from_reporter_7d >= relation_least,
        given=~ReportFiled.reporter_id.is_null(),
        window="P7D",
        reason="{observed} messages from the reporter to the account within 7 days",
        source="msg.recipient-relation",
        note="other rules use the same figure at every message: the answer that makes a contact no cold one",
        examples=("fires: the reporter wrote two days ago", "does not: a report by a stranger"),
    )
