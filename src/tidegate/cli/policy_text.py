"""A rule in words: for the terminal, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.expr.duration import Duration
from tidegate.policy.figures import in_force, span_in_force, trees_of
from tidegate.policy.parameter import Parameter

if TYPE_CHECKING:
    from rich.console import Console

    from tidegate.policy import Measure, Policy, Rule


def parameters_of(rule: Rule) -> list[Parameter]:
    """Return the parameters a rule uses, each once, in order of appearance."""
    found: dict[str, Parameter] = {}
    for tree in trees_of(rule):
        for node in tree.walk():
            if isinstance(node, Parameter):
                found.setdefault(node.name or node.fingerprint, node)
    return list(found.values())


def lasting_text(policy: Policy, measure: Measure) -> str:
    """Return how long a measure lasts."""
    lasting = measure.lasting or measure.sanction.lasting
    return lasting if isinstance(lasting, str) else span_in_force(lasting, policy.revisions).iso


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
        "parameters": [
            {
                "name": p.name,
                "value": in_force(p, policy.revisions.get(p.name)),
                "low": p.low,
                "high": p.high,
                "unit": p.unit,
                "why": p.why,
                "source": p.source,
                "assumed": p.assumed,
            }
            for p in parameters_of(rule)
        ],
        "modifiers": [
            {"id": m.id, "title": m.title, "when": m.when.describe(), "factor": m.factor.name}
            for m in rule.modifiers
        ],
        "rounding": rule.rounding,
        "probability": rule.prior.probability if rule.prior else None,
        "group": rule.prior.group if rule.prior else None,
        "scores": rule.prior.scores if rule.prior else None,
        "points": rule.points,
        "measures": [
            {
                "sanction": m.sanction.id,
                "title": m.sanction.title,
                "effect": m.sanction.effect,
                "capability": list(m.capabilities),
                "lasting": lasting_text(policy, m),
                "level": m.sanction.level,
                "on": m.sanction.subject,
                "review": m.sanction.review,
            }
            for m in rule.measures
        ],
        "labels": [{"name": x.name, "on": x.on} for x in rule.labels],
        "cases": [{"queue": c.queue, "within": c.within.iso} for c in rule.cases],
        "reason": rule.reason,
        "source": rule.source or rule.id,
        "note": rule.note,
        "examples": list(rule.examples),
    }


def show_rule(console: Console, policy: Policy, rule: Rule) -> None:
    """Print a rule for a person."""
    data = rule_data(policy, rule)

    def line(head: str, text: str = "") -> None:
        console.print(f"  {head:<12}{text}", markup=False, soft_wrap=True)

    console.print(f"{rule.id}  ({rule.state})", style="bold", markup=False)
    console.print(f"  {rule.title}\n", markup=False)
    line("judged at", ", ".join(data["on"]))
    line("fires when", data["when"])
    if data["given"]:
        line("and", data["given"])
    if rule.window:
        line("window", rule.window)
    console.print("\n  figures", style="bold")
    for p in data["parameters"]:
        value = p["value"]
        shown = ", ".join(f"{k} {v:g}" for k, v in value.items()) if isinstance(value, dict) else f"{value:g}"
        line(p["name"] or "(no name)", f"  {shown} {p['unit']} ({p['low']:g} to {p['high']:g})")
        line("", f"  {p['why']}{'; our choice, the source is silent' if p['assumed'] else ''}")
        line("", f"  source: {p['source'] or 'none given'}")
    if rule.modifiers:
        console.print("\n  modifiers of the limit (multiplied, never below a quarter of it)", style="bold")
        for m in rule.modifiers:
            line(m.id)
            line("", f"  {m.title}: times {m.factor.default:g} when {m.when.describe()}")
        if rule.rounding == "floor":
            line("", "  then rounded down to a whole number")
    console.print("\n  when it fires", style="bold")
    if rule.prior:
        group = f", correlated with others of `{rule.prior.group}`" if rule.prior.group else ""
        line(
            "evidence",
            f"p = {rule.prior.probability:g}{group}{'' if rule.prior.scores else '; not part of the score'}",
        )
    for m in data["measures"]:
        review = f", review: {m['review']}" if m["review"] else ""
        line(
            "measure",
            f"{m['sanction']}: {m['effect']} {', '.join(m['capability'])} for {m['lasting']} (level {m['level']}, on the {m['on']}{review})",
        )
        line("", m["title"])
    for x in data["labels"]:
        line("label", f"{x['name']} on the {x['on']}")
    for c in data["cases"]:
        line("case", f"queue {c['queue']}, due within {c['within']}")
    line("reason", rule.reason)
    if rule.note:
        line("note", rule.note)
    for example in rule.examples:
        line("example", example)


__all__ = ["Duration", "lasting_text", "parameters_of", "rule_data", "show_rule"]
