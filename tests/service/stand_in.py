"""A live engine without a journal: the same surface in memory, with switches for what can go wrong."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tidegate.engine import Engine
from tidegate.journal.decision_lines import DecisionLines, as_duplicate
from tidegate.journal.first_decisions import FirstDecisions
from tidegate.journal.gate import Gate


@dataclass
class Answers:
    lines: list
    refused: list
    timers: list = field(default_factory=list)
    happened: list = field(default_factory=list)
    position: int = 0
    judged: list = field(default_factory=list)


class StandIn:
    """Judges in memory. `fails`: what the next batches raise; `at_work`: a batch is held, see `holding`."""

    def __init__(self, policy, folder: Path):
        self.engine = Engine(policy)
        self.gate = Gate(FirstDecisions(folder), self.engine.plan.lateness)
        self.text = DecisionLines(policy.stamp(), [quota.id for quota in policy.quotas])
        self.lines = []
        self.at_work = threading.Event()
        self._free = threading.Event()
        self._held_from = None
        self.fails = None
        self.batches = []
        self.checkpoints = 0
        self.closed = False
        self.position = self.checkpointed = 0
        self.marks = []
        self.recovered = "nothing to recover"

    @contextmanager
    def holding(self, after=0):
        """Judge so many batches more, and hold the one behind them until the end of the context."""
        self._held_from = len(self.batches) + after
        self._free.clear()
        try:
            yield
        finally:
            self._held_from = None
            self._free.set()
            self.at_work.clear()

    def settle(self):
        return False

    def take(self, block):
        if self._held_from is not None and len(self.batches) >= self._held_from:
            self.at_work.set()
            self._free.wait()
        if self.fails is not None:
            raise self.fails
        self.batches.append(len(block))
        admitted, refused = self.gate.admit(block)
        judged = self.engine.step(admitted.fresh)
        others = {i: self.text.line(d) for i, d in judged.closer.items()}
        fresh = list(self.text.lines(admitted.fresh, judged, others, plain=True))
        answers = admitted.answers or [(i, -1) for i in range(len(fresh))]
        self.lines += fresh
        given = [
            fresh[i] if i >= 0 else as_duplicate(self.decision(self.gate.firsts.id_of(n))) for i, n in answers
        ]
        late = {one.line for one in refused}
        feed = iter(given)
        lines = [None if n in late else next(feed) for n in block.lines.tolist()]
        self.position += len(admitted.fresh)
        return Answers(lines, refused, position=self.position, judged=[judged])

    def mark(self, name, data):
        self.marks.append((name, data))

    def decision(self, event_id):
        head = b'{"event_id":"%s",' % event_id.encode()
        return next((line for line in self.lines if line.startswith(head)), None)

    def account(self, account_id, at=None):
        return self.engine.account(account_id, at)

    def checkpoint(self, *, wait=True):
        self.checkpoints += 1

    def close(self):
        self.closed = True
        self.gate.firsts.close()
