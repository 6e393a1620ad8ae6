"""Message after message to the same few people: boundary cases of the row."""

import pytest
from tests.policies.messenger.worlds import (
    DAY,
    HOUR,
    MINUTE,
    T0,
    Table,
    judge,
    message,
    messages,
    outcome,
    stable,
)

ROW = "msg.recipient-concentration-harassment"


def day(*counts, others=0, step=10 * MINUTE, start=T0, **fields):
    """So many messages to each of some people in turns, after one message each to others."""
    to = [f"o{n}" for n in range(others)]
    left = list(counts)
    while any(left):
        for n, count in enumerate(left):
            if count:
                to.append(f"b{n}")
                left[n] -= 1
    return [stable(), [message(start + i * step, name, **fields) for i, name in enumerate(to)]]


CASES = [
    (ROW, "under: 59 of 100", day(15, 15, 15, 14, others=41), "rests"),
    (ROW, "at: 60 of 100", day(15, 15, 15, 15, others=40), "rests"),
    (ROW, "over: 61 of 100", day(16, 15, 15, 15, others=39), "fires"),
    (ROW, "0.70 over five, the four hold 0.56", day(14, 14, 14, 14, 14, others=30), "rests"),
    (ROW, "one person", day(20), "fires"),
    (ROW, "too few messages", day(19), "rests"),
    (ROW, "answers: they talk", day(20, is_reply=True), "rests"),
    (ROW, "16 and 4 answers", [day(16), messages(4, T0 + 4 * HOUR, to="b0", is_reply=True)], "fires"),
    (ROW, "16 and 5 answers", [day(16), messages(5, T0 + 4 * HOUR, to="b0", is_reply=True)], "rests"),
    (ROW, "across midnight", day(20, start=T0 + 13 * HOUR), "fires"),
    (ROW, "a day apart", [day(10), messages(10, T0 + DAY + 2 * HOUR, to="b0")], "rests"),
    (ROW, "the first exactly a day ago", [day(19, step=MINUTE), message(T0 + DAY, "b0")], "rests"),
    (ROW, "a millisecond less", [day(19, step=MINUTE), message(T0 + DAY - 1, "b0")], "fires"),
    (ROW, "posts in a group", [stable(), [message(T0 + n, None, group_id="g") for n in range(30)]], "rests"),
    (ROW, "posts in a group beside", [day(20), [message(T0 + n, None, group_id="g") for n in range(14)]], "rests"),
    (ROW, "whether they are answers is not known", [stable(), [{k: v for k, v in m.items() if k != "is_reply"} for m in messages(20, step=MINUTE, to="b0")]], "undecided"),
    (ROW, "1,200 messages to four people", day(300, 300, 300, 300, step=MINUTE), "fires"),
    (ROW, "2,000 messages to one person", [day(others=10, step=1), messages(1990, T0 + MINUTE, 1000, to="b0")], "fires"),
    (ROW, "3,000 messages to as many people", [stable(), messages(3000, T0, 1000)], "rests"),
    (ROW, "2,000 messages to four people after 400 to others", day(500, 500, 500, 500, others=400, step=1000), "undecided"),
    (ROW, "1,100 messages to four people after 750 to others", day(275, 275, 275, 275, others=750, step=1000), "rests"),
    (ROW, "two accounts", [day(10), messages(10, T0 + 3 * HOUR, to="b0", account="z")], "rests"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_the_row(table, number):
    assert table.outcome(number) == CASES[number][3]


def test_the_number_is_checked():
    seen = judge([day(20), message(T0 + 5 * HOUR, "z")])
    assert [s.verdict for s in seen[-3:]] == ["allow", "challenge", "challenge"]
    assert [s.data.get("challenge") for s in seen[-2:]] == ["phone", "phone"]
    assert (seen[-2].fired[ROW]["probability"], seen[-2].score) == (0.12, 0)
    assert "harassment-suspicion" in str(seen[-2].labels)
    assert outcome(ROW, [day(20), messages(20, T0 + 5 * HOUR, to="c{}")]) == "rests"
