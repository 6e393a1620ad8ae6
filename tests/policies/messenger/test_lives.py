"""Lives of accounts: what is tried while measures run, at their ends, and after what undoes them."""

from tests.policies.messenger.worlds import DAY, HOUR, SECOND, T0, event, judge, messages, stable

BURST = messages(13, T0, SECOND)
STOPPED_AT = T0 + 12 * SECOND


def batch(ts, **fields):
    return event("broadcast_batch", ts, batch_id=f"b{ts}", **{"recipient_count": 3} | fields)


def test_whoever_may_not_send_does_not_do_so_to_many_at_once():
    end = STOPPED_AT + 2 * HOUR
    *_, tried, after = judge([stable(), BURST, batch(end - 1), batch(end)])
    assert (tried.verdict, tried.retry_after_s) == ("deny", 1)
    assert after.verdict == "allow"


def test_a_batch_that_stops_sending_does_not_go_out_itself():
    strangers = [f"s{i}" for i in range(21)]
    *_, tried = judge([stable(), batch(T0, recipient_count=21, recipient_ids=strangers, content_fp="0" * 16)])
    assert [s["capability"] for s in tried.sanctions] == [["send"]]
    assert (tried.verdict, tried.retry_after_s) == ("deny", 2 * DAY // SECOND)
