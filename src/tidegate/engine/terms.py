"""What follows when a rule fires, worked out once: figures in force instead of parameters, texts in parts."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

from tidegate.engine.standing import ENDLESS
from tidegate.expr import Kind
from tidegate.policy.figures import span_in_force, values_in_force

if TYPE_CHECKING:
    from tidegate.policy import Case, Label, Measure, Policy, Rule, ScoreRule


@dataclass(frozen=True, slots=True)
class LabelTerms:
    """A label to set; `lasting_ms` None: until someone takes it off."""

    name: str
    on: str
    lasting_ms: int | None


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """A measure to open. `lasting_ms` None: permanent, pending `review`. `from_next`: it spares the event that opens it."""

    sanction: str
    effect: str
    capability: tuple[str, ...]
    level: int
    lasting_ms: int | None
    review: str
    challenge: str
    rate: int
    subject: str
    from_next: bool

    def end(self, start: int) -> int:
        """Return when it ends if it starts then."""
        return ENDLESS if self.lasting_ms is None else start + self.lasting_ms


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a decision needs to know of one rule."""

    id: str
    active: bool
    window: str | None
    probability: float | None
    reason: tuple[tuple[str, str], ...]  # (text, name of the value after it or "")
    names: tuple[str | None, str | None]  # id space of what is observed and of the limit where they are names
    labels: tuple[LabelTerms, ...]
    measures: tuple[MeasureTerms, ...]
    cases: tuple[Case, ...]
    counts: bool  # whether its firing enters the score

    def because(self, observed: str, limit: str) -> str:
        """Return the reason text with its values."""
        values = {"observed": observed, "limit": limit, "window": self.window or "", "": ""}
        return "".join([text + values[name] for text, name in self.reason])


def terms_of(policy: Policy, rule: Rule) -> Terms:
    """Return the terms of a rule under the figures in force."""
    sides = (rule.comparison.left, rule.comparison.right)
    observed, limit = (side.domain if side.kind is Kind.SYMBOL else None for side in sides)
    return Terms(
        id=rule.id,
        active=rule.state == "active",
        window=rule.window,
        probability=rule.prior.in_force(policy.revisions) if rule.prior is not None else None,
        reason=parts_of_reason(rule.reason),
        names=(observed, limit),
        labels=tuple(_label(policy, label) for label in rule.labels),
        measures=tuple(_measure(policy, measure) for measure in rule.measures),
        cases=rule.cases,
        counts=bool(rule.points or (rule.prior is not None and rule.prior.scores)),
    )


def terms_of_restriction(policy: Policy, restriction: ScoreRule) -> Terms:
    """Return the terms of the restriction that starts with the score."""
    return Terms(
        id=restriction.id,
        active=True,
        window=None,
        probability=None,
        reason=parts_of_reason(restriction.reason),
        names=(None, None),
        labels=tuple(_label(policy, label) for label in restriction.labels),
        measures=tuple(_measure(policy, measure) for measure in restriction.measures),
        cases=(),
        counts=False,
    )


def parts_of_reason(template: str) -> tuple[tuple[str, str], ...]:
    """Return a reason as pairs: text, and the name of the value after it or ""."""
    return tuple((text, name or "") for text, name, _, _ in Formatter().parse(template))


def _label(policy: Policy, label: Label) -> LabelTerms:
    lasting = span_in_force(label.lasting, policy.revisions).ms if label.lasting is not None else None
    return LabelTerms(label.name, label.on, lasting)


def _measure(policy: Policy, measure: Measure) -> MeasureTerms:
    sanction = measure.sanction
    lasting = measure.lasting or sanction.lasting
    rate = sanction.rate_per_minute
    return MeasureTerms(
        sanction=sanction.id,
        effect=sanction.effect,
        capability=measure.capabilities,
        level=sanction.level,
        lasting_ms=None if isinstance(lasting, str) else span_in_force(lasting, policy.revisions).ms,
        review=sanction.review,
        challenge=sanction.challenge,
        rate=0 if rate is None else int(values_in_force(rate, policy.revisions.get(rate.name))[0]),
        subject=sanction.subject,
        from_next=measure.from_next,
    )
