"""Address books filled with people the account does not know, or carried off."""

import tidegate as tg
from tidegate.events import ContactAdded, ContactsExported
from tidegate.policies.messenger.account import FIRST_DAY, age, in_first_day, since_registration


class ContactHarvesting(tg.RuleSet):
    """Address books filled with people the account does not know, or carried off."""

    area = "contacts"

    hour_limit = tg.Parameter(
        20, low=2, high=500, unit="contacts", why="more than twenty an hour", source="contact.over-20-new-per-hour"
    )  # fmt: skip
    unknown_limit = tg.Parameter(
        30, low=2, high=500, unit="contacts", why="more than thirty strangers on the first day",
        source="contact.new-account-over-30-unknown",
    )  # fmt: skip

    bulk = tg.Parameter(
        50, low=5, high=10_000, unit="contacts", why="more than anybody carries over by hand", source="contact.bulk-export",
        assumed=True,
    )  # fmt: skip

    first_sync = tg.Parameter(
        5, low=0, high=60, unit="minutes", why="the address book of a new phone comes as a whole, hundreds at once",
        source="contact.over-20-new-per-hour", assumed=True,
    )  # fmt: skip

    _in_first_sync = (age < first_sync * tg.minutes(1).ms).or_else(False)  # noqa: FBT003  an operand
    added_1h = (
        tg.events(ContactAdded)
        .where(~_in_first_sync)
        .distinct(ContactAdded.contact_id)
        .per(ContactAdded.account_id)
        .over(tg.hours(1))
    )
    unknown_24h = since_registration(
        tg.events(ContactAdded)
        .where(~ContactAdded.is_known)
        .distinct(ContactAdded.contact_id)
        .per(ContactAdded.account_id),
        FIRST_DAY,
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
        note="different people: who is added, taken out and added again is one; who is added in the first 5 minutes after"
        " registration does not count: the address book of a new phone",
        examples=(
            "fires: the 21st contact within an hour",
            "does not: 300 contacts a minute after registration",
        ),
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
        note="different people; the first 24 hours begin with the registration, or the newest, and end exactly a day after",
        examples=("fires: the 31st stranger", "does not: 60 people it knows"),
    )
    exported = tg.Rule(
        id="contact.bulk-export",
        title="Contacts exported in bulk",
        on=(ContactsExported,),
        when=ContactsExported.count > bulk,
        reason="{observed} contacts exported at once; in bulk above {limit}",
        source="contact.bulk-export",
        note="put on record, nothing follows by itself: who changes phones exports all; `bulk` is not stated, and of how many"
        " contacts there are the event says nothing",
        examples=("fires: 51 contacts at once", "does not: 50 contacts"),
    )
