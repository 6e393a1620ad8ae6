"""An event that comes again: its first decision once more, found by an index that fits into a file."""

import pytest
from tests.replay.traffic import message, run

from tidegate.events.texts import Texts
from tidegate.journal.first_decisions import FirstDecisions
from tidegate.replay.replayer import Options


def test_a_repeated_event_gets_its_first_decision_again_and_changes_nothing(tmp_path):
    events = [message(f"e{n}", n) for n in range(5)]
    decisions, rejected, summary = run(tmp_path, [*events, events[4], message("e5", 5)])
    assert [d["event_id"] for d in decisions] == ["e0", "e1", "e2", "e3", "e4", "e4", "e5"]
    assert decisions[5] == {**decisions[4], "duplicate": True}
    assert decisions[4]["fired"][0]["observed"] == 5
    assert decisions[6]["fired"][0]["observed"] == 6  # not 7
    assert (rejected, summary["events"], summary["duplicates"]) == ([], 6, 1)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_a_repetition_in_the_same_batch_or_a_later_one_is_the_same(tmp_path, rows):
    events = [message("x", 0), message("x", 0, account="other"), message("y", 1), message("x", 2)]
    decisions, _, _ = run(tmp_path, events, Options(block_rows=rows))
    assert [(d["event_id"], d["account_id"], d.get("duplicate")) for d in decisions] == [
        ("x", "a1", None),
        ("x", "a1", True),
        ("y", "a1", None),
        ("x", "a1", True),
    ]


def test_a_repetition_is_found_among_many_groups_of_one_block(tmp_path):
    events = [message(f"e{n}", n / 100) for n in range(1500)]
    again = [events[3], events[700], events[1499]]
    decisions, _, summary = run(tmp_path, [*events, *again], Options(block_rows=4096))
    assert summary["duplicates"] == 3
    assert decisions[1500:] == [{**decisions[n], "duplicate": True} for n in (3, 700, 1499)]


@pytest.mark.parametrize("rows", [1, 100])
def test_a_repetition_with_another_time_moves_no_clock(tmp_path, rows):
    hour_ahead = message("x", 3600)
    decisions, rejected, _ = run(
        tmp_path, [message("x", 0), hour_ahead, message("y", 1)], Options(block_rows=rows)
    )
    assert rejected == []
    assert [d["event_id"] for d in decisions] == ["x", "x", "y"]


def test_a_repetition_that_is_long_past_is_answered_not_rejected(tmp_path):
    decisions, rejected, _ = run(tmp_path, [message("x", 0), message("y", 3600), message("x", 0)])
    assert rejected == []
    assert decisions[2]["duplicate"] is True


def test_with_only_fired_a_repetition_of_what_was_not_written_is_not_written(tmp_path):
    events = [message(f"e{n}", n) for n in range(6)]
    decisions, _, summary = run(tmp_path, [*events, events[0], events[5]], Options(only_fired=True))
    assert [(d["event_id"], d.get("duplicate")) for d in decisions] == [
        ("e4", None),
        ("e5", None),
        ("e5", True),
    ]
    assert summary["duplicates"] == 2


def test_the_index_of_events_is_mapped_from_a_file_and_small_in_memory(tmp_path):
    firsts = FirstDecisions(tmp_path)
    for start in range(0, 40_000, 4000):
        firsts.enter(Texts.of(f"event-{n}" for n in range(start, start + 4000)))
    table = firsts._maps[-1]
    assert 40_000 * 16 < len(table) < 40_000 * 64
    assert len(firsts._maps) <= 2
    resident = 8 * (len(firsts._first) + len(firsts._text) + len(firsts._place))
    assert resident < 40_000 * 0.2
    assert [firsts.find(f"event-{n}") for n in (0, 39_999)] == [0, 39_999]
    assert firsts.find("event-40000") == -1
    assert list(tmp_path.iterdir()) == []  # the files have no names
    firsts.close()


def test_two_ids_of_one_hash_are_told_apart_by_their_text(tmp_path, monkeypatch):
    class OneHash:
        """Every id looks like every other one."""

        def __init__(self, allocate):
            self.numbers = []

        def add_texts(self, buffer, places, numbers, found):
            for i, number in enumerate(numbers.tolist()):
                found[i] = self.numbers[0] if self.numbers else -1
                if not self.numbers:
                    self.numbers.append(number)

        def candidates(self, event_id):
            return list(self.numbers)

        def add(self, event_id, number):
            self.numbers.append(number)

    monkeypatch.setattr("tidegate.journal.first_decisions.SeenIds", OneHash)
    firsts = FirstDecisions(tmp_path)
    assert firsts.enter(Texts.of(["a", "b", "a", "c"])).tolist() == [-1, -1, 0, -1]
    assert firsts.enter(Texts.of(["c", "d", "b"])).tolist() == [3, -1, 1]
    assert [firsts.find(i) for i in "abcdx"] == [0, 1, 3, 5, -1]
    firsts.close()


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1000])
def test_an_event_s_decision_lies_within_the_span_of_its_group(tmp_path, size):
    firsts = FirstDecisions(tmp_path)
    firsts.enter(Texts.of(f"e{n}" for n in range(size)))
    firsts.place(0, [100 * group for group in range(-(-size // 256))])
    start, end = firsts.span(size - 1)
    assert start == 100 * ((size - 1) // 256)
    assert end is None
    assert firsts.span(0) == (0, 100 if size > 256 else None)
    assert firsts.id_of(size - 1) == f"e{size - 1}"
    firsts.close()
