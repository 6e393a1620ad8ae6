"""Packed payloads: what comes out is what went in, decisions keep their length under other names, and rubbish is refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.errors import JournalError
from tidegate.journal import frame as frame_module
from tidegate.journal.frame import PACKED, Frame, Kind, frame_bytes, read_frame
from tidegate.journal.packing import pack, pack_lines, unpack, unpack_lines

MOST = 1 << 20
ENDS = (
    b',"verdict":"allow","score":0.0,"fired":[],"undecided":["a.b","c.d"]}',
    b',"verdict":"throttle","score":0.3,"fired":[{"rule":"x"}]}',
)
WORDS = st.text("abcdefgh~0123", min_size=6, max_size=6)
PAYLOADS = st.lists(st.tuples(WORDS, st.integers(0, 99), st.sampled_from(ENDS)), min_size=5, max_size=40).map(
    lambda rows: b"".join(b'{"event_id":"%s-%d"' % (w.encode(), n) + end + b"\n" for w, n, end in rows)
)


@given(
    st.one_of(PAYLOADS, st.binary(max_size=3000), st.binary(min_size=1, max_size=9).map(lambda b: b * 500))
)
def test_what_is_packed_comes_out_again(payload):
    for packing, unpacking in ((pack, unpack), (pack_lines, unpack_lines)):
        packed = packing(payload)
        assert packed is None or len(packed) < len(payload)
        assert packed is None or unpacking(packed, MOST) == payload


@given(PAYLOADS, st.data())
def test_decisions_under_other_names_of_the_same_length_take_the_same_room(payload, data):
    names = sorted({line[13:19] for line in payload.splitlines()})
    others = data.draw(st.lists(WORDS, min_size=len(names), max_size=len(names), unique=True))
    table = dict(zip(names, others, strict=True))
    renamed = b"".join(
        line[:13] + table[line[13:19]].encode() + line[19:] + b"\n" for line in payload.splitlines()
    )
    packed, other = pack_lines(payload), pack_lines(renamed)
    assert packed is not None
    assert other is not None
    assert len(packed) == len(other)


def test_lines_with_much_in_common_take_a_fraction():
    lines = b"".join(b'{"event_id":"e-%06d"' % n + ENDS[n % 2] + b"\n" for n in range(256))
    assert len(pack_lines(lines)) < len(lines) / 2
    assert len(pack(lines)) < len(lines) / 4


def test_what_is_small_or_has_nothing_in_common_stays_as_it_is():
    assert pack(b"{}\n") is None
    assert pack_lines(ENDS[0] + b"\n") is None
    assert pack_lines(b"no decision\n" * 100) is None
    assert pack_lines(ENDS[0] * 10) is None  # no line ends


@given(st.binary(max_size=400), st.integers(0, 1 << 32))
def test_rubbish_is_refused_or_is_something_not_too_long(data, size):
    for unpacking, rubbish in (
        (unpack, data),
        (unpack, struct.pack("<I", size & 0xFFFFFFFF) + data),
        (unpack_lines, data),
    ):
        try:
            assert len(unpacking(rubbish, 1000)) <= 1000
        except JournalError:
            continue


def test_what_unpacks_to_more_than_the_limit_is_refused():
    lines = b"".join(b'{"event_id":"e-%06d"' % n + ENDS[0] + b"\n" for n in range(100))
    for packing, unpacking in ((pack, unpack), (pack_lines, unpack_lines)):
        assert unpacking(packing(lines), len(lines)) == lines
        with pytest.raises(JournalError, match="unpacked"):
            unpacking(packing(lines), len(lines) - 1)


@pytest.mark.parametrize("kind", [Kind.EVENTS, Kind.DECISIONS])
def test_frames_of_events_and_decisions_are_packed_and_say_so(kind):
    lines = b"".join(b'{"event_id":"e-%06d"' % n + ENDS[0] + b"\n" for n in range(100))
    data = frame_bytes(kind, lines, serial=3, first=7, count=100)
    frame = read_frame(data, 0)
    assert isinstance(frame, Frame)
    assert frame.flags & PACKED
    assert len(data) < len(lines) / 2
    assert frame.payload(None) == lines
    other = lines.replace(b"e-0", b"x-0")
    changed = read_frame(frame.holding(other, None), 0)
    assert (changed.payload(None), changed.serial, changed.first, changed.count) == (other, 3, 7, 100)
    assert kind is Kind.EVENTS or changed.end == frame.end


def test_a_frame_that_was_not_packed_stays_so():
    """Those of earlier versions keep their places when somebody is forgotten."""
    frame = Frame(Kind.DECISIONS, 0, 0, 100, 3, 7, b"", 0, 0)
    lines = b"".join(b'{"event_id":"e-%06d"' % n + ENDS[0] + b"\n" for n in range(100))
    changed = read_frame(frame.holding(lines, None), 0)
    assert (changed.flags & PACKED, changed.payload(None)) == (0, lines)


def test_a_packed_frame_of_another_kind_is_refused():
    frame = Frame(Kind.MARK, PACKED, 0, 0, 3, 7, b"abc", 0, 3)
    with pytest.raises(JournalError, match="kind"):
        frame.payload(None)


def test_what_could_be_written_packed_but_not_read_is_refused(monkeypatch):
    monkeypatch.setattr(frame_module, "PAYLOAD_BYTES_MAX", 2000)
    lines = b'{"event_id":"e"}\n' * 1000
    assert len(pack(lines)) < 2000 < len(lines)
    with pytest.raises(JournalError, match="17,000 bytes at once"):
        frame_bytes(Kind.EVENTS, lines, serial=0, first=0)
