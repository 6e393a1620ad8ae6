"""Providers asked about the accounts of a pool: only for what a chosen check reads, and only where it is not known yet.

The list counts first unless it is stale, then events, then providers in the order of their file. Of incidents, which add up, the greater counts;
so they are asked for although something is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.screening.dimensions import fake
from tidegate.screening.evidence.gathering import Evidence
from tidegate.screening.providers.provider import ADDS_UP, Answer, Provider, Unanswered, as_number
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.screening.dimensions import Check, Findings

_STEP = 100  # answers between two words about progress
MOST = f"{ADDS_UP}_most"


@dataclass
class Consulted:
    """What came of asking: per provider in numbers, per account who told what and when, as plain data."""

    providers: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def incomplete(self) -> bool:
        """Whether something was asked and not answered."""
        return any(one["failed"] or one["not_asked"] for one in self.providers)


def consult(
    providers: Sequence[Provider],
    checks: Sequence[Check],
    evidence: Evidence,
    stage: Callable[[str, int, int | None], None] = lambda *_: None,
) -> Consulted:
    """Ask, and put what was told into the evidence; return who told what."""
    consulted = Consulted()
    wanted = facts_read(checks) if providers else frozenset()
    places = {number: i for i, number in enumerate(evidence.numbers)}
    for provider in providers:
        useful = provider.tells & wanted
        numbers = [evidence.numbers[i] for i in np.flatnonzero(_open(evidence, useful)).tolist()]
        consulted.providers.append(
            _asked(provider, numbers, useful, _Merge(evidence, places, useful, consulted.told), stage)
        )
    return consulted


def facts_read(checks: Sequence[Check]) -> frozenset[str]:
    """Return the facts that checks read, by their names in the evidence: they are watched while they look at an empty pool."""
    watched = _Watched([], 0)
    findings: Findings = {}
    for check in checks:
        found = findings[check.id] = check.judge(watched, findings)
        check.weights(watched, found)
        check.makes_high(watched, found)
    fake.types_of(watched, findings)
    return frozenset(watched.read)


@dataclass
class _Watched(Evidence):
    """Evidence of no accounts, which notes what is looked at."""

    read: set[str] = field(default_factory=set)

    def __getitem__(self, fact: str) -> NDArray[np.float64]:
        self.read.add(fact)
        return super().__getitem__(fact)


def _open(evidence: Evidence, facts: frozenset[str]) -> NDArray[np.bool_]:
    """Return of which accounts one of these facts is not known, or may be known better."""
    found = np.full(len(evidence), ADDS_UP in facts)
    stale = evidence.choices.stale if evidence.choices is not None else {}
    for fact in facts:
        found |= np.isnan(evidence[fact])
        if fact in stale:
            found |= stale[fact]
    return found


@dataclass
class _Merge:
    """Takes answers into the evidence, each fact where nothing is known, or only by a stale list; of incidents the greater."""

    evidence: Evidence
    places: dict[str, int]
    useful: frozenset[str]
    told: dict[str, list[dict[str, Any]]]

    def take(self, answer: Answer) -> bool:
        """Take an answer; return whether it told anything that was asked for."""
        at = self.places[answer.number]
        facts = {
            name: value for name, value in answer.facts.items() if name.removesuffix("_most") in self.useful
        }
        instead = []
        for name, value in facts.items():
            if name not in (ADDS_UP, MOST):
                column = self._column(name)
                if self._gives_way(name, at, answer.at_ms):
                    instead.append(name)
                    column[at] = as_number(name, value)
                elif np.isnan(column[at]):
                    column[at] = as_number(name, value)
        if ADDS_UP in facts:
            least = as_number(ADDS_UP, facts[ADDS_UP])
            most = as_number(MOST, facts[MOST]) if MOST in facts else least
            self._add_up(at, least, most)
        if facts:
            entry = {"provider": answer.provider, "at": format_rfc3339(answer.at_ms), "facts": facts}
            if instead:
                entry |= {"instead_of_list": instead, "why": self.evidence.freshness.why_answer()}
            self.told.setdefault(answer.number, []).append(entry)
        return bool(facts)

    def _gives_way(self, fact: str, at: int, told_at_ms: int) -> bool:
        """Whether what a stale list says of an account gives way to an answer; then it is stale no more."""
        stale = {} if self.evidence.choices is None else self.evidence.choices.stale
        if fact not in stale or not stale[fact][at] or not self.evidence.freshness.beats_list(told_at_ms):
            return False
        stale[fact][at] = False
        return True

    def _add_up(self, at: int, least: float, most: float) -> None:
        known_most = self._column(MOST, self.evidence.most(ADDS_UP))
        known = self._column(ADDS_UP)
        known[at], known_most[at] = np.fmax(known[at], least), np.fmax(known_most[at], most)

    def _column(self, name: str, otherwise: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        if name not in self.evidence.facts:
            self.evidence.facts[name] = np.array(self.evidence[name] if otherwise is None else otherwise)
        return self.evidence.facts[name]


def _asked(
    provider: Provider,
    numbers: Sequence[str],
    useful: frozenset[str],
    merge: _Merge,
    stage: Callable[[str, int, int | None], None],
) -> dict[str, Any]:
    """Ask one provider and return what came of it, in numbers."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for done, one in enumerate(provider.ask(numbers) if useful and numbers else ()):
        if done % _STEP == 0:
            stage(f"asking {provider.name}", done, len(numbers))
        if isinstance(one, Unanswered):
            counts["failed" if one.asked else "not_asked"] += 1
            reasons[one.why] += 1
            continue
        counts["from_cache" if one.cached else "answered"] += 1
        counts["told"] += merge.take(one)
    return {
        "name": provider.name, "kind": provider.kind, "basis": provider.basis, "facts": sorted(useful), "accounts": len(numbers),
        "asked": counts["answered"] + counts["failed"], "answered": counts["answered"], "from_cache": counts["from_cache"],
        "failed": counts["failed"], "not_asked": counts["not_asked"], "unknown": len(numbers) - counts["told"],
        "why": [why for why, _ in reasons.most_common(3)],
    }  # fmt: skip
