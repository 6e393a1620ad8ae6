"""Lists of whom the newest events name: room for those of a whole chunk, and what cannot be asked of them."""

import pytest
from tests.oracle.observe import Reading, Running, observe, policy_of

import tidegate as tg
from tidegate.engine import Engine
from tidegate.errors import PolicyError
from tidegate.events import LoginAttempt, MessageSent

M, L = MessageSent, LoginAttempt
T0 = 1_772_000_000_000
SENT = tg.events(M)
last_100 = SENT.recent(M.recipient_id, 100).per(M.account_id).over(tg.days(1))
last_3 = SENT.recent(M.recipient_id, 3).per(M.account_id).over(tg.hours(1))
READINGS = [
    Reading("people", tg.size(last_100), (L,)),
    Reading("of them write", SENT.seen().per(M.recipient_id, M.account_id).over(tg.days(1)).at(L.account_id, last_100), (L,)),
    Reading("the busiest of three", SENT.count().per(M.account_id).over(tg.days(1)).at(last_3), (L,)),
]  # fmt: skip


def stream():
    """120 messages, answers of every third, one busy recipient, then more logins than lists have room for at first."""
    to = [("a", f"b{i}") for i in range(120)] + [(f"b{i}", "a") for i in range(0, 120, 3)]
    to += [("b118", f"z{i % 7}") for i in range(9)]
    for i, (sender, recipient) in enumerate(to):
        yield {"type": "message_sent", "ts": T0 + i, "account_id": sender, "recipient_id": recipient}
    for i in range(600):
        yield {"type": "login_attempt", "ts": T0 + 1000 + i, "account_id": "a"}


@pytest.mark.parametrize(
    "running", [Running(1), Running(7, 7), Running(4096, 1024)], ids=["one", "seven", "all"]
)
def test_a_chunk_full_of_readings_finds_room_for_their_lists(running):
    table, _ = observe(READINGS, list(stream()), running)
    written_to_a = sum(i % 3 == 0 for i in range(20, 120))
    assert table[-1] == {"people": 100.0, "of them write": float(written_to_a), "the busiest of three": 9.0}
    assert all(row == table[-1] for row in table[-600:])


def engine_of(value, on):
    return Engine(policy_of([Reading("x", value, (on,))]))


def test_a_list_of_ones_own_events_is_refused():
    with pytest.raises(PolicyError, match="read at one of its own events") as refused:
        engine_of(tg.size(last_3), M)
    assert "another kind of event" in refused.value.hint


def test_a_list_of_ones_own_events_holds_the_judged_one_where_it_counts_for_sure():
    answered = SENT.where((M.is_reply == 1).or_else(False)).recent(M.recipient_id, 3).per(M.account_id)
    reading = Reading("people", tg.size(answered.over(tg.hours(1))), (M,))
    told = [
        {"recipient_id": f"b{i}", **reply}
        for i, reply in enumerate(({"is_reply": True}, {}, {"is_reply": True}))
    ]
    world = [{"type": "message_sent", "ts": T0 + i, "account_id": "a", **one} for i, one in enumerate(told)]
    table, _ = observe([reading], world, Running(4096, 1024))
    assert [row["people"] for row in table] == [1.0, 1.0, 2.0]


def test_a_window_that_is_too_wide_is_refused():
    wide = SENT.recent(M.recipient_id, 3).per(M.account_id).over(tg.days(50))
    with pytest.raises(PolicyError, match="looks back too far") as refused:
        engine_of(tg.size(wide), L)
    assert "below 49.7 days" in refused.value.hint


@pytest.mark.parametrize(
    ("write", "problem"),
    [
        (lambda: SENT.recent(M.recipient_id, 0), "newest `0` events"),
        (lambda: SENT.recent(M.recipient_id, 1001), "newest `1001` events"),
        (lambda: SENT.recent(M.recipient_id, 5, least=6), "of at least `6`"),
        (lambda: SENT.recent(M.link_hashes, 5), "needs one name"),
        (lambda: SENT.recent(M.media_bytes, 5), "is a number"),
        (lambda: SENT.recent(M.recipient_id, 5).per(M.link_hashes), "cannot be kept for each of its members"),
        (lambda: SENT.recent(M.recipient_id, 5).per(M.account_id).ever(), "would grow without end"),
        (lambda: SENT.count().per(M.account_id, M.recipient_id).over(tg.hours(1)).at(last_3, L.account_id), "first of two keys"),
        (lambda: SENT.median(M.media_bytes).per(M.account_id).over(tg.hours(1)).at(last_3), "cannot be read by a list"),
        (lambda: SENT.count().per(M.link_hashes).over(tg.hours(1)).at(last_3), "names no link"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(write, problem):
    with pytest.raises(PolicyError, match=problem):
        write()
