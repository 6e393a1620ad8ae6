"""Figures, spans and consequences of a rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.expr.literal import number_text
from tidegate.policy.figures import in_force, span_in_force, trees_of
from tidegate.policy.parameter import Parameter, Span

if TYPE_CHECKING:
    from tidegate.expr import Expr
    from tidegate.policy import Measure, Policy, Quota, Rule
    from tidegate.policy.policy import ScoreRule


READ_CHARS_MOST = (
    4_000  # a page of print; the longest conditions, their parts written out wherever they occur, fill forty
)


def condition_text(condition: Expr) -> str:
    """Return a condition in words; of one that nobody would read to its end only the beginning, and how much more there is."""
    text = condition.describe()
    more = len(text) - READ_CHARS_MOST
    return text if more <= 0 else f"{text[:READ_CHARS_MOST]} ... {more:,} characters more: see the sheet"


def shortened(text: str, chars_max: int) -> str:
    """Return a text of at most so many characters: of a longer one the beginning and the end, cut between words.

    The end stays because what is remembered ends with its key and its window.

    >>> shortened("count of message_sent where (a or b or c) per account over PT1H", 60)
    'count of message_sent where (a or b … account over PT1H'
    """
    if len(text) <= chars_max:
        return text
    tail_chars = chars_max // 3
    head_chars = chars_max - tail_chars - len(" … ")
    head, tail = text[: head_chars + 1].rpartition(" ")[0], text[-tail_chars - 1 :].partition(" ")[2]
    return f"{head or text[:head_chars]} … {tail or text[-tail_chars:]}"


def parameters_of(rule: Rule) -> list[Parameter]:
    """Return the parameters a rule uses, each once, in order of appearance."""
    found: dict[str, Parameter] = {}
    for tree in trees_of(rule):
        for node in tree.walk():
            if isinstance(node, Parameter):
                found.setdefault(node.name or node.fingerprint, node)
    return list(found.values())


def figures_of(rule: Rule) -> list[Parameter | Span]:
    """Return the figures of a rule and of what it does: of its condition, its belief, rates, tunable lengths; not its modifiers'."""
    found: dict[str, Parameter | Span] = {p.name: p for p in parameters_of(replace(rule, modifiers=()))}
    for measure in measures_of(rule):
        rate, lasting = measure.sanction.rate_per_minute, measure.lasting or measure.sanction.lasting
        if rate is not None:
            found.setdefault(rate.name, rate)
        if isinstance(lasting, Span):
            found.setdefault(lasting.name, lasting)
    if rule.risk is not None:
        found.setdefault(rule.risk.factor.name, rule.risk.factor)
    for label in rule.labels:
        if isinstance(label.lasting, Span):
            found.setdefault(label.lasting.name, label.lasting)
    return list(found.values())


def measures_of(rule: Rule | ScoreRule) -> list[Measure]:
    """Return the measures a rule opens, the steps of ladders included."""
    found: list[Measure] = []
    waiting = list(rule.measures)
    while waiting:
        measure = waiting.pop(0)
        found.append(measure)
        waiting = [*measure.then, *waiting]
    return found


def area_of(policy: Policy, rule: Rule | Quota) -> str:
    """Return the area of a rule or quota, `other` where it has none."""
    return policy.area_of(rule) or "other"


def page_of(policy: Policy, rule: Rule | Quota) -> str:
    """Return the page of a rule or quota below the index."""
    return f"{area_of(policy, rule)}/{rule.id}.md"


def lasting_text(policy: Policy, measure: Measure) -> str:
    """Return how long a measure lasts."""
    lasting = measure.lasting or measure.sanction.lasting
    return lasting if isinstance(lasting, str) else span_in_force(lasting, policy.revisions).iso


def value_text(policy: Policy, figure: Parameter | Span) -> str:
    """Return the value of a figure in force, or its values by segment."""
    return figure_text(in_force(figure, policy.revisions.get(figure.name)))


def bounds_text(figure: Parameter | Span) -> str:
    """Return the bounds of a figure."""
    if isinstance(figure, Span):
        return f"{figure.low} to {figure.high}"
    return f"{number_text(figure.low)} to {number_text(figure.high)}"


def figure_text(value: object) -> str:
    """Return a figure in force for a person: one value, or one per segment."""
    if isinstance(value, Mapping):
        return ", ".join(f"{segment} {figure_text(figure)}" for segment, figure in value.items())
    if value is None:
        return "absent"
    return number_text(float(value)) if isinstance(value, int | float) else str(value)
