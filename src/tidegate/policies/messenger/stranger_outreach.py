"""Writing to people who do not know the sender."""

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.policies.messenger.account import in_first_day


class StrangerOutreach(tg.RuleSet):
    """Writing to people who do not know the sender."""

    area = "messaging"

    strangers_limit = tg.Parameter(
        30, low=3, high=300, unit="people", why="nobody knows so few of those one writes to on the first day",
        source="msg.new-account-non-contacts-over-30",
    )  # fmt: skip

    strangers_24h = (
        tg.events(MessageSent)
        .where(~MessageSent.recipient_is_contact)
        .distinct(MessageSent.recipient_id)
        .per(MessageSent.account_id)
        .over(tg.hours(24))
    )

    new_account = tg.Rule(
        id="msg.new-account-non-contacts-over-30",
        title="New account writes to more than 30 strangers in its first 24 hours",
        on=(MessageSent,),
        when=strangers_24h > strangers_limit,
        given=in_first_day,
        window="PT24H",
        prior=tg.Prior(0.72, group="new-contact-limits", source="msg.new-account-non-contacts-over-30"),
        reason="{observed} different people outside the contacts in the first 24 hours; limit {limit}",
        source="msg.new-account-non-contacts-over-30",
        examples=("fires: 31 different strangers", "does not: 90 messages to 30 strangers"),
    )
