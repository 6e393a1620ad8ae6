"""From what lies in a data folder to a live engine: the newest checkpoint that can be read, and the log behind it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.clock import monotonic_s
from tidegate.engine import Engine
from tidegate.errors import FileError, JournalError, PolicyError, TidegateError, reason
from tidegate.expr import Duration
from tidegate.journal.anew import COUNTED_ANEW, counted_anew
from tidegate.journal.checkpoint import Checkpoint, checkpoints, read_checkpoint
from tidegate.journal.decision_log import DecisionLog
from tidegate.journal.entries import Entry, Events, Lost, Revision, encode
from tidegate.journal.folder import DataFolder, sync_folder
from tidegate.journal.frame import HEADER_BYTES, Kind, read_header
from tidegate.journal.judging import Judgement
from tidegate.journal.reading import Header, Tail, entries
from tidegate.journal.repair import give_up_all
from tidegate.journal.segments import LogWriter, Place, Segment, segments

if TYPE_CHECKING:
    from pathlib import Path

    from tidegate.journal.frame import Cipher
    from tidegate.journal.options import LiveOptions
    from tidegate.policy import Policy


@dataclass
class Recovered:
    """How a folder was found, and what was made of it. `events` of the log were judged again, from `checkpoint` on."""

    folder: DataFolder
    lock: int
    log: LogWriter
    decisions: DecisionLog
    judgement: Judgement
    started: str  # the policy the last start was with
    checkpoint: str | None = None
    events: int = 0
    torn_bytes: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    counted_anew: bool = False  # the policy counts other things than the one before

    def data(self) -> dict[str, Any]:
        """Return what is told about it."""
        return {
            "checkpoint": self.checkpoint,
            "events_replayed": self.events,
            "torn_bytes_cut": self.torn_bytes,
            "position": self.log.position,
            "seconds": round(self.seconds, 3),
            "warnings": self.warnings,
        }

    def __str__(self) -> str:
        origin = f"checkpoint {self.checkpoint}" if self.checkpoint else "the beginning of the log"
        torn = f", {self.torn_bytes:,} bytes of an unfinished write cut off" if self.torn_bytes else ""
        warned = "".join(f"; {warning}" for warning in self.warnings)
        return f"{self.events:,} events judged again from {origin} in {self.seconds:.1f} s{torn}{warned}"


def recover(path: Path, policy: Policy, cipher: Cipher | None, options: LiveOptions) -> Recovered:
    """Open a data folder; see `LiveEngine.open`."""
    folder = DataFolder(path)
    try:
        folder.make()
        lock = folder.lock()
    except OSError as error:
        raise JournalError(
            f"cannot make or open `{path}`: {reason(error)}",
            hint="name another folder",
        ) from None
    try:
        folder.sweep()
        warnings = give_up_all(folder.journal) if options.give_up_damaged else []
        return _Recovery(folder, lock, policy, cipher, options, warnings).run()
    except BaseException:
        os.close(lock)
        raise


def started_with(policy: Policy) -> str:
    """Return how the log names the policy that a process was started with."""
    return f"{policy.name} {policy.version} {policy.digest}"


_Origin = tuple[Judgement, Tail, Place | None]


class _Recovery:
    """One recovery under way."""

    def __init__(
        self,
        folder: DataFolder,
        lock: int,
        policy: Policy,
        cipher: Cipher | None,
        options: LiveOptions,
        warnings: list[str],
    ) -> None:
        self.folder = folder
        self.lock = lock
        self.policy = policy
        self.cipher = cipher
        self.options = options
        self.warnings = list(warnings)
        self.unreadable: list[Path] = []  # checkpoints
        self.began = monotonic_s()
        self.started = started_with(policy)
        self.last_start = ""
        self.outdated: TidegateError | None = None  # the policy before the log's end is not the one given
        self.counted_anew = False
        self.events = 0

    def run(self) -> Recovered:
        log = LogWriter(
            self.folder.journal,
            cipher=self.cipher,
            segment_bytes=self.options.segment_bytes,
            sync=self.options.sync,
        )
        listed = segments(self.folder.journal)
        if not listed:
            return self._anew(log, DecisionLog(self.folder.decisions, self.cipher))
        for path in [*checkpoints(self.folder.checkpoints), None]:
            decisions = DecisionLog(self.folder.decisions, self.cipher)
            try:
                found = self._origin(path, listed, decisions)
                if found is not None:
                    return self._read(found, path, decisions, log)
                decisions.close()
            except BaseException:
                decisions.close()
                log.close()
                raise
        raise AssertionError("the beginning of the log is an origin, or an error")

    def _read(self, origin: _Origin, path: Path | None, decisions: DecisionLog, log: LogWriter) -> Recovered:
        """Read the log from an origin on."""
        judgement, tail, start = origin
        for entry in entries(self.folder.journal, self.cipher, start, tail):
            self._again(entry, judgement, decisions)
        if tail.torn is not None and tail.torn.offset == 0:  # a segment that had only just been begun
            tail.torn.segment.path.unlink()
            sync_folder(self.folder.journal)
            if tail.segment is None:
                return self._anew(log, decisions)
        assert tail.segment is not None, "a log has a beginning"
        log.resume(tail.segment, tail.size, tail.serial, tail.position)
        self._restart(log, judgement)
        self._drop_unreadable()
        return Recovered(
            self.folder,
            self.lock,
            log,
            decisions,
            judgement,
            self.started,
            path.name if path is not None else None,
            self.events,
            tail.torn.bytes if tail.torn else 0,
            monotonic_s() - self.began,
            self.warnings,
            self.counted_anew,
        )

    def _drop_unreadable(self) -> None:
        """Drop the checkpoints that could not be read: one that stays would count among those to fall back on."""
        for path in self.unreadable:
            try:
                path.unlink()
            except OSError as error:
                self.warnings.append(f"{path.name} cannot be removed: {reason(error)}")
        if self.unreadable:
            sync_folder(self.folder.checkpoints)

    def _anew(self, log: LogWriter, decisions: DecisionLog) -> Recovered:
        """Begin a folder."""
        if checkpoints(self.folder.checkpoints):
            raise JournalError(
                "there are checkpoints, but no log", hint="restore the folder `journal` from a backup"
            )
        judgement = Judgement.new(self.policy, self.options.lateness)
        segment = log.begin(encode(header(judgement, self.started)))
        decisions.resume({}, 0, 0)
        decisions.begin(segment.serial)
        return Recovered(self.folder, self.lock, log, decisions, judgement, self.started)

    # where to begin ------------------------------------------------------------------------------------------
    def _origin(self, path: Path | None, listed: list[Segment], decisions: DecisionLog) -> _Origin | None:
        """Return the memory of a checkpoint, and from where on to read; None where it is no good, which is said.

        No path: the beginning of the log. Decisions are cut back to it.
        """
        if path is None:
            return self._beginning(decisions)
        try:
            checkpoint = read_checkpoint(path, self.cipher)
            segment = _segment(listed, checkpoint.segment)
            _require_place(segment, checkpoint, given_up=self.options.give_up_damaged)
            self.outdated, self.counted_anew = None, False
            with ThreadPoolExecutor(1) as beside:  # the ids of all events, and the memory: a core each
                known = beside.submit(
                    decisions.resume, checkpoint.decisions, listed[0].serial, checkpoint.position
                )
                judgement = self._judgement(checkpoint)
                known.result()
        except (FileError, JournalError) as error:
            self.warnings.append(f"{error.place or path.name}: {error.problem}; an older beginning is taken")
            self.unreadable.append(path)
            return None
        self.last_start = checkpoint.started_with
        tail = Tail(segment, checkpoint.offset, checkpoint.serial, checkpoint.position)
        return (
            judgement,
            tail,
            Place(checkpoint.segment, checkpoint.offset, checkpoint.serial, checkpoint.position),
        )

    def _judgement(self, checkpoint: Checkpoint) -> Judgement:
        """Return the memory of a checkpoint: under the revision of its time, or under the policy given where that is gone."""
        revision = Revision(**checkpoint.in_force)
        pending = [Revision(**data) for data in checkpoint.pending]
        try:
            policy = revision.policy(self.policy)
        except TidegateError as error:
            self.outdated = error
            if pending:
                self.warnings.append(
                    f"{len(pending)} revisions to come were of another policy: they were dropped"
                )
            return Judgement(self.policy, self._memory(self.policy, checkpoint), revision, [])
        return Judgement(
            self.policy, self._memory(policy, checkpoint), revision, [] if self.counted_anew else pending
        )

    def _memory(self, policy: Policy, checkpoint: Checkpoint) -> Engine:
        """Return the memory of a checkpoint, counted anew where the policy counts other things and that is wanted."""
        try:
            return Engine.restore(policy, checkpoint.state)
        except PolicyError as error:
            if not self.options.count_anew:
                raise PolicyError(
                    error.problem,
                    hint="start the server with that policy; or once with `TIDEGATE_MEMORY=count-anew`: then the log is counted"
                    " by this one, and decisions and measures stay",
                ) from None
            self.outdated, self.counted_anew = error, True
        self.warnings.append(
            "the policy counts other things than the one before: they were counted anew from the log"
        )
        return counted_anew(self.folder.path, policy, checkpoint, self.cipher)

    def _beginning(self, decisions: DecisionLog) -> _Origin:
        """Return an empty memory, where the log reaches back to the first event."""
        self.outdated, self.counted_anew = None, False
        decisions.resume({}, 0, 0)
        first = next(entries(self.folder.journal, self.cipher), None)
        if first is None:  # the very first write was not finished
            return Judgement.new(self.policy, self.options.lateness), Tail(), None
        if not isinstance(first, Header) or first.position:
            raise JournalError(
                "no checkpoint can be used, and the log does not reach back to the first event",
                place="; ".join(self.warnings),
                hint="restore a checkpoint from a backup",
            )
        self.last_start = first.started_with
        policy = first.in_force.policy(self.policy)
        engine = Engine(policy, lateness=Duration(first.lateness, "lateness"))
        return Judgement(self.policy, engine, first.in_force, list(first.pending)), Tail(), None

    # the log behind it ---------------------------------------------------------------------------------------
    def _again(self, entry: Entry | Header, judgement: Judgement, decisions: DecisionLog) -> None:
        if (
            isinstance(entry, Revision)
            and (entry.name, entry.version) == (self.policy.name, self.policy.version)
            and (not self.counted_anew or entry.note.get("memory") == COUNTED_ANEW)
        ):
            self.outdated = None  # an earlier start with the policy given
        if self.outdated is not None and not isinstance(entry, Header):
            raise JournalError(
                self.outdated.problem,
                hint="start the version before this one and stop it: then nothing is left to be judged again",
            )
        if isinstance(entry, Events):
            outcome = judgement.judge(entry.block, entry.position)
            ids = entry.block.texts("event_id")
            found = decisions.index.enter(ids)
            if (found >= 0).any():
                raise JournalError(
                    f"event {entry.position + 1:,} of the log or one behind it stands there twice"
                )
            decisions.keep(entry.position, ids, outcome)
            decisions.make_room()
            self.events += len(entry.block)
        elif isinstance(entry, Header):
            decisions.begin(entry.serial)
            judgement.adopt(entry.in_force, entry.pending)
        elif isinstance(entry, Revision):
            judgement.enter(entry)
            if entry.by == "start":
                self.last_start = f"{entry.name} {entry.version} {entry.digest}"
        elif isinstance(entry, Lost):
            decisions.skip(entry.count)

    def _restart(self, log: LogWriter, judgement: Judgement) -> None:
        """Put the policy that was given in force, where it is another one than at the last start."""
        anew = self.counted_anew and self.outdated is not None
        if self.started == self.last_start and not anew:
            return
        revision = Revision.of(
            self.policy,
            judgement.engine.newest,
            by="start",
            position=log.position,
            note={"memory": COUNTED_ANEW} if anew else None,
        )
        judgement.check(self.policy)
        log.append(Kind.REVISION, encode(revision.data()))
        judgement.enter(revision)


def _segment(listed: list[Segment], serial: int) -> Segment:
    """Return the segment that begins with a frame; raise JournalError where it is not there."""
    for segment in listed:
        if segment.serial == serial:
            return segment
    raise JournalError("the log that the checkpoint is of is not there", hint="restore it from a backup")


def _require_place(segment: Segment, checkpoint: Checkpoint, *, given_up: bool) -> None:
    """Raise JournalError where another frame than the one behind a checkpoint begins at its place.

    `given_up`: what was damaged has been replaced; so where nothing whole is there, the place is another one now. Else that is left
    to whoever reads on, and stops the start: what was acknowledged is gone.
    """
    with segment.path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(checkpoint.offset)
        head = read_header(file.read(HEADER_BYTES))
    if size < checkpoint.offset and given_up:
        raise JournalError(f"the log ends {checkpoint.offset - size:,} bytes before it")
    if head.serial != checkpoint.serial if head is not None else given_up and size != checkpoint.offset:
        raise JournalError("the log before it was changed")


def header(judgement: Judgement, started: str) -> dict[str, Any]:
    """Return what stands at the beginning of a segment."""
    return {
        "in_force": judgement.in_force.data(),
        "pending": [revision.data() for revision in judgement.pending],
        "newest": judgement.engine.newest,
        "lateness": judgement.engine.plan.lateness,
        "started_with": started,
    }
