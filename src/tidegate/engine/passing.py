"""Events at which nothing is on record about anybody, and nothing will be: all that fires is factors of the event alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.decision import Decision
from tidegate.engine.patterns import bits_set

if TYPE_CHECKING:
    from tidegate.engine.judge import Judge
    from tidegate.engine.patterns import Patterns
    from tidegate.engine.plan import PlacedSite, Plan

_WORD = 64


class PassingEvents:
    """Decides about such events the short way: every message with a link is one."""

    def __init__(self, plan: Plan, judge: Judge, patterns: Patterns) -> None:
        self.plan = plan
        self.judge = judge
        self._patterns = patterns
        leaving = [0] * len(plan.fired)  # rules of which something is left, as the words of a set
        for number in range(_WORD * len(leaving)):
            if number >= len(plan.policy.rules) or not judge.leaves_nothing(number):
                leaving[number // _WORD] |= 1 << number % _WORD
        self._leaving = leaving
        self._sites = {site.number for site in plan.sites if _leaves_nothing(site)}

    def decision(self, site: PlacedSite, position: int, ts: int, event_id: str) -> Decision | None:
        """Return the decision about an event that names nobody on record; None where something may follow."""
        if site.number not in self._sites:
            return None
        word, fired = self.plan.fired.item, []
        for w, leaving in enumerate(self._leaving):
            bits = word(w, position)
            if bits & leaving:
                return None
            fired.append(bits)
        exceeded, shadow = self.plan.quotas.of_event(site.number, position)
        account, names = self.plan.chunk.cols.item(site.subjects["account"], position), self.plan.names
        return Decision(
            event_id=event_id,
            ts=ts,
            type=site.name,
            account_id=names.text("account", account),
            fired=(*[self.judge.shown(site, position, n) for n in bits_set(fired)], *exceeded),
            undecided=self._patterns.listed[self._patterns.number(position)],
            shadow=tuple(shadow),
        )


def _leaves_nothing(site: PlacedSite) -> bool:
    """Whether events of a site change nothing by themselves, and ask for the records of those alone whom they name."""
    acts = site.registers or site.administers or site.releases or site.states or site.given >= 0
    subjects = {(entity, column) for entity, column in site.subjects.items()}
    apart = {(entity, key) for entity, key, _ in site.standing} - subjects
    return "account" in site.subjects and not acts and not apart
