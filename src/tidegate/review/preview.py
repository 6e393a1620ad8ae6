"""What a revision would have changed: the journal judged once more, by the figures in force and by those proposed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tidegate.engine import Engine
from tidegate.journal import Events
from tidegate.replay.comparison import Differences, changed_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tidegate.engine import Judged
    from tidegate.events import EventBlock
    from tidegate.journal import Entry
    from tidegate.policy import Policy

DECISIONS_SHOWN = 50
ACCOUNTS_SHOWN = 200
ROWS = 512  # events judged at a time: other threads have their turn between


@dataclass
class Side:
    """What came out by one set of figures."""

    engine: Engine
    verdicts: dict[str, int] = field(default_factory=dict)

    def count(self, judged: Judged) -> None:
        """Count the verdicts of a block."""
        for decision in judged.closer.values():
            self.verdicts[decision.verdict] = self.verdicts.get(decision.verdict, 0) + 1
        plain = len(judged) - len(judged.closer)
        self.verdicts["allow"] = self.verdicts.get("allow", 0) + plain


@dataclass
class Preview:
    """What changes from the first event on that arrives when event time has reached `since`: which decisions, which accounts, rule by rule."""

    since: int
    events: int = 0
    warm_up: int = 0  # events before, which only fill the memory
    differences: Differences = field(default_factory=Differences)
    shown: list[dict[str, Any]] = field(default_factory=list)

    def data(self, base: Side, against: Side) -> dict[str, Any]:
        """Return it as plain data."""
        told = self.differences.data()
        accounts = dict(list(told["accounts"].items())[:ACCOUNTS_SHOWN])
        return {
            "events": self.events,
            "warm_up_events": self.warm_up,
            "verdicts": {"in_force": base.verdicts, "proposed": against.verdicts},
            "decisions_changed": told["decisions_changed"],
            "verdicts_changed": told["verdicts"],
            "accounts_changed": told["accounts_changed"],
            "accounts": accounts,
            "rules": {
                rule: {
                    "both": c["both"],
                    "only_in_force": c["only_base"],
                    "only_proposed": c["only_against"],
                }
                for rule, c in told["rules"].items()
            },
            "decisions": self.shown,
        }


def preview(
    journal: Iterable[Entry],
    in_force: Policy,
    proposed: Policy,
    since: int,
    *,
    from_ms: int = 0,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Judge a journal by both policies; return what changes among events from `since` on.

    Events from `from_ms` on fill the memory before: what they count is known when `since` comes. `stop` is asked now and
    then whether nobody wants to know any more.
    """
    base, against = Side(Engine(in_force)), Side(Engine(proposed))
    found = Preview(since)
    newest = 0
    for entry in journal:
        if not isinstance(entry, Events):
            continue
        block = entry.block
        running = np.maximum.accumulate(np.maximum(block.ts, newest))
        newest = int(running[-1])
        begin, turn = (int(np.searchsorted(running, time, "left")) for time in (from_ms, since))
        for start, end in ((begin, max(begin, turn)), (max(begin, turn), len(block))):
            for at in range(start, end, ROWS):
                if stop():
                    return found.data(base, against)
                part = block.select(np.arange(at, min(at + ROWS, end)))
                _judge(found, part, base, against, counts=start >= turn)
    return found.data(base, against)


def _judge(found: Preview, block: EventBlock, base: Side, against: Side, *, counts: bool) -> None:
    first, second = base.engine.step(block), against.engine.step(block)
    if not counts:
        found.warm_up += len(block)
        return
    found.events += len(block)
    base.count(first)
    against.count(second)
    for line in changed_lines(block, first, second, found.differences):
        if len(found.shown) < DECISIONS_SHOWN:
            change = msgspec.json.decode(line)
            found.shown.append({"in_force": change.pop("base"), "proposed": change.pop("against")} | change)
