"""The page about one rule: what it does at a glance, its figures, examples that were judged, and how to tune it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from tidegate.expr.literal import number_text
from tidegate.handbook.example_text import examples_text
from tidegate.handbook.words import (
    area_of,
    bounds_text,
    condition_text,
    figures_of,
    lasting_text,
    page_of,
    value_text,
)
from tidegate.policies.loading import SHIPPED
from tidegate.policies.python_errors import MODULE_PREFIX
from tidegate.policy import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidegate.handbook.example import Shown
    from tidegate.policy import Measure, Policy, Rule, RuleSet

CONDITION_CHARS_MAX = 160  # a line or two of a table


def rule_page(policy: Policy, rule: Rule, shown: Shown | None) -> str:
    """Return the page as Markdown; `shown` None: the page says that there are no examples."""
    parts = [f"# `{rule.id}`", f"{rule.title}.", "\n".join(_glance(policy, rule))]
    if rule.note:
        parts += ["## How it is read", f"{_sentence(rule.note)}"]
    parts += ["## Figures", *_figures(policy, rule)]
    if rule.modifiers:
        parts += ["## Modifiers of the limit", *_modifiers(policy, rule)]
    parts += examples_text(rule.id, shown, tuple(label.name for label in rule.labels))
    if _is_long(policy, rule):
        parts += ["## The condition"]
        parts += [
            f"{head[:1].upper()}{head[1:]}:\n\n```text\n{condition}\n```"
            for head, condition in _conditions(policy, rule)
        ]
    parts += ["## To tune it", *_tuning(policy, rule)]
    others = [r for r in _sheet(policy, rule).rules if r is not rule]
    if others:
        linked = ", ".join(f"[`{other.id}`]({_file(policy, rule, other)})" for other in others)
        parts += [f"On the same sheet: {linked}."]
    parts += ["[All rules](../index.md)."]
    return "\n\n".join(parts) + "\n"


def _file(policy: Policy, rule: Rule, other: Rule) -> str:
    same = area_of(policy, rule) == area_of(policy, other)
    return f"{other.id}.md" if same else f"../{page_of(policy, other)}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


# at a glance ------------------------------------------------------------------------------------------------
def _glance(policy: Policy, rule: Rule) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield _row("judged at", ", ".join(f"`{source.type_name}`" for source in rule.on))
    limit = rule.comparison.right
    if isinstance(limit, Parameter):
        yield _row(
            "limit", f"**{rule.comparison.op} {value_text(policy, limit)}** {limit.unit}{_within(rule)}"
        )
    yield _row(
        "when it fires",
        "<br>".join(consequences(policy, rule)) or "it is listed in the decision, nothing else",
    )
    yield _row("evidence", _evidence(policy, rule))
    if not _is_long(policy, rule):
        for head, condition in _conditions(policy, rule):
            yield _row(head, f"`{_cell(condition)}`")
    if rule.state != "active":
        yield _row("state", rule.state)
    yield _row("reason it gives", f"“{rule.reason}”")
    sheet = _sheet(policy, rule)
    yield _row(
        "sheet",
        f"`{sheet.__name__}` in `{_source_of(sheet)}`: {(inspect.getdoc(sheet) or '').splitlines()[0]}",
    )
    yield _row("source", f"`{rule.source or rule.id}`")


def _conditions(policy: Policy, rule: Rule) -> list[tuple[str, str]]:
    found = [("fires when", condition_text(rule.when))]
    if rule.given is not None:
        found.append(("and", condition_text(rule.given)))
    for measure in rule.measures:
        if measure.given is not None:
            head = f"`{measure.sanction.id}` ({lasting_text(policy, measure)}) only where"
            found.append((head, condition_text(measure.given)))
    return found


def _is_long(policy: Policy, rule: Rule) -> bool:
    """Whether the condition would burst the table: then it stands below."""
    return max(len(text) for _, text in _conditions(policy, rule)) > CONDITION_CHARS_MAX


def _row(head: str, text: str) -> str:
    return f"| {head} | {text} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _within(rule: Rule) -> str:
    return f" within `{rule.window}`" if rule.window else ""


def _sheet(policy: Policy, rule: Rule) -> type[RuleSet]:
    return next(sheet for sheet in policy.rule_sets if any(own.id == rule.id for own in sheet.rules))


def _source_of(sheet: type[RuleSet]) -> str:
    """Return the file of a sheet, without the folders above the package."""
    module = sheet.__module__.split(".", 1)[-1].removeprefix(MODULE_PREFIX)
    return f"{module.replace('.', '/')}.py"


def _evidence(policy: Policy, rule: Rule) -> str:
    if rule.prior is None:
        words = "no probability: it is no part of the score"
    else:
        names = "`, `".join(rule.prior.group.split())
        group = f"; of group `{names}` only the strongest counts" if names else ""
        part = group if rule.prior.scores else "; shown, but no part of the score"
        words = f"p = {rule.prior.in_force(policy.revisions):g}{part}"
    return f"{words}; {rule.points:g} points of 100" if rule.points else words


def consequences(policy: Policy, rule: Rule) -> Iterator[str]:
    """Yield what follows when the rule fires, one consequence each."""
    for measure in rule.measures:
        yield _measure(policy, measure)
        for times, step in enumerate(measure.then, start=2):
            span = f" within `{measure.within}`" if measure.within is not None else ""
            yield f"the {_NTH.get(times, f'{times}th')} time{span} also: {_measure(policy, step)}"
    if rule.risk is not None:
        of = f"signals of area `{rule.risk.of}`" if rule.risk.of else "all signals of the account"
        how = "the odds of" if rule.risk.odds else "the probabilities of"
        yield f"{how} {of} times **{value_text(policy, rule.risk.factor)}**, at most 0.99" + (
            f", {rule.risk.span}" if rule.risk.span else ""
        )
    for label in rule.labels:
        yield f"label `{label.name}`" + ("" if label.on == "account" else f" on the {label.on}")
    for case in rule.cases:
        yield f"case in queue `{case.queue}` within `{case.within.iso}`"


_NTH = {2: "second", 3: "third"}


def _measure(policy: Policy, measure: Measure) -> str:
    sanction = measure.sanction
    does = "record" if sanction.effect == "none" else sanction.effect
    rate = sanction.rate_per_minute
    pace = f" over {value_text(policy, rate)} a minute" if rate is not None else ""
    lasting = lasting_text(policy, measure)
    length = (
        f"permanently, until `{sanction.review}` confirms or lifts it"
        if lasting == "permanent"
        else f"for `{lasting}`"
    )
    about = measure.subject or sanction.subject
    subject = "" if about == "account" else f", on the {about}"
    later = ", from the next attempt on" if measure.from_next else ""
    own = ", on a condition of its own" if measure.given is not None else ""
    ends = f", as long as the bans of the same {measure.follows}" if measure.follows else ""
    return f"{does} **{', '.join(measure.capabilities)}**{pace} {length}{later}{ends} ([`{sanction.id}`](../sanctions.md), level {sanction.level}{subject}){own}"


# figures and modifiers --------------------------------------------------------------------------------------
def _figures(policy: Policy, rule: Rule) -> Iterator[str]:
    figures = figures_of(rule)
    if not figures:
        yield "It has none: the condition is a fact, not a quantity."
        return
    rows = ["| figure | in force | bounds | unit | why | source |", "|---|---|---|---|---|---|"]
    for figure in figures:
        unit = figure.unit if isinstance(figure, Parameter) else "duration"
        why = f"{figure.why}; **assumed**: the source is silent" if figure.assumed else figure.why
        rows.append(
            f"| `{figure.name}` | {value_text(policy, figure)} | {bounds_text(figure)} | {unit} | {_cell(why)} | `{figure.source or 'none'}` |"
        )
    yield "\n".join(rows)
    named = [f for f in figures if isinstance(f, Parameter) and f.by is not None]
    for segments in dict.fromkeys(
        ", ".join(f"`{name}`" for name in f.by[1]) for f in named if f.by is not None
    ):
        yield f"Which of {segments} an account or event belongs to is looked up at every event; where it is not known, `default` holds."


def _modifiers(policy: Policy, rule: Rule) -> Iterator[str]:
    rows = ["| modifier | factor | figure | |", "|---|---:|---|---|"]
    rows += [
        f"| [`{m.id}`](../modifiers.md) | {value_text(policy, m.factor)} | `{m.factor.name}`, {bounds_text(m.factor)} | {_cell(m.title)} |"
        for m in rule.modifiers
    ]
    yield "\n".join(rows)
    whole = ", then rounded down to a whole number" if rule.rounding == "floor" else ""
    yield f"Factors multiply the limit, their product is never below {value_text(policy, policy.modifier_floor)}{whole}. What is not known is not applied."


# tuning -----------------------------------------------------------------------------------------------------
def _tuning(policy: Policy, rule: Rule) -> Iterator[str]:
    limit = rule.comparison.right
    figures = figures_of(rule)
    first = limit if isinstance(limit, Parameter) else next(iter(figures), None)
    if first is None:
        yield "Nothing to tune but what follows: that is a change of the policy's code."
        return
    yield f"The figure to begin with is `{first.name}`, within {bounds_text(first)}. Write a value of yours into a file:"
    if isinstance(first, Parameter) and first.by is not None:
        segments = [
            f"{name} = {number_text(v)}" for name, v in (("default", first.default), *first.by[1].items())
        ]
        yield "\n".join(["```toml", f"[{first.name}]", *segments, "```"])
    else:
        value = value_text(policy, first)
        shown = value if isinstance(first, Parameter) else f'"{value}"'
        yield f"```toml\n{first.name} = {shown}\n```"
    known = [
        name
        for name, revisions in policy.parameter_sets.items()
        if {f.name for f in figures} & set(revisions)
    ]
    yield "and see which decisions and accounts it would change before you use it:"
    judged = "tidegate replay events.ndjson" + (
        "" if policy.name in SHIPPED else f" --policy {policy.name}.py"
    )
    yield f"```sh\n{judged} --against figures.toml\n{judged} --parameters figures.toml\n```"
    for name in known:
        yield f"The parameter set `{name}` has other figures for this rule: `{judged} --against {name}`."
