"""What is sent like what was sent before: messages and broadcasts, one after the other."""

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, T0, Table, event, last, message

SIMILAR = "content.message-similarity"


def print_of(bits):
    """A fingerprint with so many of its low bits set."""
    return f"{(1 << bits) - 1:016x}"


def written(*bits, to="b", step=HOUR, **fields):
    """Messages whose contents differ from the empty one in so many bits; None: none on record."""
    return [
        message(T0 + i * step, to, content_fp=None if n is None else print_of(n), **fields)
        for i, n in enumerate(bits)
    ]


def batch(bits, ts=T0):
    return event("broadcast_batch", ts, batch_id="x", recipient_count=30, content_fp=print_of(bits))


UNTOLD = message(T0 + HOUR)
CASES = [
    (SIMILAR, "12 of 64 bits apart", written(0, 12), "fires"),
    (SIMILAR, "13 of 64 bits apart", written(0, 13), "rests"),
    (SIMILAR, "to different people", [written(0), written(0, to="c", step=HOUR, group_id=None)[0] | {"ts": T0 + 1}], "fires"),
    (SIMILAR, "in groups", written(0, 0, to=None, group_id="g"), "fires"),
    (SIMILAR, "another in between", written(0, 40, 0), "rests"),
    (SIMILAR, "a day later", written(0, 0, step=DAY), "rests"),
    (SIMILAR, "a millisecond less", written(0, 0, step=DAY - 1), "fires"),
    (SIMILAR, "over midnight", written(0, 0, step=16 * HOUR), "fires"),
    (SIMILAR, "the first", written(0), "rests"),
    (SIMILAR, "of somebody else", [written(0), [e | {"account_id": "c", "ts": T0 + 1} for e in written(0)]], "rests"),
    (SIMILAR, "batches 12 of 64 bits apart", [batch(0), batch(12, T0 + HOUR)], "fires"),
    (SIMILAR, "batches 13 of 64 bits apart", [batch(0), batch(13, T0 + HOUR)], "rests"),
    (SIMILAR, "the batch before is a day old", [batch(0), batch(0, T0 + DAY)], "rests"),
    (SIMILAR, "a batch like the message before", [written(0), batch(0, T0 + HOUR)], "fires"),
    (SIMILAR, "a message like the batch before", [batch(0, T0 - 1), written(0)], "fires"),
    (SIMILAR, "messages of the batch", [batch(0), written(0, 0, batch_id="x")], "rests"),
    (SIMILAR, "a message after those of a batch", [batch(0, T0 - 1), written(0, 0, batch_id="x"), message(T0 + 2 * HOUR, content_fp=print_of(1))], "fires"),
    (SIMILAR, "content not known", [written(0), UNTOLD], "undecided"),
    (SIMILAR, "that of the one before not known", [UNTOLD | {"ts": T0 - 1}, written(0)], "undecided"),
    (SIMILAR, "nobody says any content", [UNTOLD, UNTOLD | {"ts": T0 + 2 * HOUR}], "rests"),
    (SIMILAR, "the first, its content not known", [UNTOLD], "rests"),
    (SIMILAR, "no content on record", written(0, None), "rests"),
    (SIMILAR, "no content on record before", written(0, None, 0), "rests"),
    (SIMILAR, "that of the batch not known", [batch(0), event("broadcast_batch", T0 + 2 * HOUR)], "undecided"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "number"), Table(CASES).params)
def test_a_case(table, number):
    assert table.outcome(number) == table.cases[number][3]


def test_how_alike_is_shown_and_nothing_follows():
    seen = last(written(0, 8))
    assert seen.fired[SIMILAR]["observed"] == 1 - 8 / 64
    assert (seen.verdict, seen.score, seen.sanctions) == ("allow", 0.0, [])
