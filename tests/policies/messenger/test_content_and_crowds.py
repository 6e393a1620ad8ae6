"""New contacts, quiet groups, fraud content, crowds behind one address, weights: boundary cases as events in and decisions out."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    T0,
    Table,
    event,
    last,
    message,
    messages,
    outcome,
    registered,
    stable,
)

from tidegate.policies.messenger.weighted_volume import WeightedVolume

NEW_CONTACTS = "msg.new-contacts-over-5-for-10min"
QUIET = "msg.group-inactive-over-40pct"
MERCHANT = "msg.merchant-example-68-in-1h"
OUTREACH = "msg.low-interaction-equivalence"
WEIGHTED = "msg.weighted-volume"
SENSITIVE = "content.sensitive-fraud-links"
KEYWORDS = "content.sea-fraud-keywords-over-5-day"
SENDERS = "net.ip-over-30-senders-1h"
PUBLIC = "net.public-wifi-mass-send"


def strangers(count, step=100 * SECOND, start=T0, **fields):
    return messages(count, start, step, to="n{}", **{"recipient_is_contact": False} | fields)


def added(count, ts=T0):
    return [event("contact_added", ts, contact_id=f"n{i}") for i in range(count)]


def group(ts=T0 - HOUR, **fields):
    return event("group_profile", ts, None, group_id="g", **fields)


def to_group(ts=T0, **fields):
    return message(ts, None, group_id="g", **fields)


def promotions(count, links, **fields):
    """Within an hour so many promotions, the first of them with links."""
    return [
        messages(links, T0, 50 * SECOND, is_promotional=True, link_hashes=["l"], **fields),
        messages(count - links, T0 + 25 * SECOND, 50 * SECOND, is_promotional=True, link_hashes=[], **fields),
    ]


def keywords(count, market, **fields):
    return [
        stable(market=market),
        messages(count, step=3 * HOUR, **{"keyword_classes": ["transfer"]} | fields),
    ]


def senders(count, step=MINUTE, **fields):
    return [message(T0 + i * step, account=f"s{i}", ip="i", **fields) for i in range(count)]


def listed(link="l", *, malicious=True):
    return event("link_profile", T0 - HOUR, None, link_hash=link, malicious=malicious)


CASES = [
    (NEW_CONTACTS, "under", strangers(4), "rests"),
    (NEW_CONTACTS, "at", strangers(5), "rests"),
    (NEW_CONTACTS, "over", strangers(6), "fires"),
    (NEW_CONTACTS, "the sixth ten minutes after the first", strangers(6, 2 * MINUTE), "rests"),
    (NEW_CONTACTS, "a millisecond before", [strangers(5, 2 * MINUTE), message(T0 + 10 * MINUTE - 1, "n6", recipient_is_contact=False)], "fires"),
    (NEW_CONTACTS, "old contacts", strangers(6, recipient_is_contact=True), "rests"),
    (NEW_CONTACTS, "contacts added within a day", [added(6, T0 - 23 * HOUR), strangers(6, recipient_is_contact=True)], "fires"),
    (NEW_CONTACTS, "contacts added two days ago", [added(6, T0 - 2 * DAY), strangers(6, recipient_is_contact=True)], "rests"),
    (NEW_CONTACTS, "just added, all else not known", [added(6, T0 - HOUR), strangers(6, recipient_is_contact=True)], "fires"),
    (NEW_CONTACTS, "people who are on no record as contacts", strangers(6, recipient_is_contact=None), "fires"),
    (NEW_CONTACTS, "twenty messages to five", [strangers(5)] * 4, "rests"),
    (NEW_CONTACTS, "answers", strangers(6, is_reply=True), "rests"),
    (NEW_CONTACTS, "across midnight", [strangers(3, SECOND, T0 + 14 * HOUR + 29 * MINUTE + 57 * SECOND), messages(3, T0 + 14 * HOUR + 30 * MINUTE, to="m{}", recipient_is_contact=False)], "fires"),
    (NEW_CONTACTS, "contact or not is not known", [strangers(5), message(T0 + 9 * MINUTE)], "undecided"),
    (NEW_CONTACTS, "not known, but too few", [strangers(4), message(T0 + 9 * MINUTE)], "rests"),
    (QUIET, "under: 39 %", [group(size=100, active_members_72h=61), to_group()], "rests"),
    (QUIET, "at: 40 %", [group(size=100, active_members_72h=60), to_group()], "rests"),
    (QUIET, "over: 41 %", [group(size=100, active_members_72h=59), to_group()], "fires"),
    (QUIET, "2 of 5 inactive", [group(size=5, active_members_72h=3), to_group()], "rests"),
    (QUIET, "activity not known", [group(size=100), to_group()], "undecided"),
    (QUIET, "no activity on record", [group(size=100, active_members_72h=None), to_group()], "rests"),
    (QUIET, "an empty group", [group(size=0, active_members_72h=0), to_group()], "rests"),
    (QUIET, "a message to one person", [group(size=100, active_members_72h=1), message(T0)], "rests"),
    (QUIET, "neither a group nor a person is named", [event("message_sent", T0)], "undecided"),
    (QUIET, "no group, known", [group(size=100, active_members_72h=1), message(T0, group_id=None)], "rests"),
    (QUIET, "the profile knows better by now", [group(size=100, active_members_72h=59), group(T0 - MINUTE, active_members_72h=90), to_group()], "rests"),
    (MERCHANT, "under: 67 promotions", promotions(67, 40), "rests"),
    (MERCHANT, "at", promotions(68, 40), "fires"),
    (MERCHANT, "over", promotions(69, 41), "fires"),
    (MERCHANT, "39 with links", promotions(68, 39), "rests"),
    (MERCHANT, "an hour after the first", [promotions(67, 40), message(T0 + HOUR, is_promotional=True, link_hashes=[])], "rests"),
    (WEIGHTED, "99 texts", messages(99, step=500, message_type="text"), "rests"),
    (WEIGHTED, "100 texts", messages(100, step=500, message_type="text"), "rests"),
    (WEIGHTED, "3 pictures and 76 texts: exactly 10", [messages(3, step=500, message_type="image"), messages(76, T0 + 250, 500)], "rests"),
    (WEIGHTED, "10 messages with links", messages(10, message_type="link"), "fires"),
    (WEIGHTED, "5 forwards of depth 6", messages(5, is_forward=True, forward_depth=6), "rests"),
    (WEIGHTED, "5 forwards of depth 6 and a text", [messages(5, is_forward=True, forward_depth=6), message(T0 + 6 * SECOND)], "fires"),
    (WEIGHTED, "6 forwards of depth 5: 9.0", messages(6, is_forward=True, forward_depth=5), "rests"),
    (OUTREACH, "under: 24 to contacts", messages(24, recipient_is_contact=True), "rests"),
    (OUTREACH, "at: 25 to contacts", messages(25, recipient_is_contact=True), "fires"),
    (OUTREACH, "over: 26 to contacts", messages(26, recipient_is_contact=True), "fires"),
    (OUTREACH, "5 to strangers", messages(5, recipient_is_contact=False), "rests"),
    (OUTREACH, "6 to strangers", messages(6, recipient_is_contact=False), "fires"),
    (OUTREACH, "6 to people who are on no record as contacts", messages(6, recipient_is_contact=None), "fires"),
    (OUTREACH, "5 to strangers and 4 to contacts", [messages(5, recipient_is_contact=False), messages(4, T0 + 9 * SECOND, recipient_is_contact=True)], "rests"),
    (OUTREACH, "5 to strangers and 5 to contacts", [messages(5, recipient_is_contact=False), messages(5, T0 + 9 * SECOND, recipient_is_contact=True)], "fires"),
    (SENSITIVE, "under: nothing", [message(T0, link_hashes=[], keyword_classes=[])], "rests"),
    (SENSITIVE, "at: a listed link", [listed(), message(T0, link_hashes=["l"], keyword_classes=[])], "fires"),
    (SENSITIVE, "a listed link alone", [listed(), message(T0, link_hashes=["l"])], "fires"),
    (SENSITIVE, "at: a sensitive class", [message(T0, keyword_classes=["fraud"], link_hashes=[])], "fires"),
    (SENSITIVE, "a sensitive class alone", [message(T0, keyword_classes=["phishing"])], "fires"),
    (SENSITIVE, "everyday words, others in a message of the same moment", [message(T0, message_id="m", keyword_classes=["discount", "transfer"], link_hashes=[]), message(T0, message_id="n", keyword_classes=["discount", "discount"], link_hashes=[])], "rests"),
    (SENSITIVE, "everyday words, and a sensitive class, in messages of one moment", [message(T0, keyword_classes=["discount", "transfer"], link_hashes=[]), message(T0, keyword_classes=["discount", "fraud"], link_hashes=[])], "fires"),
    (SENSITIVE, "everyday words twice, others in a message of the same moment", [message(T0, keyword_classes=["discount", "discount", "transfer"], link_hashes=[]), message(T0, keyword_classes=["transfer", "transfer"], link_hashes=[])], "rests"),
    (SENSITIVE, "over: both", [listed(), message(T0, link_hashes=["l", "m"], keyword_classes=["fraud"])], "fires"),
    (SENSITIVE, "one of two links", [listed(), listed("m", malicious=False), message(T0, link_hashes=["m", "l"], keyword_classes=[])], "fires"),
    (SENSITIVE, "a link that is cleared", [listed(malicious=False), message(T0, link_hashes=["l"], keyword_classes=[])], "rests"),
    (SENSITIVE, "a link that is on no list", [message(T0, link_hashes=["l"], keyword_classes=[])], "undecided"),
    (SENSITIVE, "a link that is cleared and one that is on no list", [listed(malicious=False), message(T0, link_hashes=["l", "m"], keyword_classes=[])], "undecided"),
    (SENSITIVE, "a link that is cleared and one of which a profile does not tell", [listed(malicious=False), event("link_profile", T0 - HOUR, None, link_hash="m"), message(T0, link_hashes=["m", "l"], keyword_classes=[])], "undecided"),
    (SENSITIVE, "two links that are cleared", [listed(malicious=False), listed("m", malicious=None), message(T0, link_hashes=["l", "m"], keyword_classes=[])], "rests"),
    (SENSITIVE, "a listed link and one that is on no list", [listed(), message(T0, link_hashes=["m", "l"], keyword_classes=[])], "fires"),
    (SENSITIVE, "everyday words", [message(T0, link_hashes=[], keyword_classes=["discount", "transfer"])], "rests"),
    (SENSITIVE, "nothing is known", [message(T0)], "undecided"),
    (SENSITIVE, "none on record", [message(T0, link_hashes=None, keyword_classes=None)], "rests"),
    (SENSITIVE, "a listed link, no classes on record", [listed(), message(T0, link_hashes=["l"], keyword_classes=None)], "fires"),
    (SENSITIVE, "listed later", [message(T0 - 2 * HOUR, link_hashes=["l"], keyword_classes=[])], "undecided"),
    (KEYWORDS, "under", keywords(4, "VN"), "rests"),
    (KEYWORDS, "at", keywords(5, "VN"), "rests"),
    (KEYWORDS, "over", keywords(6, "VN"), "fires"),
    (KEYWORDS, "Germany", keywords(6, "DE"), "rests"),
    (SENSITIVE, "two words of an everyday class", [message(T0, link_hashes=[], keyword_classes=["discount", "discount"])], "rests"),
    (SENSITIVE, "an everyday class twice, and one that is not", [message(T0, link_hashes=[], keyword_classes=["discount", "fraud", "discount"])], "fires"),
    (KEYWORDS, "two classes are one message", keywords(5, "VN", keyword_classes=["discount", "transfer"]), "rests"),
    (KEYWORDS, "no class", keywords(6, "VN", keyword_classes=[]), "rests"),
    (KEYWORDS, "of one the classes are not known", [keywords(5, "VN"), message(T0 + 20 * HOUR)], "undecided"),
    (KEYWORDS, "of one the classes are not known, elsewhere", [keywords(5, "DE"), message(T0 + 20 * HOUR)], "rests"),
    (KEYWORDS, "of one there are no classes on record", [keywords(5, "VN"), message(T0 + 20 * HOUR, keyword_classes=None)], "rests"),
    (KEYWORDS, "market not known", [messages(6, keyword_classes=["fraud"])], "undecided"),
    (KEYWORDS, "market of the number", [registered(DAY, number="n", number_country="TH"), messages(6, keyword_classes=["fraud"])], "fires"),
    (KEYWORDS, "the first is a day old", [stable(market="ID"), messages(5, T0, HOUR, keyword_classes=["fraud"]), message(T0 + DAY, keyword_classes=["fraud"])], "rests"),
    (KEYWORDS, "across midnight", [stable(market="ID", tz="Asia/Jakarta"), messages(6, T0, 4 * HOUR, keyword_classes=["fraud"])], "fires"),
    (SENDERS, "under", senders(29), "rests"),
    (SENDERS, "at", senders(30), "rests"),
    (SENDERS, "over", senders(31), "fires"),
    (SENDERS, "90 messages of 30 senders", [senders(30)] * 3, "rests"),
    (SENDERS, "the first an hour ago", [senders(30), message(T0 + HOUR, account="x", ip="i")], "rests"),
    (SENDERS, "the first a millisecond less", [senders(30), message(T0 + HOUR - 1, account="x", ip="i")], "fires"),
    (SENDERS, "another address", [senders(30), message(T0 + 40 * MINUTE, account="x", ip="j")], "rests"),
    (SENDERS, "an address known to be shared", [event("ip_profile", T0 - DAY, None, ip="i", is_shared=True), senders(31)], "rests"),
    (SENDERS, "an address known not to be", [event("ip_profile", T0 - DAY, None, ip="i", is_shared=False), senders(31)], "fires"),
    (SENDERS, "no address", [message(T0)], "undecided"),
    (PUBLIC, "a crowd", [event("ip_profile", T0 - DAY, None, ip="i", is_shared=True), senders(31)], "fires"),
    (PUBLIC, "a public network", senders(31, network_type="public_wifi"), "fires"),
    (PUBLIC, "few", senders(30, network_type="public_wifi"), "rests"),
    (PUBLIC, "nobody calls it shared", senders(31), "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_writing_to_new_contacts_restricts_sending_for_a_day():
    seen = last([stable(), strangers(6)])
    (measure,) = [s for s in seen.sanctions if s["cause"] == NEW_CONTACTS]
    assert (measure["sanction"], measure["capability"]) == ("sanction.function-restriction", ["send"])
    assert (seen.verdict, seen.retry_after_s) == ("deny", 86400)
    assert seen.fired[NEW_CONTACTS]["observed"] == 6


def test_the_merchant_is_warned_and_suspended():
    seen = last([stable(), promotions(68, 40)])
    assert seen.verdict == "deny"
    assert "abnormal-sending" in seen.labels
    assert [s["sanction"] for s in seen.sanctions] == ["sanction.send-suspend-2h"]


WEIGHTS = [
    (
        "40 links and 28 texts",
        [messages(40, step=500, message_type="link"), messages(28, T0 + 250, 500)],
        50.8,
    ),
    ("11 links", messages(11, message_type="link"), 13.2),
    ("several links count once", messages(10, message_type="text", link_hashes=["l", "m", "n"]), 12.0),
    ("14 pictures", messages(14, message_type="image"), 11.2),
    ("a recording weighs as a picture", messages(14, message_type="other"), 11.2),
    ("8 forwards", messages(8, is_forward=True), 12.0),
    ("forwarded pictures: the greater", messages(8, message_type="image", is_forward=True), 12.0),
    (
        "a chain with links: the greater",
        messages(6, link_hashes=["l"], is_forward=True, forward_depth=6),
        12.0,
    ),
    ("depth without a forward", messages(9, message_type="link", is_forward=False, forward_depth=9), 10.8),
]


@pytest.mark.parametrize(("world", "weight"), [pytest.param(w, n, id=name) for name, w, n in WEIGHTS])
def test_messages_weigh_what_they_carry(world, weight):
    assert last([stable(), world]).fired[WEIGHTED]["observed"] == weight


def test_a_coefficient_lies_between_0_and_2():
    """The catalogue's range (msg.weight-range) ends at 1.5, and the chain weighs 2.0 all the same."""
    weights = [getattr(WeightedVolume, name) for name in ("text", "media", "link", "forward", "chain")]
    assert [w.default for w in weights] == [0.1, 0.8, 1.2, 1.5, 2.0]
    assert {(w.low, w.high) for w in weights} == {(0, 2)}


def test_weighted_volume_only_ranks():
    seen = last([stable(), messages(10, message_type="link")])
    assert WEIGHTED in seen.fired
    assert seen.verdict == "allow"


@pytest.mark.parametrize(("count", "weight"), [(25, 6.0), (26, 6.24)])
def test_messages_to_people_who_answer_weigh_a_quarter(count, weight):
    assert last(messages(count, recipient_is_contact=True)).fired[OUTREACH]["observed"] == weight


def test_the_label_lies_on_the_address():
    seen = last(senders(31))
    assert seen.labels == ["association-risk"]
    assert seen.verdict == "allow"


def test_a_case_for_the_fraud_queue():
    (case,) = last(keywords(6, "VN")).cases
    assert case["queue"] == "fraud-keyword"


def test_a_profile_that_comes_late_does_not_change_what_was_sent_before():
    world = [
        message(T0, link_hashes=["l"], keyword_classes=[]),
        message(T0 + MINUTE, link_hashes=["l"], keyword_classes=[]),
    ]
    listing = event("link_profile", T0 + 30 * SECOND, None, link_hash="l", malicious=True)
    assert outcome(SENSITIVE, [world[0], listing]) == "rests"
    assert outcome(SENSITIVE, [*world, listing]) == "fires"
