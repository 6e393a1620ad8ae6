"""Files of every form give the same events; a broken one costs as little as possible and says where it broke."""

import datetime as dt
import gzip
import io
import json
import sys
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.events.malformed import event

from tidegate.errors import FileError
from tidegate.events import EventBlock
from tidegate.replay.byte_stream import CHUNK_BYTES, _before_damage
from tidegate.replay.input_file import input_file
from tidegate.replay.readers import read_events

MS = 1_772_443_800_250
LINES = [event(event_id=f"e-{number}", ts=MS + number) for number in range(2000)]
IDS = [f"e-{number}" for number in range(2000)]
TEXT = b"\n".join(LINES) + b"\n"


def zstd(data):
    return pa.Codec("zstd").compress(data, asbytes=True)


def read(path, **options):
    """All records and all rejections of a file."""
    records, rejected = [], []
    for item in read_events(path, **options):
        if isinstance(item, EventBlock):
            records += item.records
        else:
            rejected.append(item)
    return records, rejected


def ids(path, **options):
    records, rejected = read(path, **options)
    assert rejected == []
    return [record.event_id for record in records]


def write(path, data):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("e.ndjson", TEXT),
        ("e.jsonl", TEXT),
        ("E.NDJSON", TEXT),
        ("no-last-line-end.ndjson", TEXT[:-1]),
        ("crlf.ndjson", TEXT.replace(b"\n", b"\r\n")),
        ("bom.ndjson", b"\xef\xbb\xbf" + TEXT),
        ("blank-lines.ndjson", b"\n \n" + TEXT.replace(b"\n", b"\n\n") + b"\n\n"),
        ("e.ndjson.gz", gzip.compress(TEXT)),
        ("members.ndjson.gz", gzip.compress(TEXT[:5000]) + gzip.compress(TEXT[5000:])),
        ("padded.ndjson.gz", gzip.compress(TEXT) + b"\0" * 512),
        ("e.ndjson.zst", zstd(TEXT)),
        ("frames.ndjson.zst", zstd(TEXT[:5000]) + zstd(TEXT[5000:])),
    ],
)
def test_lines_are_read_from_every_form_of_text(tmp_path, name, data):
    assert ids(write(tmp_path / name, data)) == IDS


@pytest.mark.parametrize("rows", [1, 7, 777, 8192])
def test_blocks_hold_at_most_the_rows_asked_for(tmp_path, rows):
    path = write(tmp_path / "e.ndjson", TEXT)
    blocks = list(read_events(path, rows=rows))
    assert max(map(len, blocks)) <= rows
    assert [number for block in blocks for number in block.lines.tolist()] == list(range(1, 2001))
    assert [ms for block in blocks for ms in block.ts.tolist()] == list(range(MS, MS + 2000))


def test_an_empty_file_has_no_events(tmp_path):
    for name in ("e.ndjson", "e.ndjson.gz", "e.ndjson.zst"):
        assert read(write(tmp_path / name, b"")) == ([], [])


def test_standard_input_is_read_as_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT)))
    assert ids("-") == IDS


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_the_cut_into_chunks_is_no_matter(monkeypatch, chunk):
    class Pipe(io.BytesIO):
        def read1(self, size=-1):
            return super().read1(min(size, chunk))

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(b"\n".join(LINES[:20]))))
    assert ids("-") == IDS[:20]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
def test_a_line_of_many_mebibytes_costs_only_itself(tmp_path, ending):
    data = b"\n".join(
        [LINES[0], b'{"event_id": "' + b"x" * (5 * CHUNK_BYTES) + b'"}', LINES[1], b"y" * (2 * CHUNK_BYTES)]
    )
    packed = {"": data, ".gz": gzip.compress(data), ".zst": zstd(data)}[ending]
    records, rejected = read(write(tmp_path / f"e.ndjson{ending}", packed))
    assert [record.event_id for record in records] == ["e-0", "e-1"]
    assert [r.line for r in rejected] == [2, 4]
    assert "the line has 5,242,896 bytes, more than 1,048,576" in str(rejected[0].error)
    assert rejected[0].input.startswith('{"event_id": "xxx')
    assert len(rejected[0].input) == 1000


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("cut.ndjson.gz", gzip.compress(TEXT)[:-200], "the gzip data breaks off"),
        ("trailer.ndjson.gz", gzip.compress(TEXT)[:-4], "the gzip data breaks off"),
        ("sum.ndjson.gz", gzip.compress(TEXT * 40)[:-8] + b"\0" * 8, "the gzip data is damaged"),
        ("garbage.ndjson.gz", gzip.compress(TEXT) + b"garbage", "the gzip data is damaged"),
        ("cut.ndjson.zst", zstd(TEXT * 40)[:-200], "the zstd data breaks off"),
        ("garbage.ndjson.zst", zstd(TEXT * 40) + b"garbage", "the zstd data is damaged"),
        ("short.ndjson.zst", zstd(TEXT) + b"garbage", "the zstd data is damaged"),
        ("second.ndjson.zst", zstd(TEXT) + zstd(TEXT)[:-200], "the zstd data breaks off"),
    ],
)
def test_compressed_data_that_breaks_off_gives_what_came_before_and_one_error(tmp_path, name, data, problem):
    path = write(tmp_path / name, data)
    records, rejected = read(path)
    assert [record.event_id for record in records[:2000]] == IDS[: len(records)]
    assert len(records) > 500
    whole = {"garbage": 40 * len(IDS), "short": len(IDS), "second": len(IDS)}.get(
        name.split(".")[0] if ".zst" in name else "", 0
    )
    assert len(records) >= whole  # nothing that could be decompressed is lost
    (broken,) = rejected
    assert str(broken.error).startswith(f"{path}:{len(records) + 1}: {problem}\n  hint: ")


def test_a_damaged_file_that_became_shorter_meanwhile_is_read_to_its_end():
    assert _before_damage(io.BytesIO(zstd(TEXT)), len(TEXT) + 1) == b""


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_one_error(tmp_path, encoding):
    path = write(tmp_path / "e.ndjson", TEXT.decode().encode(encoding))
    with pytest.raises(FileError, match="UTF-16 or UTF-32") as found:
        read(path)
    assert found.value.place == str(path)


@pytest.mark.parametrize(
    ("data", "what", "ending"),
    [
        (gzip.compress(TEXT), "gzip data", ".ndjson.gz"),
        (zstd(TEXT), "zstd data", ".ndjson.zst"),
        (b"PAR1\x15\x04", "a Parquet file", ".parquet"),
        (b"ARROW1\0\0", "an Arrow file", ".arrow"),
    ],
)
def test_a_file_of_another_form_than_its_name_says_is_told_its_ending(tmp_path, data, what, ending):
    with pytest.raises(FileError) as found:
        read(write(tmp_path / "e.ndjson", data))
    assert found.value.problem == f"is {what}, not lines of text"
    assert f"`{ending}`" in found.value.hint


def test_a_file_that_is_not_compressed_as_it_says_is_one_error(tmp_path):
    for ending, name in ((".gz", "gzip"), (".zst", "zstd")):
        with pytest.raises(FileError, match=f"is not a {name} file"):
            read(write(tmp_path / f"e.ndjson{ending}", TEXT))


def test_a_name_that_cannot_be_read_says_why(tmp_path):
    write(tmp_path / "events.ndjson", TEXT)
    (tmp_path / "folder.ndjson").mkdir()
    cases = {
        "event.ndjson": ("there is no such file", "did you mean"),
        "nowhere/at/all.ndjson": ("there is no such file", "check the spelling"),
        "folder.ndjson": ("is a folder", "*.ndjson"),
        "events.csv": ("its ending", "`.ndjson`"),
        "events.parquet.gz": ("its ending", "`.ndjson`"),
        "events": ("its ending", "`.ndjson`"),
    }
    for name in ("events.csv", "events.parquet.gz", "events"):
        write(tmp_path / name, TEXT)
    for name, (problem, hint) in cases.items():
        with pytest.raises(FileError) as found:
            input_file(tmp_path / name)
        assert found.value.problem.startswith(problem), name
        assert hint in found.value.hint
        assert found.value.place == str(tmp_path / name)
    with pytest.raises(FileError, match="no such file"):
        input_file("a\0b.ndjson")


def test_progress_tells_bytes_read_of_bytes_in_all(tmp_path):
    for name, data in (
        ("e.ndjson", TEXT),
        ("e.ndjson.gz", gzip.compress(TEXT)),
        ("e.ndjson.zst", zstd(TEXT)),
    ):
        told = []
        read(write(tmp_path / name, data), progress=lambda done, total, told=told: told.append((done, total)))
        assert told[-1] == (len(data), len(data))


# columns ------------------------------------------------------------------------------------------------------

# ruff: noqa: DTZ001  (columns of times without a zone are what is tested)
TABLE = pa.table(
    {
        "event_id": ["e-1", "e-2", "e-3", "e-4"],
        "type": pa.array(
            ["message_sent", "account_profile", "payment_attempted", "client_report"]
        ).dictionary_encode(),
        "ts": pa.array([MS, MS + 1, MS + 2, MS + 3], pa.timestamp("ms", "UTC")),
        "account_id": ["a1", "a1", "a2", None],
        "is_forward": [True, None, None, None],
        "forward_depth": [3.0, None, None, None],
        "link_hashes": [["l1", "l2"], None, None, None],
        "registered_at": pa.array([None, dt.datetime(2026, 3, 2, 9, 30), None, None], pa.timestamp("us")),
        "labels": pa.array(
            [None, [("abnormal-sending", dt.datetime(1970, 1, 2))], None, None],
            pa.map_(pa.string(), pa.timestamp("ns")),
        ),
        "sanctions": [None, [{"kind": "ban", "level": None}], None, None],
        "amount": pa.array([None, None, Decimal("12.50"), None], pa.decimal128(20, 2)),
        "build_date": pa.array([None, None, None, dt.date(2026, 3, 2)]),
        "features": pa.array([None, None, None, [("entropy", 0.5)]], pa.map_(pa.string(), pa.float32())),
        "extra": [{"note": "x", "n": None}, None, None, None],
    }
)


def write_arrow(path, table):
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    return path


def write_stream(path, table):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)
    return path


def write_parquet(path, table):
    pq.write_table(table, path)
    return path


COLUMNAR = [
    ("e.parquet", write_parquet),
    ("e.arrow", write_arrow),
    ("e.arrows", write_stream),
    ("e.feather", write_arrow),
]


@pytest.mark.parametrize(("name", "store"), COLUMNAR)
def test_columns_give_the_same_events_as_lines(tmp_path, name, store):
    lines = [
        {"event_id": "e-1", "type": "message_sent", "ts": MS, "account_id": "a1", "is_forward": True, "forward_depth": 3,
         "link_hashes": ["l1", "l2"], "extra": {"note": "x"}},
        {"event_id": "e-2", "type": "account_profile", "ts": MS + 1, "account_id": "a1",
         "registered_at": "2026-03-02T09:30:00Z", "labels": {"abnormal-sending": 86_400_000}, "sanctions": [{"kind": "ban"}]},
        {"event_id": "e-3", "type": "payment_attempted", "ts": MS + 2, "account_id": "a2", "amount": "12.50"},
        {"event_id": "e-4", "type": "client_report", "ts": MS + 3, "build_date": "2026-03-02", "features": {"entropy": 0.5}},
    ]  # fmt: skip
    expected, _ = read(write(tmp_path / "e.ndjson", b"\n".join(json.dumps(line).encode() for line in lines)))
    records, rejected = read(store(tmp_path / name, TABLE))
    assert rejected == []
    assert records == expected
    assert ids(tmp_path / name, rows=1) == ["e-1", "e-2", "e-3", "e-4"]


@pytest.mark.parametrize(
    "ts",
    [
        pa.array([MS], pa.timestamp("us")),
        pa.array([MS * 1000], pa.int64()).cast(pa.timestamp("us", "Europe/Berlin")),
        pa.array([MS * 1_000_000 + 999_999], pa.int64()).cast(pa.timestamp("ns")),
        pa.array([MS], pa.int64()),
        pa.array(["2026-03-02T10:30:00.250+01:00"]),
    ],
    ids=lambda ts: str(ts.type),
)
def test_a_time_column_may_be_timestamps_whole_numbers_or_text(tmp_path, ts):
    if ts.type == pa.timestamp("us"):
        ts = pa.array([MS * 1000], pa.int64()).cast(pa.timestamp("us"))
    table = pa.table({"event_id": ["e"], "type": ["message_sent"], "ts": ts})
    (record,), _ = read(write_parquet(tmp_path / "e.parquet", table))
    assert record.ts == MS


@pytest.mark.filterwarnings("error")
def test_a_text_that_is_no_time_costs_its_row_and_says_nothing_else(tmp_path):
    ts = ["2026-03-02T10:30:00.250+01:00", "soon", None]
    table = pa.table({"event_id": ["e-1", "e-2", "e-3"], "type": ["message_sent"] * 3, "ts": ts})
    records, rejected = read(write_parquet(tmp_path / "e.parquet", table))
    assert ([r.ts for r in records], [r.line for r in rejected]) == ([MS], [2, 3])


def test_binary_columns_are_called_so(tmp_path):
    table = pa.table({"event_id": [b"e-1"], "type": ["message_sent"], "ts": [MS]})
    _, (found,) = read(write_parquet(tmp_path / "e.parquet", table))
    assert "expected an id as text, not binary data" in str(found.error)


def test_an_export_of_no_rows_whose_columns_have_no_type_has_no_events(tmp_path):
    table = pa.table({name: pa.array([], pa.null()) for name in ("event_id", "type", "ts")})
    for name, store in COLUMNAR:
        assert read(store(tmp_path / name, table)) == ([], [])


def test_a_bad_row_is_rejected_by_its_number(tmp_path):
    table = pa.table(
        {
            "event_id": ["e-1", "e-2", None, "e-4", "e-5", "e-6", "e-7", "e\0", "e-9"],
            "type": ["message_sent", "mesage_sent", "message_sent", None, *["message_sent"] * 5],
            "ts": pa.array([1, 2, 3, 4, None, 6, 7, 8, 9], pa.int64()),
            "ip_lat": [1.0, 2.0, 3.0, 4.0, 5.0, float("nan"), 95.0, 8.0, 9.0],
            "correct": [None, None, None, None, None, None, None, None, True],
        }
    )
    records, rejected = read(write_parquet(tmp_path / "e.parquet", table), rows=4)
    assert [record.event_id for record in records] == ["e-1"]
    errors = {r.line: str(r.error).removeprefix(f"{tmp_path / 'e.parquet'}:{r.line}: ") for r in rejected}
    assert list(errors) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert errors[2].startswith(
        "field `type`: there is no event type `mesage_sent`\n  hint: did you mean `message_sent`?"
    )
    assert errors[3].startswith("field `event_id`: is missing")
    assert errors[4].startswith("field `type`: is missing")
    assert errors[5].startswith("field `ts`: is missing")
    assert errors[6].startswith("field `ip_lat`: expected a number, not the text `nan`")
    assert errors[7].startswith("field `ip_lat`: the number `95.0` is too large")
    assert errors[8].startswith("field `event_id`: the id `e\\u0000` has a control character")
    assert errors[9].startswith("field `correct`: an event of type `message_sent` has no such field")
    assert json.loads(rejected[0].input)["event_id"] == "e-2"


@pytest.mark.parametrize(
    ("columns", "problem", "hint"),
    [
        ({"is_foward": [True]}, "no event has a field for column `is_foward`", "did you mean `is_forward`?"),
        ({"coffee": [1]}, "no event has a field for column `coffee`", "`extra`"),
        ({"ts": None}, "there is no column `ts`", "every event has one"),
        ({"type": None}, "there is no column `type`", "every event has one"),
        ({"type": [1]}, "column `type` holds no text", "name event types"),
    ],
)
def test_a_file_with_wrong_columns_is_one_error(tmp_path, columns, problem, hint):
    given = {"event_id": ["e"], "type": ["message_sent"], "ts": [1]} | columns
    table = pa.table({name: column for name, column in given.items() if column is not None})
    for name, store in COLUMNAR:
        with pytest.raises(FileError) as found:
            read(store(tmp_path / name, table))
        assert (found.value.problem, found.value.place) == (problem, str(tmp_path / name))
        assert hint in found.value.hint


@pytest.mark.parametrize(("name", "store"), COLUMNAR)
def test_a_damaged_columnar_file_is_one_error(tmp_path, name, store):
    whole = store(tmp_path / f"whole-{name}", TABLE).read_bytes()
    for data in (
        b"",
        b"garbage" * 50,
        whole[: len(whole) // 2],
        whole[:-20] + b"\0" * 20 if name != "e.arrows" else whole[:9],
    ):
        with pytest.raises(FileError, match="cannot be read as"):
            read(write(tmp_path / name, data))


def test_own_facts_may_be_a_column_of_json_texts(tmp_path):
    table = pa.table(
        {"event_id": ["e-1", "e-2"], "type": ["message_sent"] * 2, "ts": [1, 2], "extra": ['{"a": 1}', "no"]}
    )
    records, rejected = read(write_parquet(tmp_path / "e.parquet", table))
    assert records[0].extra == {"a": 1}
    assert "field `extra`: expected an object, not the text `no`" in str(rejected[0].error)


def test_texts_that_are_not_utf8_are_rejected_by_row(tmp_path):
    broken = pa.array([b"a1", b"\xff"], pa.binary()).view(pa.string())
    table = pa.table(
        {"event_id": ["e-1", "e-2"], "type": ["message_sent"] * 2, "ts": [1, 2], "account_id": broken}
    )
    records, rejected = read(write_arrow(tmp_path / "e.arrow", table))
    assert [record.event_id for record in records] == ["e-1"]
    assert rejected[0].error.field == "account_id"
