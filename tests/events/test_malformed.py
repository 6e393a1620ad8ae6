"""Every kind of malformed line is refused in words that help, and costs nothing but itself."""

import os
from pathlib import Path

import pytest
from tests.events.malformed import MALFORMED, event

from tidegate.errors import EventError
from tidegate.events import EventBlock, Rejected, decode_event
from tidegate.replay.readers import read_events

GOLDEN = Path(__file__).with_name("malformed.golden")
NAMES = sorted(MALFORMED)


def read(path):
    """The ids accepted and the lines rejected of one file."""
    ids, rejected = [], []
    for item in read_events(path):
        if isinstance(item, EventBlock):
            ids += item.event_ids
        else:
            assert isinstance(item, Rejected)
            rejected.append(item)
    return ids, rejected


def golden():
    """Expected messages by case name."""
    chapters = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    return dict(chapter.strip("\n").split("\n", 1) for chapter in chapters if chapter.strip())


@pytest.mark.parametrize("name", NAMES)
def test_a_malformed_line_is_refused_and_its_neighbours_survive(name, tmp_path, monkeypatch):
    field, line = MALFORMED[name]
    monkeypatch.chdir(tmp_path)
    Path("events.ndjson").write_bytes(
        event(event_id="e-1") + b"\n" + line + b"\n" + event(event_id="e-3") + b"\n"
    )
    ids, rejected = read("events.ndjson")
    assert ids == ["e-1", "e-3"]
    (found,) = rejected
    record = found.to_record()
    assert (record["file"], record["line"]) == ("events.ndjson", 2)
    assert found.error.field == field
    problem, _, hint = str(found.error).partition("\n  hint: ")
    assert problem.startswith("events.ndjson:2: ")
    if field:
        assert f"field `{field}`" in problem
    assert hint
    assert not problem.endswith(".")
    assert len(record["input"]) <= 1000
    assert len(str(found.error)) < 1000


def test_every_message_reads_as_it_was_reviewed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("events.ndjson").write_bytes(b"\n".join(MALFORMED[name][1] for name in NAMES))
    _, rejected = read("events.ndjson")
    messages = {
        name: str(found.error).replace(f"events.ndjson:{found.line}: ", "")
        for name, found in zip(NAMES, rejected, strict=True)
    }
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(f"{name}\n{messages[name]}\n" for name in NAMES), encoding="utf-8")
    assert messages == golden()


def test_the_table_has_at_least_a_hundred_kinds():
    assert len(MALFORMED) >= 100


@pytest.mark.parametrize("name", NAMES)
def test_a_single_event_is_refused_with_the_same_words(name):
    with pytest.raises(EventError) as found:
        decode_event(MALFORMED[name][1])
    assert str(found.value) == golden()[name]


def test_no_message_falls_back_to_a_general_one():
    assert [name for name, text in golden().items() if "cannot be read" in text or "malformed" in text] == []
