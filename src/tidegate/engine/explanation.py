"""What every rule saw at one event: observed values, limits and modifiers, also of rules that did not fire."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING, Any, Final, Literal

from tidegate.engine.decision import AppliedModifier, figure
from tidegate.engine.patterns import bits_set
from tidegate.expr import Kind

if TYPE_CHECKING:
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.policy import Quota, Rule

Outcome = Literal["fired", "exceeded", "not fired", "kept", "not asked", "undecided"]
_WITHIN: Final = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "==": operator.eq,
}


@dataclass(frozen=True)
class Reading:
    """What a rule or a quota saw at an event. None: not known, or no value; `modifiers` are those that applied.

    `most` is the upper bound of what was observed, and `observed` the lower one, where the value lies between two; else None.
    `not asked` is a quota of other accounts or actions: its limit is passed, and nobody had to keep it.
    """

    rule: Rule | Quota
    outcome: Outcome
    observed: float | str | None
    limit: float | str | None
    modifiers: tuple[AppliedModifier, ...] = ()
    most: float | None = None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        observed, limit = (figure(v) if isinstance(v, float) else v for v in (self.observed, self.limit))
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "state": self.rule.state,
            "outcome": self.outcome,
            "observed": observed,
            "observed_at_most": None if self.most is None else figure(self.most),
            "limit": limit,
            "modifiers": [m.data() for m in self.modifiers],
        }


def readings(plan: Plan) -> list[Reading]:
    """Return what the rules and quotas saw at the last event that was laid out, in the order of the policy."""
    position = int(plan.chunk.order[plan.chunk.n - 1])
    site = plan.sites[int(plan.chunk.kind[position])]
    fired = set(bits_set(plan.fired[:, position].tolist()))
    undecided = set(bits_set(plan.undecided[:, position].tolist()))
    found = [_rule(plan, site, number, position, fired, undecided) for number in sorted(site.rules)]
    return found + [_quota(plan, quota, position, undecided) for quota in site.quotas]


def _rule(
    plan: Plan, site: PlacedSite, number: int, position: int, fired: set[int], undecided: set[int]
) -> Reading:
    at, item = site.rules[number], plan.chunk.cols.item
    rule = plan.policy.rules[number]
    sides = (rule.comparison.left, rule.comparison.right)
    observed, limit = (
        plan.names.text(side.domain, value) if side.kind is Kind.SYMBOL else value
        for side, value in zip(sides, (item(at.observed, position), item(at.limit, position)), strict=True)
    )
    applied = tuple(
        AppliedModifier(m.id, item(factor, position))
        for m, applies, factor in at.modifiers
        if item(applies, position) == 1
    )
    outcome: Outcome = "fired" if number in fired else "undecided" if number in undecided else "not fired"
    least, most = _span(observed, item(at.most, position))
    return Reading(rule, outcome, least, limit, applied, most)


def _quota(plan: Plan, quota: Any, position: int, undecided: set[int]) -> Reading:
    item, published = plan.chunk.cols.item, plan.policy.judged[quota.number]
    observed, limit = item(quota.observed, position), item(quota.limit, position)
    outcome: Outcome = "kept" if _WITHIN[published.within.op](observed, limit) else "not asked"
    if quota.number in undecided:
        outcome = "undecided"
    if item(quota.holds, position) == 1:
        outcome = "exceeded"
    least, most = _span(observed, item(quota.most, position))
    return Reading(published, outcome, least, limit, most=most)


def _span(low: float | str | None, high: float) -> tuple[float | str | None, float | None]:
    """Return what was observed, and the most it may be where the two differ; not known where one of them is not."""
    if not isinstance(low, float) or low == high:
        return low, None
    return (nan, None) if isnan(low) or isnan(high) else (low, high)
