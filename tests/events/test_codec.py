"""Decoding accepts exactly what is declared: right events survive the round trip, nothing else gets through or crashes."""

import datetime as dt
import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events.malformed import MALFORMED, RIGHT, event
from tests.events.valid_events import as_line, events

from tidegate.errors import EventError
from tidegate.events import REGISTRY, decode_event, decode_lines, decode_rows, encode_event
from tidegate.events.validate import complaint_of

MS = 1_772_443_800_250


def refusal(line):
    """Why a line is refused, None where it is accepted."""
    try:
        decode_event(line)
    except EventError as error:
        return error
    return None


def same(field, written, decoded):
    if written is None:
        return decoded is None
    match field.shape:
        case "moment":
            return decoded == field.settle(written)
        case "list of moment":
            return decoded == [field.member.settle(item) for item in written]
        case "map to moment":
            return decoded == {name: field.member.settle(item) for name, item in written.items()}
        case "decimal":
            return decoded == Decimal(str(written))
        case "date":
            return decoded == dt.date.fromisoformat(written)
    return decoded == written


@settings(max_examples=20)
@pytest.mark.parametrize("kind", sorted(REGISTRY))
@given(data=st.data())
def test_a_right_event_of_every_type_is_read_as_it_was_written(kind, data):
    written = data.draw(events(kind))
    record = decode_event(as_line(written))
    for name, field in REGISTRY[kind].fields().items():
        decoded = getattr(record, name)
        if name in written:
            assert same(field, written[name], decoded), name
        else:
            assert decoded is msgspec.UNSET


@settings(max_examples=100)
@given(events())
def test_a_decoded_event_survives_encoding(written):
    record = decode_event(as_line(written))
    assert decode_event(encode_event(record)) == record


@settings(max_examples=100)
@given(st.lists(events(), max_size=5), st.booleans())
def test_a_block_holds_what_single_decoding_gives(written, ascii_only):
    lines = [as_line(one, ascii_only=ascii_only) for one in written]
    decoded = decode_lines(lines)
    assert decoded.rejected == []
    assert decoded.block.records == [decode_event(line) for line in lines]
    assert decoded.block.ts.tolist() == [record.ts for record in decoded.block.records]
    assert decode_rows(written).block.records == decoded.block.records


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=80) | events().map(as_line), max_size=6))
def test_any_bytes_are_accepted_or_refused_and_never_crash(lines):
    decoded = decode_lines(lines)
    numbers = [*decoded.block.lines.tolist(), *(r.line for r in decoded.rejected)]
    assert sorted(numbers) == [at for at, line in enumerate(lines, start=1) if line.strip()]


@settings(max_examples=300)
@given(st.sampled_from([RIGHT, *(line for _, line in MALFORMED.values() if len(line) < 500)]), st.data())
def test_a_damaged_line_is_accepted_or_refused_in_particular_words(line, data):
    start, length = data.draw(st.integers(0, len(line))), data.draw(st.integers(0, 5))
    damaged = line[:start] + data.draw(st.binary(max_size=4)) + line[start + length :]
    error = refusal(damaged)
    if error is not None:
        assert "cannot be read" not in error.problem
        assert error.hint


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=400)
@given(st.data())
def test_the_fast_and_the_patient_reading_accept_the_same(data):
    written = data.draw(events())
    name = data.draw(st.sampled_from(sorted(REGISTRY[written["type"]].fields())))
    written[name] = data.draw(values)
    line = as_line(written)
    patient, fast = complaint_of(json.loads(line)), refusal(line)
    assert (patient is None) == (fast is None)
    assert fast is None or fast.field == name


def test_a_missing_field_is_unset_and_null_is_none():
    record = decode_event(event(group_id=None))
    assert record.group_id is None
    assert record.batch_id is msgspec.UNSET


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-03-02T09:30:00.250Z", MS),
        ("2026-03-02T09:30:00.2509999Z", MS),
        ("2026-03-02T10:30:00.25+01:00", MS),
        ("2026-03-02T00:00:00.25-09:30", MS),
        ("2026-03-02t09:30:00.250z", MS),
        (MS, MS),
        (0, 0),
        ((1 << 42) - 1, (1 << 42) - 1),
        ("1969-12-31T23:00:00-01:00", 0),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ],
)
def test_a_time_is_read_to_the_millisecond(text, ms):
    assert decode_event(event(ts=text)).ts == ms
    assert decode_lines([event(ts=text), event(ts=5)]).block.ts.tolist() == [ms, 5]


def test_heartbeats_keep_microseconds():
    line = (
        b'{"event_id": "e", "type": "client_heartbeat", "ts": 5, "client_ts": "2026-03-02T09:30:00.250125Z"}'
    )
    assert decode_event(line).client_ts == MS * 1000 + 125


def test_an_amount_is_exact_however_it_is_written():
    for text in (b"0.10", b'"0.10"'):
        line = b'{"event_id": "e", "type": "payment_attempted", "ts": 5, "amount": ' + text + b"}"
        assert decode_event(line).amount == Decimal("0.10")


TWICE = {
    "account_id": [
        b', "account_id": "a2"}',
        b',"account_id":"a1"}',
        b', "account_id" : "a2"}',
        b', "account_id"\t:"a2"}',
        b', "account\\u005fid": "a2"}',
        b', "device_id": "\\":", "account_id": "a2"}',
        b', "device_id": "\\u0022:", "account_id" :"a2"}',
    ],
    "a": [b', "extra": {"a": 1, "a": 1}}', b', "extra": {"b": [{"a": {}, "a": 2}]}}'],
    "extra": [b', "extra": {}, "extra": {}}'],
}


@pytest.mark.parametrize(("field", "end"), [(field, end) for field, ends in TWICE.items() for end in ends])
def test_a_name_that_stands_twice_is_refused_however_it_is_written(field, end):
    line = RIGHT[:-1] + end
    with pytest.raises(EventError, match=f"field `{field}`: stands twice"):
        decode_event(line)
    decoded = decode_lines([RIGHT, line, RIGHT])
    assert [one.line for one in decoded.rejected] == [2]
    assert decoded.block.lines.tolist() == [1, 3]


@pytest.mark.parametrize(
    "end",
    [
        b', "extra": {"a": 1, "b": {"a": 1}}}',
        b', "extra": {"account_id": "a"}, "device_id" :"d"}',
        b', "device_id": "\\":"}',
        b', "device_id": ":"}',
        b', "extra": {"a": "x\\u0022:"}}',
        b', "extra": {"a\\":": 1}}',
    ],
)
def test_a_name_may_stand_in_several_objects_and_texts_may_look_like_names(end):
    decode_event(RIGHT[:-1] + end)
    assert decode_lines([RIGHT[:-1] + end]).rejected == []


def test_line_ends_and_blank_lines_are_no_matter():
    decoded = decode_lines([RIGHT + b"\r", b"", b"  \r", b" " + RIGHT + b" "])
    assert decoded.rejected == []
    assert decoded.block.lines.tolist() == [1, 4]


def test_own_facts_may_be_32_levels_deep():
    deep = b'"extra": ' + b'{"a":' * 31 + b"{}" + b"}" * 31
    record = decode_event(RIGHT[:-1] + b", " + deep + b"}")
    assert "a" in record.extra


def test_the_input_of_a_rejected_line_is_kept_readable_and_short():
    (rejected,) = decode_lines([b'{"event_id": "\xff' + b"x" * 5000]).rejected
    assert rejected.input.startswith('{"event_id": "\\xff')
    assert len(rejected.input) == 1000
    assert json.dumps(rejected.to_record())


def test_a_block_gives_columns_by_type():
    lines = [
        event(event_id="e-1"),
        b'{"event_id": "e-2", "type": "client_report", "ts": 7, "build_date": "1970-01-02"}',
    ]
    block = decode_lines(lines).block
    (sent, first), (report, second) = sorted(block.positions_by_type().items(), reverse=True)
    assert (first.tolist(), second.tolist()) == ([0], [1])
    assert block.codes.tolist() == [sent, report]
    assert block.column("recipient_id", first) == ["b7"]
    assert block.column("batch_id", first) == [msgspec.UNSET]
    assert block.column("build_date", second) == [86_400_000]
    assert block.select([1]).event_ids == ["e-2"]
    assert block.select([1, 0]).ts.tolist() == [7, MS]
