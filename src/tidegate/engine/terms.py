"""What follows when a rule fires, worked out once: figures in force instead of parameters, texts in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Formatter
from typing import TYPE_CHECKING

from tidegate.engine.standing import ENDLESS, Running
from tidegate.expr import Kind
from tidegate.policy import Measure
from tidegate.policy.figures import span_in_force, values_in_force
from tidegate.scoring import Factor

if TYPE_CHECKING:
    from tidegate.policy import Case, Label, Policy, Release, Rule, ScoreRule


@dataclass(frozen=True, slots=True)
class LabelTerms:
    """A label to set; `lasting_ms` None: until someone takes it off."""

    name: str
    on: str
    lasting_ms: int | None


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """A measure to open. `lasting_ms` None: permanent, pending `review`. `from_next`: it spares the event that opens it.

    `then` are the further steps of a ladder, taken when it opens again within `within_ms`; `follows` names the entity whose
    bans give its end; `latest` is when it ends at the latest, ms.
    """

    sanction: str
    effect: str
    capability: tuple[str, ...]
    level: int
    lasting_ms: int | None
    review: str
    challenge: str
    rate: int
    subject: str
    from_next: bool = False
    then: tuple[MeasureTerms, ...] = ()
    within_ms: int = 0
    follows: str = ""
    latest: int = ENDLESS

    def end(self, start: int) -> int:
        """Return when it ends if it starts then."""
        own = ENDLESS if self.lasting_ms is None else start + self.lasting_ms
        return min(own, self.latest)

    def until(self, latest: int) -> MeasureTerms:
        """Return the same measure, which ends then at the latest."""
        return replace(self, latest=latest)


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a decision needs to know of one rule."""

    id: str
    active: bool
    shadow: bool
    window: str | None
    probability: float | None
    reason: tuple[tuple[str, str], ...]  # (text, name of the value after it or "")
    names: tuple[str | None, str | None]  # id space of what is observed and of the limit where they are names
    labels: tuple[LabelTerms, ...]
    measures: tuple[MeasureTerms, ...]
    cases: tuple[Case, ...]

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
        shadow=rule.state == "shadow",
        window=rule.window,
        probability=rule.prior.in_force(policy.revisions) if rule.prior is not None else None,
        reason=parts_of_reason(rule.reason),
        names=(observed, limit),
        labels=tuple(_label(policy, label) for label in rule.labels),
        measures=tuple(_measure(policy, measure) for measure in rule.measures),
        cases=rule.cases,
    )


def terms_of_restriction(policy: Policy, restriction: ScoreRule) -> Terms:
    """Return the terms of the restriction that starts with the score."""
    return Terms(
        id=restriction.id,
        active=True,
        shadow=False,
        window=None,
        probability=None,
        reason=parts_of_reason(restriction.reason),
        names=(None, None),
        labels=tuple(_label(policy, label) for label in restriction.labels),
        measures=tuple(_measure(policy, measure) for measure in restriction.measures),
        cases=(),
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
        subject=measure.on,
        from_next=measure.from_next,
        then=tuple(_measure(policy, step) for step in measure.then),
        within_ms=span_in_force(measure.within, policy.revisions).ms if measure.within is not None else 0,
        follows=measure.follows,
    )


def terms_of_sanctions(policy: Policy) -> dict[str, tuple[MeasureTerms, ...]]:
    """Return the terms of every sanction that the policy knows, by id: one per kind of entity it is taken against."""
    measures = [m for rule in policy.rules for m in rule.measures]
    measures += policy.restriction.measures if policy.restriction is not None else ()
    listed = [(step.sanction, step.on) for measure in measures for step in measure.steps]
    listed += [(sanction, sanction.subject) for sanction in policy.sanctions]
    found: dict[str, dict[str, MeasureTerms]] = {}
    for sanction, subject in listed:
        of_subject = found.setdefault(sanction.id, {})
        if subject not in of_subject:
            of_subject[subject] = _measure(policy, Measure(sanction, subject=subject))
    return {name: tuple(by_subject.values()) for name, by_subject in found.items()}


@dataclass(frozen=True, slots=True)
class ReleaseTerms:
    """What ends: measures of these kinds, labels of these names; `settles`: for as long as they would have run.

    `causes` are the rules whose measures are meant; empty: those of all.
    """

    sanctions: frozenset[str]
    labels: tuple[str, ...]
    causes: frozenset[str]
    settles: bool

    def ends(self, measure: Running, challenge: str | None) -> bool:
        """Return whether a running measure ends; `challenge` None: the check that was passed is not known."""
        return (
            measure.sanction in self.sanctions
            and (not self.causes or measure.cause in self.causes)
            and challenge in (None, measure.challenge)
        )


@dataclass(frozen=True, slots=True)
class RiskTerms:
    """What a rule that fires does to signals: the factor in force, and the area of those it speaks of ("": all).

    `passing`: it holds for the judged event alone.
    """

    factor: Factor
    of: str
    passing: bool


def release_terms(release: Release) -> ReleaseTerms:
    """Return the terms of a release."""
    return ReleaseTerms(
        frozenset(release.sanctions), release.labels, frozenset(release.causes), release.settles
    )


def risk_terms(policy: Policy, rule: Rule) -> RiskTerms | None:
    """Return the terms of a rule's risk factor; None where it has none."""
    if rule.risk is None:
        return None
    figure = rule.risk.factor
    value = values_in_force(figure, policy.revisions.get(figure.name))[0]
    return RiskTerms(Factor(value, rule.risk.odds), rule.risk.of, rule.risk.passing)
