"""Parts of rules and of the restriction by score as plain data: their figures, and the measures they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.handbook.words import lasting_text
from tidegate.policy.figures import in_force

if TYPE_CHECKING:
    from tidegate.policy import Measure, Policy
    from tidegate.policy.parameter import Parameter


def figure_data(policy: Policy, figure: Parameter) -> dict[str, Any]:
    """Return a figure with its value in force and its bounds."""
    return {
        "name": figure.name,
        "value": in_force(figure, policy.revisions.get(figure.name)),
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "why": figure.why,
        "source": figure.source,
        "assumed": figure.assumed,
    }


def measure_data(policy: Policy, measure: Measure) -> dict[str, Any]:
    """Return a measure: what it opens, against whom, for how long."""
    return {
        "sanction": measure.sanction.id,
        "title": measure.sanction.title,
        "effect": measure.sanction.effect,
        "capability": list(measure.capabilities),
        "lasting": lasting_text(policy, measure),
        "level": measure.sanction.level,
        "on": measure.on,
    }
