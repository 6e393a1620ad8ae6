"""A bench for policies: send events one by one, look at the decisions.

>>> from tidegate.policies.loading import load_policy
>>> bench = Bench(load_policy("messenger"))
>>> bench.send("message_sent", account_id="a1", recipient_id="b7").verdict
'allow'
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tidegate.engine import Decision, Engine
from tidegate.events import decode_lines
from tidegate.expr.duration import Duration, parse_duration
from tidegate.windows.timestamps import parse_rfc3339_many

if TYPE_CHECKING:
    from tidegate.policy import Policy

START = "2026-03-02T09:30:00Z"  # a Monday morning, away from any change of clocks


class Bench:
    """An engine with a clock of its own that stands still until `wait` moves it.

    `timers` collects the decisions of deadlines that passed. Bad events raise EventError, as in a replay they would be
    rejected.
    """

    def __init__(self, policy: Policy, *, start: str = START) -> None:
        self.engine = Engine(policy)
        self.now = int(parse_rfc3339_many([start])[0][0])
        self.timers: list[Decision] = []
        self._sent = 0

    def wait(self, span: Duration | str) -> Bench:
        """Let event time pass: a duration such as `tg.minutes(5)`, or its text such as `PT5M`."""
        self.now += (parse_duration(span) if isinstance(span, str) else span).ms
        return self

    def send(self, kind: str, **fields: object) -> Decision:
        """Judge one event of this type, now; `event_id` and `ts` may be given where they matter."""
        self._sent += 1
        event = {"event_id": f"e{self._sent}", "ts": self.now, **fields, "type": kind}
        decoded = decode_lines([json.dumps(event).encode()])
        for rejected in decoded.rejected:
            raise rejected.error
        block = decoded.block
        judged = self.engine.step(block)
        self.timers += [timer.decision for timer in judged.timers]
        if 0 in judged.closer:
            return judged.closer[0]
        account = fields.get("account_id")
        return Decision(
            block.records[0].event_id,
            int(block.ts[0]),
            kind,
            account if isinstance(account, str) else None,
            fired=judged.quotas_of(0),
            undecided=judged.patterns[int(judged.pattern[0])],
        )
