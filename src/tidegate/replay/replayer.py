"""The past again: files of events through the engine, decisions to files."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import msgspec
import numpy as np

from tidegate.engine import Engine
from tidegate.errors import FileError
from tidegate.events.block import EVENTS_MAX
from tidegate.events.rejected import Rejected
from tidegate.journal.decision_lines import DecisionLines, Lines, as_duplicate, quoted
from tidegate.journal.first_decisions import GROUP, FirstDecisions
from tidegate.journal.gate import Admitted, Gate
from tidegate.replay.accounts import FILE, write_accounts
from tidegate.replay.input_file import input_file
from tidegate.replay.side_threads import Behind, ahead, quick_switching, worth_threads
from tidegate.replay.stream import all_events
from tidegate.replay.summary import Tally
from tidegate.replay.time_order import in_time_order

if TYPE_CHECKING:
    from tidegate.engine import Judged
    from tidegate.events import EventBlock
    from tidegate.expr import Duration
    from tidegate.policy import Policy
    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.input_file import Source

Order = Literal["arrival", "time"]
DECISIONS, REJECTED = "decisions.ndjson", "rejected.ndjson"
WRITTEN = frozenset(
    (DECISIONS, REJECTED, FILE, "summary.json", "timeline.png", "changes.ndjson", "comparison.json")
)


@dataclass(frozen=True)
class Options:
    """How to replay. `block_rows` is how many events are judged at a time: it never changes a decision.

    Nor do `threads`: whether files are read ahead and decisions written behind, beside the judging; None: where there is
    a second core and the files are large.
    """

    only_fired: bool = False
    order: Order = "arrival"
    lateness: Duration | None = None
    block_rows: int = EVENTS_MAX
    accounts: tuple[str, ...] = ()  # those whose state at the end is written to `accounts.ndjson`
    threads: bool | None = None


@dataclass
class Replay:
    """A finished replay: what happened, and how long it took."""

    tally: Tally
    seconds: float
    out: Path
    summary: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.summary = self.tally.data(self.seconds)  # now: what is drawn later is not the replay's memory

    def data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return self.summary


@dataclass
class Outputs:
    """The files of a replay's folder; `rejected.ndjson` is made when it is needed. What an earlier replay left is removed."""

    folder: Path
    decisions: BinaryIO = field(init=False)
    rejected: BinaryIO | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        self.decisions = (self.folder / DECISIONS).open("w+b", buffering=1 << 20)
        for name in WRITTEN - {DECISIONS}:
            (self.folder / name).unlink(missing_ok=True)

    def refuse(self, refused: Rejected) -> None:
        """Write a rejected line."""
        if self.rejected is None:
            self.rejected = (self.folder / REJECTED).open("wb")
        self.rejected.write(msgspec.json.encode(refused.to_record()) + b"\n")

    def write(self, parts: Iterable[bytes | memoryview]) -> int:
        """Append decision lines; return the offset of the first."""
        start = self.offset
        for part in parts:
            self.decisions.write(part)
            self.offset += len(part)
        return start

    def read(self, start: int, end: int | None) -> bytes:
        """Return what was written from one offset to another, or to the end."""
        self.decisions.flush()
        return os.pread(self.decisions.fileno(), (self.offset if end is None else end) - start, start)

    def close(self) -> None:
        """Close the files."""
        self.decisions.close()
        if self.rejected is not None:
            self.rejected.close()


def replay(
    policy: Policy,
    files: Sequence[Source],
    out: Path,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    watch: Callable[[Tally], None] | None = None,
    on_sorted: Callable[[int], None] | None = None,
) -> Replay:
    """Judge the events of the files by the policy and write `decisions.ndjson`, `summary.json` and, if any, `rejected.ndjson`.

    Memory does not grow with the files. `watch` is called after every block; `on_sorted` once where the order is that of time,
    with the number of events, when all are read and sorted. Raise FileError where a file as a whole
    cannot be read, or the folder not be written.
    """
    options = options or Options()
    started = time.perf_counter()
    with opened(out, files) as outputs, closing(Run(policy, outputs, options)) as run:
        with closing(run.blocks(files, progress, on_sorted)) as blocks:
            for block in blocks:
                run.take(block)
                if watch is not None:
                    watch(run.tally)
        run.finish()
        if options.accounts:
            write_accounts(run.engine, options.accounts, out)
    done = Replay(run.tally, time.perf_counter() - started, out)
    (out / "summary.json").write_text(json.dumps(done.data(), indent=2) + "\n", "utf-8")
    return done


@contextmanager
def opened(out: Path, files: Sequence[Source] = ()) -> Iterator[Outputs]:
    """Make the folder and open its files; raise FileError where that is not possible, or one of them is to be read.

    A file of events that is not there is told before anything is written: what an earlier replay left stays.
    """
    for file in files:
        path = Path(file)
        if path.name in WRITTEN and path.resolve().parent == out.resolve():
            raise FileError(f"`{path}` would be written over", hint="name another folder with `--out`")
        if isinstance(file, str):
            input_file(file)
    try:
        out.mkdir(parents=True, exist_ok=True)
        outputs = Outputs(out)
    except OSError as error:
        raise FileError(
            f"cannot write to `{out}`: {error.strerror}", hint="name another folder with `--out`"
        ) from None
    try:
        yield outputs
    finally:
        outputs.close()


class Run:
    """One replay under way."""

    def __init__(self, policy: Policy, outputs: Outputs, options: Options) -> None:
        self.engine = Engine(policy, lateness=options.lateness)
        self.options = options
        self.outputs = outputs
        self.firsts = FirstDecisions(outputs.folder)
        self.gate = Gate(self.firsts, self.engine.plan.lateness)
        self.text = DecisionLines(policy.stamp(), [quota.id for quota in policy.quotas])
        self.tally = Tally(policy)
        self._behind: Behind[tuple[Admitted, Judged]] | None = None  # writes beside the judging
        # of the lines read last: those that came too late are known before the others
        self._refused: list[Rejected] = []

    def blocks(
        self,
        files: Sequence[Source],
        progress: Progress | None,
        on_sorted: Callable[[int], None] | None = None,
    ) -> Generator[EventBlock | Rejected, None, None]:
        """Yield blocks of events in the order asked for, and rejected lines; close it where not all are wanted."""
        source = all_events(files, progress, self.options.block_rows)
        if self.options.order == "time":
            rows = self.options.block_rows
            source = in_time_order(source, self.outputs.folder, rows=rows, on_sorted=on_sorted)
        threads = self.options.threads
        if threads is None:
            threads = worth_threads(files)
        if not threads:
            yield from source
            return
        self._behind = Behind(self._write_judged)
        with quick_switching(), closing(ahead(source)) as read:
            yield from read

    def finish(self) -> None:
        """Wait until all is written."""
        self._write_refused()
        if self._behind is not None:
            behind, self._behind = self._behind, None
            behind.finish()

    def close(self) -> None:
        """Let go of the index of events, and of decisions that were to be written still."""
        self._write_refused()
        if self._behind is not None:
            self._behind.abandon()
        self.firsts.close()

    def take(self, block: EventBlock | Rejected) -> tuple[Admitted | None, Judged | None]:
        """Judge a block and write what came of it; return what was judged, None for a rejected line."""
        if isinstance(block, Rejected):
            self._refuse(block)
            return None, None
        self._write_refused()
        admitted, refused = self.gate.admit(block)
        for one in refused:
            self._refuse(one)
        judged = self.engine.step(admitted.fresh)
        self.tally.add(admitted.fresh, judged)
        if self._behind is not None:
            self._behind.add((admitted, judged))
        else:
            self._write(admitted, judged)
        return admitted, judged

    def _refuse(self, refused: Rejected) -> None:
        self.tally.rejected += 1
        held = self._refused
        if held and (held[-1].file != refused.file or len(held) >= EVENTS_MAX):
            self._write_refused()
        self._refused.append(refused)

    def _write_refused(self) -> None:
        """Write the rejected lines as they stand in their file."""
        for refused in sorted(self._refused, key=lambda one: one.line):
            self.outputs.refuse(refused)
        self._refused.clear()

    def _write_judged(self, both: tuple[Admitted, Judged]) -> None:
        self._write(*both)

    def _write(self, admitted: Admitted, judged: Judged) -> None:
        """Write the lines of a block: answers in order of arrival, timers before the event that passed them."""
        only_fired = self.options.only_fired
        others = {i: self.text.line(d) for i, d in judged.closer.items() if d.rules or not only_fired}
        lines = self.text.lines(admitted.fresh, judged, others, plain=not only_fired)
        if judged.timers:
            lines = self._with_timers(lines, judged)
        if admitted.answers is None:
            start = self.outputs.write(lines.parts)
            self.firsts.place(admitted.number, (start + lines.begins[:-1:GROUP]).tolist())
        else:
            self._write_with_repetitions(admitted, admitted.answers, list(lines))

    def _with_timers(self, lines: Lines, judged: Judged) -> Lines:
        """Put the lines of timers before the event that passed them."""
        each = list(lines)
        for timer in reversed(judged.timers):
            each[timer.before] = self.text.line(timer.decision) + each[timer.before]
        return Lines(list(each), np.cumsum([0, *map(len, each)]))

    def _write_with_repetitions(
        self, admitted: Admitted, answers: list[tuple[int, int]], lines: list[bytes]
    ) -> None:
        """The slow way, line by line: a repetition quotes a line that may just have been written."""
        groups = -(-admitted.entered // GROUP)
        start = self.outputs.offset
        self.firsts.place(admitted.number, [start] * groups)  # each group may begin anywhere in the block
        for fresh, first in answers:
            if fresh >= 0:
                self.outputs.write([lines[fresh]])
                continue
            self.tally.duplicates += 1
            line = self._first_line(first)
            if line is not None:
                self.outputs.write([as_duplicate(line)])

    def _first_line(self, number: int) -> bytes | None:
        """Return the line of the event with this number; None where none was written."""
        start, end = self.firsts.span(number)
        head = f'{{"event_id":{quoted(self.firsts.id_of(number))},'.encode()
        region = self.outputs.read(start, end)
        at = 0 if region.startswith(head) else region.find(b"\n" + head) + 1
        if at == 0 and not region.startswith(head):
            return None
        return region[at : region.index(b"\n", at) + 1]
