"""Columns written as lines of JSON are the rows they stand for, whatever is in them."""

import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidegate.replay.columnar import rows_of
from tidegate.service import arrow_batch
from tidegate.service.answer import Answer
from tidegate.service.arrow_batch import _decoded
from tidegate.service.arrow_text import lines_of

ROWS = st.fixed_dictionaries(
    {
        "event_id": st.text(max_size=5),
        "type": st.sampled_from(["message_sent", "login_attempt", "nothing"]),
        "ts": st.integers(0, 2**42),
    },
    optional={
        "account_id": st.text(max_size=4) | st.none(),
        "recipient_id": st.sampled_from(["b1", "b2", 'b"3', "b\\4", "b\n5", "ü6"]),
        "is_reply": st.booleans() | st.none(),
        "media_bytes": st.integers(-1, 2**55) | st.none(),
        "link_hashes": st.lists(st.sampled_from(["l1", "l2", "l,3", 'l"4']), max_size=3) | st.none(),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_lines_and_rows_are_accepted_and_refused_alike(rows):
    names = dict.fromkeys(name for row in rows for name in row)
    batch = pa.RecordBatch.from_pylist([dict.fromkeys(names) | row for row in rows])
    ours, theirs = _decoded(batch, 1), rows_of(batch, file="", first_row=1)
    assert ours.block.lines.tolist() == theirs.block.lines.tolist()
    assert list(ours.block.records) == list(theirs.block.records)
    assert [(r.line, r.error.problem) for r in ours.rejected] == [
        (r.line, r.error.problem) for r in theirs.rejected
    ]


def test_every_kind_of_column_is_written_as_json():
    rows = {
        "event_id": pa.array(["e1", "e2"]).dictionary_encode(),
        "type": pa.array(["message_sent", None]),
        "ts": pa.array([1_772_443_800_000, 5], pa.timestamp("ms", "UTC")),
        "media_bytes": pa.array([3.0, None]),
        "is_reply": pa.array([True, False]),
        "link_hashes": pa.array([["a", "b"], []]),
        "nothing": pa.nulls(2),
    }
    text = lines_of(pa.RecordBatch.from_pydict(rows))
    assert [json.loads(line) for line in text.splitlines()] == [
        {
            "event_id": "e1",
            "type": "message_sent",
            "ts": 1_772_443_800_000,
            "media_bytes": 3,
            "is_reply": True,
            "link_hashes": ["a", "b"],
        },
        {"event_id": "e2", "ts": 5, "is_reply": False, "link_hashes": []},
    ]


def test_what_needs_an_escape_or_is_no_number_is_left_to_the_patient_way():
    for column in (['a"b'], ["a\\b"], ["a\nb"], [float("nan")], [float("inf")], [{"a": 1}], [["a", None]]):
        assert lines_of(pa.RecordBatch.from_pydict({"extra": pa.array(column)})) is None


def test_decisions_in_columns_are_the_same_written_at_once_and_one_by_one():
    plain = (
        '{"event_id":"%s","ts":"-","type":"message_sent","account_id":"a","verdict":"allow","score":0.0}\n'
    )
    closer = '{"event_id":"%s","ts":"-","verdict":"challenge","score":0.5,"retry_after_s":9,"challenge":"captcha"}\n'
    ids = ["e-1", "ü", 'quoted\\"', 'a\\",\\"ts\\":\\"b']
    lines = [(form % name).encode() for form in (plain, closer) for name in ids]
    assert arrow_batch.of_lines(lines) == arrow_batch.written([Answer(line) for line in lines])
    assert arrow_batch.of_lines([]) == arrow_batch.written([])
    table = pa.ipc.open_stream(arrow_batch.of_lines(lines)).read_all()
    table.validate(full=True)
    assert table["event_id"].to_pylist() == ["e-1", "ü", 'quoted"', 'a","ts":"b'] * 2
    assert table["decision"].to_pylist() == [line.decode().rstrip() for line in lines]


def test_what_is_no_decision_is_not_written_at_once():
    for other in (None, ValueError("refused")):
        with pytest.raises(TypeError):
            arrow_batch.of_lines([b"{}\n", other])


def test_a_null_among_the_values_of_a_dictionary_is_left_out_and_its_row_is_not():
    types = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), pa.array(["a", None]))
    batch = pa.RecordBatch.from_arrays([types, pa.array(["e1", "e2", "e3"])], ["account_id", "event_id"])
    text = lines_of(batch)
    assert text is not None
    assert [json.loads(line) for line in text.splitlines()] == [
        {"event_id": "e1", "account_id": "a"},
        {"event_id": "e2"},
        {"event_id": "e3", "account_id": "a"},
    ]
