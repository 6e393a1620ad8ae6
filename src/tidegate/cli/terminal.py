"""What commands show on a terminal: progress with an honest estimate, tables, the picture of a replay."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tidegate.cli.streams import PatientConsole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.replay.summary import Tally

RULES_SHOWN_MAX = 25  # a screen; summary.json has them all
LINE_MAX = 1000  # characters that a row may need


# a file may be called `[/b]` or `:fire:`; lines that another program reads stay whole
console = PatientConsole(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
errors = PatientConsole(
    stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stderr.isatty()
)


def print_json(data: object) -> None:
    """Print plain data for machines."""
    sys.stdout.write(json.dumps(data, indent=2) + "\n")


def print_rows(table: Table) -> None:
    """Print a table: as wide as the terminal is, or for other programs each row on one line."""
    if console.is_terminal:
        console.print(table)
    else:
        PatientConsole(highlight=False, markup=False, emoji=False, width=LINE_MAX).print(table)


class ReplayBar:
    """Shows how far a replay is: of the bytes of all files, or of the events where they are read and sorted first."""

    def __init__(self, bar: Progress | None, total_bytes: int | None) -> None:
        self._bar = bar
        self._task = TaskID(0)
        self._before = self._last = 0  # bytes of the files before this one, and of this one
        self._sorted = False
        if bar is not None:
            self._task = bar.add_task("replay", total=total_bytes, events=0, rate=0.0)

    def read(self, done: int, _total: int | None) -> None:
        """So many bytes of a file are read."""
        if done < self._last:  # the next file begins
            self._before += self._last
        self._last = done
        if self._bar is not None and not self._sorted:
            self._bar.update(self._task, completed=self._before + done)

    def sorted(self, events: int) -> None:
        """All is read, and so many events are sorted: now they are judged, which takes longer."""
        self._sorted = True
        if self._bar is not None:
            self._bar.reset(self._task, total=events, completed=0)

    def judged(self, tally: Tally) -> None:
        """So many events are judged."""
        if self._bar is None:
            return
        elapsed = self._bar.tasks[0].elapsed or 0.0
        self._bar.update(self._task, events=tally.events, rate=tally.events / elapsed if elapsed else 0.0)
        if self._sorted:
            self._bar.update(self._task, completed=tally.events + tally.duplicates)


@contextmanager
def replay_progress(total_bytes: int | None, *, quiet: bool) -> Iterator[ReplayBar]:
    """Show how far a replay is: share, events, events a second, time left. Only on a terminal."""
    if quiet or not errors.is_terminal:
        yield ReplayBar(None, total_bytes)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[events]:>13,} events"), TextColumn("{task.fields[rate]:>10,.0f}/s"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True) as bar:
        yield ReplayBar(bar, total_bytes)


@contextmanager
def step_progress(
    what: str, *, total: int | None = None, quiet: bool, unit: str = "events"
) -> Iterator[Callable[[int], None]]:
    """Show how many events, or what `unit` names, of so many are done. Only on a terminal."""
    if quiet or not errors.is_terminal:
        yield lambda _done: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn(f"{{task.completed:>13,}} {unit}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def counted(count: int, what: str) -> str:
    """Return how many of what.

    >>> counted(1, "rule"), counted(1200, "event")
    ('1 rule', '1,200 events')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def print_tally(tally: Tally, seconds: float) -> None:
    """Print the summary of a replay: events, verdicts, then the rules that fired or were undecided most."""
    rate = tally.events / seconds if seconds else 0
    extra = [f"{tally.duplicates:,} repeated"] if tally.duplicates else []
    extra += [f"{tally.rejected:,} rejected"] if tally.rejected else []
    events = f"{counted(tally.events, 'event')} in {seconds:.1f} s ({rate:,.0f}/s)"
    console.print(", ".join([events, *extra]), soft_wrap=True)
    console.print(", ".join(f"{name} {count:,}" for name, count in tally.verdicts.items()), soft_wrap=True)
    if any(row["fired"] or row["undecided"] for row in tally.rules().values()):
        console.print(_rules_table(tally))


def _rules_table(tally: Tally) -> Table:
    table = Table(box=None, pad_edge=False, show_header=True, header_style="bold")
    table.add_column("rule")
    table.add_column("fired", justify="right")
    table.add_column("undecided", justify="right")
    rows = sorted(tally.rules().items(), key=lambda row: (-row[1]["fired"], -row[1]["undecided"], row[0]))
    for rule, counts in [row for row in rows if row[1]["fired"] or row[1]["undecided"]][:RULES_SHOWN_MAX]:
        table.add_row(rule, f"{counts['fired']:,}", f"{counts['undecided']:,}")
    return table


@contextmanager
def log_progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is of a known number of events. Only on a terminal."""
    if quiet or not errors.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
