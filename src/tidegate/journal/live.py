"""The live engine: events become durable, are judged, and their decisions kept; what was acknowledged survives everything.

One thread owns it. A batch is one frame of the log, written and synced before anything of it is judged or answered.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tidegate.clock import monotonic_s
from tidegate.errors import JournalError, JournalFull, reason
from tidegate.journal.admission import REFUSED, Entrance
from tidegate.journal.checkpoint import Checkpoint, checkpoints
from tidegate.journal.checkpointing import Order, Writing, Written
from tidegate.journal.decision_lines import as_duplicate
from tidegate.journal.entries import Revision, encode, ndjson
from tidegate.journal.folder import sync_folder
from tidegate.journal.forgetting import rename_in_memory
from tidegate.journal.frame import Kind
from tidegate.journal.freed import give_back
from tidegate.journal.history import history
from tidegate.journal.judging import Happened
from tidegate.journal.options import LiveOptions
from tidegate.journal.recovery import Recovered, header, recover

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from tidegate.engine import AccountState, Engine, Judged
    from tidegate.events import EventBlock, Rejected
    from tidegate.journal.admission import Entry
    from tidegate.journal.frame import Cipher
    from tidegate.journal.judging import Outcome
    from tidegate.policy import Policy

OVERDUE = 4  # times the events between two checkpoints, and
OVERDUE_S = 300.0  # so long: a process that is not done by then never will be

_log = logging.getLogger("tidegate.journal")


@dataclass
class Answers:
    """What became of a batch.

    `lines` has one line of JSON, with its line end, per event of the batch in order: its decision, the first decision of a
    repeated event (marked as such; None where it is kept no more), or None for an event that was refused. `timers` are the
    decisions of deadlines that the batch passed. `position` is that of the last event of the log.
    """

    lines: list[bytes | None]
    position: int
    refused: list[Rejected] = field(default_factory=list)
    timers: list[bytes] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)  # for whoever counts


class LiveEngine:
    """A data folder open for judging; `recovered` says how it was found."""

    def __init__(self, recovered: Recovered, cipher: Cipher | None, options: LiveOptions) -> None:
        self.recovered = recovered
        self.folder = recovered.folder
        self.cipher = cipher
        self.options = options
        self.warnings: list[str] = []  # what went wrong without harm, such as a checkpoint that found no room
        self._lock = recovered.lock
        self._log = recovered.log
        self._judgement = recovered.judgement
        self._decisions = recovered.decisions
        self._started = recovered.started
        engine = self._judgement.engine
        self._entrance = Entrance(self._decisions.index, engine.plan.lateness, engine.newest)
        self._checkpointed_at = self._log.position - recovered.events
        self._failed: BaseException | None = None
        self._restorable = ""  # digest of the policy that was found to be
        self._writing: Writing | None = None
        self._newest_checkpoint = self._checkpointed_at

    @classmethod
    def open(
        cls, folder: Path, policy: Policy, *, cipher: Cipher | None = None, options: LiveOptions | None = None
    ) -> LiveEngine:
        """Open a data folder, made where it is missing, and recover what is in it.

        `policy` is put in force unless the last start was with the same: then later revisions stay. Raise JournalError where
        the folder is in use, the log damaged, or it cannot be judged on by this policy.
        """
        options = options or LiveOptions()
        live = cls(recover(folder, policy, cipher, options), cipher, options)
        if live.recovered.counted_anew or live.recovered.events >= options.checkpoint_events:
            live.checkpoint()
        return live

    # events --------------------------------------------------------------------------------------------------
    def take(self, block: EventBlock) -> Answers:
        """Make a batch durable and judge it. Raise JournalFull or JournalError: then nothing has changed."""
        self._require_usable()
        self._decisions.make_room()
        try:
            entry = self._entrance.admit(block)
        except OSError:
            raise JournalFull("no room is left for the index of events", hint="free some space") from None
        try:
            if len(entry.fresh):
                self._begin_segment_if_due()
                self._log.append(Kind.EVENTS, ndjson(entry.fresh), len(entry.fresh))
        except BaseException:
            self._entrance.withdraw(entry)
            raise
        try:
            outcome = self._judgement.judge(entry.fresh, entry.number)
            self._decisions.keep(entry.number, entry.ids, outcome)
            answers = self._answers(entry, outcome, len(block))
        except BaseException as error:
            self._failed = error  # the memory may be half changed: only recovery knows
            raise
        if self._log.position - self._checkpointed_at >= self.options.checkpoint_events:
            self.checkpoint(wait=False)
        else:
            self.settle()
        return answers

    def decision(self, event_id: str) -> bytes | None:
        """Return the line of the first decision about an event; None where there is none."""
        number = self._decisions.index.find(event_id)
        return self._decisions.line(number) if number >= 0 else None

    def account(self, account_id: str, at: int | None = None) -> AccountState:
        """Return how an account stands, as `Engine.account` does."""
        return self._judgement.engine.account(account_id, at)

    @property
    def engine(self) -> Engine:
        """The engine, to look at."""
        return self._judgement.engine

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._judgement.engine.policy

    @property
    def position(self) -> int:
        """The position of the last event of the log, counted from 1."""
        return self._log.position

    @property
    def checkpointed(self) -> int:
        """The position of the newest checkpoint: what lies behind it a start would judge again. 0: there is none."""
        return self._newest_checkpoint

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The revision in force, and those to come."""
        return (self._judgement.in_force, *self._judgement.pending)

    # what people put in force --------------------------------------------------------------------------------
    def revise(self, policy: Policy, at_ms: int, *, by: str = "", note: dict[str, Any] | None = None) -> int:
        """Put a policy with other figures in force from an event time on; return the position it stands behind.

        Raise PolicyError where it remembers other things than the one in force: what was not counted cannot be known.
        """
        self._require_usable()
        self._judgement.check(policy)
        revision = Revision.of(policy, at_ms, by=by or "revision", position=self._log.position, note=note)
        self._require_restorable(revision)
        self._begin_segment_if_due()
        self._log.append(Kind.REVISION, encode(revision.data()))
        self._judgement.enter(revision, policy)
        return self._log.position

    def prepare(self, policy: Policy) -> None:
        """Make ready, on any thread, what `revise` with this policy needs: judging then hardly stops for it. Raise as that does."""
        self._judgement.check(policy)
        self._require_restorable(Revision.of(policy, 0, by="revision", position=0))

    def _require_restorable(self, revision: Revision) -> None:
        """Raise JournalError where the policy of a revision could not be made again from the log."""
        if revision.digest != self._restorable:
            revision.policy(self._judgement.base)
            self._restorable = revision.digest

    def mark(self, name: str, data: dict[str, Any]) -> int:
        """Write a note into the log that changes no decision; return the position it stands behind."""
        self._require_usable()
        self._begin_segment_if_due()
        return self._log.append(Kind.MARK, encode({"name": name, "data": data}))

    # forgetting ----------------------------------------------------------------------------------------------
    def begin_segment(self) -> None:
        """Begin a new segment of the log: what lies before it is not written to any more (see `forgetting`)."""
        self._require_usable()
        self._begin_segment_if_due(due=True)

    def rename(self, names: Mapping[str, str], words: Collection[str] = ()) -> None:
        """Give accounts other names in memory, and keep no checkpoint that has the old ones; each as long as the old one.

        `words` are names that stand in the log as words, too (`forgetting.words_of`): they stay words.

        The log before the segment that begins with it is still to be written anew: `forgetting.rewrite`. Raise JournalFull
        where there is no room for a checkpoint; then it has to be done again.
        """
        self.begin_segment()
        rename_in_memory(self._judgement.engine, names, words)
        if self.checkpoint() is None:
            raise JournalFull("no room is left for a checkpoint", hint="free some space")
        for old in checkpoints(self.folder.checkpoints)[1:]:
            old.unlink()
        sync_folder(self.folder.checkpoints)  # they know old names, and places that `rewrite` moves

    # keeping -------------------------------------------------------------------------------------------------
    def checkpoint(self, *, wait: bool = True) -> Written | None:
        """Write the memory down and drop what is older than the retention.

        Where nobody waits for it, it is written beside the judging, and left out while another one is. None: it is under way,
        or there was no room (see `warnings`).
        """
        self._require_usable()
        if not wait and self._writing is not None and not self._writing.done:
            if not self._overdue(self._writing):
                return None
            self._writing.give_up()
        self._settle()
        assert self._log.segment is not None
        self._checkpointed_at = self._log.position
        try:
            sizes, unsynced = self._decisions.sizes()
        except OSError as error:
            self._warn(f"no checkpoint could be written: {reason(error)}")
            return None
        judgement, retention = self._judgement, self.options.retention
        checkpoint = Checkpoint(
            position=self._log.position,
            serial=self._log.serial,
            segment=self._log.segment.serial,
            offset=self._log.size,
            newest=judgement.engine.newest,
            in_force=judgement.in_force.data(),
            pending=[revision.data() for revision in judgement.pending],
            decisions=sizes,
            started_with=self._started,
        )
        before = None if retention is None else judgement.engine.newest - retention.ms
        order = Order(self.folder, self.cipher, checkpoint, judgement.engine.snapshot, unsynced, before)
        if not wait and self.options.behind and self._begun_beside(order):
            return None
        written = order.carried_out()
        give_back()
        return self._noted(written, order)

    def _overdue(self, writing: Writing) -> bool:
        events = self._log.position - writing.order.checkpoint.position
        return (
            events >= OVERDUE * self.options.checkpoint_events and monotonic_s() >= writing.began + OVERDUE_S
        )

    def settle(self) -> bool:
        """Take note of a checkpoint that was written meanwhile; return whether one still is being written."""
        if self._writing is not None and self._writing.done:
            self._settle()
        return self._writing is not None

    def _begun_beside(self, order: Order) -> bool:
        """Have a checkpoint written beside the judging; return whether a process could be had for it."""
        try:
            self._writing = Writing(order)
        except OSError as error:
            self._warn(
                f"a checkpoint stops the judging: no process could be had to write it ({reason(error)})"
            )
            return False
        return True

    def _settle(self) -> None:
        """Wait for a checkpoint that is being written, and take note of it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self._noted(writing.written(), writing.order)

    def _noted(self, written: Written, order: Order) -> Written | None:
        """Take note of what became of a checkpoint; return it if it was written."""
        if written.failure:
            self._warn(f"no checkpoint could be written: {written.failure}")
        if written.path is None:
            return None
        self._newest_checkpoint = order.checkpoint.position
        self._decisions.synced(order.unsynced, order.checkpoint.decisions)
        if written.dropped:
            _log.info("older than the retention: dropped", extra={"segments": list(written.dropped)})
            self._decisions.index.forget_before(written.first)
        return written

    def _warn(self, what: str) -> None:
        self.warnings.append(what)
        _log.warning(what)

    def history(self, after: int = 0) -> Iterator[Happened]:
        """Yield what happened behind a position, in order, as `take` told it; None of what is kept no more."""
        return history(self.folder, self._decisions, self.cipher, after)

    def close(self) -> None:
        """Let go of the folder. What was acknowledged is durable already."""
        if self._lock >= 0:
            self._settle()
            self._log.close()
            self._decisions.close()
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # parts ---------------------------------------------------------------------------------------------------
    def _answers(self, entry: Entry, outcome: Outcome, events: int) -> Answers:
        timers = [outcome.timers[at] for at in sorted(outcome.timers)]
        each = [line + b"\n" for lines in timers for line in lines.splitlines()]
        lines: list[bytes | None] = [*outcome.lines]
        if entry.first is not None:
            lines = [None] * events
            fresh = iter(outcome.lines)
            for at, first in enumerate(entry.first.tolist()):
                if first >= 0:
                    known = self._decisions.line(first)
                    lines[at] = as_duplicate(known) if known is not None else None
                elif first != REFUSED:
                    lines[at] = next(fresh)
        return Answers(lines, self._log.position, list(entry.refused), each, outcome.happened, outcome.judged)

    def _begin_segment_if_due(self, *, due: bool = False) -> None:
        if not (due or self._log.full):
            return
        try:
            self._decisions.sizes()
            segment = self._log.begin(encode(header(self._judgement, self._started)))
            self._decisions.begin(segment.serial)
        except OSError:
            raise JournalFull("no room is left for decisions", hint="free some space") from None

    def _require_usable(self) -> None:
        if self._failed is not None:
            raise JournalError(
                "judging failed before: what is in memory is not certain",
                hint="start again: it recovers from the log",
            )
