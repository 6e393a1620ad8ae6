"""Judging what the log holds: the same way when it is written as when it is read again."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tidegate.engine import Engine
from tidegate.engine.decision import Decision
from tidegate.events.registry import TYPE_CODES
from tidegate.expr import Duration
from tidegate.journal.decision_lines import DecisionLines
from tidegate.journal.entries import Revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tidegate.engine import Judged
    from tidegate.engine.explanation import Reading
    from tidegate.events import EventBlock, Record
    from tidegate.policy import Policy

# events by which people and other systems decide: they are always told, whatever was decided about them
ACTS = (
    "sanction_applied", "sanction_lifted", "review_opened", "review_closed", "appeal_filed", "appeal_decided",
    "feedback_filed",
)  # fmt: skip
_ACTS = frozenset(TYPE_CODES[name] for name in ACTS)
FEW = 8  # events: their lines are put together one by one


class Happened(NamedTuple):
    """A decision that is no plain allow. `position` is that of its event in the log, counted from 1.

    At a timer `record` is None and the position that of the event which passed it.
    """

    position: int
    decision: Decision
    record: Record | None


@dataclass
class Outcome:
    """What came of some events: a line each, lines of timers by the event that they stand before, and what happened."""

    lines: list[bytes] = field(default_factory=list)
    timers: dict[int, bytes] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)  # for whoever counts


class Judgement:
    """An engine under the revision in force, and those whose time is still to come.

    A revision is in force from the first event on that arrives when event time has reached its time; what that event
    passes, such as a deadline, is judged under it too.
    """

    def __init__(self, base: Policy, engine: Engine, in_force: Revision, pending: list[Revision]) -> None:
        self.base = base
        self.engine = engine
        self.in_force = in_force
        self.pending = pending
        self._blank: Engine | None = None
        self._text = self._lines_of(engine.policy)

    @classmethod
    def new(cls, policy: Policy, lateness: Duration | None) -> Judgement:
        """Return one that has seen nothing."""
        revision = Revision.of(policy, 0, by="start", position=0)
        return cls(policy, Engine(policy, lateness=lateness), revision, [])

    def enter(self, revision: Revision, policy: Policy | None = None) -> None:
        """Take in a revision. Raise PolicyError or JournalError where the memory cannot be carried over to it."""
        self.check(policy or revision.policy(self.base))
        self.pending.append(revision)
        self.pending.sort(key=lambda r: r.at)  # stable: of two for one time the later one counts
        self._begin_due(self.engine.newest)

    def adopt(self, in_force: Revision, pending: Sequence[Revision]) -> None:
        """Go on with the revisions that a segment names at its beginning: others only where some of the log was lost."""
        if (in_force, list(pending)) != (self.in_force, self.pending):
            self.pending = [in_force, *pending]
            self._put_in_force(self.pending.pop(0))

    def check(self, policy: Policy) -> None:
        """Raise PolicyError where the policy remembers other things than the one in force."""
        self.prepare(policy).require_same_memory(self.engine.policy.stamp(), self.engine.remembered)

    def prepare(self, policy: Policy) -> Engine:
        """Return a blank engine of a policy, kept until that is put in force: it takes long to build, on any thread."""
        blank = self._blank
        if blank is None or blank.policy.stamp() != policy.stamp():
            lateness = Duration(self.engine.plan.lateness, "lateness")
            blank = self._blank = Engine(policy, lateness=lateness)
        return blank

    def pieces(self, block: EventBlock) -> Iterator[tuple[int, EventBlock]]:
        """Yield the parts of a block that one policy judges, and where each begins; before each that policy is in force."""
        at = 0
        while self.pending and len(block):
            newest = np.maximum.accumulate(np.maximum(block.ts, self.engine.newest))
            begins = int(np.searchsorted(newest, self.pending[0].at, "left"))
            if begins == len(block):
                break
            if begins:
                yield at, block.select(np.arange(begins))
            self._begin_due(int(newest[begins]))
            block, at = block.select(np.arange(begins, len(block))), at + begins
        if len(block):
            yield at, block

    def judge(self, block: EventBlock, number: int) -> Outcome:
        """Judge events of the log, `number` being that of the first."""
        outcome = Outcome()
        for at, piece in self.pieces(block):
            self.step(piece, number + at, outcome)
        return outcome

    def _begin_due(self, newest: int) -> None:
        """Put in force what is due; the memory goes along."""
        due = [revision for revision in self.pending if revision.at <= newest]
        if not due:
            return
        self.pending = self.pending[len(due) :]
        self._put_in_force(due[-1])

    def _put_in_force(self, revision: Revision) -> None:
        self.in_force = revision
        blank = self._blank
        if blank is not None and (blank.policy.name, blank.policy.version, blank.policy.digest) == (
            revision.name,
            revision.version,
            revision.digest,
        ):
            policy, self._blank = blank.policy, None
        else:
            policy, blank = self.in_force.policy(self.base), None
        if policy.digest != self.engine.policy.digest:
            lateness = Duration(self.engine.plan.lateness, "lateness")
            other = blank or Engine(policy, lateness=lateness)
            self.engine.carry_over(other)
            self.engine = other
            self._text = self._lines_of(policy)
            gc.collect()  # the plan before refers to itself: until it is found, there are two memories

    def step(self, block: EventBlock, number: int, outcome: Outcome) -> Judged:
        """Judge a part of a block by the policy in force; add what came of it to the outcome."""
        judged = self.engine.step(block)
        self._tell(block, judged, number, outcome)
        return judged

    def examine(self, block: EventBlock, number: int, outcome: Outcome) -> list[Reading]:
        """Judge one event as `step` does; return what every rule about it saw."""
        judged, found = self.engine.examine(block)
        self._tell(block, judged, number, outcome)
        return found

    def _tell(self, block: EventBlock, judged: Judged, number: int, outcome: Outcome) -> None:
        outcome.judged.append(judged)
        before = len(outcome.lines)
        if len(block) <= FEW:
            outcome.lines += [self._text.one(block.records[i], judged, i) for i in range(len(block))]
        else:
            others = {i: self._text.line(d) for i, d in judged.closer.items()}
            outcome.lines += self._text.lines(block, judged, others, plain=True)
        for timer in judged.timers:
            at = before + timer.before
            outcome.timers[at] = outcome.timers.get(at, b"") + self._text.line(timer.decision)
        outcome.happened += _happened(block, judged, number)

    @staticmethod
    def _lines_of(policy: Policy) -> DecisionLines:
        return DecisionLines(policy.stamp(), [quota.id for quota in policy.quotas])


def _happened(block: EventBlock, judged: Judged, number: int) -> list[Happened]:
    """Return what happened at the events of a block, in order, timers before the event that passed them."""
    found = [(t.before, 0, Happened(number + t.before + 1, t.decision, None)) for t in judged.timers]
    acts = {at for at, code in enumerate(block.codes.tolist()) if code in _ACTS}
    for at in sorted({at for at, decision in judged.closer.items() if decision.tells} | acts):
        record = block.records[at]
        decision = judged.closer.get(at) or _plain(record)
        found.append((at, 1, Happened(number + at + 1, decision, record)))
    return [one for _, _, one in sorted(found, key=lambda f: f[:2])]


def _plain(record: Record) -> Decision:
    account = record.account_id
    kind = record.event_type.type_name
    return Decision(record.event_id, record.ts, kind, account if isinstance(account, str) else None)
