"""How likely an account abuses, by what is on record about it: active signals, risk factors that hold, points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.compile.site import HOLDERS
from tidegate.engine.standing import ENDLESS
from tidegate.engine.terms import risk_terms
from tidegate.scoring import Signal, score, weighed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tidegate.engine.register import Register
    from tidegate.engine.standing import Standing
    from tidegate.policy import Policy, Rule

_SCORES_KEPT = 100_000  # sets of active signals; few occur, hostile traffic could make more

Holder = tuple[str, int]  # kind of entity, id of its record


def holder_of(subjects: Mapping[str, int]) -> Holder | None:
    """Return who keeps what fires at an event: its account, else its number, else its device; None where it names none."""
    return next(((entity, subjects[entity]) for entity in HOLDERS if entity in subjects), None)


class Belief:
    """Scores accounts. A signal is active, and a risk factor holds, for as long as the policy says after it last fired.

    Some signals stay as long as a label that their rule sets (`Prior.while_labelled`).

    What fires at an event that names no account is kept under its number, else its device, until an account is registered
    with it.
    """

    def __init__(self, policy: Policy, register: Register) -> None:
        self.policy = policy
        self.register = register
        self._rules = policy.rules
        self._areas = tuple(policy.area_of(rule) for rule in self._rules)
        # labels of the rules whose signals stay as long as one of them
        self._labels = tuple(_labels_of_signal(rule) for rule in self._rules)
        # how long signals stay and factors hold by rule, ms
        self.lasting = tuple(
            ENDLESS if labels else policy.active_by_area.get(area, policy.active).ms
            for labels, area in zip(self._labels, self._areas, strict=True)
        )
        self.risks = tuple(risk_terms(policy, rule) for rule in self._rules)
        self.passing = tuple(risk is not None and risk.passing for risk in self.risks)
        self.counts = tuple(bool(r.points or (r.prior is not None and r.prior.scores)) for r in self._rules)
        self._scores: dict[tuple[tuple[int, ...], tuple[int, ...], float], float] = {}

    def note(self, holder: Holder | None, rule: int, at: int, forget: int) -> None:
        """Note that a rule fired: its signal where it counts for the score, its risk factor where it has one."""
        if holder is None:
            return
        entity, slot = holder
        counts, has_factor = self.counts[rule], self.risks[rule] is not None and not self.passing[rule]
        if counts or (has_factor and entity != "account"):
            self.register.open(entity, slot).signal(rule, at, forget)
        if has_factor and entity == "account":
            self.register.factors.note(slot, rule, at, forget)

    def noted(self, holder: Holder, rule: int, at: int, within: int) -> bool:
        """Whether it was noted that a rule whose signal counts fired in (at - within, at], ms."""
        record = self.register.find(*holder)
        return record is not None and record.active(rule, at, within)

    def hand_over(self, subjects: Mapping[str, int], at: int, forget: int) -> bool:
        """Give the account that is registered at a time what is kept under its number and its device; True where it is signals.

        Each goes to one account: what is handed over is kept no longer.
        """
        account = subjects.get("account")
        if account is None:
            return False
        signals = False
        for entity in HOLDERS[1:]:
            slot = subjects.get(entity)
            record = self.register.find(entity, slot) if slot is not None else None
            if slot is None or record is None:
                continue
            for rule in list(record.signals):
                for fired_at in record.take_signals(rule, at - self.lasting[rule], at):
                    self.note(("account", account), rule, fired_at, forget)
                    signals = signals or self.counts[rule]
            if record.empty:
                self.register.close(entity, slot)
        return signals

    def score(
        self, holder: Holder | None, at: int, passing: tuple[int, ...] = (), fired: tuple[int, ...] = ()
    ) -> float:
        """Return the score of a holder at a time; 0 where nothing is on record. `passing`: factors of this event alone.

        Without a holder it is what `fired`, the rules that fired at the event, come to.
        """
        record = self.register.find(*holder) if holder is not None else None
        active, given = self.signals(holder, at, fired), record.given_at(at) if record is not None else 0.0
        if not (active or given):
            return 0.0
        factors = (*self._factors(holder, at, fired), *passing)
        value = self._scores.get((active, factors, given))
        if value is None:
            value = self._score(active, factors, given)
            if len(self._scores) > _SCORES_KEPT:
                self._scores.clear()
            self._scores[active, factors, given] = value
        return value

    def signals(self, holder: Holder | None, at: int, fired: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the rules whose signals are active, ascending; without a holder those of `fired` that are signals."""
        held = self.on_record(holder, at) if holder is not None else fired
        return tuple(n for n in held if self.counts[n])

    def on_record(self, holder: Holder, at: int) -> tuple[int, ...]:
        """Return the rules that fired and still count, ascending: signals, and under a number or device factors, too."""
        record = self.register.find(*holder)
        if record is None or not record.signals:
            return ()
        return tuple(sorted(n for n in record.signals if self._counts_still(record, n, at)))

    def _counts_still(self, record: Standing, rule: int, at: int) -> bool:
        labels = self._labels[rule]
        if labels and not any(record.labelled(name, at, None) for name in labels):
            return False
        return record.active(rule, at, self.lasting[rule])

    def _factors(self, holder: Holder | None, at: int, fired: tuple[int, ...]) -> tuple[int, ...]:
        """Return the rules whose risk factors hold, ascending."""
        if holder is not None and holder[0] == "account":
            return self.register.factors.active(holder[1], at, self.lasting)
        held = self.on_record(holder, at) if holder is not None else fired
        return tuple(n for n in held if self.risks[n] is not None and not self.passing[n])

    def told(self, account: int, at: int) -> Iterator[tuple[int, float | None, int, int | None]]:
        """Yield the active signals: rule, probability, when it fired last, until when that counts.

        The probability is None where it has none, the end where it counts as long as a label.
        """
        record = self.register.find("account", account)
        for n in self.signals(("account", account), at):
            assert record is not None, "signals are on a record"
            fired_at = max(t for t in record.signals[n] if t <= at)
            prior = self._rules[n].prior
            stated = prior.in_force(self.policy.revisions) if prior is not None and prior.scores else None
            yield n, stated, fired_at, None if self._labels[n] else fired_at + self.lasting[n]

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


def _labels_of_signal(rule: Rule) -> tuple[str, ...]:
    """Return the labels as long as one of which a rule's signal stays; none where it stays for a time of its own."""
    if rule.prior is None or not rule.prior.while_labelled:
        return ()
    return tuple(label.name for label in rule.labels if label.on == "account")
