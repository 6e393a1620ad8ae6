"""Two policies over one pass of the same events: which decisions and which accounts change, rule by rule."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.engine import Engine
from tidegate.engine.decision import Decision
from tidegate.events.registry import BY_CODE
from tidegate.events.rejected import Rejected
from tidegate.replay.replayer import Options, Replay, Run, opened
from tidegate.replay.summary import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tidegate.engine import Judged
    from tidegate.events import EventBlock
    from tidegate.policy import Policy
    from tidegate.replay.byte_stream import Progress
    from tidegate.replay.input_file import Source

ACCOUNTS_LISTED = 10_000  # of those whose decisions change; the count goes on


@dataclass
class RuleChange:
    """How often a rule fired under both policies, under the first only, and under the second only."""

    both: int = 0
    only_base: int = 0
    only_against: int = 0


@dataclass
class Differences:
    """What changes from the base policy to the other one."""

    verdicts: dict[str, int] = field(default_factory=dict)  # "allow -> deny": how many decisions
    decisions: int = 0
    rules: dict[str, RuleChange] = field(default_factory=dict)
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)  # account -> verdict change -> how many
    accounts_total: int = 0
    _seen: set[str] = field(default_factory=set)

    def add(self, base: Decision, against: Decision) -> bool:
        """Count one event; True when verdict, fired rules, labels or measures differ."""
        first, second = {f.rule for f in base.rules}, {f.rule for f in against.rules}
        for rule in first | second:
            change = self.rules.setdefault(rule, RuleChange())
            change.both += rule in first and rule in second
            change.only_base += rule not in second
            change.only_against += rule not in first
        kinds = [{s.sanction for s in d.sanctions} for d in (base, against)]
        differs = (
            base.verdict != against.verdict
            or first != second
            or kinds[0] != kinds[1]
            or base.labels != against.labels
        )
        if not differs:
            return False
        self.decisions += 1
        if base.verdict != against.verdict:
            step = f"{base.verdict} -> {against.verdict}"
            self.verdicts[step] = self.verdicts.get(step, 0) + 1
            self._note(base.account_id, step)
        return True

    def _note(self, account: str | None, step: str) -> None:
        if account is None:
            return
        if account not in self._seen:
            self._seen.add(account)
            self.accounts_total += 1
        if account in self.accounts or len(self.accounts) < ACCOUNTS_LISTED:
            steps = self.accounts.setdefault(account, {})
            steps[step] = steps.get(step, 0) + 1

    def data(self) -> dict[str, Any]:
        """Return it as plain data; rules without a change are left out."""
        rules = {
            rule: {"both": c.both, "only_base": c.only_base, "only_against": c.only_against}
            for rule, c in sorted(self.rules.items())
            if c.only_base or c.only_against
        }
        return {
            "decisions_changed": self.decisions,
            "verdicts": self.verdicts,
            "accounts_changed": self.accounts_total,
            "rules": rules,
            "accounts": self.accounts,
        }


@dataclass
class Comparison:
    """A finished comparison."""

    base: Replay
    against: Tally
    differences: Differences

    def data(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "base": self.base.data(),
            "against": self.against.data(self.base.seconds),
            "differences": self.differences.data(),
        }


def compare(
    base: Policy,
    against: Policy,
    files: Sequence[Source],
    out: Path,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    watch: Callable[[Tally], None] | None = None,
    on_sorted: Callable[[int], None] | None = None,
) -> Comparison:
    """Replay under both policies in one pass.

    Beside what `replay` writes for the base policy: `changes.ndjson` (each event whose decision changes, with both) and
    `comparison.json`.
    """
    options = options or Options()
    started = time.perf_counter()
    with (
        opened(out, files) as outputs,
        (out / "changes.ndjson").open("wb") as changes,
        closing(Run(base, outputs, options)) as run,
        ExitStack() as stack,
    ):
        other = Engine(against, lateness=options.lateness)
        tally, differences = Tally(against), Differences()
        for block in stack.enter_context(closing(run.blocks(files, progress, on_sorted))):
            admitted, judged = run.take(block)
            if admitted is None or judged is None or isinstance(block, Rejected):
                continue
            second = other.step(admitted.fresh)
            tally.add(admitted.fresh, second)
            for line in changed_lines(admitted.fresh, judged, second, differences):
                changes.write(line)
            if watch is not None:
                watch(run.tally)
        run.finish()
    done = Comparison(Replay(run.tally, time.perf_counter() - started, out), tally, differences)
    (out / "summary.json").write_text(json.dumps(done.base.data(), indent=2) + "\n", "utf-8")
    (out / "comparison.json").write_text(json.dumps(done.data(), indent=2) + "\n", "utf-8")
    return done


def changed_lines(block: EventBlock, base: Judged, against: Judged, differences: Differences) -> list[bytes]:
    """Return a line per event, and per timer, whose decision differs."""
    lines = []
    for i in sorted(base.closer.keys() | against.closer.keys()):
        first, second = (j.closer.get(i) or _plain(block, i) for j in (base, against))
        if differences.add(first, second):
            lines.append(_line(first, second))
    timers = [_by_deadline(judged) for judged in (base, against)]
    for key in sorted(timers[0].keys() | timers[1].keys(), key=repr):
        ts, kind, account, _ = key
        first, second = (t.get(key) or Decision(None, ts, kind, account) for t in timers)
        if differences.add(first, second):
            lines.append(_line(first, second))
    return lines


def _by_deadline(judged: Judged) -> dict[tuple[int, str, str | None, int], Decision]:
    """Return the decisions of timers by deadline; the number tells apart those of one kind, account and moment."""
    found: dict[tuple[int, str, str | None, int], Decision] = {}
    seen: dict[tuple[int, str, str | None], int] = {}
    for timer in judged.timers:
        head = (timer.decision.ts, timer.decision.type, timer.decision.account_id)
        number = seen[head] = seen.get(head, -1) + 1
        found[*head, number] = timer.decision
    return found


def _plain(block: EventBlock, i: int) -> Decision:
    record = block.records[i]
    account = record.account_id
    kind = BY_CODE[int(block.codes[i])].type_name
    named = account if isinstance(account, str) else None
    return Decision(record.event_id, int(block.ts[i]), kind, named)


def _line(base: Decision, against: Decision) -> bytes:
    change = {
        "event_id": base.event_id,
        "type": base.type,
        "account_id": base.account_id,
        **{
            name: {
                "verdict": d.verdict,
                "score": d.score,
                "fired": [f.rule for f in d.rules],
                "labels": list(d.labels),
                "sanctions": [s.sanction for s in d.sanctions],
            }
            for name, d in (("base", base), ("against", against))
        },
    }
    return msgspec.json.encode(change) + b"\n"
