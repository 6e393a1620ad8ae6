"""The past again: files of events through the engine, decisions to files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import msgspec
import numpy as np

from tidegate.engine import Engine
from tidegate.errors import FileError
from tidegate.events.block import EVENTS_MAX
from tidegate.events.rejected import Rejected
from tidegate.replay.decision_lines import DecisionLines, as_duplicate
from tidegate.replay.first_decisions import FirstDecisions
from tidegate.replay.stream import Admitted, Gate, all_events, in_time_order
from tidegate.replay.summary import Tally

if TYPE_CHECKING:
    from tidegate.engine import Judged
    from tidegate.events import EventBlock
    from tidegate.expr import Duration
    from tidegate.policy import Policy
    from tidegate.replay.byte_stream import Progress

Order = Literal["arrival", "time"]


@dataclass(frozen=True)
class Options:
    """How to replay. `block_rows` is how many events are judged at a time: it never changes a decision."""

    only_fired: bool = False
    order: Order = "arrival"
    lateness: Duration | None = None
    block_rows: int = EVENTS_MAX


@dataclass
class Replay:
    """A finished replay: what happened, and how long it took."""

    tally: Tally
    seconds: float
    out: Path

    def data(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return self.tally.data(self.seconds)


@dataclass
class Outputs:
    """The files of a replay's folder; `rejected.ndjson` is made when it is needed."""

    folder: Path
    decisions: BinaryIO = field(init=False)
    rejected: BinaryIO | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        self.decisions = (self.folder / "decisions.ndjson").open("w+b", buffering=1 << 20)
        (self.folder / "rejected.ndjson").unlink(missing_ok=True)

    def refuse(self, refused: Rejected) -> None:
        """Write a rejected line."""
        if self.rejected is None:
            self.rejected = (self.folder / "rejected.ndjson").open("wb")
        self.rejected.write(msgspec.json.encode(refused.to_record()) + b"\n")

    def write(self, lines: Iterable[bytes]) -> None:
        """Append decision lines."""
        data = b"".join(lines)
        self.decisions.write(data)
        self.offset += len(data)

    def read_line(self, offset: int) -> bytes:
        """Return the decision line at an offset."""
        self.decisions.flush()
        self.decisions.seek(offset)
        line = self.decisions.readline()
        self.decisions.seek(0, 2)
        return line

    def close(self) -> None:
        """Close the files."""
        self.decisions.close()
        if self.rejected is not None:
            self.rejected.close()


def replay(
    policy: Policy,
    files: Sequence[str],
    out: Path,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    watch: Callable[[Tally], None] | None = None,
) -> Replay:
    """Judge the events of the files by the policy and write `decisions.ndjson`, `summary.json` and, if any, `rejected.ndjson`.

    Memory does not grow with the files. `watch` is called after every block. Raise FileError where a file as a whole
    cannot be read, or the folder not be written.
    """
    options = options or Options()
    started = time.perf_counter()
    with opened(out) as outputs:
        run = Run(policy, outputs, options)
        for block in run.blocks(files, progress):
            run.take(block)
            if watch is not None:
                watch(run.tally)
        run.close()
    done = Replay(run.tally, time.perf_counter() - started, out)
    (out / "summary.json").write_text(json.dumps(done.data(), indent=2) + "\n", "utf-8")
    return done


@contextmanager
def opened(out: Path) -> Iterator[Outputs]:
    """Make the folder and open its files; raise FileError where that is not possible."""
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
        self.text = DecisionLines(policy.stamp())
        self.tally = Tally(policy)

    def blocks(self, files: Sequence[str], progress: Progress | None) -> Iterator[EventBlock | Rejected]:
        """Yield blocks of events in the order asked for, and rejected lines."""
        blocks = all_events(files, progress, self.options.block_rows)
        return in_time_order(blocks, self.engine.plan.lateness) if self.options.order == "time" else blocks

    def close(self) -> None:
        """Let go of the index of events."""
        self.firsts.close()

    def take(self, block: EventBlock | Rejected) -> tuple[Admitted | None, Judged | None]:
        """Judge a block and write what came of it; return what was judged, None for a rejected line."""
        if isinstance(block, Rejected):
            self._refuse(block)
            return None, None
        admitted, refused = self.gate.admit(block)
        for one in refused:
            self._refuse(one)
        judged = self.engine.step(admitted.fresh)
        self.tally.add(admitted.fresh, judged)
        self._write(admitted, judged)
        return admitted, judged

    def _refuse(self, refused: Rejected) -> None:
        self.tally.rejected += 1
        self.outputs.refuse(refused)

    def _write(self, admitted: Admitted, judged: Judged) -> None:
        """Write the lines of a block: answers in order of arrival, timers before the event that passed them."""
        if self.options.only_fired:
            closer = {i: self.text.line(d) for i, d in judged.closer.items() if d.fired}
            lines = [closer.get(i, b"") for i in range(len(admitted.fresh))]
        else:
            lines = self.text.lines(admitted.fresh, judged)
        repeated = len(admitted.answers) != len(lines)
        before: dict[int, bytes] = {}
        for timer in judged.timers:
            before[timer.before] = before.get(timer.before, b"") + self.text.line(timer.decision)
        places = self._places(lines, before)
        if not repeated:
            self.firsts.place(admitted.number, np.where([bool(line) for line in lines], places, -1))
            self.outputs.write(
                [before[i] + line if i in before else line for i, line in enumerate(lines)]
                if before
                else lines
            )
            return
        self._write_with_repetitions(admitted, lines, before)

    def _places(self, lines: list[bytes], before: dict[int, bytes]) -> np.ndarray:
        """Return the offset each line will stand at."""
        lengths = np.fromiter(map(len, lines), np.int64, len(lines))
        for i, extra in before.items():
            lengths[i] += len(extra)
        ends = self.outputs.offset + np.cumsum(lengths)
        return ends - np.fromiter(map(len, lines), np.int64, len(lines))

    def _write_with_repetitions(
        self, admitted: Admitted, lines: list[bytes], before: dict[int, bytes]
    ) -> None:
        """The slow way, line by line: a repetition quotes a line that may just have been written."""
        entered = 0
        for fresh, first in admitted.answers:
            if fresh >= 0:
                if fresh in before:
                    self.outputs.write([before[fresh]])
                offset = self.outputs.offset if lines[fresh] else -1
                while admitted.entered[entered] != fresh:
                    entered += 1
                self.firsts.place(admitted.number + entered, np.array([offset]))
                self.outputs.write([lines[fresh]])
            else:
                self.tally.duplicates += 1
                offset = self.firsts.offset(first)
                if offset >= 0:
                    self.outputs.write([as_duplicate(self.outputs.read_line(offset))])
