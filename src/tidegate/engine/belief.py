"""How likely an account abuses, by what is on record about it: active signals, risk factors that hold, points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.terms import risk_terms
from tidegate.scoring import Signal, score, weighed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.engine.register import Register
    from tidegate.policy import Policy

_SCORES_KEPT = 100_000  # sets of active signals; few occur, hostile traffic could make more


class Belief:
    """Scores accounts. A signal is active, and a risk factor holds, for as long as the policy says after it last fired."""

    def __init__(self, policy: Policy, register: Register) -> None:
        self.policy = policy
        self.register = register
        self._rules = policy.rules
        self._areas = tuple(policy.area_of(rule) for rule in self._rules)
        self._active = tuple(policy.active_by_area.get(area, policy.active).ms for area in self._areas)
        self.longest_ms = max(self._active, default=policy.active.ms)
        self.risks = tuple(risk_terms(policy, rule) for rule in self._rules)
        self._scores: dict[tuple[tuple[int, ...], tuple[int, ...], float], float] = {}

    def note(self, account: int | None, rule: int, at: int, forget: int, *, counts: bool) -> None:
        """Note that a rule fired: its signal where it counts for the score, its risk factor where it has one."""
        if account is None:
            return
        if counts:
            self.register.open("account", account).signal(rule, at, forget)
        if self.risks[rule] is not None:
            self.register.factors.note(account, rule, at, forget)

    def score(self, account: int | None, at: int, passing: tuple[int, ...] = ()) -> float:
        """Return the score of an account at a time; 0 where nothing is on record. `passing`: factors of this event alone."""
        record = self.register.find("account", account) if account is not None else None
        active, given = self.signals(account, at), record.given_at(at) if record is not None else 0.0
        if account is None or not (active or given):
            return 0.0
        factors = (*self.register.factors.active(account, at, self._active), *passing)
        value = self._scores.get((active, factors, given))
        if value is None:
            value = self._score(active, factors, given)
            if len(self._scores) > _SCORES_KEPT:
                self._scores.clear()
            self._scores[active, factors, given] = value
        return value

    def signals(self, account: int | None, at: int) -> tuple[int, ...]:
        """Return the rules whose signals are active, ascending."""
        record = self.register.find("account", account) if account is not None else None
        if record is None:
            return ()
        return tuple(sorted(n for n in record.signals if record.active(n, at, self._active[n])))

    def told(self, account: int, at: int) -> Iterator[tuple[int, float | None, int, int]]:
        """Yield the active signals: rule, probability (None where it has none), when it fired last, until when that counts."""
        record = self.register.find("account", account)
        for n in self.signals(account, at):
            assert record is not None, "signals are on a record"
            fired_at = max(t for t in record.signals[n] if t <= at)
            prior = self._rules[n].prior
            stated = prior.in_force(self.policy.revisions) if prior is not None and prior.scores else None
            yield n, stated, fired_at, fired_at + self._active[n]

    def speaks_of(self, rule: int, signals: tuple[int, ...]) -> bool:
        """Whether the risk factor of a rule concerns any of these signals."""
        return any(self._concerns(rule, n) for n in signals)

    def _concerns(self, rule: int, signal: int) -> bool:
        risk, prior = self.risks[rule], self._rules[signal].prior
        return (
            risk is not None and risk.of in ("", self._areas[signal]) and prior is not None and prior.scores
        )

    def _score(self, active: tuple[int, ...], factors: tuple[int, ...], given: float) -> float:
        signals = [Signal("given", given)] if given else []
        for n in active:
            rule = self._rules[n]
            if rule.prior is not None and rule.prior.scores:
                applied = [risk.factor for f in factors if (risk := self.risks[f]) and self._concerns(f, n)]
                p = weighed(rule.prior.in_force(self.policy.revisions), applied)
                signals.append(Signal(rule.id, p, rule.prior.group))
        return score(signals, sum(self._rules[n].points for n in active))
