"""What a replay amounted to, in numbers."""

from __future__ import annotations

import resource
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.engine.decision import VERDICTS
from tidegate.replay.timeline import Timeline, TimelineAccumulator

if TYPE_CHECKING:
    from tidegate.engine import Decision, Judged
    from tidegate.events import EventBlock
    from tidegate.policy import Policy


def peak_memory_bytes() -> int:
    """Return the most memory the process has had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass
class Tally:
    """Counts that grow as blocks are judged; memory does not."""

    policy: Policy
    events: int = 0
    duplicates: int = 0
    rejected: int = 0
    timers: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    fired: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)
    shadow: dict[str, int] = field(default_factory=dict)
    exceeded: dict[str, int] = field(default_factory=dict)  # per quota, those in shadow too
    sanctions: dict[str, int] = field(default_factory=dict)
    first_ts: int | None = None
    last_ts: int | None = None
    _pattern_counts: np.ndarray = field(default_factory=lambda: np.zeros(64, np.int64))
    _patterns: list[tuple[str, ...]] = field(default_factory=lambda: [()])

    def __post_init__(self) -> None:
        rules = [r.id for r in self.policy.rules]
        if self.policy.restriction is not None:
            rules += self.policy.restriction.ids
        self._number = {rule: n for n, rule in enumerate(rules)}
        self.timeline_of = TimelineAccumulator(rules)

    def add(self, block: EventBlock, judged: Judged) -> None:
        """Count the decisions about a block, its timers too."""
        n = len(block)
        self.events += n
        if n:
            low, high = int(block.ts.min()), int(block.ts.max())
            self.first_ts = low if self.first_ts is None else min(low, self.first_ts)
            self.last_ts = high if self.last_ts is None else max(high, self.last_ts)
        plain = np.ones(n, np.bool_)
        closer = list(judged.closer)
        plain[closer] = False
        counts = np.bincount(judged.pattern[plain], minlength=len(judged.patterns))
        if len(counts) > len(self._pattern_counts):
            self._pattern_counts = np.concatenate([self._pattern_counts, np.zeros(len(counts), np.int64)])
        self._pattern_counts[: len(counts)] += counts
        self._patterns = judged.patterns
        self.verdicts["allow"] += int(plain.sum())
        codes = np.zeros(n, np.int8)
        scores = np.zeros(n)
        rules: list[int] = []
        for i, decision in judged.closer.items():
            codes[i] = VERDICTS.index(decision.verdict)
            scores[i] = decision.score
            rules += self._count(decision)
        for quota in judged.exceeded:
            name = quota.terms.id
            self.exceeded[name] = self.exceeded.get(name, 0) + len(quota.events)
        for timer in judged.timers:
            self.timers += 1
            rules += self._count(timer.decision)
        self.timeline_of.add(block.ts, codes, scores, np.array(rules, np.int64))

    def settle(self) -> None:
        """Close the account with one engine before another goes on: each numbers the patterns of undecided rules itself."""
        self.undecided = self._undecided()
        self._patterns = []
        self._pattern_counts = np.zeros(0, np.int64)

    def _count(self, decision: Decision) -> list[int]:
        """Count a decision; return the numbers of the rules to draw: not those that only make others weigh more."""
        self.verdicts[decision.verdict] += 1
        for rule in decision.undecided:
            self.undecided[rule] = self.undecided.get(rule, 0) + 1
        for rule in decision.shadow:
            if rule in self._number:
                self.shadow[rule] = self.shadow.get(rule, 0) + 1
        for opened in decision.sanctions:
            self.sanctions[opened.sanction] = self.sanctions.get(opened.sanction, 0) + 1
        for fired in decision.rules:
            self.fired[fired.rule] = self.fired.get(fired.rule, 0) + 1
        return [self._number[fired.rule] for fired in decision.rules if not fired.passing]

    def timeline(self) -> Timeline:
        """Return the decisions over time so far."""
        return self.timeline_of.timeline()

    def rules(self) -> dict[str, dict[str, int]]:
        """Return how often each rule fired and was undecided (and would have fired, for rules in shadow)."""
        undecided = self._undecided()
        table = {}
        for rule in self._number:
            row = {"fired": self.fired.get(rule, 0), "undecided": undecided.get(rule, 0)}
            if rule in self.shadow:
                row["shadow"] = self.shadow[rule]
            table[rule] = row
        return table

    def quotas(self) -> dict[str, dict[str, int]]:
        """Return how often each quota was exceeded and undecided."""
        undecided = self._undecided()
        return {
            quota.id: {"exceeded": self.exceeded.get(quota.id, 0), "undecided": undecided.get(quota.id, 0)}
            for quota in self.policy.quotas
        }

    def _undecided(self) -> dict[str, int]:
        """Return how often each rule or quota was undecided."""
        undecided = dict(self.undecided)
        for number, rules in enumerate(self._patterns):
            for rule in rules:
                undecided[rule] = undecided.get(rule, 0) + int(self._pattern_counts[number])
        return undecided

    def data(self, seconds: float) -> dict[str, Any]:
        """Return the summary as plain data."""
        from tidegate.windows.timestamps import format_rfc3339

        return {
            "events": self.events,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "timers": self.timers,
            "first_ts": None if self.first_ts is None else format_rfc3339(self.first_ts),
            "last_ts": None if self.last_ts is None else format_rfc3339(self.last_ts),
            "decisions": self.verdicts,
            "rules": self.rules(),
            **({"quotas": self.quotas()} if self.policy.quotas else {}),
            "sanctions": self.sanctions,
            "seconds": round(seconds, 3),
            "events_per_second": round(self.events / seconds) if seconds > 0 else None,
            "peak_memory_bytes": peak_memory_bytes(),
            "policy": self.policy.stamp(),
        }
