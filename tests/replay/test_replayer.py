"""A replay: the same decisions for any batch, each event once, nothing dropped in silence."""

import json

import numpy as np
import pytest
from tests.replay.traffic import POLICY, START, busy_day, lines_of, message, run, written

import tidegate as tg
from tidegate.errors import FileError
from tidegate.replay.comparison import compare
from tidegate.replay.replayer import Options, replay
from tidegate.windows import COMPILED


# batches ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("only_fired", [False, True])
@pytest.mark.parametrize("order", ["arrival", "time"])
def test_the_size_of_batches_never_changes_a_byte(tmp_path, order, only_fired):
    events = written(tmp_path / "events.ndjson", busy_day(2000))
    found = []
    for rows in (1, 7, 777, 4096):
        out = tmp_path / f"out-{rows}"
        replay(POLICY, [events], out, Options(order=order, only_fired=only_fired, block_rows=rows))
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        counts = {
            k: v for k, v in summary.items() if k not in ("seconds", "events_per_second", "peak_memory_bytes")
        }
        rejected = out / "rejected.ndjson"
        found.append(
            (
                (out / "decisions.ndjson").read_bytes(),
                rejected.read_bytes() if rejected.exists() else b"",
                counts,
            )
        )
    decisions, rejected, counts = found[0]
    assert all(other == found[0] for other in found[1:])
    assert decisions.count(b'"duplicate":true') > 5
    assert decisions.count(b'"burst"') > 50
    assert decisions.count(b'"event_id":null') > 5
    assert rejected.count(b"too_late") > 5 if order == "arrival" else not rejected
    assert counts["decisions"]["deny"] > 50


def test_two_replays_are_byte_identical_and_several_files_are_one_stream(tmp_path):
    events = busy_day(800)
    one = replay(POLICY, [written(tmp_path / "all.ndjson", events)], tmp_path / "one")
    parts = [written(tmp_path / f"{n}.ndjson", events[n::1][:400]) for n in (0, 400)]
    two = replay(POLICY, parts, tmp_path / "two")
    assert (one.out / "decisions.ndjson").read_bytes() == (two.out / "decisions.ndjson").read_bytes()


# lateness ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_what_comes_too_late_is_rejected_with_its_place_not_dropped(tmp_path, rows):
    month = 30 * 86_400  # in seconds: all its digits are told
    events = [message("old", 0), message("new", 301), message("late", 0.999), message("just", 1)]
    events += [message("newer", month), message("older", 0.001)]
    line = json.dumps(events[2]).replace('"ts": 1772443800999', '"ts" :"2026-03-02T09:30:00.999Z"')
    events[2] = line
    decisions, rejected, summary = run(tmp_path, events, Options(block_rows=rows))
    assert [d["event_id"] for d in decisions] == ["old", "new", "just", "newer"]
    found, older = rejected
    assert "lies 2591999.999 s behind" in older["error"]
    assert found["line"] == 3
    assert found["file"].endswith("events.ndjson")
    assert "too_late: `ts` 2026-03-02T09:30:00.999Z lies 300.001 s behind the newest event" in found["error"]
    assert json.loads(found["input"])["event_id"] == "late"
    assert found["input"] == line or not COMPILED  # without a compiler lines are not kept
    assert summary["rejected"] == 2


def test_a_time_in_seconds_is_recognised(tmp_path):
    events = [message("new", 0), {**message("old", 0), "ts": 1_772_443_800}]
    _, (found,), _ = run(tmp_path, events, Options())
    assert found["error"].endswith("hint: a whole number counts milliseconds: was it meant in seconds?")


def test_one_event_of_a_wrong_year_is_what_the_refused_ones_point_at(tmp_path):
    year = 365 * 86_400  # in seconds
    _, (found,), _ = run(tmp_path, [message("wrong", year + 1), message("right", 0)], Options())
    assert (
        "hint: the newest event is more than a year ahead: is its own time wrong? sort the input"
        in found["error"]
    )
    _, (found,), _ = run(tmp_path, [message("new", year), message("old", 0)], Options())
    assert "hint: sort the input" in found["error"]


@pytest.mark.parametrize("rows", [1, 2, 100])
@pytest.mark.parametrize("threads", [False, True])
def test_rejected_lines_stand_in_the_order_of_their_files(tmp_path, rows, threads):
    late, broken = message("late", 0), "{broken"
    first = [message("new", 999), broken, late, broken, late, message("newer", 999), late, broken]
    files = [
        written(tmp_path / f"{n}.ndjson", lines) for n, lines in enumerate((first, [broken], [late, broken]))
    ]
    replay(POLICY, files, tmp_path / "out", Options(block_rows=rows, threads=threads))
    found = [(r["file"], r["line"]) for r in lines_of(tmp_path / "out" / "rejected.ndjson")]
    expected = [(0, 2), (0, 3), (0, 4), (0, 5), (0, 7), (0, 8), (1, 1), (2, 1), (2, 2)]
    assert found == [(files[n], line) for n, line in expected]


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_an_id_that_came_too_late_was_never_there(tmp_path, rows):
    events = [message("new", 400), message("x", 0), message("x", 399)]
    decisions, rejected, summary = run(tmp_path, events, Options(block_rows=rows))
    assert [(d["event_id"], d.get("duplicate")) for d in decisions] == [("new", None), ("x", None)]
    assert (len(rejected), summary["duplicates"]) == (1, 0)


def test_the_lateness_is_a_matter_of_the_replay(tmp_path):
    events = [message("new", 400), message("x", 0)]
    _, rejected, _ = run(tmp_path, events, Options(lateness=tg.seconds(400)))
    assert rejected == []


# what is written --------------------------------------------------------------------------------------------
def test_nothing_of_an_earlier_replay_stays_in_the_folder(tmp_path):
    events, out = written(tmp_path / "events.ndjson", ["{broken", message("e", 0)]), tmp_path / "out"
    compare(POLICY, POLICY, [events], out, Options(accounts=("a1",)))
    (out / "timeline.png").write_bytes(b"")
    (out / "mine.txt").write_bytes(b"")
    sound = written(tmp_path / "sound.ndjson", [message("e", 0)])
    replay(POLICY, [sound], out)
    assert sorted(path.name for path in out.iterdir()) == ["decisions.ndjson", "mine.txt", "summary.json"]
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(FileError):
        replay(POLICY, [str(tmp_path / "broken.parquet")], out)
    assert not (out / "summary.json").exists()


def test_a_file_that_is_not_there_is_told_before_anything_is_written(tmp_path):
    sound, out = written(tmp_path / "sound.ndjson", [message("e", 0)]), tmp_path / "out"
    gone = str(tmp_path / "gone.ndjson")
    for work in (
        lambda: replay(POLICY, [sound, gone], out),
        lambda: compare(POLICY, POLICY, [sound, gone], out),
    ):
        with pytest.raises(FileError, match="there is no such file"):
            work()
        assert not out.exists()
    replay(POLICY, [sound], out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(FileError, match="there is no such file"):
        replay(POLICY, [sound, gone], out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("name", ["decisions.ndjson", "rejected.ndjson", "changes.ndjson"])
def test_what_is_to_be_read_is_not_written_over(tmp_path, name):
    events = written(tmp_path / name, [message("e", 0)])
    for work in (
        lambda out: replay(POLICY, [events], out),
        lambda out: compare(POLICY, POLICY, [events], out),
    ):
        with pytest.raises(FileError, match=f"{name}` would be written over"):
            work(tmp_path / ".")
    assert json.loads((tmp_path / name).read_text("utf-8"))["event_id"] == "e"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_timer_stands_before_the_event_that_passed_its_deadline(tmp_path):
    report = {"event_id": "r", "type": "report_filed", "ts": START, "account_id": "a9"}
    decisions, _, summary = run(tmp_path, [report, message("m1", 300), message("m2", 300.001)])
    assert [(d["event_id"], d["type"]) for d in decisions] == [
        ("r", "report_filed"),
        ("m1", "message_sent"),
        (None, "deadline.report_filed.PT5M"),
        ("m2", "message_sent"),
    ]
    assert decisions[2]["ts"] == "2026-03-02T09:35:00.000Z"
    assert summary["timers"] == 1


def test_a_broken_line_costs_only_itself(tmp_path):
    events = [
        message("e1", 1),
        "{broken",
        message("e2", 2),
        message("e3", 3, is_foward=True),
        message("e4", 4),
    ]
    decisions, rejected, _ = run(tmp_path, events)
    assert [d["event_id"] for d in decisions] == ["e1", "e2", "e4"]
    assert [r["line"] for r in rejected] == [2, 4]
    assert "did you mean `is_forward`?" in rejected[1]["error"]


def test_rejected_lines_of_an_earlier_replay_do_not_stay(tmp_path):
    _, rejected, _ = run(tmp_path, ["{broken"])
    assert len(rejected) == 1
    _, rejected, _ = run(tmp_path, [message("e1", 1)])
    assert rejected == []
    assert not (tmp_path / "out" / "rejected.ndjson").exists()


def test_no_events_are_a_replay_too(tmp_path):
    decisions, rejected, summary = run(tmp_path, [])
    assert (decisions, rejected, summary["events"], summary["first_ts"]) == ([], [], 0, None)


def test_the_summary_adds_up(tmp_path):
    decisions, rejected, summary = run(tmp_path, busy_day(1000))
    assert summary["events"] + summary["duplicates"] + summary["timers"] == len(decisions)
    assert summary["rejected"] == len(rejected)
    assert sum(summary["decisions"].values()) == summary["events"] + summary["timers"]
    own = [d for d in decisions if "duplicate" not in d]
    for rule, row in summary["rules"].items():
        assert row["fired"] == sum(any(f["rule"] == rule for f in d["fired"]) for d in own), rule
        assert row["undecided"] == sum(rule in d["undecided"] for d in own), rule
    assert summary["sanctions"] == {"sanction.suspend": sum(len(d["sanctions"]) for d in own)}
    assert summary["policy"] == POLICY.stamp()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileError, match="cannot write to"):
        replay(POLICY, [written(tmp_path / "e.ndjson", [])], tmp_path / "file" / "out")


def test_memory_is_a_matter_of_what_is_remembered_not_of_how_much_was_read(tmp_path):
    events = [message(f"e{n}", n, account=f"a{n % 3}") for n in range(3000)]
    path = written(tmp_path / "events.ndjson", events)
    sizes = []
    out = tmp_path / "out"
    replay(
        POLICY,
        [path],
        out,
        Options(block_rows=500),
        watch=lambda tally: sizes.append(len(tally._pattern_counts)),
    )
    assert len(sizes) == 6
    assert set(sizes) == {64}
    assert np.isfinite(sizes).all()
