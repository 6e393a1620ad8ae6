"""Lines read in columns are the lines that the patient way accepts, with the same values; none is read differently."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from tests.events.malformed import MALFORMED, RIGHT, event
from tests.events.valid_events import as_line, events
from tests.windows.interpreted import interpreted

from tidegate.errors import EventError
from tidegate.events import BY_CODE, decode_event, decode_lines
from tidegate.events.json_columns import LineDecoder
from tidegate.events.line_schema import line_schema
from tidegate.expr import Kind
from tidegate.windows import json_lines

SCHEMA = line_schema()
COMPILED, PLAIN = (
    json_lines.JsonLines(SCHEMA),
    interpreted("json_lines", needs=["timestamps"]).JsonLines(SCHEMA),
)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=12)


def block_of(lines):
    """What the decoder of columns makes of some lines."""
    return LineDecoder().decode(b"".join(line + b"\n" for line in lines), 0, rows=1000, file="", first_line=1)


def parsed(reader, text, rows=100):
    """All that the kernel writes about a text."""
    out = {
        "codes": np.zeros(rows, np.int32),
        "ts": np.zeros(rows, np.int64),
        "lines": np.zeros(rows, np.int64),
        "spans": np.zeros((rows, 2), np.int64),
        "base": np.zeros(rows, np.int64),
        "cells": np.zeros(rows * SCHEMA["kind"].shape[1], np.int64),
        "items": np.zeros(len(text), np.int64),
    }
    n, end, passed, cells, items = reader.parse(text, 0, rows, out)
    kept = {name: out[name][:n].tolist() for name in ("codes", "ts", "lines", "spans", "base")}
    return kept, end, passed, out["cells"][:cells].tolist(), out["items"][:items].tolist()


def value_in(columns, code, name, field):
    """The only row's value as a record has it, numbers as float."""
    rows = np.zeros(1, np.int64)
    if field.kind is Kind.LIST:
        (length,), members = columns.lists(code, name, rows)
        listed = members.tolist() if isinstance(members, np.ndarray) else members.listed()
        return UNSET if np.isnan(length) else None if length < 0 else listed
    if field.kind is Kind.SYMBOL:
        return columns.texts(code, name, rows).listed()[0]
    (number,) = columns.numbers(code, name, rows).tolist()
    return UNSET if np.isnan(number) else None if number == float("-inf") else number


def is_taken(line):
    """Whether a line is read in columns; if so, every value of it must be the one in its record."""
    block = block_of([line]).decoded.block
    if not len(block) or len(block.single):
        return False
    record = decode_event(line)  # raises where only the columns accept the line
    code = int(block.codes[0])
    assert (code, int(block.ts[0])) == (record.type_code, record.ts)
    assert [block.records[0]] == [record]
    for name, field in BY_CODE[code].fields().items():
        value = getattr(record, name)
        if name != "extra":
            assert value_in(block.columns, code, name, field) == value, name
    return True


@settings(deadline=None)
@given(st.lists(events(), min_size=1, max_size=4), st.booleans())
def test_right_events_have_the_same_values_in_columns_and_in_records(made, ascii_only):
    lines = [as_line(one, ascii_only=ascii_only) for one in made]
    for line in lines:
        is_taken(line)
    block, expected = block_of(lines).decoded.block, decode_lines(lines).block
    assert list(block.records) == expected.records
    assert block.event_ids == expected.event_ids
    assert block.texts("account_id").listed() == [r.account_id for r in expected.records]
    assert (block.ts.tolist(), block.codes.tolist()) == (expected.ts.tolist(), expected.codes.tolist())


@pytest.mark.parametrize(
    "line",
    [
        RIGHT,
        RIGHT + b"\r",
        b"  " + RIGHT.replace(b", ", b" ,\t") + b" ",
        RIGHT.replace(b" ", b""),
        event(ts=1_772_443_800_250, media_bytes=2**53, ip_lat=-74.006, ip_lon=12, message_type="text"),
        event(ts="2026-03-02T09:30:00+02:00", account_id=None, is_forward=None, media_bytes=None),
        event(link_hashes=["l1", "l2", "x" * 256], recipient_id="x" * 256, event_id="e" * 128, extra=None),
        event(content_fp="00ff13a27be09c44"),
        event(
            type="client_heartbeat",
            recipient_id=...,
            is_forward=...,
            link_hashes=...,
            client_ts=2**42 * 1000 - 1,
        ),
    ],
)
def test_what_most_lines_look_like_is_read_in_columns(line):
    assert is_taken(line)


@pytest.mark.parametrize(
    "line",
    [
        event(account_id="é"),
        event(account_id="a\\1"),
        event(extra={}),
        event(media_bytes=1.0),
        b'{"ts": 1, ' + RIGHT[1:],
        RIGHT.replace(b"message_sent", b"message\\u005fsent"),
    ],
)
def test_what_needs_patience_is_left_to_it(line):
    assert not is_taken(line)


@pytest.mark.parametrize("name", MALFORMED)
def test_no_malformed_line_is_read_in_columns(name):
    _field, line = MALFORMED[name]
    piece = block_of([RIGHT, line.replace(b"\n", b" "), RIGHT])
    assert len(piece.decoded.block.single) == 0
    assert piece.lines == 3
    assert piece.decoded.block.lines.tolist() == [1, 3]


SPLICE = st.sampled_from(
    [b"", b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"0", b"1", b"9" * 19, b".", b"e5", b"-", b"-0", b" ", b"\t",
     b"\r", b"null", b"true", b"false", b"\x00", b"\x1f", b"\x7f", b"\xff", "é".encode(), b"[]", b'["a",1]', b"0.1"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(events(kind="message_sent"), st.data())
def test_a_line_with_a_splinter_in_it_is_read_the_same_or_not_at_all(made, data):
    line = bytearray(json.dumps(made, separators=(",", ":")).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line)))
        line[at : at + data.draw(st.integers(0, 3))] = data.draw(SPLICE)
    try:
        is_taken(bytes(line))
    except EventError as error:
        pytest.fail(f"only in columns: {bytes(line)!r}: {error}")
    text = bytes(line) + b"\n" + RIGHT + b"\n"
    assert parsed(COMPILED, text) == parsed(PLAIN, text)


@settings(deadline=None, max_examples=200)
@given(
    st.from_regex(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["ip_lat", "media_bytes", "local_hour", "ts"]),
)
def test_numbers_are_read_to_the_last_bit(text, name):
    line = (
        RIGHT[:-1] + f', "{name}": {text}}}'.encode()
        if name != "ts"
        else event(ts=...)[:-1] + f', "ts": {text}}}'.encode()
    )
    try:
        is_taken(line)
    except EventError as error:
        pytest.fail(f"only in columns: {line!r}: {error}")


@given(st.lists(ASCII, max_size=5), st.lists(st.sampled_from([b"", b" ", b"\r"]), max_size=3))
def test_blank_lines_count_but_are_no_events(ids, blanks):
    lines = [
        *blanks,
        *[event(event_id=f"e{number}", link_hashes=ids[:number]) for number in range(3)],
        *blanks,
    ]
    piece = block_of([*lines])
    assert piece.lines == len(lines)
    assert piece.decoded.block.lines.tolist() == [len(blanks) + n for n in (1, 2, 3)] if all(ids) else True
    text = b"".join(line + b"\n" for line in lines)
    assert parsed(COMPILED, text) == parsed(PLAIN, text)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_a_text_is_read_on_from_where_a_block_was_full(rows):
    lines = [event(event_id=f"e{number}", link_hashes=["l"] * (number % 3)) for number in range(10)]
    lines[4] = b"{broken"
    lines[7] = event(event_id="e7", extra={"a": 1})
    text = b"".join(line + b"\n" for line in lines)
    decoder, at, line, ids, wrong = LineDecoder(), 0, 1, [], []
    while at < len(text):
        piece = decoder.decode(text, at, rows=rows, file="f", first_line=line)
        assert len(piece.decoded.block) <= rows
        ids += [
            (r.event_id, n)
            for r, n in zip(piece.decoded.block.records, piece.decoded.block.lines, strict=True)
        ]
        wrong += piece.decoded.rejected
        at, line = piece.end, line + piece.lines
    assert ids == [(f"e{number}", number + 1) for number in range(10) if number != 4]
    assert [rejected.line for rejected in wrong] == [5]


def test_selected_events_keep_their_values():
    lines = [event(event_id=f"e{number}", extra={} if number % 3 == 0 else ...) for number in range(9)]
    block = block_of(lines).decoded.block
    assert block.single.tolist() == [0, 3, 6]
    chosen = block.select([8, 6, 1, 0])
    assert chosen.event_ids == ["e8", "e6", "e1", "e0"] == [record.event_id for record in chosen.records]
    assert chosen.single.tolist() == [1, 3]
    assert chosen.select([1, 2]).event_ids == ["e6", "e1"]
    assert [record.event_id for record in chosen.with_records().records] == chosen.event_ids
