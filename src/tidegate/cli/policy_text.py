"""A rule in words: for the terminal, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table

from tidegate.cli.policy_parts import figure_data, measure_data
from tidegate.cli.quota_text import quota_data
from tidegate.cli.restriction_text import restriction_data, restriction_row
from tidegate.cli.terminal import console, print_rows
from tidegate.expr.literal import Literal, number_text
from tidegate.handbook.words import condition_text, figure_text, lasting_text, parameters_of
from tidegate.policy.figures import in_force
from tidegate.policy.parameter import Parameter

TABLE_CHARS_LEAST = 140  # of a terminal on which the table of rules breaks few ids

if TYPE_CHECKING:
    from rich.console import Console

    from tidegate.expr import Expr
    from tidegate.policy import Policy, Rule


def rule_data(policy: Policy, rule: Rule) -> dict[str, Any]:
    """Return a rule as plain data."""
    return {
        "id": rule.id,
        "title": rule.title,
        "state": rule.state,
        "area": policy.area_of(rule),
        "on": [source.type_name for source in rule.on],
        "when": rule.when.describe(),
        "given": rule.given.describe() if rule.given is not None else None,
        "window": rule.window,
        "parameters": [figure_data(policy, p) for p in parameters_of(rule)],
        "modifiers": [
            {"id": m.id, "title": m.title, "when": m.when.describe(), "factor": m.factor.name}
            for m in rule.modifiers
        ],
        "rounding": rule.rounding,
        "probability": rule.prior.in_force(policy.revisions) if rule.prior else None,
        "group": rule.prior.group if rule.prior else None,
        "scores": rule.prior.scores if rule.prior else None,
        "points": rule.points,
        "risk": _risk_data(policy, rule),
        "measures": [
            measure_data(policy, m)
            | {"given": m.given.describe() if m.given is not None else None, "review": m.sanction.review}
            for m in rule.measures
        ],
        "labels": [{"name": x.name, "on": x.on} for x in rule.labels],
        "cases": [{"queue": c.queue, "within": c.within.iso} for c in rule.cases],
        "reason": rule.reason,
        "source": rule.source or rule.id,
        "note": rule.note,
        "examples": list(rule.examples),
    }


def _risk_data(policy: Policy, rule: Rule) -> dict[str, Any] | None:
    """Return the risk factor of a rule as plain data."""
    if rule.risk is None:
        return None
    factor = in_force(rule.risk.factor, policy.revisions.get(rule.risk.factor.name))
    flags = {"odds": rule.risk.odds, "passing": rule.risk.passing, "state": rule.risk.state}
    return {"factor": factor, "of": rule.risk.of, **flags}


def policy_data(policy: Policy) -> dict[str, Any]:
    """Return a policy as plain data."""
    return {
        **policy.stamp(),
        "about": policy.about,
        "rules": [rule_data(policy, rule) for rule in policy.rules] + _restrictions(policy),
        "quotas": [quota_data(policy, quota) for quota in policy.quotas],
        "figures": policy.figures(),
        "parameter_sets": {name: dict(revisions) for name, revisions in policy.parameter_sets.items()},
    }


def _restrictions(policy: Policy) -> list[dict[str, Any]]:
    found = policy.restriction
    return [restriction_data(policy, found, rule_id) for rule_id in found.ids] if found is not None else []


def print_rules(policy: Policy) -> None:
    """Print the rules of a policy: one a line, on a narrow terminal each in a paragraph, so that no id is broken."""
    rows = _rule_rows(policy)
    if console.is_terminal and console.width < TABLE_CHARS_LEAST:
        for rule_id, state, area, limit, p, consequence in rows:
            marks = [*([state] if state != "active" else []), *([f"p {p}"] if p else [])]
            console.print(f"{rule_id}{'  ' * bool(marks)}{', '.join(marks)}", soft_wrap=True)
            console.print(Padding(f"{area}: {limit}{'; ' * bool(consequence)}{consequence}", (0, 0, 0, 4)))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("rule", "state", "area", "limit", "p", "consequence"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    print_rows(table)


def _rule_rows(policy: Policy) -> list[tuple[str, ...]]:
    """Return id, state, area, limit, probability and consequences of all rules, restrictions and quotas."""
    rows: list[tuple[str, ...]] = []
    for rule in policy.rules:
        effects = [m.sanction.id for m in rule.measures] + [f"label {x.name}" for x in rule.labels]
        effects += [f"case {c.queue}" for c in rule.cases]
        limit = f"{rule.comparison.op} {_limit(policy, rule.comparison.right)}"
        p = f"{rule.prior.in_force(policy.revisions):g}" if rule.prior else ""
        rows.append((rule.id, rule.state, policy.area_of(rule), limit, p, ", ".join(effects)))
    if policy.restriction is not None:
        rows += [restriction_row(policy, policy.restriction, name) for name in policy.restriction.ids]
    for quota in policy.quotas:
        allowed = f"{quota.allowed.op} {_limit(policy, quota.allowed.right)}"
        rows.append((quota.id, quota.state, policy.area_of(quota), allowed, "", "quota"))
    return rows


def _limit(policy: Policy, limit: Expr) -> str:
    """Return the limit in a few words: a figure with its unit, a value that is written, else the figures it is made of."""
    if isinstance(limit, Parameter):
        return _in_force(policy, limit)
    if isinstance(limit, Literal):
        return limit.describe()
    figures = {node.name: _in_force(policy, node) for node in limit.walk() if isinstance(node, Parameter)}
    return f"{', '.join(figures.values())} (formula)".lstrip()


def _in_force(policy: Policy, figure: Parameter) -> str:
    return f"{figure_text(in_force(figure, policy.revisions.get(figure.name)))} {figure.unit}"


# one rule, for a person -------------------------------------------------------------------------------------
def show_rule(console: Console, policy: Policy, rule: Rule) -> None:
    """Print a rule: what it counts, its figures and their sources, its modifiers, and what follows when it fires."""
    console.print(f"{rule.id}  ({rule.state})", style="bold", markup=False)
    console.print(f"  {rule.title}", markup=False, soft_wrap=True)
    for title, rows in (
        ("", _condition(rule)),
        ("figures", _figures(policy, rule)),
        ("modifiers of the limit (multiplied, never below a quarter of it)", _modifiers(policy, rule)),
        ("when it fires", _consequences(policy, rule)),
    ):
        if rows:
            console.print(f"\n  {title}" if title else "", style="bold", markup=False)
        for head, text in rows:
            console.print(f"  {head:<12}{text}".rstrip(), markup=False, soft_wrap=True)


Rows = list[tuple[str, str]]  # what a line is about ("" as the line above), and the line


def _condition(rule: Rule) -> Rows:
    rows = [("judged at", ", ".join(source.type_name for source in rule.on))]
    rows.append(("fires when", condition_text(rule.when)))
    if rule.given is not None:
        rows.append(("and", condition_text(rule.given)))
    if rule.window:
        rows.append(("window", rule.window))
    return rows


def _figures(policy: Policy, rule: Rule) -> Rows:
    rows: Rows = []
    for figure in parameters_of(rule):
        bounds = f"{number_text(figure.low)} to {number_text(figure.high)}"
        rows += [
            (figure.name or "(no name)", f"  {_in_force(policy, figure)} ({bounds})"),
            ("", f"  {figure.why}{'; our choice, the source is silent' if figure.assumed else ''}"),
            ("", f"  source: {figure.source or 'none given'}"),
        ]
    return rows


def _modifiers(policy: Policy, rule: Rule) -> Rows:
    rows: Rows = []
    for modifier in rule.modifiers:
        factor = _in_force(policy, modifier.factor).removesuffix(" factor")
        rows += [
            (modifier.id, ""),
            ("", f"  {modifier.title}: times {factor} when {condition_text(modifier.when)}"),
        ]
    if rows and rule.rounding == "floor":
        rows.append(("", "  then rounded down to a whole number"))
    return rows


def _consequences(policy: Policy, rule: Rule) -> Rows:
    rows: Rows = []
    if rule.prior:
        names = "`, `".join(rule.prior.group.split())
        group = f", correlated with others of `{names}`" if names else ""
        score = "" if rule.prior.scores else "; not part of the score"
        rows.append(("evidence", f"p = {rule.prior.in_force(policy.revisions):g}{group}{score}"))
    if rule.points:
        rows.append(("points", f"{rule.points:g} of 100"))
    if rule.risk:
        of = f"signals of area {rule.risk.of}" if rule.risk.of else "all signals"
        what = "odds" if rule.risk.odds else "p"
        at = f", {rule.risk.span}" if rule.risk.span else ""
        rows.append(("risk", f"{what} of {of} times {_in_force(policy, rule.risk.factor)}{at}"))
    for measure in rule.measures:
        sanction = measure.sanction
        review = f", review: {sanction.review}" if sanction.review else ""
        restrained = f"{sanction.effect} {', '.join(measure.capabilities)}"
        lasting = lasting_text(policy, measure)
        about = f"(level {sanction.level}, on the {measure.on}{review})"
        rows += [("measure", f"{sanction.id}: {restrained} for {lasting} {about}"), ("", sanction.title)]
        rows += [("", f"only where {condition_text(measure.given)}")] if measure.given is not None else []
    rows += [("label", f"{label.name} on the {label.on}") for label in rule.labels]
    rows += [("case", f"queue {case.queue}, due within {case.within.iso}") for case in rule.cases]
    rows.append(("reason", rule.reason))
    rows += [("note", rule.note)] if rule.note else []
    return rows + [("example", example) for example in rule.examples]
