"""Messages that do not say to whom they go: counts of people are intervals, and a rule they do not settle is undecided."""

import pytest
from tests.policies.messenger.worlds import (
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    messages,
    profile,
    registered,
    report,
)

FP = "00ff00ff00ff00ff"
MARKS, REPETITION = "report.recipient-spam-mark-over-15pct", "msg.recipient-repetition-rate"
NEW_CONTACTS, STRANGERS = "msg.new-contacts-over-5-for-10min", "msg.new-account-non-contacts-over-30"
SAME, COLD = "bcast.same-content-over-20-strangers", "msg.cold-contact-batch-over-15"
CHAIN, FEW = "group.propagation-chain-create-ban", "msg.recipient-concentration-harassment"
PUSH = "screen.low-quality-marketing"
FARM, CROWD = "net.ip-over-30-senders-1h", "net.public-wifi-mass-send"


def unnamed(count, start=T0 + HOUR // 2, step=SECOND, **fields):
    """Messages of which nobody says to whom they go."""
    return [
        event("message_sent", start + i * step, **{"is_reply": False, "is_broadcast": False} | fields)
        for i in range(count)
    ]


def marks(count):
    """Reports for spam by so many of those who got messages."""
    return [report(T0 + HOUR + i * SECOND, f"b{i}", category="spam") for i in range(count)]


def strangers(count, start=T0, **fields):
    return messages(count, start, recipient_is_contact=False, **fields)


NEW = registered(HOUR)
MIX = {"is_promotional": True}
PLAIN = [profile(f"b{n}", labels={}) for n in range(20)]
FAKES = [profile(f"f{n}", labels={"fake-suspect": 1}) for n in range(4)]
WEB = [
    profile(market="IN"),
    *[event("group_profile", T0 - HOUR, None, group_id=f"g{n}", members=["p1", "p2"]) for n in range(3)],
    *[event("group_joined", T0 + n * 4 * HOUR, group_id=f"g{n}") for n in range(3)],
]


def post(ts, group, **fields):
    return event("message_sent", ts, group_id=group, content_fp=FP, **fields)


CASES = [
    (MARKS, "15 of 100", [messages(100), marks(15)], "rests"),
    (MARKS, "16 of 100", [messages(100), marks(16)], "fires"),
    (MARKS, "nobody says to whom", [unnamed(100), marks(16)], "undecided"),
    (MARKS, "3 of 20 mark, and one more may have got a message", [messages(20), unnamed(1), marks(3)], "rests"),
    (MARKS, "a fifth marks, of 20 and up to 10 more", [messages(20), unnamed(10), marks(4)], "undecided"),
    (MARKS, "half marks, of 20 and up to 10 more", [messages(20), unnamed(10), marks(10)], "fires"),
    (MARKS, "18 named, and two posts in a group", [messages(18), unnamed(2, group_id="g"), marks(9)], "rests"),
    (MARKS, "18 named, and two to nobody", [messages(18), unnamed(2, recipient_id=None), marks(9)], "rests"),
    (NEW_CONTACTS, "six nobody names", unnamed(6, recipient_is_contact=False), "undecided"),
    (NEW_CONTACTS, "five nobody names", unnamed(5, recipient_is_contact=False), "rests"),
    (NEW_CONTACTS, "five, and one nobody names", [strangers(5), unnamed(1, T0 + MINUTE, recipient_is_contact=False)], "undecided"),
    (NEW_CONTACTS, "four, and one nobody names", [strangers(4), unnamed(1, T0 + MINUTE, recipient_is_contact=False)], "rests"),
    (NEW_CONTACTS, "one nobody names, and six", [unnamed(1, T0 - 1, recipient_is_contact=False), strangers(6)], "fires"),
    (NEW_CONTACTS, "six answers nobody names", unnamed(6, recipient_is_contact=False, is_reply=True), "rests"),
    (NEW_CONTACTS, "six posts in groups", unnamed(6, group_id="g"), "rests"),
    (NEW_CONTACTS, "fifteen to five people, contacts or not", [messages(5, T0 + k * MINUTE) for k in range(3)], "rests"),
    (NEW_CONTACTS, "twelve to six people, contacts or not", [messages(6, T0 + k * MINUTE) for k in range(2)], "undecided"),
    (NEW_CONTACTS, "to five twice, first strangers, then nobody knows", [strangers(5), messages(5, T0 + MINUTE)], "rests"),
    (NEW_CONTACTS, "twelve to five people, and one nobody names", [messages(5), messages(5, T0 + MINUTE), unnamed(1, T0 + 2 * MINUTE)], "undecided"),
    (NEW_CONTACTS, "eight to four people, and one nobody names", [messages(4), messages(4, T0 + MINUTE), unnamed(1, T0 + 2 * MINUTE)], "rests"),
    (STRANGERS, "60 to 30 people, contacts or not", [NEW, messages(30), messages(30, T0 + MINUTE)], "rests"),
    (STRANGERS, "62 to 31 people, contacts or not", [NEW, messages(31), messages(31, T0 + MINUTE)], "undecided"),
    (STRANGERS, "31 nobody names", [NEW, unnamed(31, recipient_is_contact=False)], "undecided"),
    (STRANGERS, "30 nobody names", [NEW, unnamed(30, recipient_is_contact=False)], "rests"),
    (STRANGERS, "31 contacts nobody names", [NEW, unnamed(31, recipient_is_contact=True)], "rests"),
    (STRANGERS, "31 posts in a group", [NEW, unnamed(31, group_id="g")], "rests"),
    (STRANGERS, "30, then one nobody names", [NEW, strangers(30), unnamed(1, recipient_is_contact=False)], "undecided"),
    (STRANGERS, "30, then a post in a group", [NEW, strangers(30), unnamed(1, group_id="g")], "rests"),
    (SAME, "21 nobody names", unnamed(21, content_fp=FP), "undecided"),
    (SAME, "20 nobody names", unnamed(20, content_fp=FP), "rests"),
    (SAME, "20, then one nobody names", [strangers(20, content_fp=FP), unnamed(1, content_fp=FP)], "undecided"),
    (SAME, "20, then one of another content", [strangers(20, content_fp=FP), unnamed(1, content_fp="ff" * 8)], "rests"),
    (SAME, "one nobody names, then 21", [unnamed(1, T0 - 1, content_fp=FP), strangers(21, content_fp=FP)], "fires"),
    (SAME, "21 posts in a group", unnamed(21, content_fp=FP, group_id="g"), "rests"),
    (SAME, "21 to nobody", unnamed(21, content_fp=FP, recipient_id=None), "rests"),
    (SAME, "21 of a batch nobody names", unnamed(21, batch_id="x", content_fp=None), "undecided"),
    (SAME, "11, and 10 of which nobody says what they say", [strangers(10, content_fp=FP), strangers(10, T0 + MINUTE, to="c{}"), strangers(1, T0 + HOUR // 2, to="z", content_fp=FP)], "undecided"),
    (SAME, "11, and 9 of which nobody says what they say", [strangers(10, content_fp=FP), strangers(9, T0 + MINUTE, to="c{}"), strangers(1, T0 + HOUR // 2, to="z", content_fp=FP)], "rests"),
    (SAME, "11, and 10 that have no content on record", [strangers(10, content_fp=FP), strangers(10, T0 + MINUTE, to="c{}", content_fp=None), strangers(1, T0 + HOUR // 2, to="z", content_fp=FP)], "rests"),
    (SAME, "11, and 10 to contacts of which nobody says what they say", [strangers(10, content_fp=FP), messages(10, T0 + MINUTE, to="c{}", recipient_is_contact=True), strangers(1, T0 + HOUR // 2, to="z", content_fp=FP)], "rests"),
    (COLD, "16 nobody names", unnamed(16, content_fp=FP), "undecided"),
    (COLD, "15 nobody names", unnamed(15, content_fp=FP), "rests"),
    (CHAIN, "two groups, and one that is not said", [WEB, post(T0 + 9 * HOUR, "g0"), event("message_sent", T0 + 9 * HOUR + 1, content_fp=FP), post(T0 + 10 * HOUR, "g1")], "undecided"),
    (CHAIN, "two groups, and a person", [WEB, post(T0 + 9 * HOUR, "g0"), messages(1, T0 + 9 * HOUR + 1, content_fp=FP), post(T0 + 10 * HOUR, "g1")], "rests"),
    (CHAIN, "three groups, and one that is not said", [WEB, post(T0 + 9 * HOUR, "g0"), event("message_sent", T0 + 9 * HOUR + 1, content_fp=FP), post(T0 + 10 * HOUR, "g1"), post(T0 + 11 * HOUR, "g2")], "fires"),
    (CHAIN, "two groups, and a post of which nobody says what it says", [WEB, post(T0 + 9 * HOUR, "g0"), event("message_sent", T0 + 9 * HOUR + 1, group_id="g2"), post(T0 + 10 * HOUR, "g1")], "undecided"),
    (FEW, "nobody says to whom", unnamed(40), "undecided"),
    (FEW, "nearly half to one, a fifth to nobody knows whom", [messages(8, to="b"), messages(8), unnamed(4)], "undecided"),
    (FEW, "nearly all to one, one to nobody knows whom", [messages(30, to="b"), unnamed(1)], "fires"),
    (FEW, "to different people, and a few to nobody knows whom", [messages(30), unnamed(9)], "rests"),
    (FEW, "to posts in groups", [messages(30), unnamed(30, group_id="g")], "rests"),
    (PUSH, "four fakes of 20", [PLAIN, FAKES, messages(16, **MIX), messages(4, T0 + MINUTE, to="f{}", **MIX)], "fires"),
    (PUSH, "three fakes of 20", [PLAIN, FAKES, messages(17, **MIX), messages(3, T0 + MINUTE, to="f{}", **MIX)], "rests"),
    (PUSH, "three of 19, and one that nobody names", [PLAIN, FAKES, messages(16, **MIX), unnamed(1, T0 + 30 * SECOND, **MIX), messages(3, T0 + MINUTE, to="f{}", **MIX)], "undecided"),
    (PUSH, "three of 19, and one that may be no promotion", [PLAIN, FAKES, messages(16, **MIX), messages(1, T0 + 30 * SECOND, to="z"), messages(3, T0 + MINUTE, to="f{}", **MIX)], "undecided"),
    (PUSH, "three of 19, and a post in a group", [PLAIN, FAKES, messages(16, **MIX), unnamed(1, T0 + 30 * SECOND, group_id="g", **MIX), messages(3, T0 + MINUTE, to="f{}", **MIX)], "rests"),
]  # fmt: skip


def sent_from(count, start=T0, account="s{}"):
    """Messages from one address, `{}` in `account` is their number; None: nobody says who sent them."""
    return [
        event(
            "message_sent",
            start + i,
            account and account.format(i),
            ip="i",
            recipient_id="b",
            network_type="wifi",
        )
        for i in range(count)
    ]


CASES += [
    (FARM, "31 that nobody names", sent_from(31, account=None), "undecided"),
    (FARM, "30 that nobody names", sent_from(30, account=None), "rests"),
    (FARM, "30, and one that nobody names", [sent_from(30), sent_from(1, T0 + MINUTE, None)], "undecided"),
    (FARM, "29, and one that nobody names", [sent_from(29), sent_from(1, T0 + MINUTE, None)], "rests"),
    (FARM, "one that nobody names, and 31", [sent_from(1, T0 - 1, None), sent_from(31)], "fires"),
    (CROWD, "31 that nobody names", [e | {"network_type": "public_wifi"} for e in sent_from(31, account=None)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_case(table, number):
    assert table.outcome(number) == table.cases[number][3]
