"""Who is a stranger: what the event says, else what passed between the two."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    at,
    business,
    event,
    last,
    message,
    messages,
    profile,
    stable,
)

COLD = "msg.cold-contact-threshold-minus-50pct"
NEW = "msg.new-contacts-over-5-for-10min"
BATCH = "msg.cold-contact-batch-over-15"
NIGHT = at("2026-03-03T02:00:00+00:00")


def heard_from(*people, ago=DAY):
    return [event("message_received", T0 - ago, from_id=who) for who in people]


def added(count, ago):
    return [event("contact_added", T0 - ago, contact_id=f"b{n}") for n in range(count)]


def same(count, **fields):
    return messages(count, step=MINUTE, content_fp="00000000000000aa", **fields)


CASES = [
    (COLD, "under", messages(3), "rests"),
    (COLD, "at", messages(4), "rests"),
    (COLD, "over", messages(5), "fires"),
    (COLD, "no contacts, as the event says", messages(5, recipient_is_contact=False), "fires"),
    (COLD, "contacts, as the event says", messages(5, recipient_is_contact=True), "rests"),
    (COLD, "a fifth a minute after the first", messages(5, step=15 * SECOND), "rests"),
    (COLD, "over midnight", messages(5, start=at("2026-03-02T23:59:57+00:00")), "fires"),
    (COLD, "one of them wrote six days ago", [heard_from("b0", ago=6 * DAY), messages(5)], "rests"),
    (COLD, "one of them wrote exactly a week ago", [heard_from("b0", ago=7 * DAY), messages(5)], "fires"),
    (COLD, "one of them in the address book", [added(1, 20 * DAY), messages(5)], "rests"),
    (COLD, "who is no contact now, whatever was added", [added(5, DAY), messages(5, recipient_is_contact=False)], "fires"),
    (COLD, "answers", messages(5, is_reply=True), "rests"),
    (COLD, "posts in a group", messages(5, group_id="g"), "rests"),
    (COLD, "nobody is named", [*messages(5, to="b"), message(T0 + 9 * SECOND, None)], "fires"),
    (COLD, "posts to nobody", [message(T0 + n, None) for n in range(9)], "rests"),
    (COLD, "four for a business too", [business(), messages(5)], "fires"),
    (COLD, "three at night", [stable(tz="UTC"), messages(3, NIGHT)], "fires"),
    (NEW, "added within the day", [added(6, 23 * HOUR), messages(6, recipient_is_contact=True)], "fires"),
    (NEW, "added a day ago", [added(6, DAY), messages(6, recipient_is_contact=True)], "rests"),
    (NEW, "six of whom nothing is said", messages(6), "undecided"),
    (NEW, "five of whom nothing is said", messages(5), "rests"),
    (NEW, "one that is new, five of whom nothing is said", [message(T0 - MINUTE, "z", recipient_is_contact=False), messages(5)], "undecided"),
    (NEW, "nothing is said, but they are answered", messages(6, is_reply=True), "rests"),
    (BATCH, "no contacts, silent for a week", same(16, recipient_is_contact=False), "fires"),
    (BATCH, "no contact, but it wrote", [heard_from("b3", ago=2 * DAY), same(16, recipient_is_contact=False)], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_the_warning_restrains_nobody():
    seen = last([profile(), messages(5)])
    assert (seen.fired[COLD]["observed"], seen.fired[COLD]["limit"]) == (5, 4)
    assert (seen.verdict, seen.score, seen.sanctions, seen.labels) == ("allow", 0, [], [])
