"""One content over and over, accounts that behave like nobody else: every boundary case of the rows."""

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
    report,
)

STRANGERS = "bcast.same-content-over-20-strangers"
COLD = "msg.cold-contact-batch-over-15"
ALIKE = "bcast.similarity-over-80pct-3-batches"
REPETITION = "msg.recipient-repetition-rate"
RELATION = "msg.recipient-relation"
DEVIATION = "score.behaviour-deviation-over-70pct"
FP = "00ff13a27be09c44"


def batch(people, ts=T0, fp=FP, **fields):
    names = [f"b{i}" for i in range(people)]
    return event(
        "broadcast_batch",
        ts,
        batch_id="batch",
        recipient_ids=names,
        recipient_count=people,
        content_fp=fp,
        **fields,
    )


def to(first, last, ts=T0, fp=FP):
    """A batch to b(first) .. b(last)."""
    return event(
        "broadcast_batch", ts, recipient_ids=[f"b{n}" for n in range(first, last + 1)], content_fp=fp
    )


def alike_to(count, **fields):
    return messages(count, T0, MINUTE, content_fp=FP, **fields)


def heard(*people, ago=DAY):
    return [event("message_received", T0 - ago, from_id=f"b{i}") for i in people]


def apart(*bits):
    """Batches to 30 people whose contents differ from the first one's in so many of the low bits."""
    return [batch(30, T0 + i * DAY, f"{(1 << n) - 1:016x}") for i, n in enumerate(bits)]


def hourly(*bits):
    return [batch(30, T0 + i * HOUR, f"{(1 << n) - 1:016x}") for i, n in enumerate(bits)]


CASES = [
    (STRANGERS, "19 messages", alike_to(19), "rests"),
    (STRANGERS, "20 messages", alike_to(20), "rests"),
    (STRANGERS, "21 messages", alike_to(21), "fires"),
    (STRANGERS, "a batch to 20", [batch(20)], "rests"),
    (STRANGERS, "a batch to 21", [batch(21)], "fires"),
    (STRANGERS, "a batch to 21 without fingerprint", [event("broadcast_batch", T0, recipient_ids=[f"b{i}" for i in range(21)])], "fires"),
    (STRANGERS, "a batch to 22, two of whom wrote once", [heard(0, 1, ago=29 * DAY), batch(22)], "rests"),
    (STRANGERS, "a batch to 21, one of whom wrote long ago", [heard(0, ago=31 * DAY), batch(21)], "fires"),
    (STRANGERS, "two batches of one content to 21 together", [to(1, 11), to(12, 21, T0 + HOUR - 1)], "fires"),
    (STRANGERS, "two batches of one content to 20 together", [to(1, 11), to(12, 20, T0 + MINUTE)], "rests"),
    (STRANGERS, "two batches, an hour apart", [to(1, 11), to(12, 21, T0 + HOUR)], "rests"),
    (STRANGERS, "two batches, two contents", [to(1, 11), to(12, 21, T0 + MINUTE, "ff00ec5d841f63bb")], "rests"),
    (STRANGERS, "two batches to the same people", [to(1, 15), to(1, 15, T0 + MINUTE)], "rests"),
    (STRANGERS, "two batches to 22, two of whom wrote", [heard(1, 12), to(1, 11), to(12, 22, T0 + MINUTE)], "rests"),
    (STRANGERS, "two batches to 23, two of whom wrote", [heard(1, 12), to(1, 11), to(12, 23, T0 + MINUTE)], "fires"),
    (STRANGERS, "21 people, 20 of them contacts", [alike_to(20, recipient_is_contact=True), message(T0 + HOUR // 2, "x", content_fp=FP)], "rests"),
    (STRANGERS, "21 people, one of whom wrote", [heard(0), alike_to(21)], "rests"),
    (STRANGERS, "21 people, who are answered", alike_to(21, is_reply=True), "rests"),
    (STRANGERS, "21 contents", [message(T0 + i * SECOND, f"b{i}", content_fp=f"{i:016x}") for i in range(21)], "rests"),
    (STRANGERS, "no content known", messages(21, T0, MINUTE), "undecided"),
    (STRANGERS, "no content known, by far not enough people", messages(20, T0, MINUTE), "rests"),
    (STRANGERS, "no content known, to contacts", messages(21, T0, MINUTE, recipient_is_contact=True), "rests"),
    (STRANGERS, "no content on record", messages(21, T0, MINUTE, content_fp=None), "rests"),
    (STRANGERS, "of the 21st the content is not known", [alike_to(20), message(T0 + HOUR // 2, "x")], "undecided"),
    (STRANGERS, "no content known, 21 messages to 20 people", [messages(20, T0, MINUTE), message(T0 + HOUR // 2, "b0")], "rests"),
    (STRANGERS, "21 contents, and one that is not known", [[message(T0 + i, f"b{i}", content_fp=f"{i:016x}") for i in range(21)], message(T0 + MINUTE, "x")], "rests"),
    (STRANGERS, "20 messages, and what one more person got is not known", [alike_to(19), [message(T0 + i, "x") for i in range(9)], message(T0 + HOUR // 2, "b0", content_fp=FP)], "rests"),
    (STRANGERS, "two contents, and what one person got is not known", [alike_to(10), [message(T0 + i, f"c{i}", content_fp="f" * 16) for i in range(15)], [message(T0 + i, "x") for i in range(11)], message(T0 + HOUR // 2, "b0", content_fp=FP)], "rests"),
    (STRANGERS, "20 messages, and what two more people got is not known", [alike_to(19), message(T0, "x"), message(T0, "y"), message(T0 + HOUR // 2, "b0", content_fp=FP)], "undecided"),
    (STRANGERS, "no content known, single messages of no batch", messages(21, T0, MINUTE, batch_id=None), "undecided"),
    (STRANGERS, "one batch by messages", messages(21, T0, MINUTE, batch_id="batch"), "fires"),
    (STRANGERS, "21 messages to 20 people", [alike_to(20), message(T0 + HOUR // 2, "b0", content_fp=FP)], "rests"),
    (STRANGERS, "the first an hour ago", [alike_to(20), message(T0 + HOUR, "x", content_fp=FP)], "rests"),
    (STRANGERS, "the first nearly an hour ago", [alike_to(20), message(T0 + HOUR - 1, "x", content_fp=FP)], "fires"),
    (STRANGERS, "a batch to 21 of whom none is named", [event("broadcast_batch", T0, recipient_count=21)], "undecided"),
    (STRANGERS, "a batch to 20 of whom none is named", [event("broadcast_batch", T0, recipient_count=20)], "rests"),
    (STRANGERS, "a batch that lists 20 people twice", [event("broadcast_batch", T0, recipient_ids=[f"b{i % 20}" for i in range(40)])], "rests"),
    (STRANGERS, "two batches of other contents at the same moment", [batch(20), batch(40, fp="f" * 16) | {"recipient_ids": [f"c{i}" for i in range(20)]}], "rests"),
    (STRANGERS, "a batch with no recipients on record", [event("broadcast_batch", T0, recipient_ids=None)], "rests"),
    (STRANGERS, "a batch to 21 with no recipients on record", [event("broadcast_batch", T0, recipient_count=21, recipient_ids=None)], "undecided"),
    (STRANGERS, "a batch to nobody knows whom", [event("broadcast_batch", T0)], "undecided"),
    (STRANGERS, "a message after a batch of which none is named", [event("broadcast_batch", T0, recipient_count=21), message(T0 + 1, "x", content_fp=FP)], "rests"),
    (STRANGERS, "a message of that content after a batch to 20", [batch(20), message(T0 + SECOND, "x", content_fp=FP)], "fires"),
    (STRANGERS, "a message of that content to one of 20", [batch(20), message(T0 + SECOND, "b0", content_fp=FP)], "rests"),
    (STRANGERS, "a message of another content after a batch", [batch(21), message(T0 + SECOND, "x", content_fp="f" * 16)], "rests"),
    (STRANGERS, "a message of that content to a contact after a batch to 20", [batch(20), message(T0 + SECOND, "x", content_fp=FP, recipient_is_contact=True)], "rests"),
    (STRANGERS, "a message of that content an hour after a batch", [batch(21), message(T0 + HOUR, "x", content_fp=FP)], "rests"),
    (STRANGERS, "a message of a content that is not known after a batch to 20", [batch(20), message(T0 + SECOND, "x")], "undecided"),
    (STRANGERS, "a message of a content that is not known after a batch to 19", [batch(19), message(T0 + SECOND, "x")], "rests"),
    (STRANGERS, "a message without content on record after a batch", [batch(21), message(T0 + SECOND, "x", content_fp=None)], "rests"),
    (STRANGERS, "11 in a batch, 10 by message", [to(31, 41), alike_to(10)], "fires"),
    (STRANGERS, "11 in a batch, one of whom wrote, 10 by message", [heard(31), to(31, 41), alike_to(10)], "rests"),
    (STRANGERS, "11 in a batch, 10 by message, to one of them nobody knows what", [to(31, 41), alike_to(9), message(T0 + 20 * MINUTE, "x"), message(T0 + 21 * MINUTE, "b0", content_fp=FP)], "undecided"),
    (STRANGERS, "10 by message, then 11 in a batch", [alike_to(10), to(31, 41, T0 + 20 * MINUTE)], "fires"),
    (STRANGERS, "10 by message, then 10 in a batch", [alike_to(10), to(31, 40, T0 + 20 * MINUTE)], "rests"),
    (STRANGERS, "10 by message, then 15 in a batch, 5 of them the same", [alike_to(10), to(5, 19, T0 + 20 * MINUTE)], "rests"),
    (STRANGERS, "10 by message, another content in a batch", [alike_to(10), to(31, 41, T0 + 20 * MINUTE, "f" * 16)], "rests"),
    (STRANGERS, "a message at the moment of a batch", [batch(21), message(T0, "x", content_fp="f" * 16)], "rests"),
    (STRANGERS, "a batch at the moment of a message", [message(T0, "x", content_fp="f" * 16), batch(21)], "fires"),
    (STRANGERS, "a batch at the moment of another", [to(31, 31, fp="f" * 16), batch(21)], "fires"),
    (STRANGERS, "15 in a batch, the same 15 by message", [batch(15), alike_to(15)], "rests"),
    (COLD, "14 in a batch", [batch(14)], "rests"),
    (COLD, "15 in a batch", [batch(15)], "rests"),
    (COLD, "16 in a batch", [batch(16)], "fires"),
    (COLD, "16 in a batch of whom none is named", [event("broadcast_batch", T0, recipient_count=16)], "undecided"),
    (COLD, "15 in a batch of whom none is named", [event("broadcast_batch", T0, recipient_count=15)], "rests"),
    (COLD, "16 messages", alike_to(16), "fires"),
    (COLD, "8 in a batch, 8 by message", [to(31, 38), alike_to(8)], "fires"),
    (COLD, "8 in a batch, 7 by message", [to(31, 38), alike_to(7)], "rests"),
    (COLD, "16 in a batch, one wrote within 7 days", [heard(0, ago=7 * DAY - 1), batch(16)], "rests"),
    (COLD, "16 in a batch, one wrote 7 days ago", [heard(0, ago=7 * DAY), batch(16)], "fires"),
    (ALIKE, "2 batches, 0.95", apart(0, 3), "rests"),
    (ALIKE, "3 batches, 13 of 64 bits apart: 0.797", apart(0, 13, 0), "rests"),
    (ALIKE, "3 batches, 12 of 64 bits apart: 0.81", apart(0, 12, 0), "fires"),
    (ALIKE, "3 batches, the outer ones apart", apart(0, 12, 24), "rests"),
    (ALIKE, "alike, another, alike", apart(0, 3, 60, 3), "rests"),
    (ALIKE, "alike again after another", apart(60, 3, 3, 3), "fires"),
    (ALIKE, "a small batch", [apart(0, 0), batch(25, T0 + 2 * DAY, "0" * 16)], "rests"),
    (ALIKE, "a small batch between", [apart(0, 0), batch(9, T0 + 2 * DAY, "f" * 16), batch(26, T0 + 3 * DAY, "0" * 16)], "fires"),
    (ALIKE, "one between whose content is not known", [apart(0, 0), event("broadcast_batch", T0 + 2 * DAY, recipient_count=30), batch(30, T0 + 3 * DAY, "0" * 16)], "undecided"),
    (ALIKE, "one between whose content is not known, then another", [apart(0), event("broadcast_batch", T0 + DAY, recipient_count=30), batch(30, T0 + 3 * DAY, "f" * 16)], "rests"),
    (ALIKE, "one between that has no content on record", [apart(0, 0), event("broadcast_batch", T0 + 2 * DAY, recipient_count=30, content_fp=None), batch(30, T0 + 3 * DAY, "0" * 16)], "rests"),
    (ALIKE, "of the first and the third the content is not known, of the second none is on record", [event("broadcast_batch", T0, recipient_count=30), event("broadcast_batch", T0 + 1, recipient_count=30, content_fp=None), event("broadcast_batch", T0 + 2, recipient_count=30)], "rests"),
    (ALIKE, "three whose sizes are not known", [event("broadcast_batch", T0 + i, content_fp="0" * 16) for i in range(3)], "undecided"),
    (ALIKE, "another between whose size is not known", [apart(0, 0), event("broadcast_batch", T0 + 2 * DAY, content_fp="f" * 16), batch(30, T0 + 3 * DAY, "0" * 16)], "undecided"),
    (ALIKE, "three, after one whose size is not known", [event("broadcast_batch", T0 - DAY, content_fp="f" * 16), apart(0, 0, 0)], "fires"),
    (ALIKE, "the third whose content is not known", [apart(0, 0), event("broadcast_batch", T0 + 2 * DAY, recipient_count=30)], "undecided"),
    (ALIKE, "a small one whose content is not known", [apart(0, 0), event("broadcast_batch", T0 + 2 * DAY, recipient_count=25)], "rests"),
    (ALIKE, "the second whose content is not known", [apart(0), event("broadcast_batch", T0 + 2 * DAY, recipient_count=30)], "rests"),
    (ALIKE, "three again after it", [event("broadcast_batch", T0 - DAY, recipient_count=30), apart(0, 0, 0)], "fires"),
    (ALIKE, "no content on record", [event("broadcast_batch", T0 + i, recipient_count=30, content_fp=None) for i in range(3)], "rests"),
    (ALIKE, "no content known", [event("broadcast_batch", T0 + i, recipient_count=30) for i in range(3)], "undecided"),
    (REPETITION, "20 messages to 5 people", [messages(5, T0 + n * MINUTE) for n in range(4)] + [report(T0 + HOUR, "r")], "fires"),
    (REPETITION, "19 messages", [messages(19), report(T0 + HOUR, "r")], "rests"),
    (RELATION, "the reporter wrote two days ago", [heard(0, ago=2 * DAY), report(T0, "b0")], "fires"),
    (RELATION, "the reporter wrote seven days ago", [heard(0, ago=7 * DAY), report(T0, "b0")], "rests"),
    (RELATION, "a report by a stranger", [heard(0), report(T0, "b1")], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_a_message_that_comes_late_counts_in_its_own_place():
    world = alike_to(20)
    late = message(T0 + 19 * MINUTE - MINUTE // 2, "x", content_fp=FP)
    from tests.policies.messenger.worlds import judge

    seen = judge([*world, late], arrival=True)
    assert STRANGERS not in seen[-1].fired, "it sees nineteen before itself"
    seen = judge([*world, late, message(T0 + 20 * MINUTE, "b0", content_fp=FP)], arrival=True)
    assert STRANGERS in seen[-1].fired


def in_turn(*arrivals):
    """Batches in order of arrival: the minute, how many of the low bits of the content are set (None: not known), how many people."""
    made = []
    for minute, bits, *people in arrivals:
        content = {} if bits is None else {"content_fp": f"{(1 << bits) - 1:016x}"}
        count = people[0] if people else 30
        made.append(event("broadcast_batch", T0 + minute * MINUTE, recipient_count=count, **content))
    return made


LATE = [
    ("alike to all", ((0, 0), (2, 0), (1, 0), (4, 0)), "fires"),
    ("another", ((0, 0), (2, 0), (1, 64), (4, 0)), "rests"),
    ("alike, after another", ((0, 64), (2, 0), (1, 0), (4, 0)), "fires"),
    ("before all others", ((2, 0), (0, 0), (4, 0)), "fires"),
    ("alike to its neighbours only", ((0, 6), (2, 12), (1, 18), (4, 0)), "rests"),
    ("alike to both that stay, as the one it comes after was not", ((0, 24), (2, 12), (1, 6), (4, 0)), "fires"),
    ("of unknown content", ((0, 64), (2, 0), (1, None), (4, 0)), "undecided"),
    ("of unknown content, between others", ((0, 0), (2, 64), (1, None), (4, 0)), "rests"),
    ("too small to be scanned", ((0, 0), (2, 0), (1, 64, 25), (4, 0)), "fires"),
    ("the third itself", ((0, 0), (1, 0), (4, 64), (3, 0)), "fires"),
    ("between the last and the judged one", ((0, 0), (1, 0), (4, 0), (3, 64), (5, 0)), "rests"),
    ("two of them between the same two", ((0, 64), (3, 0), (1, 64), (2, 0), (4, 0)), "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arrivals", "expected"), [case[1:] for case in LATE], ids=[case[0] for case in LATE]
)
def test_a_batch_that_comes_late_takes_its_place_in_the_row(arrivals, expected):
    assert outcome(ALIKE, in_turn(*arrivals), arrival=True) == expected


def test_what_follows():
    seen = last([batch(21)])
    assert {"potential-spam", "cold-contact"} <= set(seen.labels)
    assert [s["sanction"] for s in seen.sanctions if s["cause"] == STRANGERS] == [
        "sanction.send-restrict-48h"
    ]
    seen = last(apart(0, 0, 0))
    (measure,) = [s for s in seen.sanctions if s["cause"] == ALIKE]
    assert (measure["sanction"], measure["capability"]) == ("sanction.broadcast-suspend-24h", ["broadcast"])


def profile_of(vector, centroid=(1.0, 0.0), age=3 * DAY):
    return [
        event("baseline_profile", T0 - DAY, None, behaviour_centroid=list(centroid)),
        registered(age),
        event("account_profile", T0, behaviour_vector=vector),
    ]


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ([0.31, (1 - 0.31**2) ** 0.5], "rests"),
        ([0.3, (1 - 0.3**2) ** 0.5], "rests"),
        ([0.29, (1 - 0.29**2) ** 0.5], "fires"),
        ([29.0, 100 * (1 - 0.29**2) ** 0.5], "fires"),
        ([0.0, 0.0], "undecided"),
        ([1.0], "undecided"),
    ],
)
def test_a_new_account_may_deviate_by_70_percent(vector, expected):
    assert outcome(DEVIATION, profile_of(vector)) == expected


def test_after_the_first_week_accounts_may_be_as_they_like():
    assert outcome(DEVIATION, profile_of([0.0, 1.0], age=7 * DAY)) == "fires"
    assert outcome(DEVIATION, profile_of([0.0, 1.0], age=7 * DAY + 1)) == "rests"


def test_how_often_recipients_recur_is_shown():
    world = [messages(5, T0 + n * MINUTE) for n in range(4)] + [report(T0 + HOUR, "r")]
    assert last(world).fired[REPETITION]["observed"] == 0.75


def test_a_deviation_is_marked_and_counts_a_tenth():
    seen = last(profile_of([0.0, 1.0]))
    assert seen.labels == ["behaviour-deviation"]
    assert seen.score == 0.1
