"""Series of events: written short, expanded they are the same events."""

import pytest

from tidegate.handbook.example import Example, Examples, read_examples
from tidegate.handbook.series import Series, folded


def message(n, **fields):
    return {"type": "message_sent", "ts": f"2026-03-02T09:30:{n:02}.000Z", "recipient_id": f"b{n}", **fields}


def expanded(series):
    return [event for one in series for event in one.events()]


@pytest.mark.parametrize(
    ("name", "events", "lengths"),
    [
        ("names that count on", [message(n) for n in range(8, 13)], [5]),
        ("backwards", [message(n) for n in (9, 7, 5, 3)], [4]),
        ("two are no series", [message(1), message(2)], [1, 1]),
        ("an uneven step", [message(1), message(2), message(3), message(5)], [3, 1]),
        ("another type between", [message(1), message(2) | {"type": "group_joined"}, message(3)], [1, 1, 1]),
        ("another flag", [message(n, is_reply=n > 3) for n in range(1, 7)], [3, 3]),
        ("a field less", [message(1, ip="i"), message(2, ip="i"), message(3)], [1, 1, 1]),
        (
            "numbers written with zeros",
            [message(1) | {"recipient_id": f"b{n:02}"} for n in (8, 9, 10)],
            [1, 1, 1],
        ),
        ("lists", [message(1) | {"link_hashes": [f"h{n}", "k"]} for n in range(4)], [4]),
        ("nulls", [message(n, group_id=None) for n in range(4)], [4]),
        ("whole numbers", [message(1, file_size=n * 10) for n in range(4)], [4]),
        ("fractions stay as they are", [message(1, ip_lat=n / 8) for n in range(3)], [1, 1, 1]),
        ("moments as milliseconds", [message(1) | {"ts": 1_000 + 7 * n} for n in range(4)], [4]),
    ],
)
def test_events_are_folded_into_series_and_back(name, events, lengths):
    series = folded(events)
    assert [one.times for one in series] == lengths
    assert expanded(series) == events


def test_examples_are_read_as_they_were_written(tmp_path):
    events = [message(n) for n in range(5)]
    examples = Examples(Example("over", folded(events)), Example("", (Series(1, events[0], events[0]),)))
    path = tmp_path / "r.json"
    path.write_text(examples.text(), encoding="utf-8")
    assert read_examples(path) == examples
    assert [e["event_id"] for e in read_examples(path).fires.events()] == ["e1", "e2", "e3", "e4", "e5"]
    assert read_examples(tmp_path / "other.json") is None


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"fires": 3}')
    with pytest.raises(Exception, match=r"holds no examples"):
        read_examples(path)
