"""Measures and modifiers that decisions name, in words: for the terminal, and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.cli.policy_parts import figure_data
from tidegate.expr import Duration
from tidegate.handbook.words import bounds_text, measures_of, value_text
from tidegate.policy import Sanction, Span
from tidegate.policy.figures import span_in_force

if TYPE_CHECKING:
    from rich.console import Console

    from tidegate.policy import Modifier, Policy


def find_part(policy: Policy, part_id: str) -> Sanction | Modifier | None:
    """Return the measure or the modifier with that id; None where the policy has none."""
    measures = [measure for rule in policy.rules for measure in measures_of(rule)]
    if policy.restriction is not None:
        measures += policy.restriction.measures
    parts: list[Sanction | Modifier] = [measure.sanction for measure in measures]
    parts += policy.sanctions
    parts += [modifier for rule in policy.rules for modifier in rule.modifiers]
    return next((part for part in parts if part.id == part_id), None)


def part_data(policy: Policy, part: Sanction | Modifier) -> dict[str, Any]:
    """Return a measure with the rules that open it, or a modifier with those whose limits it moves, as plain data."""
    if not isinstance(part, Sanction):
        return {
            "id": part.id,
            "title": part.title,
            "factor": figure_data(policy, part.factor),
            "when": part.when.describe(),
            "acts_on": [rule.id for rule in policy.rules if part.id in {m.id for m in rule.modifiers}],
        }
    rate = part.rate_per_minute
    return {
        "id": part.id,
        "title": part.title,
        "effect": part.effect,
        "capability": list(part.capability),
        "lasting": _lasting(policy, part),
        "level": part.level,
        "on": part.subject,
        "review": part.review or None,
        "challenge": part.challenge or None,
        "rate_per_minute": None if rate is None else figure_data(policy, rate),
        "assumed": list(part.assumed),
        "opened_by": _openers(policy, part.id),
    }


def _lasting(policy: Policy, sanction: Sanction) -> str:
    lasting = sanction.lasting
    return str(span_in_force(lasting, policy.revisions)) if isinstance(lasting, Duration | Span) else lasting


def _openers(policy: Policy, sanction_id: str) -> list[str]:
    found = [r.id for r in policy.rules if sanction_id in {m.sanction.id for m in measures_of(r)}]
    restriction = policy.restriction
    if restriction is not None and sanction_id in {m.sanction.id for m in restriction.measures}:
        found.append(restriction.id)
    return found


def show_part(console: Console, policy: Policy, part: Sanction | Modifier) -> None:
    """Print a measure: what it restrains and who opens it; or a modifier: when it holds, and whose limits it moves."""
    data = part_data(policy, part)
    if isinstance(part, Sanction):
        rate = part.rate_per_minute
        span = (
            f" ({part.lasting.name}, {bounds_text(part.lasting)})" if isinstance(part.lasting, Span) else ""
        )
        rows = [
            (
                "effect",
                f"{part.effect} {', '.join(part.capability)} (level {part.level}, on the {part.subject})",
            ),
            ("lasts", data["lasting"] + span),
            ("why", part.lasting.why if isinstance(part.lasting, Span) else part.why),
            ("review", part.review),
            ("step-up", part.challenge),
            ("rate", "" if rate is None else f"{value_text(policy, rate)} a minute ({bounds_text(rate)})"),
            ("assumed", ", ".join(part.assumed)),
            ("opened by", ", ".join(data["opened_by"]) or "people and other systems: no rule opens it"),
        ]
    else:
        factor = part.factor
        rows = [
            ("times", f"{value_text(policy, factor)} ({factor.name}, {bounds_text(factor)})"),
            ("when", data["when"]),
            ("why", factor.why),
            ("source", factor.source),
            ("acts on", ", ".join(data["acts_on"])),
        ]
    kind = "measure" if isinstance(part, Sanction) else "modifier"
    console.print(f"{part.id}  ({kind})", style="bold")
    console.print(f"  {part.title}\n", soft_wrap=True)
    for head, text in rows:
        if text:
            console.print(f"  {head:<12}{text}", soft_wrap=True)
