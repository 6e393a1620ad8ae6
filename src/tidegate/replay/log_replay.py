"""The log of a live system judged again: each event under the revision that was in force when it arrived."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.clock import monotonic_s
from tidegate.engine import Engine
from tidegate.errors import JournalError
from tidegate.expr import Duration
from tidegate.journal.checkpoint import checkpoints, read_checkpoint
from tidegate.journal.entries import Events, Lost, Mark, Revision
from tidegate.journal.folder import DataFolder
from tidegate.journal.judging import Judgement, Outcome
from tidegate.journal.reading import Header, entries
from tidegate.journal.segments import Place
from tidegate.replay.accounts import write_accounts
from tidegate.replay.replayer import Options, Replay, opened
from tidegate.replay.summary import Tally

if TYPE_CHECKING:
    from tidegate.journal.entries import Entry
    from tidegate.journal.frame import Cipher
    from tidegate.policy import Policy

Origin = tuple[Judgement, Iterator["Entry | Header"], int]


def beginning(
    policy: Policy, data: Path, cipher: Cipher | None = None, *, before: int | None = None
) -> Origin:
    """Return a memory, the entries of the log behind it, and how many events it has seen.

    That is the beginning of the log; where its oldest segments are gone, or were judged by another policy, the oldest
    checkpoint that is of this one. `before`: the newest checkpoint that has seen no more than so many events will do. Raise
    JournalError where none fits.
    """
    folder = DataFolder(data)
    folder.require()
    first = next(entries(folder.journal, cipher), None)
    whole = isinstance(first, Header) and first.position == 0 and _fits(first.in_force, policy)
    for path in checkpoints(folder.checkpoints)[:: 1 if before is not None else -1]:
        if whole and before is None:
            break
        try:
            found = read_checkpoint(path, cipher)
        except JournalError:
            continue
        revision = Revision(**found.in_force)
        if _fits(revision, policy) and (before is None or found.position <= before):
            engine = Engine.restore(revision.policy(policy), found.state)
            judgement = Judgement(policy, engine, revision, [Revision(**data) for data in found.pending])
            place = Place(found.segment, found.offset, found.serial, found.position)
            return judgement, entries(folder.journal, cipher, place), found.position
    if first is None:
        return Judgement.new(policy, None), iter(()), 0
    if not isinstance(first, Header) or first.position:
        raise JournalError(
            "the log does not reach back to the first event, and no checkpoint before it can be read",
            place=str(data),
        )
    engine = Engine(first.in_force.policy(policy), lateness=Duration(first.lateness, "lateness"))
    return (
        Judgement(policy, engine, first.in_force, list(first.pending)),
        entries(folder.journal, cipher),
        0,
    )


def _fits(revision: Revision, policy: Policy) -> bool:
    try:
        revision.policy(policy)
    except JournalError:
        return False
    return True


def replay_log(
    policy: Policy,
    data: Path,
    out: Path,
    options: Options | None = None,
    *,
    cipher: Cipher | None = None,
    watch: Callable[[Tally], None] | None = None,
) -> Replay:
    """Judge the log of a data folder again and write `decisions.ndjson` and `summary.json`, as `replay` does.

    The figures of each revision come from the log; rules and features are those of `policy`, which must be the one the log
    names. What was given up since the log was damaged is told in the summary: decisions behind it lack these events. Raise
    JournalError where the policy is another one, or the log is damaged.
    """
    options = options or Options()
    started = monotonic_s()
    judgement, log, _ = beginning(policy, data, cipher)
    tally = Tally(policy)
    lost: list[dict[str, Any]] = []
    with opened(out) as outputs:
        for entry in log:
            if isinstance(entry, Events):
                outputs.write(_judged(judgement, entry, tally, only_fired=options.only_fired))
                if watch is not None:
                    watch(tally)
            elif isinstance(entry, Revision):
                judgement.enter(entry)
            elif isinstance(entry, Header):
                judgement.adopt(entry.in_force, entry.pending)
            elif isinstance(entry, Lost):
                lost.append({"from": entry.position + 1, "to": entry.end, "why": entry.why})
            else:
                assert isinstance(entry, Mark), "notes change nothing"
        if options.accounts:
            write_accounts(judgement.engine, options.accounts, out)
    done = Replay(tally, monotonic_s() - started, out)
    if lost:
        done.summary["given_up"] = lost
    (out / "summary.json").write_text(json.dumps(done.data(), indent=2) + "\n", "utf-8")
    return done


def _judged(judgement: Judgement, events: Events, tally: Tally, *, only_fired: bool) -> list[bytes]:
    """Judge some events; return the lines to write."""
    outcome = Outcome()
    engine = judgement.engine
    fired: set[int] = set()
    for at, piece in judgement.pieces(events.block):
        if judgement.engine is not engine:
            engine = judgement.engine
            tally.settle()
        judged = judgement.step(piece, events.position + at, outcome)
        tally.add(piece, judged)
        fired.update(at + i for i, decision in judged.closer.items() if decision.rules)
    lines: list[bytes] = []
    for at, line in enumerate(outcome.lines):
        if at in outcome.timers:
            lines.append(outcome.timers[at])
        if not only_fired or at in fired:
            lines.append(line)
    return lines
