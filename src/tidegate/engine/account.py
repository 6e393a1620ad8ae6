"""How an account stands at a moment: tiers in force, what runs against it, and what is left of every published limit.

Everything is read, nothing is changed: decisions to come are those that would have come without the question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.engine.decision import Verdict, figure
from tidegate.engine.occasion import Occasion
from tidegate.engine.standing import ENDLESS
from tidegate.features.stream import LONGEST_DAY
from tidegate.policy.quota import GAP_UNIT_MS
from tidegate.signals.zones import Zones
from tidegate.windows.local_time import LocalTimes
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tidegate.engine.inquiry import PlacedAsked
    from tidegate.engine.judge import Judge
    from tidegate.engine.plan import Plan
    from tidegate.engine.standing import Running, Standing
    from tidegate.policy import Quota

_STRICTEST_FIRST: tuple[Verdict, ...] = ("deny", "challenge", "throttle")


@dataclass(frozen=True)
class QuotaState:
    """What is left of a quota for an account. None: not known, or not to be said without the action itself.

    `remaining` is how many more actions, or how much more of a share, keep the limit; 0 as long as a gap lasts.
    `next_allowed_at` is when the next action would keep it, by the tier of the moment asked about, None where that is now;
    `resets_at` is when the day ends.
    """

    quota: Quota
    used: float | None
    limit: float | None
    remaining: float | None
    next_allowed_at: int | None = None
    resets_at: int | None = None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        q = self.quota
        return {
            "quota": q.id,
            "title": q.title,
            "capability": list(q.capability),
            "kind": q.kind,
            "used": None if self.used is None else figure(self.used),
            "limit": None if self.limit is None else figure(self.limit),
            "remaining": None if self.remaining is None else figure(self.remaining),
            "unit": q.unit,
            "window": q.window,
            "resets_at": _time(self.resets_at),
            "next_allowed_at": _time(self.next_allowed_at),
        }


@dataclass(frozen=True)
class CapabilityState:
    """What an attempt at a capability meets, and until when the longest of the measures behind it runs (None: no end).

    `reviews` says of each kind of measure that has no end who must confirm it.
    """

    verdict: Verdict
    until: int | None
    measures: tuple[Running, ...]
    reviews: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "verdict": self.verdict,
            "until": "permanent" if self.until is None else format_rfc3339(self.until),
            "measures": [self._measure(m) for m in self.measures],
        }

    def _measure(self, measure: Running) -> dict[str, str]:
        endless = measure.until == ENDLESS
        data = {
            "id": measure.id,
            "sanction": measure.sanction,
            "from": format_rfc3339(measure.since),
            "until": "permanent" if endless else format_rfc3339(measure.until),
            "cause": measure.cause,
        }
        if endless and measure.sanction in self.reviews:
            data["review"] = self.reviews[measure.sanction]
        return data


@dataclass(frozen=True)
class SignalState:
    """A rule whose firing counts for the score: when it fired last, and until when that counts.

    `probability` None: points; `until` None: as long as the label that it set.
    """

    rule: str
    probability: float | None
    points: float
    fired_at: int
    until: int | None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "rule": self.rule,
            "probability": self.probability,
            "points": figure(self.points),
            "fired_at": format_rfc3339(self.fired_at),
            "until": None if self.until is None else format_rfc3339(self.until),
        }


@dataclass(frozen=True)
class AccountState:
    """How an account stands at `at`. `restrained` holds the capabilities that are not simply allowed."""

    account_id: str
    at: int
    tiers: dict[str, str | None]
    score: float
    labels: tuple[str, ...]
    restrained: dict[str, CapabilityState] = field(default_factory=dict)
    quotas: tuple[QuotaState, ...] = ()
    signals: tuple[SignalState, ...] = ()

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "account_id": self.account_id,
            "at": format_rfc3339(self.at),
            "tiers": self.tiers,
            "score": self.score,
            "signals": [signal.data() for signal in self.signals],
            "labels": list(self.labels),
            "restrained": {name: state.data() for name, state in self.restrained.items()},
            "quotas": [quota.data() for quota in self.quotas],
        }


class Accounts:
    """Answers how accounts stand, from the memory of an engine between two blocks."""

    def __init__(self, plan: Plan, judge: Judge) -> None:
        self.plan = plan
        self.judge = judge
        self._at = plan.asked
        self._zones = Zones()
        self._site = next(s for s in plan.sites if s.number == plan.asked.number)
        self._capabilities = plan.policy.capabilities

    def state(self, account_id: str, at: int, newest: int) -> AccountState:
        """Return how an account stands at a time, which may lie after the newest event, but not before its lateness."""
        assert at >= newest - self.plan.lateness, "of times so long past not everything is held any more"
        space = self.plan.names.spaces.get("account")
        slot = int(space.get(account_id)) if space is not None else -1
        # an account never seen stands as one of whom nothing is known: its id is that of none
        key = float(slot) if slot >= 0 else float(space.bound() if space is not None else 0)
        self._read(key, slot, at, min(at, newest))
        record = self.judge.register.find("account", slot) if slot >= 0 else None
        quotas = tuple(q for asked in self._at.quotas if (q := self._quota(asked, slot, at)) is not None)
        text, item = self.plan.names.text, self.plan.chunk.cols.item
        tiers = {name: text(domain, item(c, 0)) for name, (c, domain) in self._at.tiers.items()}
        if record is None:
            return AccountState(account_id, at, tiers, 0.0, (), {}, quotas)
        subjects = {"account": slot}
        occasion = Occasion(None, at, self._site.name, account_id, self._site, 0, subjects)
        labels = tuple(sorted(name for name in record.labels if record.labelled(name, at, None)))
        restrained = self._restrained(record, at)
        score = self.judge.score_of(occasion)
        signals = tuple(self._signals(slot, at))
        return AccountState(account_id, at, tiers, score, labels, restrained, quotas, signals)

    def _restrained(self, record: Standing, at: int) -> dict[str, CapabilityState]:
        """Return the capabilities that a running measure restrains: the strictest effect, and the longest end of that."""
        found = {}
        for capability in self._capabilities:
            running = [m for m in record.all_measures() if m.restrains(frozenset((capability,)), at)]
            for effect in _STRICTEST_FIRST:
                measures = tuple(m for m in running if m.effect == effect)
                if measures:
                    latest = max(m.until for m in measures)
                    end = None if latest == ENDLESS else latest
                    found[capability] = CapabilityState(effect, end, measures, self._reviews(measures))
                    break
        return found

    def _reviews(self, measures: Iterable[Running]) -> dict[str, str]:
        endless = {m.sanction for m in measures if m.until == ENDLESS}
        return {name: self.judge.administration.review_of(name) for name in endless}

    def _signals(self, slot: int, at: int) -> Iterable[SignalState]:
        rules = self.plan.policy.rules
        for n, probability, fired_at, until in self.judge.belief.told(slot, at):
            yield SignalState(rules[n].id, probability, rules[n].points, fired_at, until)

    def _read(self, key: float, slot: int, at: int, held_at: int) -> None:
        """Run the passes of the site: kernels are read as of what they hold, all else as of `at`."""
        plan, number = self.plan, self._at.number
        chunk = plan.chunk
        chunk.n = 1
        chunk.order[0], chunk.kind[0], chunk.ts[0] = 0, number, held_at
        chunk.cols[0, 0] = at
        chunk.cols[self._at.account, 0] = key
        for stepped in plan.passes((number,)):
            chunk.ts[0] = at if isinstance(stepped, LocalTimes) else held_at
            stepped.step(1)
            state = getattr(stepped, "kernel", stepped)  # behind a sieve
            if at > held_at and slot >= 0 and id(state) in self._at.aging:
                self._age(state, slot, at)
        if self.judge.stand(self._site, 0, at):
            plan.program.run(plan.last_stage, number, 0, 1)

    def _age(self, state: Any, slot: int, at: int) -> None:
        times, bits = state.history(slot)
        for a in self._at.aging[id(state)]:
            inside = (times > at - a.window) & (times <= at) & (bits & a.bit != 0)
            self.plan.chunk.cols[a.column, 0] = float(np.count_nonzero(inside))

    def _quota(self, asked: PlacedAsked, slot: int, at: int) -> QuotaState | None:
        """Return what is left of a quota; None where it does not apply."""
        item = self.plan.chunk.cols.item
        applies = item(asked.applies, 0) if asked.applies >= 0 else 1.0
        due = item(asked.due, 0) if asked.due >= 0 else 1.0
        if applies == 0:
            return None
        used, limit = (item(c, 0) if c >= 0 else float("nan") for c in (asked.used, asked.limit))
        resets = self._next_midnight(item(asked.zone, 0), at) if asked.zone >= 0 else None
        if isnan(used) or isnan(limit) or isnan(applies) or isnan(due):
            return QuotaState(asked.quota, _known(used), _known(limit), None, None, resets)
        if asked.quota.kind == "count":
            return self._counted(asked, used, limit, slot, at, resets)
        if asked.quota.kind == "gap":
            return _gap(asked.quota, used, limit, at, due=due == 1)
        return QuotaState(asked.quota, used, limit, round(max(0.0, limit - used), 9), None, resets)

    def _counted(
        self, asked: PlacedAsked, used: float, limit: float, slot: int, at: int, resets: int | None
    ) -> QuotaState:
        """Return how many more actions keep the limit, and from when on one more would."""
        most = floor(limit) if asked.quota.allowed.op == "<=" else ceil(limit) - 1
        left = max(0.0, most - used)
        following = resets if not left and most > 0 else None
        if not left and most > 0 and asked.lane is not None:
            times, bits = asked.lane.kernel.state.history(slot)
            window = asked.lane.window
            inside = times[(bits & asked.lane.bit != 0) & (times > at - window) & (times <= at)]
            following = int(inside[int(used) - most]) + window
        return QuotaState(asked.quota, used, limit, left, following, resets)

    def _next_midnight(self, zone: float, at: int) -> int | None:
        name = self.plan.names.text("", zone) if zone >= 0 else None
        offset = self._zones.offset(name, at) if name is not None else None
        if name is None or offset is None:
            return None
        following = self._zones.midnight(name, at, offset) + LONGEST_DAY.ms
        later = self._zones.offset(name, following)
        return None if later is None else self._zones.midnight(name, following, later)


def _gap(quota: Quota, used: float, limit: float, at: int, *, due: bool) -> QuotaState:
    """Return whether the next action may come now, and else when. `due`: the gap is asked for before the next one."""
    if not due or used >= limit:
        return QuotaState(quota, _known(used), limit, 1.0)
    wait = ceil(round((limit - used) * GAP_UNIT_MS[quota.unit], 6))
    return QuotaState(quota, used, limit, 0.0, at + wait)


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _time(ts: int | None) -> str | None:
    return None if ts is None else format_rfc3339(ts)
