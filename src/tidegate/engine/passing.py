"""Events at which nothing is on record about anybody, and nothing will be: all that fires is factors of the event alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.decision import Decision
from tidegate.engine.patterns import bits_set
from tidegate.windows.sets import SetNumbers

if TYPE_CHECKING:
    from tidegate.engine.judge import Judge
    from tidegate.engine.patterns import Patterns
    from tidegate.engine.plan import PlacedSite, Plan


class PassingEvents:
    """Decides about such events the short way: every message with a link is one."""

    def __init__(self, plan: Plan, judge: Judge, patterns: Patterns) -> None:
        self.plan = plan
        self.judge = judge
        self._patterns = patterns
        self._fired = SetNumbers(len(plan.fired))
        self._fired.bind(plan.fired)
        self._rules: list[tuple[int, ...] | None] = []  # by number of the set; None: something is left of one
        self._sites = {site.number for site in plan.sites if _leaves_nothing(site)}

    def decision(self, site: PlacedSite, position: int, ts: int, event_id: str) -> Decision | None:
        """Return the decision about an event that names nobody on record; None where something may follow."""
        if site.number not in self._sites:
            return None
        rules = self._rules_fired(position)
        if rules is None:
            return None
        exceeded, shadow = self.plan.quotas.of_event(site.number, position)
        account, names = self.plan.chunk.cols.item(site.subjects["account"], position), self.plan.names
        return Decision(
            event_id=event_id,
            ts=ts,
            type=site.name,
            account_id=names.text("account", account),
            fired=(*[self.judge.shown(site, position, n) for n in rules], *exceeded),
            undecided=self._patterns.listed[self._patterns.number(position)],
            shadow=tuple(shadow),
        )

    def _rules_fired(self, position: int) -> tuple[int, ...] | None:
        """Return the rules that fired; None where something is left of one. Few sets of rules ever fire together."""
        number = self._fired.number(position)
        while number >= len(self._rules):
            rules = tuple(bits_set(self._fired.bits(len(self._rules))))
            self._rules.append(rules if all(map(self._passes, rules)) else None)
        return self._rules[number]

    def _passes(self, rule: int) -> bool:
        return rule < len(self.plan.policy.rules) and self.judge.leaves_nothing(rule)


def _leaves_nothing(site: PlacedSite) -> bool:
    """Whether events of a site change nothing by themselves, and ask for the records of those alone whom they name."""
    acts = site.registers or site.administers or site.releases or site.states or site.given >= 0
    subjects = {(entity, column) for entity, column in site.subjects.items()}
    apart = {(entity, key) for entity, key, _ in site.standing} - subjects
    return "account" in site.subjects and not acts and not apart
