"""Writing to people who do not know the sender."""

from collections.abc import Callable

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.expr import Expr
from tidegate.features.stream import Keyed
from tidegate.policies.messenger import sanctions
from tidegate.policies.messenger.account import FIRST_DAY, in_first_day, since_registration
from tidegate.policies.messenger.acquaintance import added, is_cold, is_reply, to_somebody
from tidegate.policies.messenger.doubt import in_doubt
from tidegate.policies.messenger.modifiers import SENDING


def _people(condition: Expr, windowed: Callable[[Keyed], Expr]) -> Expr:
    """Return of how many different people it holds: between those of whom it does for sure, and all of whom it may."""
    surely = tg.events(MessageSent).where(condition.or_else(False))  # noqa: FBT003  an operand
    named = surely.distinct(MessageSent.recipient_id).per(MessageSent.account_id)
    return tg.least(windowed(named) + windowed(_doubtful(condition)), _at_most(condition, windowed))


def _doubtful(condition: Expr) -> Keyed:
    """Count none, or up to as many as the messages of which it is not known whether it holds."""
    return tg.events(MessageSent).where(in_doubt(condition)).count().per(MessageSent.account_id)


def _at_most(condition: Expr, windowed: Callable[[Keyed], Expr]) -> Expr:
    """Return how many people it may hold of: those named, each once, and one more for each message that names nobody."""
    is_named = MessageSent.recipient_id.is_known()
    may_hold = tg.events(MessageSent).where(condition.or_else(True) & is_named)  # noqa: FBT003  an operand
    named = may_hold.distinct(MessageSent.recipient_id).per(MessageSent.account_id)
    return windowed(named) + windowed(_doubtful(condition & ~is_named))


class StrangerOutreach(tg.RuleSet):
    """Writing to people who do not know the sender."""

    area = "messaging"

    strangers_limit = tg.Parameter(
        30, low=3, high=300, unit="people", why="nobody knows so few of those one writes to on the first day",
        source="msg.new-account-non-contacts-over-30",
    )  # fmt: skip

    new_contacts_limit = tg.Parameter(
        5, low=1, high=100, unit="contacts", why="more than five in ten minutes", source="msg.new-contacts-over-5-for-10min"
    )  # fmt: skip

    cold_limit = tg.Parameter(
        4, low=0.5, high=60, unit="messages/min", why="half of the 8 a minute that may go on", source="msg.cold-contact-threshold-minus-50pct"
    )  # fmt: skip

    # asked on the first day only, so that nothing of later days need be kept
    _is_early = in_first_day.or_else(True)  # noqa: FBT003  an operand
    _is_stranger = to_somebody & ~MessageSent.recipient_is_contact & _is_early
    people_24h = _people(_is_stranger, lambda keyed: since_registration(keyed, FIRST_DAY))

    _is_new = to_somebody & (~MessageSent.recipient_is_contact | (tg.age(added) < tg.days(1).ms)) & ~is_reply
    people_10m = _people(_is_new, lambda keyed: keyed.over(tg.minutes(10)))

    cold_1m = tg.events(MessageSent).where(is_cold).count().per(MessageSent.account_id).over(tg.minutes(1))

    new_account = tg.Rule(
        id="msg.new-account-non-contacts-over-30",
        title="New account writes to more than 30 strangers in its first 24 hours",
        on=(MessageSent,),
        when=people_24h > strangers_limit,
        given=in_first_day,
        window="PT24H",
        prior=tg.Prior(0.72, group="new-contact-limits", source="msg.new-account-non-contacts-over-30"),
        reason="{observed} different people outside the contacts in the first 24 hours; limit {limit}",
        source="msg.new-account-non-contacts-over-30",
        note="the first 24 hours begin with the registration, or the newest, and end exactly a day after; answers to strangers count too, as the row says nothing of them",
        examples=("fires: 31 different strangers", "does not: 90 messages to 30 strangers"),
    )
    new_contacts = tg.Rule(
        id="msg.new-contacts-over-5-for-10min",
        title="Messages to more than 5 new contacts in 10 minutes",
        on=(MessageSent,),
        when=people_10m > new_contacts_limit,
        window="PT10M",
        measures=(tg.Measure(sanctions.FUNCTION_RESTRICTION, capability=("send",)),),
        reason="{observed} new contacts written to in 10 minutes; limit {limit}",
        source="msg.new-contacts-over-5-for-10min",
        note="new is who is no contact (neither in the address book nor ever answered) or was added within 24 hours; different"
        " people, a plain count over the ten minutes, one message each is enough; answers are no outreach",
        examples=("fires: the sixth new contact within 10 minutes", "does not: twenty messages to five new contacts"),
    )  # fmt: skip
    cold = tg.Rule(
        id="msg.cold-contact-threshold-minus-50pct",
        title="More than 4 messages a minute to people who are no contacts: a warning",
        on=(MessageSent,),
        when=cold_1m > cold_limit,
        window="PT1M",
        modifiers=SENDING,
        reason="{observed} messages in a minute to people who are no contacts and have not written; limit {limit}",
        source="msg.cold-contact-threshold-minus-50pct",
        note="a warning, nothing follows; the soft limit of five minutes is halved where the event itself says that it is no contact. Cold is who is no contact, as the"
        " event says, else by the address book of the last 30 days, has not written for 7 days, and is not being answered; 4 for"
        " every tier, moved by sending factors; members of a group are nobody's cold contact",
        examples=("fires: the fifth such message within a minute", "does not: the fourth"),
    )  # fmt: skip
