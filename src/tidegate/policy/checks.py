"""Checks of a policy as a whole: mistakes that compile but cannot be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import ExpressionError, TidegateError
from tidegate.expr import Arithmetic, Compare, Expr, Kind, Literal, Unary
from tidegate.expr.duration import parse_duration
from tidegate.features import Feature, Sliding
from tidegate.policy.figures import (
    all_figures,
    figures_of,
    figures_of_measure,
    trees_besides,
    trees_of,
    trees_of_quota,
)
from tidegate.policy.finding import Finding
from tidegate.policy.parameter import Parameter, Span
from tidegate.policy.quota import Quota
from tidegate.policy.records import Records
from tidegate.policy.satisfiable import MIRRORED, contradiction

_MS_LEAST = 1000  # of a span that is written as a bare number and meant
_SPANS = {"s": "seconds", "min": "minutes", "h": "hours", "hours": "hours", "days": "days"}  # unit -> of `tg`

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tidegate.policy.policy import Policy
    from tidegate.policy.rule import Rule


def check(policy: Policy) -> list[Finding]:
    """Return everything that is wrong with a policy that loads, and what is doubtful about it."""
    findings = [*_no_rules(policy), *_figures_of_one_name(policy), *_parameter_sets(policy)]
    records = Records(policy)
    for rule in policy.rules:
        findings += _never_fires(rule) or _never_opens(rule)
        findings += [
            *_wrong_way_round(rule),
            *_never_counts(rule),
            *_modifiers(rule),
            *_nameless_figures(rule),
            *_window(rule),
            *_spans_without_unit(rule.id, trees_of(rule)),
        ]
        findings += records.unknown(rule.id, trees_of(rule))
        findings += _has_no_effect(rule)
    for quota in policy.quotas:
        findings += [
            *_wrong_way_round(quota),
            *_never_exceeded(quota),
            *_nameless_figures(quota),
            *_window(quota),
            *_spans_without_unit(quota.id, trees_of_quota(quota)),
        ]
        findings += records.unknown(quota.id, trees_of_quota(quota))
    for place, tree in trees_besides(policy):
        findings += records.unknown(place, [tree])
    return [*findings, *_threshold(policy), *records.of_policy()]


def _no_rules(policy: Policy) -> Iterator[Finding]:
    if not policy.rules:
        yield Finding(policy.name, "the policy has no rules", "write one as an attribute of a rule set")


def _wrong_way_round(rule: Rule | Quota) -> Iterator[Finding]:
    """A comparison that names the limit first: decisions would show it as what was observed."""
    said = rule.within if isinstance(rule, Quota) else rule.when
    assert isinstance(said, Compare)
    if _is_figure(said.left) and not _is_figure(said.right):
        other = Compare(MIRRORED[said.op], said.right, said.left)
        yield Finding(
            rule.id,
            f"`{said.describe()}` would show its limit as what was observed",
            f"write it the other way round: `{other.describe()}`",
        )


def _is_figure(tree: Expr) -> bool:
    """Whether the value is one whatever happens: of numbers and parameters alone."""
    if isinstance(tree, Arithmetic | Unary):
        return all(_is_figure(child) for child in tree.children())
    return isinstance(tree, Literal | Parameter)


def _never_fires(rule: Rule) -> list[Finding]:
    """A rule whose conditions no values of its features and parameters can satisfy."""
    found = contradiction(_conditions(rule))
    hint = "mind the range of the value and the bounds of the parameters"
    return [] if found is None else [Finding(rule.id, f"the rule can never fire: {found}", hint)]


def _never_opens(rule: Rule) -> list[Finding]:
    """A measure whose own condition can never hold where its rule fires."""
    findings = []
    for measure in rule.measures:
        found = contradiction([*_conditions(rule), measure.given]) if measure.given is not None else None
        if found is not None:
            problem = f"its measure `{measure.sanction.id}` can never open: {found}"
            findings.append(Finding(rule.id, problem, "mind what the rule demands already"))
    return findings


def _never_counts(rule: Rule) -> Iterator[Finding]:
    """A feature that no event of one of its kinds can ever enter."""
    features = {n.fingerprint: n for t in trees_of(rule) for n in t.walk() if isinstance(n, Feature)}
    for feature in features.values():
        for event, condition in feature.condition.items():
            found = contradiction([condition]) if condition is not None else None
            if found is not None:
                problem = f"no `{event.type_name}` is ever among those that it counts: {found}"
                yield Finding(rule.id, problem, f"mind the condition of `{feature.describe()}`")


def _modifiers(rule: Rule) -> Iterator[Finding]:
    """A modifier that can never hold, or that would count twice."""
    ids = [modifier.id for modifier in rule.modifiers]
    for modifier in rule.modifiers:
        found = contradiction([modifier.when])
        if found is not None:
            yield Finding(
                rule.id,
                f"its modifier `{modifier.id}` can never apply: {found}",
                "mind the range of the value",
            )
    twice = next((name for name in ids if ids.count(name) > 1), None)
    if twice is not None:
        yield Finding(
            rule.id, f"modifier `{twice}` stands twice", "its factor would count twice: name it once"
        )


def _conditions(rule: Rule) -> list[Expr]:
    return [rule.when] if rule.given is None else [rule.when, rule.given]


def _never_exceeded(quota: Quota) -> Iterator[Finding]:
    """A quota that no values can exceed."""
    found = contradiction(trees_of_quota(quota))
    if found is not None:
        yield Finding(
            quota.id,
            f"the quota can never be exceeded: {found}",
            "mind the range of the value and the bounds of the parameters",
        )


def _nameless_figures(rule: Rule | Quota) -> Iterator[Finding]:
    trees = trees_of_quota(rule) if isinstance(rule, Quota) else trees_of(rule)
    used: list[Parameter | Span] = [n for tree in trees for n in tree.walk() if isinstance(n, Parameter)]
    if not isinstance(rule, Quota):
        used += [figure for measure in rule.measures for figure in figures_of_measure(measure)]
    found = [figure for figure in used if not figure.name]
    if found:
        what = f"{found[0].default:g} {found[0].unit}" if isinstance(found[0], Parameter) else str(found[0])
        problem = f"a parameter of `{what}` has no name, so nobody can revise it"
        yield Finding(rule.id, problem, "make it an attribute of the rule set, or give `name=`")


def _window(rule: Rule | Quota) -> Iterator[Finding]:
    """A window that decisions would write, but the observed value does not look back over."""
    if rule.window is None:
        return
    try:
        written = parse_duration(rule.window)
    except ExpressionError as error:
        hint = f"{error.hint}; leave `window` out where no span of fixed length is looked back over"
        yield Finding(rule.id, f"window: {error.problem}", hint)
        return
    observed = rule.comparison.left
    if isinstance(observed, Feature) and isinstance(observed.window, Sliding):
        real = observed.window.length
        if real.ms != written.ms:
            problem = f"decisions would say `{rule.window}`, but the rule looks back over {real.iso}"
            yield Finding(rule.id, problem, f'write `window="{real.iso}"`')


def _spans_without_unit(place: str, trees: Iterable[Expr]) -> Iterator[Finding]:
    """A time between two moments, which is in ms, that is held against a figure of days, or against a bare small number."""
    seen = {node.fingerprint: node for tree in trees for node in tree.walk() if isinstance(node, Compare)}
    for comparison in seen.values():
        for span, held in ((comparison.left, comparison.right), (comparison.right, comparison.left)):
            if not _is_span(span):
                continue
            if isinstance(held, Parameter) and held.unit in _SPANS:
                problem = f"`{span.describe()}` is in ms, and `{held.name}` in {held.unit}"
                yield Finding(
                    place, problem, f"multiply the figure: `{held.name} * tg.{_SPANS[held.unit]}(1)`"
                )
            elif isinstance(held, Literal) and not held.shown and _is_small(held.value):
                problem = f"`{span.describe()}` is in ms: `{held.describe()}` is less than a second"
                hint = f"write a duration, such as `tg.days({held.describe()})`, if that was meant"
                yield Finding(place, problem, hint, advice=True)


def _is_small(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < _MS_LEAST


def _is_span(tree: Expr) -> bool:
    """Whether the value is the time between two moments, such as an age."""
    if not isinstance(tree, Arithmetic) or tree.op != "-":
        return False
    return tree.left.kind is Kind.MOMENT and tree.right.kind is Kind.MOMENT


def _has_no_effect(rule: Rule) -> Iterator[Finding]:
    if not (rule.measures or rule.labels or rule.cases or rule.prior or rule.points or rule.risk):
        yield Finding(
            rule.id,
            "the rule has no effect but to be listed in decisions",
            "give it a prior, a label, a measure or a case",
            advice=True,
        )


def _threshold(policy: Policy) -> Iterator[Finding]:
    """A threshold on another scale than the score's."""
    restriction = policy.restriction
    if restriction is not None and not 0 <= restriction.threshold.default <= 1:
        problem = f"the threshold is {restriction.threshold.default:g}, and scores lie from 0 to 1"
        yield Finding(restriction.id, problem, "85 of 100 points are 0.85")


# figures ----------------------------------------------------------------------------------------------------
def _figures_of_one_name(policy: Policy) -> Iterator[Finding]:
    first: dict[str, object] = {}
    for figure in all_figures(policy):
        meant = _meant(figure)
        if figure.name and first.setdefault(figure.name, meant) != meant:
            yield Finding(
                policy.name,
                f"two different figures are named `{figure.name}`",
                "give one of them another `name=`, or its rule set",
            )
            first[figure.name] = meant


def _meant(figure: Parameter | Span) -> object:
    if isinstance(figure, Span):
        return (figure.default.ms, figure.low.ms, figure.high.ms)
    return (figure.default, figure.low, figure.high, figure.unit, dict(figure.by[1]) if figure.by else {})


def _parameter_sets(policy: Policy) -> Iterator[Finding]:
    for name, revisions in policy.parameter_sets.items():
        try:
            policy.revise(revisions)
        except TidegateError as error:
            where = f"{error.place}: " if error.place in figures_of(policy) else ""
            yield Finding(f"parameter set `{name}`", f"{where}{error.problem}", error.hint)
