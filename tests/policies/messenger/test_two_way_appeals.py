"""Appeals of accounts that talk with those they write to: the recipients of the last hundred messages, answered or not."""

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, MINUTE, SECOND, T0, Table, event, last, messages

TWO_WAY = "appeal.two-way-over-70pct-82pct"
PRIOR = "appeal.prior-sanction-90d-35pct"


def answers(people, start=T0 + HOUR, to="b{}"):
    return [event("message_received", start + i, from_id=to.format(i)) for i in range(people)]


def appeal(ts=T0 + 2 * HOUR, **fields):
    return event("appeal_filed", ts, appeal_id="p", **fields)


def world(answering, recipients, **sent):
    """So many messages, a recipient each, so many of whom answer, and an appeal."""
    return [messages(recipients, T0, SECOND, **sent), answers(answering), appeal()]


CASES = [
    (TWO_WAY, "under: 69 of 100", world(69, 100), "rests"),
    (TWO_WAY, "at: 70 of 100", world(70, 100), "rests"),
    (TWO_WAY, "over: 71 of 100", world(71, 100), "fires"),
    (TWO_WAY, "14 of 20", world(14, 20), "rests"),
    (TWO_WAY, "15 of 20", world(15, 20), "fires"),
    (TWO_WAY, "19 of 19: too few messages", world(19, 19), "rests"),
    (TWO_WAY, "nobody was written to", [answers(30), appeal()], "rests"),
    (TWO_WAY, "of the last 100, not of all: the first 50 did not answer",
     [messages(50, T0 - DAY, SECOND, to="x{}"), world(71, 100)], "fires"),
    (TWO_WAY, "of the last 100, not of all: the first 50 answered",
     [messages(50, T0 - DAY, SECOND, to="x{}"), answers(50, T0 - HOUR, "x{}"), world(70, 100)], "rests"),
    (TWO_WAY, "who answers often is one", [world(70, 100), answers(70, T0 + HOUR + MINUTE)], "rests"),
    (TWO_WAY, "who is written to often is one",
     [messages(40, T0 - HOUR, SECOND, to="b0"), messages(60, T0, SECOND), answers(43), appeal()], "fires"),
    (TWO_WAY, "who is written to often is one: 42 of 60",
     [messages(40, T0 - HOUR, SECOND, to="b0"), messages(60, T0, SECOND), answers(42), appeal()], "rests"),
    (TWO_WAY, "they wrote first", [answers(71, T0 - DAY), messages(100, T0, SECOND), appeal()], "fires"),
    (TWO_WAY, "they wrote within 30 days", [world(0, 100), answers(71, T0 + 2 * HOUR - 30 * DAY + 1)], "fires"),
    (TWO_WAY, "one of them 30 days ago",
     [world(70, 100), answers(71, T0 + 2 * HOUR - 30 * DAY - 70)], "rests"),
    (TWO_WAY, "the messages are 30 days old",
     [messages(100, T0, 1), answers(71, T0 + DAY), appeal(T0 + 30 * DAY + 99)], "rests"),
    (TWO_WAY, "20 of the messages are younger",
     [messages(100, T0, 1), answers(100, T0 + DAY), appeal(T0 + 30 * DAY + 79)], "fires"),
    (TWO_WAY, "strangers wrote", [messages(100, T0, SECOND), answers(90, to="y{}"), appeal()], "rests"),
    (TWO_WAY, "messages whose recipient is not known do not count",
     [[event("message_sent", T0 + MINUTE + i) for i in range(90)], world(15, 20)], "fires"),
    (TWO_WAY, "answers that come after the appeal", [world(70, 100), answers(100, T0 + 3 * HOUR)], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_boundary_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_the_chance_is_shown_and_nothing_follows():
    seen = last(world(80, 100))
    assert "82 % of such appeals succeed" in seen.fired[TWO_WAY]["reason"]
    assert (seen.fired[TWO_WAY]["observed"], seen.fired[TWO_WAY]["limit"]) == (0.8, 0.7)
    assert seen.fired[TWO_WAY]["probability"] is None
    assert (seen.sanctions, seen.cases) == ([], [])


def test_beside_a_measure_because_of_reports_both_signs_are_shown():
    earlier = event(
        "sanction_applied", T0 - 9 * DAY, sanction_id="s1", kind="sanction.send-restrict-48h", cause="report.rate-over-0p8pct-48h"
    )  # fmt: skip
    assert {TWO_WAY, PRIOR} <= last([earlier, world(80, 100)]).fired.keys()
