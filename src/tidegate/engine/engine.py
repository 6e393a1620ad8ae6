"""The engine: blocks of events in, decisions out. It reads no clock, opens no file, draws no random number."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from tidegate.engine.account import Accounts, AccountState
from tidegate.engine.encode import Encoded, Encoder
from tidegate.engine.explanation import Reading, readings
from tidegate.engine.judge import Judge
from tidegate.engine.judged import Judged, TimerDecision
from tidegate.engine.layout import Laid, lay_out
from tidegate.engine.occasion import Occasion
from tidegate.engine.passing import PassingEvents
from tidegate.engine.patterns import Patterns, bits_set
from tidegate.engine.plan import make_plan
from tidegate.engine.remembered import differing, remembered
from tidegate.engine.single import SingleEvents
from tidegate.engine.snapshot import Snapshot, copied, snapshot, unpack
from tidegate.engine.timers import DueTimer, Timers
from tidegate.engine.upkeep import HISTORY_MS, Upkeep
from tidegate.errors import PolicyError
from tidegate.expr import Duration, minutes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.decision import Decision
    from tidegate.engine.plan import PlacedSite
    from tidegate.events import EventBlock, Record
    from tidegate.policy import Policy

ROWS = 1024
NONE_UNDECIDED = np.zeros(1, np.int32)
_SHOWN = 3  # of what two memories differ in
# bits of the mark of an event
FIRED = 1
STATE = np.uint8(2)  # a state does not hold whose risk factor may be on record


@dataclass
class _Block:
    """The block being judged: its events as a plan reads them, and the raw ones for what decisions quote."""

    encoded: Encoded
    events: EventBlock | None
    timers: list[DueTimer]
    done: dict[int, int] = field(default_factory=dict)  # events laid out so far, by site


class Engine:
    """Judges events by a policy, with the memory of all events before. One engine is one memory.

    `lateness` is how far an event may lie behind the newest one; the caller rejects what is later (see `too_late`).
    Decisions do not depend on how events are cut into blocks, nor on `rows`, the size of the chunks inside.
    """

    def __init__(self, policy: Policy, *, lateness: Duration | None = None, rows: int = ROWS) -> None:
        self.policy = policy
        self.plan = make_plan(policy, lateness_ms=(lateness or minutes(5)).ms, rows=rows)
        self.judge = Judge(self.plan)
        self.timers = Timers(self.plan)
        self.newest = 0
        self._patterns = Patterns(
            self.plan.rule_ids, tuple(r.state == "active" for r in policy.judged), len(self.plan.undecided)
        )
        self._patterns.bind(self.plan.undecided)
        self._last = self.plan.last_stage
        self._encoder = Encoder(self.plan)
        self._passing = PassingEvents(self.plan, self.judge, self._patterns)
        self._single = SingleEvents(self.plan, self._encoder)
        self._accounts = Accounts(self.plan, self.judge)
        self.upkeep = Upkeep(self.plan, self.judge.register, self.judge.belief.lasting)

    def too_late(self, ts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of these events, in arrival order, lie further behind the newest one than the lateness."""
        newest = np.maximum.accumulate(np.maximum(ts, self.newest))
        return ts < newest - self.plan.lateness

    def step(self, block: EventBlock) -> Judged:
        """Judge a block of events, none of them too late, and take them into memory."""
        if len(block) == 1:
            judged = self._judge_one(block)
            if judged is not None:
                return judged
        newest = np.maximum.accumulate(np.maximum(block.ts, self.newest))
        timers = self.timers.due(block, newest)
        judged = self._judge(_Block(self._encoder.block(block), block, timers))
        if len(block):
            self.newest = int(newest[-1])
            self.upkeep.after_block(self.newest, len(block))
        return judged

    def examine(self, block: EventBlock) -> tuple[Judged, list[Reading]]:
        """Judge a block of one event as `step` does; return also what every rule about it saw."""
        assert len(block) == 1, "one event at a time"
        newest = np.maximum(block.ts, self.newest)
        timers = self.timers.due(block, newest)
        self.plan.ask_everything(on=True)
        try:
            judged = self._judge(_Block(self._encoder.block(block), block, timers))
        finally:
            self.plan.ask_everything(on=False)
        found = readings(self.plan)
        self.newest = int(newest[0])
        self.upkeep.after_block(self.newest, 1)
        return judged, found

    def step_encoded(self, encoded: Encoded) -> Judged:
        """Judge events that are already in the plan's columns (no deadlines are armed); for benchmarks and shards."""
        judged = self._judge(_Block(encoded, None, []))
        if len(encoded):
            self.newest = max(self.newest, int(encoded.ts.max()))
            self.upkeep.after_block(self.newest, len(encoded))
        return judged

    def account(self, account_id: str, at: int | None = None) -> AccountState:
        """Return how an account stands at a time (None: that of the newest event), without changing anything.

        The time may lie after the newest event, but not further before it than the lateness.
        """
        return self._accounts.state(account_id, self.newest if at is None else at, self.newest)

    def tidy(self) -> int:
        """Free at once all that no event to come can see; return how many ids of entities became free."""
        for kernel in self.plan.kernels:
            if kernel.family != "pairs":
                kernel.state.sweep(self.newest, 1 << 62)
        self.judge.register.expire(self.newest - self.plan.lateness, self.judge.belief.lasting, HISTORY_MS)
        return self.upkeep.recycle(self.newest)

    # the memory as a whole -----------------------------------------------------------------------------------
    def state(self) -> bytes:
        """Return the whole memory: an engine restored from it judges all later events as this one would."""
        return self.snapshot().packed()

    def snapshot(self) -> Snapshot:
        """Return the whole memory as it is now, to be put together later."""
        return snapshot(self._memory())

    def carry_over(self, other: Engine) -> None:
        """Give a copy of the memory to an engine that has seen nothing; raise PolicyError where it remembers other things.

        The same as to restore it from `state`, without the bytes in between.
        """
        other.take_over(copied(self._memory()))

    def _memory(self) -> dict[str, Any]:
        """Return the whole memory as nested plain data, some of it still written to, and arrays, all of them copies."""
        return {
            "policy": self.policy.stamp(),
            "remembered": self.remembered,
            "lateness": self.plan.lateness,
            "newest": self.newest,
            "judged_until": self.judge.newest,
            "names": self.plan.names.state(),
            "kernels": [kernel.state.state() for kernel in self.plan.kernels],
            "timers": self.timers.state(),
            "records": self.judge.register.state(),
        }

    @classmethod
    def restore(
        cls, policy: Policy, state: bytes, *, rows: int = ROWS, blank: Engine | None = None
    ) -> Engine:
        """Return the engine whose memory `state` is; raise FileError where it is damaged, PolicyError where it does not fit.

        The policy may have other figures than the one the memory comes from, as long as the same things are remembered:
        all events to come are judged by the new figures. `blank`: an engine of that policy and lateness that has seen
        nothing; the memory becomes its own.
        """
        saved = unpack(state)
        engine = blank or cls(policy, lateness=Duration(saved["lateness"], "lateness"), rows=rows)
        engine.take_over(saved)
        return engine

    def take_over(self, saved: dict[str, Any]) -> None:
        """Make a memory this engine's own, which has seen nothing; raise PolicyError where it does not fit."""
        self.require_same_memory(saved["policy"], saved.get("remembered", {}))
        self.newest, self.judge.newest = saved["newest"], saved["judged_until"]
        self.plan.names.restore(saved["names"])
        for kernel, kept in zip(self.plan.kernels, saved["kernels"], strict=True):
            kernel.state.restore(kept)
            if kernel.sieve is not None:
                kernel.sieve.renew(self.newest)
        self.plan.bind()
        self.timers.restore(saved["timers"])
        self.judge.register.restore(saved["records"])

    @cached_property
    def remembered(self) -> dict[str, str]:
        """Fingerprints of what the memory is made of."""
        return remembered(self.plan)

    def require_same_memory(self, stamp: dict[str, str], theirs: dict[str, str]) -> None:
        """Raise PolicyError where the memory of an engine of the policy `stamp` is made of other things than this one's."""
        changed = differing(self.remembered, theirs)
        if not changed:
            return
        shown = "; ".join(f"`{name}`" for name in changed[:_SHOWN]) + ("; ..." if changed[_SHOWN:] else "")
        raise PolicyError(
            f"the state belongs to policy `{stamp['name']} {stamp['version']}` with figures {stamp['parameters'][:15]},"
            f" which remembers other things: {shown}",
            hint="restore it under that policy, or replay the events under the new one",
        )

    # one block -----------------------------------------------------------------------------------------------
    def _judge(self, block: _Block) -> Judged:
        encoded = block.encoded
        judged = Judged(np.zeros(len(encoded), np.int32), self._patterns.listed)
        chunk = self.plan.chunk
        if chunk.grow_items(len(encoded.items)):
            self.plan.bind()
        chunk.items[: len(encoded.items)] = encoded.items
        lo, k = 0, 0
        while lo < len(encoded) or k < len(block.timers):
            ahead = block.timers[k : k + chunk.rows]
            due = [
                t for m, t in enumerate(ahead) if t.before - lo + m < chunk.rows
            ]  # their place among the events
            hi = min(lo + chunk.rows - len(due), len(encoded))
            self._chunk(block, lo, hi, due, judged)
            lo, k = hi, k + len(due)
        return judged

    def _judge_one(self, block: EventBlock) -> Judged | None:
        """Judge the only event of a block the short way; None where that does not do."""
        record, ts = block.records[0], block.ts.item(0)
        number = self._single.site_of[record.type_code]
        if self.timers.concern(record.type_code, ts, self.newest) or not self._single.run(record, ts, number):
            return None
        judged = Judged(NONE_UNDECIDED.copy(), self._patterns.listed)
        if number >= 0:
            self._conclude(record, ts, self.plan.sites[number], judged)
        self.newest = max(self.newest, ts)
        self.upkeep.after_block(self.newest, 1)
        return judged

    def _conclude(self, record: Record, ts: int, site: PlacedSite, judged: Judged) -> None:
        """Say what became of the only event of a block, after its passes."""
        plan = self.plan
        self._mark_states(site, 0, 1)
        decision = None
        if site.judged and plan.marks.next(0, 1) == 0:
            decision = self._decided(site, 0, ts, record.event_id)
        if decision is not None:
            judged.closer[0] = decision
        elif plan.open.item(0):
            judged.pattern[0] = self._patterns.number(0)
        if site.quotas and plan.quotas.hit.item(0):
            judged.exceeded = plan.quotas.of_one()

    def _chunk(self, block: _Block, lo: int, hi: int, timers: list[DueTimer], judged: Judged) -> None:
        plan = self.plan
        laid = lay_out(plan, block.encoded, lo, hi, timers, block.done)
        n = laid.n
        if n == 0:
            return
        if plan.listed:
            plan.make_room(laid.spans)
        plan.driver.run(plan.route(laid.spans), n)
        self._look_closer(block, laid, timers, judged)
        if not plan.quotas.sites.isdisjoint(laid.spans):
            plan.quotas.collect(n, laid.events, judged.exceeded)
        self._patterns.enter(plan.chunk.order, laid.events, judged.pattern)

    def _look_closer(self, block: _Block, laid: Laid, timers: list[DueTimer], judged: Judged) -> None:
        """Decide, in arrival order, about the events on which a rule fired or about whom something is on record."""
        plan = self.plan
        for number, (start, end) in laid.spans.items():
            self._mark_states(plan.sites[number], start, end)
        chunk, events = plan.chunk, block.events
        i = plan.marks.next(0, laid.n)
        while i < laid.n:
            p, event = chunk.order.item(i), laid.events.item(i)
            site = plan.sites[chunk.kind.item(p)]
            if event < 0:
                self._time_out(site, p, timers[-1 - event], judged)
            elif site.judged:
                event_id = events.event_id(event) if events is not None else f"event {event}"
                decision = self._decided(site, p, chunk.ts.item(p), event_id)
                if decision is not None:
                    judged.closer[event] = decision
            i = plan.marks.next(i + 1, laid.n)

    def _time_out(self, site: PlacedSite, position: int, due: DueTimer, judged: Judged) -> None:
        """Decide about a timer on which a rule fired: that a moment has passed is by itself nothing to act on, nor is a rule in shadow."""
        if site.judged and self._matters(site, position, due.timer.due):
            occasion = self._occasion(site, position, due.timer.due, None)
            occasion.armed_by = due.timer.armed_by
            fired = self._fired(occasion)
            if self.judge.acts(fired):
                judged.timers.append(TimerDecision(due.before, self._decide(occasion, fired)))

    def _decided(self, site: PlacedSite, position: int, ts: int, event_id: str) -> Decision | None:
        """Return the decision about an event on which a rule fired, or which names somebody on record; None where that is idle."""
        if not self.plan.marks.on_record():
            decision = self._passing.decision(site, position, ts, event_id)
            if decision is not None:
                return decision
        if not self._matters(site, position, ts):
            return None
        occasion = self._occasion(site, position, ts, event_id)
        return self._decide(occasion, self._fired(occasion))

    def _mark_states(self, site: PlacedSite, start: int, end: int) -> None:
        """Have the events looked at, of a site's at positions [start, end), at which a state is known not to hold."""
        for _, holds in site.states:
            self.plan.hit[start:end] |= (self.plan.chunk.cols[holds, start:end] == 0) * STATE

    def _matters(self, site: PlacedSite, position: int, ts: int) -> bool:
        """Whether a rule fired, or what is on record may change the answer."""
        hit = self.plan.hit.item(position)
        if hit & STATE:
            self.judge.end_states(site, position, ts)
        return bool(hit & FIRED) or not self.judge.is_idle(site, position, ts)

    def _fired(self, occasion: Occasion) -> list[int]:
        """Return the rules that fire, given what is on record by now."""
        plan, p = self.plan, occasion.position
        if self.judge.stand(occasion.site, p, occasion.ts):
            plan.fired[:, p] = 0
            plan.undecided[:, p] = 0
            plan.program.run(self._last, occasion.site.number, p, p + 1)
            plan.quotas.again(occasion.site.number, p)
        return bits_set(plan.fired[:, p].tolist())

    def _decide(self, occasion: Occasion, fired: list[int]) -> Decision:
        plan, p = self.plan, occasion.position
        undecided = self._patterns.listed[self._patterns.number(p)]
        decision = self.judge.decide(occasion, fired, undecided)
        exceeded, shadow = plan.quotas.of_event(occasion.site.number, p)
        if not exceeded and not shadow:
            return decision
        return replace(decision, fired=(*decision.fired, *exceeded), shadow=(*decision.shadow, *shadow))

    def _occasion(self, site: PlacedSite, p: int, ts: int, event_id: str | None) -> Occasion:
        item = self.plan.chunk.cols.item
        subjects = {entity: int(slot) for entity, c in site.subjects.items() if (slot := item(c, p)) >= 0}
        account = self.plan.names.text("account", subjects["account"]) if "account" in subjects else None
        return Occasion(event_id, ts, site.name, account, site, p, subjects)
