"""The same events as lines, Parquet and Arrow: the same decisions; columns take what the patient way takes."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.events.test_json_columns import value_in
from tests.replay.traffic import POLICY, busy_day, written

from tidegate.errors import FileError
from tidegate.events import BY_CODE, REGISTRY, EventBlock, Rejected
from tidegate.replay import columnar
from tidegate.replay.readers import read_events
from tidegate.replay.replayer import Options, replay

PLACE = "f.parquet"
WORD = st.sampled_from(
    ["a", "b7", "text", "link", "é", "x" * 300, "", "a\tb", 'q"\\', "00ff13a27be09c44", "DE"]
)
KINDS = {
    "event_id": (
        st.sampled_from(["e1", "e2", "é", "", "x" * 129, "x" * 128]),
        [pa.string(), pa.large_string()],
    ),
    "ts": (st.integers(-1, 2**42), [pa.int64(), pa.float64(), pa.timestamp("ms"), pa.timestamp("us", "UTC")]),
    "account_id": (WORD, [pa.string(), pa.dictionary(pa.int32(), pa.string())]),
    "message_type": (WORD, [pa.string()]),
    "content_fp": (WORD, [pa.string()]),
    "is_forward": (st.booleans(), [pa.bool_()]),
    "media_bytes": (st.integers(-1, 2**54), [pa.int64(), pa.float64()]),
    "forward_depth": (
        st.sampled_from([0.0, 1.0, 1.5, -1.0, float("nan"), float("inf")]),
        [pa.float64(), pa.float32()],
    ),
    "ip_lat": (st.floats(-100, 100) | st.just(float("nan")), [pa.float64()]),
    "ip_lon": (st.integers(-200, 200), [pa.int16(), pa.float64()]),
    "link_hashes": (st.lists(WORD | st.none(), max_size=3), [pa.list_(pa.string())]),
    "local_hour": (st.integers(-1, 25), [pa.int32()]),
    "build_date": (st.dates(), [pa.date32()]),
    "client_ts": (st.integers(0, 2**42), [pa.int64(), pa.float64(), pa.timestamp("ms")]),
    "registered_at": (
        st.sampled_from(["2026-03-02T09:30:00Z", "soon", "", "2026-03-02T09:30:00+02:00"]),
        [pa.string()],
    ),
}
TYPES = st.sampled_from(
    ["message_sent", "client_report", "account_profile", "client_heartbeat", "mesage_sent", None]
)


@st.composite
def batches(draw):
    """A batch of rows of several types, with right and wrong values, and some fields of other types."""
    n = draw(st.integers(1, 6))
    chosen = draw(st.lists(st.sampled_from(sorted(set(KINDS) - {"event_id", "ts"})), unique=True, max_size=5))
    columns = {"type": pa.array(draw(st.lists(TYPES, min_size=n, max_size=n)), pa.string())}
    for name in ("event_id", "ts", *chosen):
        values, held = KINDS[name]
        rare = values if name in ("event_id", "ts") else values | st.none()
        listed = draw(st.lists(rare, min_size=n, max_size=n))
        kind = draw(st.sampled_from(held))
        if pa.types.is_timestamp(kind):
            listed = pa.array(listed, pa.int64()).cast(pa.timestamp("ms")).cast(kind)
        elif pa.types.is_dictionary(kind):
            listed = pa.array(listed, pa.string()).dictionary_encode()
        columns[name] = (
            listed
            if isinstance(listed, pa.Array)
            else pa.array(listed).cast(
                kind, safe=False
            )  # large whole numbers are rounded where columns hold float64
            if any(v is not None for v in listed) and not pa.types.is_list(kind)
            else pa.array(listed, kind)
        )
    made = pa.record_batch(columns)
    start = draw(st.integers(0, n - 1))
    return made.slice(start) if draw(st.booleans()) else made


def patiently(batch):
    """What becomes of the rows when each is read value by value."""
    types = batch.column("type")
    codes = pa.compute.fill_null(pa.compute.index_in(types, value_set=columnar._TYPE_NAMES), -1)
    return columnar._patient(batch, codes, PLACE, np.arange(1, batch.num_rows + 1))


@settings(deadline=None, max_examples=400)
@given(batches())
def test_columns_take_the_rows_that_the_patient_way_takes_with_the_same_values(batch):
    found, expected = columnar.rows_of(batch, file=PLACE, first_row=1), patiently(batch)
    first, second = (
        [(r.line, str(r.error), json.loads(r.input)) for r in one.rejected] for one in (found, expected)
    )
    assert first == second
    block = found.block
    assert list(block.records) == expected.block.records
    for name in ("ts", "lines", "codes"):
        assert getattr(block, name).tolist() == getattr(expected.block, name).tolist()
    for at in range(len(block)):
        if at not in block.single:
            record, code = expected.block.records[at], int(block.codes[at])
            alone = columnar.rows_of(batch.slice(int(block.rows[at]), 1), file=PLACE, first_row=1).block
            assert not len(alone.single)
            for name, field in BY_CODE[code].fields().items():
                value = getattr(record, name)
                value = (
                    (value - dt.date(1970, 1, 1)).days * 86_400_000 if isinstance(value, dt.date) else value
                )
                assert value_in(alone.columns, code, name, field) == value, name
    assert block.event_ids == [r.event_id for r in expected.block.records]
    assert block.texts("account_id").listed() == [r.account_id for r in expected.block.records]


def test_right_rows_of_every_simple_kind_become_no_record():
    batch = pa.record_batch(
        {
            "event_id": ["e1", "e2", "e3"],
            "type": ["message_sent", "client_report", "message_sent"],
            "ts": pa.array([1, 2, 3], pa.timestamp("ms", "UTC")),
            "account_id": pa.array(["a", None, "a"]).dictionary_encode(),
            "is_forward": [True, None, False],
            "media_bytes": [1.0, None, 2.0],
            "ip_lat": [1.5, -90.0, None],
            "link_hashes": [["l1", "l2"], None, []],
            "content_fp": ["00ff13a27be09c44", None, None],
            "message_type": ["text", None, "link"],
            "build_date": [None, dt.date(2026, 3, 2), None],
        }
    )
    block = columnar.rows_of(batch, file=PLACE, first_row=1).block
    assert (len(block), len(block.single)) == (3, 0)
    lengths, members = block.columns.lists(block.codes[0], "link_hashes", np.array([2, 0, 0]))
    assert (lengths.tolist(), members.listed()) == ([0, 2, 2], ["l1", "l2", "l1", "l2"])


def test_a_number_with_a_fraction_costs_no_other_row():
    """Whole numbers may come as floats: whether one is accepted must not depend on its neighbours."""
    batch = pa.record_batch(
        {
            "event_id": ["e1", "é2"],
            "type": ["message_sent"] * 2,
            "ts": [1, 2],
            "media_bytes": [1.5, 3.0],
            "extra": ["{}"] * 2,
        }
    )
    found = columnar.rows_of(batch, file=PLACE, first_row=1)
    assert [record.event_id for record in found.block.records] == ["é2"]
    assert [rejected.line for rejected in found.rejected] == [1]


def runs(values):
    """An array as runs of one row each."""
    return pa.RunEndEncodedArray.from_arrays(pa.array(range(1, len(values) + 1), pa.int32()), values)


def of_dictionary(values):
    """An array of texts as places in a dictionary of views."""
    found = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices, found.dictionary.cast(pa.string_view()))


LAYOUTS = {
    "views": ({"event_id", "type", "account_id"}, lambda column: column.cast(pa.string_view())),
    "dictionaries of views": ({"type", "account_id"}, of_dictionary),
    "runs": ({"type", "account_id", "ts"}, runs),
    "runs of views": ({"account_id"}, lambda column: runs(column.cast(pa.string_view()))),
    "lists of views": ({"link_hashes"}, lambda column: column.cast(pa.large_list(pa.string_view()))),
    "views of lists": (
        {"link_hashes"},
        lambda column: pa.array(column.to_pylist(), pa.list_view(pa.string())),
    ),
    "decimals": ({"ts", "media_bytes"}, lambda column: column.cast(pa.decimal128(38, 0))),
    "decimals with places": ({"media_bytes", "ip_lat"}, lambda column: column.cast(pa.decimal128(38, 4))),
    "floats": ({"ts", "media_bytes"}, lambda column: column.cast(pa.float64())),
    "dictionary of times": ({"ts"}, lambda column: column.cast(pa.timestamp("ms")).dictionary_encode()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_how_data_frames_and_warehouses_lay_out_a_column_changes_no_event(tmp_path, layout):
    plain = {
        "event_id": pa.array(["e1", "é2", "e3", "e4"]),
        "type": pa.array(["message_sent"] * 4),
        "ts": pa.array([5, 6, 7, 8], pa.int64()),
        "account_id": pa.array(["a1", None, "a1", "b"]),
        "media_bytes": pa.array([1, None, 2**40, -1], pa.int64()),
        "ip_lat": pa.array([1.5, None, 91.0, 3.0]),
        "link_hashes": pa.array([["l1", "l2"], None, [], ["l3"]]),
    }
    columns, changed = LAYOUTS[layout]
    other = {name: changed(column) if name in columns else column for name, column in plain.items()}
    found = []
    for name, table in (("plain", plain), ("other", other)):
        batch = pa.record_batch(table)
        with pa.ipc.new_file(tmp_path / f"{name}.arrow", batch.schema) as writer:
            writer.write_batch(batch.slice(0, 1))  # a part of a column is not its beginning
            writer.write_batch(batch.slice(1))
        parts = list(read_events(tmp_path / f"{name}.arrow"))
        accepted = [record for part in parts if isinstance(part, EventBlock) for record in part.records]
        rejected = [
            (part.line, part.error.problem, part.input) for part in parts if isinstance(part, Rejected)
        ]
        found.append((accepted, rejected))
    assert found[0] == found[1]
    assert [record.event_id for record in found[0][0]] == ["e1", "é2"]
    assert [line for line, _, _ in found[0][1]] == [3, 4]


def test_an_exact_amount_in_a_decimal_column_keeps_its_digits():
    batch = pa.record_batch(
        {
            "event_id": ["e1"],
            "type": ["payment_attempted"],
            "ts": [5],
            "amount": pa.array([Decimal("0.10000000000000000001")], pa.decimal128(38, 20)),
        }
    )
    (record,) = columnar.rows_of(batch, file=PLACE, first_row=1).block.records
    assert record.amount == Decimal("0.10000000000000000001")


@pytest.mark.parametrize(("kept", "accepted"), [(1.0, 40), (0.7, 20), (0.2, None)])
def test_of_a_stream_that_breaks_off_the_rows_before_are_read(tmp_path, kept, accepted):
    table = pa.table(
        {"event_id": [f"e{n}" for n in range(40)], "type": ["message_sent"] * 40, "ts": range(40)}
    )
    with pa.ipc.new_stream(tmp_path / "e.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=20)
    data = (tmp_path / "e.arrow").read_bytes()
    (tmp_path / "e.arrow").write_bytes(data[: int(len(data) * kept)])
    if accepted is None:
        with pytest.raises(FileError, match="cannot be read as Arrow IPC"):
            list(read_events(tmp_path / "e.arrow"))
        return
    parts = list(read_events(tmp_path / "e.arrow"))
    assert sum(len(part) for part in parts if isinstance(part, EventBlock)) == accepted
    broken = [part for part in parts if isinstance(part, Rejected)]
    assert [part.line for part in broken] == ([] if kept == 1.0 else [21])
    assert all("e.arrow:21: cannot be read as Arrow IPC: " in str(part.error) for part in broken)
    assert all(part.error.hint.endswith("; all rows before were read") for part in broken)


def as_columns(events):
    """The events as a table; what has no column type of its own is left out."""
    names = list(dict.fromkeys(name for event in events for name in event))
    return pa.table({name: pa.array([event.get(name) for event in events]) for name in names})


@pytest.mark.parametrize(
    "options", [Options(), Options(only_fired=True, block_rows=100), Options(order="time", block_rows=333)]
)
def test_three_formats_of_the_same_events_give_the_same_decisions_byte_for_byte(tmp_path, options):
    events = busy_day(1500)
    table = as_columns(events)
    with pa.ipc.new_file(tmp_path / "e.arrow", table.schema) as writer:
        writer.write_table(table, max_chunksize=250)
    pq.write_table(table, tmp_path / "e.parquet", row_group_size=400)
    files = [written(tmp_path / "e.ndjson", events), str(tmp_path / "e.parquet"), str(tmp_path / "e.arrow")]
    found = []
    for number, file in enumerate(files):
        done = replay(POLICY, [file], tmp_path / f"out-{number}", options)
        rejected = done.out / "rejected.ndjson"
        text = rejected.read_text("utf-8") if rejected.exists() else ""
        late = [json.loads(line)["line"] for line in text.splitlines()]
        found.append(((done.out / "decisions.ndjson").read_bytes(), late, done.tally.duplicates))
    assert found[0] == found[1] == found[2]
    assert found[0][0].count(b'"burst"') > 50
    assert len(found[0][1]) > 5 if options.order == "arrival" else not found[0][1]


def test_how_a_row_is_rejected_does_not_depend_on_its_neighbours():
    table = pa.table(
        {
            "event_id": ["e1", "e2"],
            "type": ["client_report", "client_report"],
            "link_hashes": pa.array([None, []], pa.list_(pa.string())),  # null in one row, not in the other
            "is_forward": [False, False],  # neither is a field of such events
            "ts": [5, 6],
        }
    )
    together = columnar.rows_of(table.to_batches()[0], file=PLACE, first_row=1).rejected
    alone = columnar.rows_of(table.slice(1).to_batches()[0], file=PLACE, first_row=2).rejected
    assert [(r.line, str(r.error), r.input) for r in together[1:]] == [
        (r.line, str(r.error), r.input) for r in alone
    ]
    assert list(json.loads(alone[0].input)) == table.schema.names


def test_every_event_type_has_its_id_and_account_where_columns_look_for_them():
    for event in REGISTRY.values():
        assert list(event.fields())[:2] == ["event_id", "ts"]
        assert "account_id" in event.fields()
