"""Address books filled with people the account does not know."""

import tidegate as tg
from tidegate.events import ContactAdded
from tidegate.policies.messenger.account import in_first_day


class ContactHarvesting(tg.RuleSet):
    """Address books filled with people the account does not know."""

    area = "contacts"

    hour_limit = tg.Parameter(
        20, low=2, high=500, unit="contacts", why="more than twenty an hour", source="contact.over-20-new-per-hour"
    )  # fmt: skip
    unknown_limit = tg.Parameter(
        30, low=2, high=500, unit="contacts", why="more than thirty strangers on the first day",
        source="contact.new-account-over-30-unknown",
    )  # fmt: skip

    added_1h = tg.events(ContactAdded).count().per(ContactAdded.account_id).over(tg.hours(1))
    unknown_24h = (
        tg.events(ContactAdded)
        .where(~ContactAdded.is_known)
        .distinct(ContactAdded.contact_id)
        .per(ContactAdded.account_id)
        .over(tg.hours(24))
    )

    hourly = tg.Rule(
        id="contact.over-20-new-per-hour",
        title="More than 20 contacts added in an hour",
        on=(ContactAdded,),
        when=added_1h > hour_limit,
        window="PT1H",
        labels=(tg.Label("abnormal-sending"),),
        reason="{observed} contacts added in an hour; limit {limit}",
        source="contact.over-20-new-per-hour",
        note="the first address book of a new phone comes as a whole: a client should not send it as single events",
        examples=("fires: the 21st contact within an hour", "does not: the 20th contact"),
    )
    strangers = tg.Rule(
        id="contact.new-account-over-30-unknown",
        title="New account adds more than 30 strangers in its first 24 hours",
        on=(ContactAdded,),
        when=unknown_24h > unknown_limit,
        given=in_first_day,
        window="PT24H",
        labels=(tg.Label("first-risk-mark"),),
        reason="{observed} strangers added in the first 24 hours; limit {limit}",
        source="contact.new-account-over-30-unknown",
        examples=("fires: the 31st stranger", "does not: 60 people it knows"),
    )
