"""The restriction by score in words: for the terminal, and as data. Decisions list it by its ids, as they do rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.cli.policy_parts import figure_data, measure_data
from tidegate.handbook.words import bounds_text, value_text

if TYPE_CHECKING:
    from rich.console import Console

    from tidegate.policy import Measure, Policy
    from tidegate.policy.policy import ScoreRule


def restriction_data(policy: Policy, restriction: ScoreRule, rule_id: str) -> dict[str, Any]:
    """Return the restriction under one of its ids as plain data, with the names that rules have."""
    return {
        "id": rule_id,
        "title": restriction.title,
        "state": "active",
        "area": "score",
        "on": [],  # whatever event changes the score of an account
        "when": restriction.when(rule_id),
        "parameters": [figure_data(policy, restriction.threshold)],
        "measures": [measure_data(policy, measure) for measure in _measures(restriction, rule_id)],
        "labels": [{"name": x.name, "on": x.on} for x in restriction.labels if rule_id == restriction.id],
        "reason": restriction.reason,
        "source": rule_id,
        "note": restriction.note(rule_id),
    }


def _measures(restriction: ScoreRule, rule_id: str) -> tuple[Measure, ...]:
    return restriction.measures if rule_id == restriction.id else ()


def restriction_row(policy: Policy, restriction: ScoreRule, rule_id: str) -> tuple[str, ...]:
    """Return its line in the table of rules."""
    limit = f"> {value_text(policy, restriction.threshold)} {restriction.threshold.unit}"
    effects = [measure.sanction.id for measure in _measures(restriction, rule_id)]
    effects += [f"label {label.name}" for label in restriction.labels] if effects else []
    return rule_id, "active", "score", limit, "", ", ".join(effects)


def show_restriction(console: Console, policy: Policy, restriction: ScoreRule, rule_id: str) -> None:
    """Print the restriction: from which score it starts, and what follows."""
    data, figure = restriction_data(policy, restriction, rule_id), restriction.threshold
    console.print(f"{rule_id}  (score)", style="bold", markup=False)
    console.print(f"  {restriction.title}\n", markup=False, soft_wrap=True)
    rows = [
        ("fires when", data["when"]),
        ("figure", f"{figure.name} {value_text(policy, figure)} {figure.unit} ({bounds_text(figure)})"),
        ("", figure.why),
        *(
            ("measure", f"{m['sanction']}: {m['effect']} {', '.join(m['capability'])} for {m['lasting']}")
            for m in data["measures"]
        ),
        *(("label", f"{label['name']} on the {label['on']}") for label in data["labels"]),
        ("reason", restriction.reason),
        ("source", data["source"]),
        ("note", data["note"]),
    ]
    for head, text in rows:
        if text:
            console.print(f"  {head:<12}{text}", markup=False, soft_wrap=True)
