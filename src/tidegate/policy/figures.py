"""The figures of a policy: where they are found, how they are revised, which value is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tidegate.errors import ExpressionError, ParameterError
from tidegate.events.suggestions import meant
from tidegate.expr.duration import Duration, parse_duration
from tidegate.policy.measure import Measure
from tidegate.policy.parameter import Parameter, Span

if TYPE_CHECKING:
    from tidegate.expr import Expr
    from tidegate.policy.policy import Policy, Revision
    from tidegate.policy.quota import Quota
    from tidegate.policy.rule import Rule


def figures_of(policy: Policy) -> dict[str, Parameter | Span]:
    """Return all named figures that the policy's rules, modifiers and measures use, in order of first use."""
    found: dict[str, Parameter | Span] = {}
    for figure in all_figures(policy):
        if figure.name:
            found.setdefault(figure.name, figure)
    return found


def all_figures(policy: Policy) -> Iterator[Parameter | Span]:
    """Yield the figures declared in the sheets, then every use of one; a figure may come many times."""
    for rules in policy.rule_sets:
        yield from rules.parameters.values()
    yield from _used(policy)


def _used(policy: Policy) -> Iterator[Parameter | Span]:
    for rule in policy.rules:
        for tree in trees_of(rule):
            yield from (n for n in tree.walk() if isinstance(n, Parameter))
        for measure in rule.measures:
            yield from figures_of_measure(measure)
        for label in rule.labels:
            if isinstance(label.lasting, Span):
                yield label.lasting
    yield from (
        node
        for quota in policy.quotas
        for tree in trees_of_quota(quota)
        for node in tree.walk()
        if isinstance(node, Parameter)
    )
    if any(rule.modifiers for rule in policy.rules):
        yield policy.modifier_floor
    if policy.restriction is not None:
        yield policy.restriction.threshold
        for measure in policy.restriction.measures:
            yield from figures_of_measure(measure)
    for sanction in policy.sanctions:
        yield from figures_of_measure(Measure(sanction))


def figures_of_measure(measure: Measure) -> Iterator[Parameter | Span]:
    """Yield the figures that a measure and the steps of its ladder use."""
    for step in measure.steps:
        for lasting in (step.lasting, step.sanction.lasting, step.within):
            if isinstance(lasting, Span):
                yield lasting
        if step.sanction.rate_per_minute is not None:
            yield step.sanction.rate_per_minute


def trees_of_quota(quota: Quota) -> Iterator[Expr]:
    """Yield every expression of a quota: its comparison, whom it applies to, at which actions."""
    yield quota.when
    for condition in (quota.applies, quota.given):
        if condition is not None:
            yield condition


def trees_besides(policy: Policy) -> Iterator[tuple[str, Expr]]:
    """Yield every expression of no rule and no quota, each with its place: tiers, conditions of attempts and of releases."""
    for tiers in (policy.tiers, policy.tiers_in_force):
        for capability, tier in tiers.items():
            yield f"tier of `{capability}`", tier
    for attempt in policy.attempts:
        for condition in attempt.conditions:
            yield f"attempt at `{attempt.capability}`", condition
    for release in policy.releases:
        yield from ((f"release at `{release.on.type_name}`", tree) for tree in release.trees)


def trees_of(rule: Rule) -> Iterator[Expr]:
    """Yield every expression of a rule: its comparison, its further condition, its modifiers, figures of belief, what measures ask."""
    yield rule.when
    yield from (tree for measure in rule.measures for tree in measure.trees)
    if rule.given is not None:
        yield rule.given
    if rule.reaches is not None:
        yield rule.reaches
    for modifier in rule.modifiers:
        yield modifier.when
        yield modifier.factor
    if rule.prior is not None and isinstance(rule.prior.probability, Parameter):
        yield rule.prior.probability
    if rule.risk is not None:
        yield rule.risk.factor


def check_revision(figure: Parameter | Span, revision: Revision) -> None:
    """Raise ParameterError where a revision does not fit the figure."""
    if isinstance(figure, Span):
        try:
            span = parse_duration(str(revision))
        except ExpressionError as error:
            raise ParameterError(error.problem, place=figure.name, hint=error.hint) from None
        if not figure.low.ms <= span.ms <= figure.high.ms:
            raise ParameterError(
                f"`{revision}` lies outside {figure.low} to {figure.high}",
                place=figure.name,
                hint="stay within, or widen the bounds in a reviewed change of the code",
            )
        return
    if isinstance(revision, Mapping):
        known = set(figure.by[1]) if figure.by else set()
        for segment, value in revision.items():
            if segment not in known | {"default"}:
                listed = sorted(known | {"default"})
                raise ParameterError(
                    f"there is no segment `{segment}`",
                    place=figure.name,
                    hint=f"{meant(segment, listed)}it has: {', '.join(listed)}",
                )
            figure.check(value, segment)
        return
    figure.check(revision)


def values_in_force(figure: Parameter, revision: Revision | None) -> tuple[float, dict[str, float]]:
    """Return the default in force and the values per segment. One number as a revision holds for every segment.

    What has the figure of another segment follows its revision.
    """
    segments = dict(figure.by[1]) if figure.by else {}
    if revision is None:
        return figure.default, segments
    if isinstance(revision, Mapping):
        following = {n: revision[of] for n, of in figure.same_as.items() if of in revision}
        revision = {**following, **revision}
        default = revision.get("default", figure.default)
        return default, {**segments, **{k: v for k, v in revision.items() if k != "default"}}
    assert not isinstance(revision, str)
    return float(revision), {}


def span_in_force(figure: Duration | Span, revisions: Mapping[str, Revision]) -> Duration:
    """Return the length in force of a duration or a tunable span."""
    if isinstance(figure, Duration):
        return figure
    revision = revisions.get(figure.name)
    return parse_duration(revision) if isinstance(revision, str) else figure.default


def in_force(figure: Parameter | Span, revision: Revision | None) -> object:
    """Return the value in force as plain data, for the digest and for people."""
    if isinstance(figure, Span):
        return str(revision) if isinstance(revision, str) else figure.default.iso
    default, segments = values_in_force(figure, revision)
    shown = {name: _plain(value) for name, value in {"default": default, **segments}.items()}
    return shown if segments else shown["default"]


def _plain(value: float) -> float:
    """Return the number in one form: 12 and 12.0 are one figure and must have one digest."""
    return int(value) if value == int(value) else float(value)
