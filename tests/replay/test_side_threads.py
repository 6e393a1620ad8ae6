"""Reading ahead and writing behind: the same bytes as without, errors in their place, and no thread left over."""

import gzip
import threading

import pytest
from tests.replay.traffic import POLICY, busy_day, message, written

from tidegate.errors import FileError
from tidegate.replay import side_threads
from tidegate.replay.comparison import compare
from tidegate.replay.replayer import Options, replay
from tidegate.replay.side_threads import BACKLOG, Behind, ahead, worth_threads


@pytest.fixture(autouse=True)
def _no_thread_stays():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def results(out):
    return {path.name: path.read_bytes() for path in out.iterdir() if path.suffix == ".ndjson"}


@pytest.mark.parametrize("rows", [7, 300, 4096])
@pytest.mark.parametrize("order", ["arrival", "time"])
def test_threads_never_change_a_byte(tmp_path, order, rows):
    events = written(tmp_path / "events.ndjson", ["{broken", *busy_day(1200)])
    found = []
    for threads in (False, True):
        out = tmp_path / f"out-{threads}"
        done = replay(POLICY, [events], out, Options(order=order, block_rows=rows, threads=threads))
        summary = {
            k: v
            for k, v in done.data().items()
            if k not in ("seconds", "events_per_second", "peak_memory_bytes")
        }
        found.append((results(out), summary))
    assert found[0] == found[1]
    assert found[0][0]["decisions.ndjson"].count(b'"duplicate":true') > 5
    assert found[0][0]["rejected.ndjson"].count(b"\n") > (5 if order == "arrival" else 0)


def test_threads_never_change_a_comparison(tmp_path):
    events = written(tmp_path / "events.ndjson", busy_day(600))
    strict = POLICY.revise(POLICY.parameter_sets["strict"])
    found = []
    for threads in (False, True):
        compare(
            POLICY, strict, [events], tmp_path / f"out-{threads}", Options(block_rows=100, threads=threads)
        )
        found.append(results(tmp_path / f"out-{threads}"))
    assert found[0] == found[1]
    assert found[0]["changes.ndjson"]


def test_a_file_that_breaks_off_is_the_same_error(tmp_path):
    lines = "\n".join(str(n) for n in range(5))
    (tmp_path / "cut.parquet").write_bytes(lines.encode())
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        replay(POLICY, [str(tmp_path / "cut.parquet")], tmp_path / "out", Options(threads=True))
    cut = gzip.compress(b"x" * 100_000 + b"\n" + b"y" * 100_000)[:-9]
    (tmp_path / "cut.ndjson.gz").write_bytes(cut)
    done = replay(POLICY, [str(tmp_path / "cut.ndjson.gz")], tmp_path / "out", Options(threads=True))
    assert done.tally.rejected == 2


def test_an_interruption_ends_the_threads(tmp_path):
    events = written(tmp_path / "events.ndjson", [message(f"e{n}", n) for n in range(2000)])

    def interrupt(tally):
        if tally.events >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(POLICY, [events], tmp_path / "out", Options(block_rows=100, threads=True), watch=interrupt)


def test_a_full_disk_is_said_where_it_matters(tmp_path, monkeypatch):
    events = written(tmp_path / "events.ndjson", [message(f"e{n}", n) for n in range(2000)])

    def full(self, parts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tidegate.replay.replayer.Outputs.write", full)
    with pytest.raises(OSError, match="No space left"):
        replay(POLICY, [events], tmp_path / "out", Options(block_rows=100, threads=True))


def test_no_more_is_read_ahead_than_the_backlog_holds():
    asked = []
    source = ahead(asked.append(n) or n for n in range(100))
    assert next(source) == 0
    threading.Event().wait(3 * side_threads.PATIENCE_S)
    assert len(asked) <= BACKLOG + 2
    source.close()


def test_an_error_of_the_source_comes_behind_its_items():
    def source():
        yield 1
        raise ValueError("broken")

    taken = []
    with pytest.raises(ValueError, match="broken"):
        taken.extend(ahead(source()))
    got = ahead(source())
    assert next(got) == 1
    with pytest.raises(ValueError, match="broken"):
        next(got)


def test_work_is_done_in_order_and_finished():
    done = []
    behind = Behind(done.append)
    for n in range(50):
        behind.add(n)
    behind.finish()
    assert done == list(range(50))


def test_threads_are_for_large_files_on_two_cores(tmp_path, monkeypatch):
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"x")
    large.write_bytes(b"x" * side_threads.LARGE_BYTES)
    monkeypatch.setattr(side_threads, "cores", lambda: 2)
    assert [
        worth_threads(files) for files in ([str(small)], [str(small), str(large)], [str(large), "-"])
    ] == [
        False,
        True,
        False,
    ]
    assert not worth_threads([str(tmp_path / "none")])
    monkeypatch.setattr(side_threads, "cores", lambda: 1)
    assert not worth_threads([str(large)])
