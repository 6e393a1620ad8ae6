"""The bar of a replay tells how far it is: by bytes, or by events where they are sorted first."""

import io
import os
from pathlib import Path
from types import SimpleNamespace

from rich.progress import Progress

from tidegate.cli.replay import _total_bytes
from tidegate.cli.streams import PatientConsole
from tidegate.cli.terminal import ReplayBar
from tidegate.policies.loading import load_policy
from tidegate.replay.comparison import compare
from tidegate.replay.replayer import Options, replay


def bar_of(total):
    shown = PatientConsole(force_terminal=True, file=io.StringIO())
    progress = Progress(console=shown, auto_refresh=False)
    return ReplayBar(progress, total), progress.tasks[0]


def test_files_one_after_the_other_are_read_to_the_end_once():
    bar, task = bar_of(100)
    for done in (30, 60, 20, 40):
        bar.read(done, None)
    assert (task.total, task.completed) == (100, 100)


def test_after_sorting_the_bar_begins_again_and_counts_events():
    bar, task = bar_of(100)
    bar.read(100, 100)
    bar.judged(SimpleNamespace(events=0, duplicates=0))
    assert task.completed == 100
    bar.sorted(10)
    assert (task.total, task.completed) == (10, 0)
    bar.judged(SimpleNamespace(events=4, duplicates=1))
    bar.read(100, 100)  # the reader may say it again
    assert (task.completed, task.fields["events"]) == (5, 4)


def test_a_replay_in_order_of_time_tells_how_many_events_it_will_judge(run):
    Path("events.ndjson").write_text(Path("events.ndjson").read_text("utf-8") * 2 + "{broken\n", "utf-8")
    policy, told = load_policy("ours.py"), []
    done = replay(policy, ["events.ndjson"], Path("a"), Options(order="time"), on_sorted=told.append)
    compare(policy, policy, ["events.ndjson"], Path("b"), Options(order="time"), on_sorted=told.append)
    assert told == [done.tally.events + done.tally.duplicates] * 2 == [28, 28]
    replay(policy, ["events.ndjson"], Path("c"), Options(), on_sorted=told.append)
    assert len(told) == 2


def test_nobody_knows_how_much_comes_in_on_a_pipe():
    os.mkfifo("pipe.ndjson")
    assert _total_bytes(("events.ndjson", "events.ndjson")) == 2 * Path("events.ndjson").stat().st_size
    assert _total_bytes(("events.ndjson", "-")) is None
    assert _total_bytes(("events.ndjson", "pipe.ndjson")) is None
