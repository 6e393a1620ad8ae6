"""Work side by side gives what work one after the other gives, and fails as it does."""

import threading
from pathlib import Path

import pytest
from tests.screening.screened import NUMBER

from tidegate.cli import main
from tidegate.errors import FileError
from tidegate.replay import side_threads
from tidegate.screening import screen as screen_module
from tidegate.screening import side_by_side
from tidegate.screening.lists.pool import Reading
from tidegate.screening.modes import checks_of, goals_of
from tidegate.screening.screen import Asked, screen
from tidegate.screening.side_by_side import Beside, UnwantedError

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(params=[1, 2])
def cores(request, monkeypatch):
    """As if the process had so many cores, and every file were worth a thread."""
    have(monkeypatch, request.param)
    return request.param


def have(monkeypatch, count):
    for module in (side_threads, side_by_side, screen_module):
        monkeypatch.setattr(module, "cores", lambda: count)
    monkeypatch.setattr(side_threads, "LARGE_BYTES", 1)


def asked(*events):
    return Asked(checks_of(None, []), goals_of([]), Reading(), tuple(map(str, events)))


def test_one_core_and_two_write_the_same_bytes(monkeypatch, tmp_path):
    written = []
    for count in (1, 2):
        have(monkeypatch, count)
        out = tmp_path / str(count)
        assert (
            main(
                [
                    "screen",
                    str(EXAMPLES / "pool.xlsx"),
                    "--out",
                    str(out),
                    "--events",
                    str(EXAMPLES / "pool_events.ndjson"),
                ]
            )
            == 3
        )
        written.append({file.name: file.read_bytes() for file in out.iterdir()})
    assert written[0] == written[1]
    assert {"screening.xlsx", "report.pdf", "result.ndjson", "high_risk.csv"} <= written[0].keys()


def test_what_is_wrong_with_the_list_is_said_whatever_is_wrong_with_the_events(cores, tmp_path):
    del cores
    pool, events = tmp_path / "pool.csv", tmp_path / "events.parquet"
    pool.write_text("name\nnobody\n")
    events.write_bytes(b"not Parquet")
    with pytest.raises(FileError, match="no column holds phone numbers"):
        screen(pool, asked(events))


def test_what_is_wrong_with_the_events_is_said(cores, tmp_path):
    del cores
    pool, events = tmp_path / "pool.csv", tmp_path / "events.parquet"
    pool.write_text(f"number\n{NUMBER}\n")
    events.write_bytes(b"not Parquet")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        screen(pool, asked(events))


def test_a_workbook_that_cannot_be_written_is_an_error_of_the_file(cores, tmp_path, capsys):
    del cores
    pool, out = tmp_path / "pool.csv", tmp_path / "out"
    pool.write_text(f"number\n{NUMBER}\n")
    (out / "screening.xlsx").mkdir(parents=True)
    assert main(["screen", str(pool), "--out", str(out)]) == 1
    assert "cannot write: is a directory" in capsys.readouterr().err
    assert not (out / "summary.json").exists()


def test_stages_are_told_by_one_thread_and_in_order(cores, tmp_path):
    pool, events = tmp_path / "pool.csv", tmp_path / "events.ndjson"
    pool.write_text(f"number\n{NUMBER}\n")
    events.write_text(f'{{"event_id":"1","type":"account_registered","ts":1,"number":"{NUMBER}"}}\n' * 3)
    told = []
    found = screen(
        pool, asked(events), stage=lambda what, *_: told.append((what, threading.current_thread()))
    )
    names = list(dict.fromkeys(name for name, _ in told))
    assert [name for name in names if name.startswith("reading")] in (
        [["reading the list", "reading events"]] if cores == 1 else [["reading events"], ["reading the list"], ["reading the list", "reading events"]]
    )  # fmt: skip
    assert {thread for _, thread in told} == {threading.current_thread()}
    assert (found.events, len(found.pool.members)) == (3, 1)


def test_work_that_nobody_waits_for_ends(monkeypatch):
    have(monkeypatch, 2)
    begun, ended = threading.Event(), []

    def work(go_on):
        begun.set()
        try:
            while True:
                go_on()
        except UnwantedError:
            ended.append(True)
            raise

    def interrupted():
        with Beside(work):
            begun.wait()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ended == [True]
