"""From what lies in a data folder to a live engine: the newest checkpoint that can be read, and the log behind it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.clock import monotonic_s
from tidegate.engine import Engine
from tidegate.engine.snapshot import unpack
from tidegate.errors import JournalError, TidegateError
from tidegate.expr import Duration
from tidegate.journal.checkpoint import Checkpoint, checkpoints, read_checkpoint
from tidegate.journal.decision_log import DecisionLog
from tidegate.journal.entries import Entry, Events, Lost, Revision, encode
from tidegate.journal.folder import DataFolder
from tidegate.journal.frame import Kind
from tidegate.journal.judging import Judgement
from tidegate.journal.reading import Header, Tail, entries
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
    checkpointed: int = 0  # serial
    events: int = 0
    torn_bytes: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)

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
            f"cannot make or open `{path}`: {(error.strerror or str(error)).lower()}",
            hint="name another folder",
        ) from None
    try:
        return _Recovery(folder, lock, policy, cipher, options).run()
    except BaseException:
        os.close(lock)
        raise


def started_with(policy: Policy) -> str:
    """Return how the log names the policy that a process was started with."""
    return f"{policy.name} {policy.version} {policy.digest}"


class _Recovery:
    """One recovery under way."""

    def __init__(
        self, folder: DataFolder, lock: int, policy: Policy, cipher: Cipher | None, options: LiveOptions
    ) -> None:
        self.folder = folder
        self.lock = lock
        self.policy = policy
        self.cipher = cipher
        self.options = options
        self.warnings: list[str] = []
        self.began = monotonic_s()
        self.started = started_with(policy)
        self.last_start = ""
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
            return self._anew(log)
        checkpoint, path = self._checkpoint(listed)
        judgement, decisions = self._memory(checkpoint, listed)
        tail, start = Tail(), None
        if checkpoint is not None:
            start = Place(checkpoint.segment, checkpoint.offset, checkpoint.serial)
            segment = next(segment for segment in listed if segment.serial == checkpoint.segment)
            tail = Tail(segment, checkpoint.offset, checkpoint.serial, checkpoint.position)
        for entry in entries(self.folder.journal, self.cipher, start, tail):
            self._again(entry, judgement, decisions)
        assert tail.segment is not None
        log.resume(tail.segment, tail.size, tail.serial, tail.position)
        self._restart(log, judgement)
        return Recovered(
            self.folder,
            self.lock,
            log,
            decisions,
            judgement,
            self.started,
            path.name if path else None,
            checkpoint.serial if checkpoint else 0,
            self.events,
            tail.torn.bytes if tail.torn else 0,
            monotonic_s() - self.began,
            self.warnings,
        )

    def _anew(self, log: LogWriter) -> Recovered:
        """Begin a folder."""
        if checkpoints(self.folder.checkpoints):
            raise JournalError(
                "there are checkpoints, but no log", hint="restore the folder `journal` from a backup"
            )
        revision = Revision.of(self.policy, 0, by="start", position=0)
        lateness = self.options.lateness
        judgement = Judgement(self.policy, Engine(self.policy, lateness=lateness), revision, [])
        decisions = DecisionLog(self.folder.decisions, self.cipher)
        segment = log.begin(encode(header(judgement, self.started)))
        decisions.resume({}, 0, 0)
        decisions.begin(segment.serial)
        return Recovered(self.folder, self.lock, log, decisions, judgement, self.started)

    # where to begin ------------------------------------------------------------------------------------------
    def _checkpoint(self, listed: list[Segment]) -> tuple[Checkpoint | None, Path | None]:
        """Return the newest checkpoint that can be read and whose log is there."""
        for path in checkpoints(self.folder.checkpoints):
            try:
                checkpoint = read_checkpoint(path, self.cipher)
                unpack(checkpoint.state)
            except TidegateError as error:
                self.warnings.append(
                    f"{error.at(path.name) if not error.place else error}; the one before it is taken"
                )
                continue
            if any(segment.serial == checkpoint.segment for segment in listed):
                return checkpoint, path
            self.warnings.append(f"{path.name}: the log it is of is not there")
        return None, None

    def _memory(self, checkpoint: Checkpoint | None, listed: list[Segment]) -> tuple[Judgement, DecisionLog]:
        """Return the memory and the decisions where the log is to be read from."""
        if checkpoint is not None:
            revision = Revision(**checkpoint.in_force)
            pending = [Revision(**data) for data in checkpoint.pending]
            self.last_start = checkpoint.started_with
            engine = Engine.restore(self._policy_of(revision), checkpoint.state)
            decisions = DecisionLog(self.folder.decisions, self.cipher)
            decisions.resume(checkpoint.decisions, listed[0].serial, checkpoint.position)
            return Judgement(self.policy, engine, revision, pending), decisions
        first = next(entries(self.folder.journal, self.cipher))
        if not isinstance(first, Header) or first.position:
            raise JournalError(
                "no checkpoint can be read, and the log does not reach back to the first event",
                hint="restore a checkpoint from a backup",
            )
        self.last_start = first.started_with
        engine = Engine(self._policy_of(first.in_force), lateness=Duration(first.lateness, "lateness"))
        decisions = DecisionLog(self.folder.decisions, self.cipher)
        decisions.resume({}, 0, 0)
        return Judgement(self.policy, engine, first.in_force, list(first.pending)), decisions

    def _policy_of(self, revision: Revision) -> Policy:
        return revision.policy(self.policy)

    # the log behind it ---------------------------------------------------------------------------------------
    def _again(self, entry: Entry | Header, judgement: Judgement, decisions: DecisionLog) -> None:
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
        elif isinstance(entry, Revision):
            judgement.enter(entry)
            if entry.by == "start":
                self.last_start = started_with(entry.policy(self.policy))
        elif isinstance(entry, Lost):
            decisions.skip(entry.count)

    def _restart(self, log: LogWriter, judgement: Judgement) -> None:
        """Put the policy that was given in force, where it is another one than at the last start."""
        if self.started == self.last_start:
            return
        revision = Revision.of(self.policy, judgement.engine.newest, by="start", position=log.position)
        judgement.check(self.policy)
        log.append(Kind.REVISION, encode(revision.data()))
        judgement.enter(revision)


def header(judgement: Judgement, started: str) -> dict[str, Any]:
    """Return what stands at the beginning of a segment."""
    return {
        "in_force": judgement.in_force.data(),
        "pending": [revision.data() for revision in judgement.pending],
        "newest": judgement.engine.newest,
        "lateness": judgement.engine.plan.lateness,
        "started_with": started,
    }
