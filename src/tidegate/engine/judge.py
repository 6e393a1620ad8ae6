"""From fired rules to a decision: score, labels, measures, cases and the verdict for what was attempted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.engine.decision import AppliedModifier, Decision, Fired, Opened, OpenedCase, figure
from tidegate.engine.register import Register
from tidegate.engine.standing import ENDLESS, Running
from tidegate.engine.verdict import verdict_for
from tidegate.expr import Duration, Kind
from tidegate.features import Labelled, Sanctioned
from tidegate.policy.figures import span_in_force, values_in_force
from tidegate.policy.measure import PERMANENT, Measure
from tidegate.scoring import Signal, score

if TYPE_CHECKING:
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.policy import Label, Rule, ScoreRule
    from tidegate.policy.parameter import Span


_SCORES_KEPT = 100_000  # sets of active signals; few occur, hostile traffic could make more


@dataclass(slots=True)
class Occasion:
    """The event (or timer) being judged. `subjects` maps each entity it names to the id of its record."""

    event_id: str | None
    ts: int
    type: str
    account_id: str | None
    site: PlacedSite
    position: int
    subjects: dict[str, int]


@dataclass
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
        self._areas = tuple(policy.area_of(rule) for rule in self._rules)
        self._active = tuple(policy.active_by_area.get(area, policy.active).ms for area in self._areas)
        self.longest_signal_ms = max(self._active, default=policy.active.ms)
        self._counts = tuple(bool(r.points or (r.prior is not None and r.prior.scores)) for r in self._rules)
        self._scores: dict[tuple[int, ...], float] = {(): 0.0}
        restriction = policy.restriction
        self._threshold = (
            values_in_force(restriction.threshold, policy.revisions.get(restriction.threshold.name))[0]
            if restriction is not None
            else 1.0
        )

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
            rule = self._rules[number]
            if rule.state != "active":
                shadow.append(rule.id)
                continue
            shown.append(self._shown(occasion, number))
            self._note_signal(occasion, number)
            self._carry_out(occasion, rule.id, rule.labels, rule.measures, found)
            self._open_cases(occasion, rule, found)
        value = self.score_of(occasion)
        restriction = self.policy.restriction
        if restriction is not None and value > self._threshold:
            shown.append(self._restricted(restriction, value))
            self._carry_out(occasion, restriction.id, restriction.labels, restriction.measures, found)
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
            Signal(r.id, r.prior.probability, r.prior.group)
            for r in rules
            if r.prior is not None and r.prior.scores
        ]
        return score(signals, sum(rule.points for rule in rules))

    def _note_signal(self, occasion: Occasion, number: int) -> None:
        slot = occasion.subjects.get("account")
        if slot is not None and self._counts[number]:
            self.register.open("account", slot).signal(number, occasion.ts, self.newest - self.plan.lateness)

    def _shown(self, occasion: Occasion, number: int) -> Fired:
        """Return the fired rule with the values it was judged by."""
        rule, at = self._rules[number], occasion.site.rules[number]
        cols, p = self.plan.chunk.cols, occasion.position
        observed = self._figure(rule.comparison.left, float(cols[at.observed, p]))
        limit = self._figure(rule.comparison.right, float(cols[at.limit, p]))
        applied = tuple(
            AppliedModifier(m.id, float(cols[factor, p]))
            for m, applies, factor in at.modifiers
            if cols[applies, p] == 1
        )
        texts = {"observed": _text(observed), "limit": _text(limit), "window": rule.window or ""}
        probability = rule.prior.probability if rule.prior is not None else None
        return Fired(
            rule.id, observed, limit, rule.window, probability, applied, rule.reason.format_map(texts)
        )

    def _figure(self, side: Any, value: float) -> float | str | None:
        return self.plan.names.text(side.domain, value) if side.kind is Kind.SYMBOL else value

    def _restricted(self, restriction: ScoreRule, value: float) -> Fired:
        texts = {"observed": _text(value), "limit": _text(self._threshold), "window": ""}
        return Fired(
            restriction.id, value, self._threshold, None, None, (), restriction.reason.format_map(texts)
        )

    # consequences --------------------------------------------------------------------------------------------
    def _carry_out(
        self,
        occasion: Occasion,
        cause: str,
        labels: tuple[Label, ...],
        measures: tuple[Measure, ...],
        found: _Consequences,
    ) -> None:
        for label in labels:
            slot = occasion.subjects.get(label.on)
            if slot is not None:
                until = ENDLESS if label.lasting is None else occasion.ts + self._length(label.lasting).ms
                self.register.open(label.on, slot).label(
                    label.name, occasion.ts, until, self.newest - self.plan.lateness
                )
                found.labels.append(label.name)
        for measure in measures:
            opened = self._open(occasion, cause, measure)
            if opened is not None:
                found.sanctions.append(opened)

    def _length(self, lasting: Duration | Span) -> Duration:
        return span_in_force(lasting, self.policy.revisions)

    def _open(self, occasion: Occasion, cause: str, measure: Measure) -> Opened | None:
        """Open the measure unless one with the same cause has not ended, or the event does not name its subject."""
        sanction = measure.sanction
        slot = occasion.subjects.get(sanction.subject)
        if slot is None:
            return None
        record = self.register.open(sanction.subject, slot)
        if record.running(cause, sanction.id, occasion.ts):
            return None
        lasting = measure.lasting or sanction.lasting
        until = ENDLESS if lasting == PERMANENT else occasion.ts + self._length(lasting).ms
        rate = 0
        if sanction.rate_per_minute is not None:
            rate = int(
                values_in_force(
                    sanction.rate_per_minute, self.policy.revisions.get(sanction.rate_per_minute.name)
                )[0]
            )
        record.forget_measures(self.newest - self.plan.lateness)
        number = _number("s", occasion, cause, sanction.id)
        record.measures.append(
            Running(
                number,
                sanction.id,
                sanction.effect,
                measure.capabilities,
                occasion.ts,
                until,
                cause,
                sanction.challenge,
                rate,
            )
        )
        record.opened.append((occasion.ts, sanction.id))
        return Opened(
            number,
            sanction.id,
            measure.capabilities,
            sanction.level,
            occasion.ts,
            None if until == ENDLESS else until,
            cause,
            sanction.review,
            sanction.subject,
        )

    def _open_cases(self, occasion: Occasion, rule: Rule, found: _Consequences) -> None:
        subject = next((s for s in ("account", "device", "ip", "number") if s in occasion.subjects), None)
        for case in rule.cases:
            if subject is None:
                continue
            record = self.register.open(subject, occasion.subjects[subject])
            key = f"{rule.id}/{case.queue}"
            if record.cases.get(key, 0) <= occasion.ts:
                due = occasion.ts + case.within.ms
                record.cases[key] = due
                found.cases.append(
                    OpenedCase(_number("c", occasion, rule.id, case.queue), case.queue, due, rule.id)
                )


def _text(value: float | str | None) -> str:
    shown = figure(value) if isinstance(value, float) else value
    return "unknown" if shown is None else str(shown)


def _number(prefix: str, occasion: Occasion, cause: str, what: str) -> str:
    """Id of a measure or case: a function of what caused it, so that a replay gives the same."""
    parts = (occasion.event_id or f"timer {occasion.ts} {occasion.account_id} {occasion.type}", cause, what)
    return f"{prefix}-{hashlib.blake2b(chr(31).join(parts).encode(), digest_size=8).hexdigest()}"
