"""Why one event of a live log was decided as it was: judged again behind everything that came before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.errors import JournalError
from tidegate.events import encode_event
from tidegate.journal.decision_lines import quoted
from tidegate.journal.entries import Events, Revision
from tidegate.journal.folder import DataFolder
from tidegate.journal.frame import Kind
from tidegate.journal.judging import Outcome
from tidegate.journal.reading import Header, read_journal
from tidegate.journal.segments import frames
from tidegate.policy.figures import in_force
from tidegate.policy.parameter import Parameter
from tidegate.replay.log_replay import beginning
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegate.engine.explanation import Reading
    from tidegate.events import Record
    from tidegate.journal.frame import Cipher
    from tidegate.journal.judging import Judgement
    from tidegate.policy import Policy, Quota, Rule


@dataclass(frozen=True)
class Explanation:
    """A decision with what is behind it. `position` counts from 1; `policy` has the figures of that time."""

    position: int
    record: Record
    decision: dict[str, Any]
    revision: Revision
    policy: Policy
    readings: tuple[Reading, ...]

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "position": self.position,
            "event": msgspec.json.decode(encode_event(self.record)),
            "decision": self.decision,
            "revision": {
                "from": format_rfc3339(self.revision.at),
                "by": self.revision.by,
                "figures_changed": self.revision.figures,
                **self.policy.stamp(),
            },
            "rules": [r.data() | {"parameters": self.parameters_of(r.rule)} for r in self.readings],
        }

    def parameters_of(self, rule: Rule | Quota) -> dict[str, object]:
        """Return the figures that a rule or quota was judged by."""
        from tidegate.policy.figures import trees_of, trees_of_quota
        from tidegate.policy.quota import Quota

        trees = trees_of_quota(rule) if isinstance(rule, Quota) else trees_of(rule)
        revisions = self.policy.revisions
        nodes = [node for tree in trees for node in tree.walk() if isinstance(node, Parameter)]
        return {node.name: in_force(node, revisions.get(node.name)) for node in nodes}


def explain(
    policy: Policy,
    data: Path,
    event_id: str,
    *,
    cipher: Cipher | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Return why an event was decided as it was. `watch` is told how many events were judged again, of how many.

    Raise JournalError where the log has no such event, or cannot be judged again by this policy.
    """
    number = number_of(data, event_id, cipher)
    if number < 0:
        raise JournalError(
            f"the log has no event `{event_id}`",
            place=str(data),
            hint="it was never accepted, or is older than what is kept",
        )
    judgement, log, seen = beginning(policy, data, cipher, before=number)
    for entry in log:
        if isinstance(entry, Revision):
            judgement.enter(entry)
        elif isinstance(entry, Header):
            judgement.adopt(entry.in_force, entry.pending)
        elif isinstance(entry, Events):
            until = number - entry.position
            if until < len(entry.block):
                judgement.judge(entry.block.select(np.arange(until)), entry.position)
                return _examined(judgement, entry, until)
            judgement.judge(entry.block, entry.position)
            if watch is not None:
                watch(entry.position + len(entry.block) - seen, number - seen)
    raise JournalError("the log ends before the event", place=str(data))


def _examined(judgement: Judgement, events: Events, at: int) -> Explanation:
    """Judge one event of a block and note what every rule saw."""
    (_, one), *_ = judgement.pieces(events.block.select([at]))
    outcome = Outcome()
    found = judgement.examine(one, events.position + at, outcome)
    return Explanation(
        position=events.position + at + 1,
        record=one.records[0],
        decision=msgspec.json.decode(outcome.lines[0]),
        revision=judgement.in_force,
        policy=judgement.engine.policy,
        readings=tuple(found),
    )


def number_of(data: Path, event_id: str, cipher: Cipher | None) -> int:
    """Return how many events of the log lie before the one with an id; -1 where it is not there."""
    folder = DataFolder(data)
    folder.require()
    sought = quoted(event_id)[1:-1].encode()
    for _, frame in frames(folder.journal):
        if frame.kind is Kind.EVENTS and sought in frame.payload(cipher):
            found = _within(data, cipher, frame.first, event_id, frame.first + frame.count)
            if found >= 0:
                return found
    return _within(data, cipher, 0, event_id, None)  # its id may be written with other escapes


def _within(data: Path, cipher: Cipher | None, first: int, event_id: str, end: int | None) -> int:
    for entry in read_journal(data, cipher, after=first):
        if isinstance(entry, Events):
            ids = entry.block.event_ids
            if event_id in ids:
                return entry.position + ids.index(event_id)
            if end is not None and entry.position + len(ids) >= end:
                break
    return -1
