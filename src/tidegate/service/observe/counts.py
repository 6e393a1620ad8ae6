"""Counts of what was decided, kept where it costs next to nothing: per batch, on the judging thread, as plain numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.clock import now_ms
from tidegate.engine.decision import VERDICTS

if TYPE_CHECKING:
    from tidegate.engine import Decision, Judged
    from tidegate.events import EventBlock

# seconds; the deadline of 250 ms is one of the bounds
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 10_000)


@dataclass
class Distribution:
    """How many values lie up to each bound (one more: beyond the last), and their sum."""

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        """Take in a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return the buckets as Prometheus has them: (bound, how many up to it)."""
        found, sofar = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            sofar += count
            found.append(("+Inf" if bound == float("inf") else f"{bound:g}", float(sofar)))
        return found


class DecisionCounts:
    """What was decided since the start. Written by the judging thread alone; readers see numbers a batch old."""

    def __init__(self) -> None:
        self.events = 0
        self.refused = 0
        self.repeated = 0
        self.timers = 0
        self.verdicts: Counter[str] = Counter(dict.fromkeys(VERDICTS, 0))
        self.fired: Counter[str] = Counter()
        self.shadow: Counter[str] = Counter()
        self.exceeded: Counter[str] = Counter()
        self.sanctions: Counter[str] = Counter()
        self.cases: Counter[str] = Counter()
        self.types: Counter[int] = Counter()
        self.newest_ms = 0
        self.newest_at = 0  # by the wall clock, when that one came; 0: not since the start
        self.position = 0  # of the log, before the next batch
        self.checkpointed = 0  # position of the newest checkpoint
        self.batch_events = Distribution(SIZES)
        self.batch_s = Distribution(SECONDS)
        self._own_undecided: Counter[str] = Counter()  # of decisions that took a closer look
        self._patterns: dict[int, tuple[list[tuple[str, ...]], np.ndarray]] = {}

    def add(self, answers: Any, block: EventBlock, seconds: float) -> None:  # noqa: ANN401  Answers of the journal
        """Take in a batch that took so long from its events to its answers."""
        n = len(block)
        self.batch_events.add(n)
        self.batch_s.add(seconds)
        self.refused += len(answers.refused)
        fresh = answers.position - self.position
        self.position = answers.position
        self.repeated += n - len(answers.refused) - fresh
        self.events += fresh
        self.timers += len(answers.timers)
        if n == 1:
            self.types[int(block.codes[0])] += 1
            self._newest(int(block.ts[0]))
        elif n:
            counts = np.bincount(block.codes).tolist()
            self.types.update({code: count for code, count in enumerate(counts) if count})
            self._newest(int(block.ts.max()))
        judged: Judged
        for judged in answers.judged:
            self._judged(judged)

    def _newest(self, ts: int) -> None:
        if ts > self.newest_ms:
            self.newest_ms, self.newest_at = ts, now_ms()

    def _judged(self, judged: Judged) -> None:
        patterns, counts = self._patterns.get(id(judged.patterns), (judged.patterns, np.zeros(64, np.int64)))
        found = np.bincount(judged.pattern)
        if len(found) > len(counts):
            counts = np.concatenate([counts, np.zeros(len(found), np.int64)])
        counts[: len(found)] += found
        self._patterns[id(patterns)] = patterns, counts  # kept, so that the id stays theirs
        for event, decision in judged.closer.items():
            counts[judged.pattern[event]] -= 1
            self._decision(decision)
        self.verdicts["allow"] += len(judged.pattern) - len(judged.closer)
        for timer in judged.timers:
            self._decision(timer.decision)
        for quota in judged.exceeded:
            self.exceeded[quota.terms.id] += len(quota.events)

    def _decision(self, decision: Decision) -> None:
        self.verdicts[decision.verdict] += 1
        self._own_undecided.update(decision.undecided)
        self.fired.update([fired.rule for fired in decision.rules])
        self.shadow.update(decision.shadow)
        self.sanctions.update([opened.sanction for opened in decision.sanctions])
        self.cases.update([opened.queue for opened in decision.cases])

    def undecided(self) -> Counter[str]:
        """Return how often each rule or quota was undecided."""
        found = Counter(self._own_undecided)
        for patterns, counts in list(self._patterns.values()):
            for rules, count in zip(list(patterns), counts.tolist(), strict=False):
                if count and rules:
                    for rule in rules:
                        found[rule] += count
        return found
