"""Policies: rules, figures, measures. Data that the engine compiles."""

from tidegate.policy.measure import PERMANENT, Case, Label, Measure, Sanction
from tidegate.policy.modifier import Modifier
from tidegate.policy.parameter import Parameter, Span
from tidegate.policy.policy import Attempt, Policy, ScoreRule
from tidegate.policy.prior import Prior
from tidegate.policy.quota import Quota
from tidegate.policy.release import Release
from tidegate.policy.risk import Risk
from tidegate.policy.rule import Rule
from tidegate.policy.ruleset import RuleSet

__all__ = [
    "PERMANENT",
    "Attempt",
    "Case",
    "Label",
    "Measure",
    "Modifier",
    "Parameter",
    "Policy",
    "Prior",
    "Quota",
    "Release",
    "Risk",
    "Rule",
    "RuleSet",
    "Sanction",
    "ScoreRule",
    "Span",
]
