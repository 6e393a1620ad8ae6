"""From fired rules to a decision: score, labels, measures, cases and the verdict for what was attempted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.engine.decision import AppliedModifier, Decision, Fired, Opened, OpenedCase, figure
from tidegate.engine.register import SPACES, Register
from tidegate.engine.standing import ENDLESS, Running
from tidegate.engine.terms import terms_of, terms_of_restriction
from tidegate.engine.verdict import verdict_for
from tidegate.features import Labelled, Sanctioned
from tidegate.policy.figures import values_in_force
from tidegate.scoring import Signal, score

if TYPE_CHECKING:
    from tidegate.engine.occasion import Occasion
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.engine.standing import Standing
    from tidegate.engine.terms import MeasureTerms, Terms

_SCORES_KEPT = 100_000  # sets of active signals; few occur, hostile traffic could make more


@dataclass(slots=True)
class _Consequences:
    """What fired rules bring about, while it is being collected."""

    labels: list[str] = field(default_factory=list)
    sanctions: list[Opened] = field(default_factory=list)
    cases: list[OpenedCase] = field(default_factory=list)


class Judge:
    """Decides about events one by one, in arrival order; owns what is on record about entities."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.policy = policy = plan.policy
        self.register = Register(plan)
        self.newest = 0
        self._rules = policy.rules
        self._terms = tuple(terms_of(policy, rule) for rule in self._rules)
        self._active = tuple(
            policy.active_by_area.get(policy.area_of(rule), policy.active).ms for rule in self._rules
        )
        self.longest_signal_ms = max(self._active, default=policy.active.ms)
        self._scores: dict[tuple[int, ...], float] = {(): 0.0}
        self._restriction: Terms | None = None
        self._threshold = 1.0
        if policy.restriction is not None:
            threshold = policy.restriction.threshold
            self._restriction = terms_of_restriction(policy, policy.restriction)
            self._threshold = values_in_force(threshold, policy.revisions.get(threshold.name))[0]

    # the standing of entities as columns ---------------------------------------------------------------------
    def stand(self, site: PlacedSite, position: int, ts: int) -> bool:
        """Write what is on record about the event's entities to the columns of standing; True where there are any."""
        cols = self.plan.chunk.cols
        for leaf, key, own in site.standing:
            slot = cols[key, position]
            record = self.register.find(leaf.children()[0].domain, slot) if slot >= 0 else None
            if not slot >= 0:
                cols[own, position] = float("nan")
            elif isinstance(leaf, Labelled):
                within = leaf.within.ms if leaf.within else None
                cols[own, position] = float(record is not None and record.labelled(leaf.name, ts, within))
            else:
                assert isinstance(leaf, Sanctioned)
                count = record.sanctioned(leaf.sanctions, ts, leaf.within.ms) if record is not None else 0
                cols[own, position] = float(count)
        return bool(site.standing)

    # the decision --------------------------------------------------------------------------------------------
    def decide(self, occasion: Occasion, fired: list[int], undecided: tuple[str, ...]) -> Decision:
        """Return the decision about an event, given which rules fired, and put its consequences on record."""
        self.newest = max(self.newest, occasion.ts)
        shown: list[Fired] = []
        shadow: list[str] = []
        found = _Consequences()
        for number in fired:
            terms = self._terms[number]
            if not terms.active:
                shadow.append(terms.id)
                continue
            shown.append(self._shown(occasion, number, terms))
            if terms.counts:
                self._note_signal(occasion, number)
            self._carry_out(occasion, terms, found)
        value = self.score_of(occasion)
        if self._restriction is not None and value > self._threshold:
            because = self._restriction.because(_text(value), _text(self._threshold))
            shown.append(Fired(self._restriction.id, value, self._threshold, None, None, (), because))
            self._carry_out(occasion, self._restriction, found)
        verdict, retry_after_s, challenge = verdict_for(occasion, self.register, self.plan.chunk.cols)
        return Decision(
            event_id=occasion.event_id,
            ts=occasion.ts,
            type=occasion.type,
            account_id=occasion.account_id,
            verdict=verdict,
            score=value,
            fired=tuple(shown),
            undecided=undecided,
            labels=tuple(dict.fromkeys(found.labels)),
            sanctions=tuple(found.sanctions),
            cases=tuple(found.cases),
            retry_after_s=retry_after_s,
            challenge=challenge,
            shadow=tuple(shadow),
        )

    def score_of(self, occasion: Occasion) -> float:
        """Return the score of the event's account: 0 where it names none or nothing is on record."""
        slot = occasion.subjects.get("account")
        record = self.register.find("account", slot) if slot is not None else None
        if record is None or not record.signals:
            return 0.0
        ts = occasion.ts
        active = tuple(sorted(n for n in record.signals if record.active(n, ts, self._active[n])))
        value = self._scores.get(active)
        if value is None:
            value = self._score(active)
            if len(self._scores) > _SCORES_KEPT:
                self._scores.clear()
            self._scores[active] = value
        return value

    def _score(self, active: tuple[int, ...]) -> float:
        rules = [self._rules[number] for number in active]
        signals = [
            Signal(r.id, r.prior.in_force(self.policy.revisions), r.prior.group)
            for r in rules
            if r.prior is not None and r.prior.scores
        ]
        return score(signals, sum(rule.points for rule in rules))

    def _note_signal(self, occasion: Occasion, number: int) -> None:
        slot = occasion.subjects.get("account")
        if slot is not None:
            self.register.open("account", slot).signal(number, occasion.ts, self.newest - self.plan.lateness)

    def _shown(self, occasion: Occasion, number: int, terms: Terms) -> Fired:
        """Return the fired rule with the values it was judged by."""
        at, p, item = occasion.site.rules[number], occasion.position, self.plan.chunk.cols.item
        observed: float | str | None = item(at.observed, p)
        limit: float | str | None = item(at.limit, p)
        if terms.names[0] is not None:
            observed = self.plan.names.text(terms.names[0], item(at.observed, p))
        if terms.names[1] is not None:
            limit = self.plan.names.text(terms.names[1], item(at.limit, p))
        applied = tuple(
            [
                AppliedModifier(m.id, item(factor, p))
                for m, applies, factor in at.modifiers
                if item(applies, p) == 1
            ]
        )
        because = terms.because(_text(observed), _text(limit))
        return Fired(terms.id, observed, limit, terms.window, terms.probability, applied, because)

    # consequences --------------------------------------------------------------------------------------------
    def _carry_out(self, occasion: Occasion, terms: Terms, found: _Consequences) -> None:
        """Set the labels, open the measures and the cases of a rule that fired."""
        forget = self.newest - self.plan.lateness
        for label in terms.labels:
            slot = occasion.subjects.get(label.on)
            if slot is not None:
                until = ENDLESS if label.lasting_ms is None else occasion.ts + label.lasting_ms
                self.register.open(label.on, slot).label(label.name, occasion.ts, until, forget)
                found.labels.append(label.name)
        for measure in terms.measures:
            slot = occasion.subjects.get(measure.subject)
            if slot is not None:
                record = self.register.open(measure.subject, slot)
                if not record.runs(terms.id, measure.sanction, occasion.ts):
                    found.sanctions.append(_opened(record, occasion, terms.id, measure, forget))
        if terms.cases and occasion.subjects:
            subject = next(s for s in SPACES if s in occasion.subjects)
            record = self.register.open(subject, occasion.subjects[subject])
            found.cases += _opened_cases(record, occasion, terms)


def _opened(record: Standing, occasion: Occasion, cause: str, measure: MeasureTerms, forget: int) -> Opened:
    """Open a measure and put it on record."""
    until = measure.end(occasion.ts)
    number = _number("s", occasion, cause, measure.sanction, measure.subject)
    record.open(
        Running(
            number,
            measure.sanction,
            measure.effect,
            measure.capability,
            occasion.ts + measure.from_next,  # whole ms: from the next one on
            until,
            cause,
            measure.challenge,
            measure.rate,
        ),
        forget,
    )
    return Opened(
        number,
        measure.sanction,
        measure.capability,
        measure.level,
        occasion.ts,
        None if until == ENDLESS else until,
        cause,
        measure.review,
        measure.subject,
    )


def _opened_cases(record: Standing, occasion: Occasion, terms: Terms) -> list[OpenedCase]:
    """Open the cases of a rule, unless one for the same cause and queue is not yet due."""
    cases = []
    for case in terms.cases:
        key = f"{terms.id}/{case.queue}"
        if record.cases.get(key, 0) <= occasion.ts:
            due = occasion.ts + case.within.ms
            record.cases[key] = due
            cases.append(OpenedCase(_number("c", occasion, terms.id, case.queue), case.queue, due, terms.id))
    return cases


def _text(value: float | str | None) -> str:
    shown = figure(value) if isinstance(value, float) else value
    return "unknown" if shown is None else str(shown)


def _number(prefix: str, occasion: Occasion, cause: str, *what: str) -> str:
    """Id of a measure or case: a function of what caused it, so that a replay gives the same."""
    parts = (occasion.event_id or f"timer {occasion.ts} {occasion.account_id} {occasion.type}", cause, *what)
    return f"{prefix}-{hashlib.blake2b(chr(31).join(parts).encode(), digest_size=8).hexdigest()}"
