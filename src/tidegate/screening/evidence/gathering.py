"""What is known of the accounts of a pool, in columns: from the upload and from events. What is not known is NaN, never a guess."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidegate.replay.side_threads import quick_switching
from tidegate.screening.evidence.event_history import NUMBER_TYPES, SILENT_MS, History
from tidegate.screening.evidence.freshness import Choices, Freshness
from tidegate.screening.evidence.login_trail import login_trail
from tidegate.screening.evidence.ownership import Owners
from tidegate.screening.evidence.rulings import Ruling, rulings_of
from tidegate.screening.evidence.shared_with_banned import links_with_banned
from tidegate.screening.side_by_side import Beside
from tidegate.screening.theft_signs import theft_signs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tidegate.screening.lists.pool import Pool

DAY_MS = 86_400_000
UPLOADED = (
    "registered_at", "interactions_90d", "has_avatar", "has_signature", "is_registered", "is_suspended", "is_reachable",
    "main_account",
)  # fmt: skip


@dataclass
class Evidence:
    """Facts by name: float64, a value per account in the order of the pool; NaN is not known.

    Moments are in ms since the epoch, flags 1 and 0. Where events leave a count open, `NAME` is the least and `NAME_most`
    the most it can be. `at_ms` is the time of the screening.
    """

    numbers: list[str]
    at_ms: int
    facts: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    choices: Choices | None = None  # between list and answers; None: there were none
    rulings: list[Ruling] = field(default_factory=list)  # of whomever, in the order of time
    violations: dict[int, list[str]] = field(default_factory=dict)  # kinds of incidents, by place in the pool
    campaign_cost: float | None = None  # of the newest campaign that events tell of; None: of none

    @property
    def freshness(self) -> Freshness:
        """How long what was told counts."""
        return Freshness(self.at_ms) if self.choices is None else self.choices.freshness

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, fact: str) -> NDArray[np.float64]:
        """Return what is known under a name; all NaN where nobody told."""
        found = self.facts.get(fact)
        return np.full(len(self), np.nan) if found is None else found

    def most(self, fact: str) -> NDArray[np.float64]:
        """Return the most that a count can be."""
        return self.facts.get(f"{fact}_most", self[fact])


def gather(pool: Pool, history: History, freshness: Freshness) -> Evidence:
    """Return what the upload and events say of the accounts of a pool.

    Where both say something of a fact, the upload counts, as its sender knows it, unless it is stale; of incidents and of
    interactions, which add up, the greater.
    """
    at_ms = freshness.at_ms
    evidence = Evidence(list(pool.members), at_ms, choices=Choices(freshness))
    facts = evidence.facts
    for name in (*UPLOADED, "last_active_at", "warnings"):
        facts[name] = np.array(pool.members.column(name), np.float64)  # None becomes NaN
    place: dict[object, float] = {kind: at for at, kind in enumerate(NUMBER_TYPES)}
    kinds = pool.members.column("number_type")
    facts["number_type"] = np.array([place.get(kind) for kind in kinds], np.float64)
    owners = Owners.of(pool, history)

    def of_logins(_: Callable[[], None]) -> dict[str, NDArray[np.float64]]:
        return login_trail(owners, history, at_ms) | theft_signs(owners, history, at_ms)

    with quick_switching(), Beside(of_logins) as beside:  # most of it is sorting, which holds no lock
        _weigh(evidence, owners, history)
        facts.update(links_with_banned(owners, history, freshness))
        facts.update(beside.result())
    evidence.campaign_cost = history.campaign[1] if history.campaign is not None else None
    return evidence


def _weigh(evidence: Evidence, owners: Owners, history: History) -> None:
    """Choose between what the list says and what was answered, and count what adds up."""
    facts, choices = evidence.facts, evidence.choices
    assert choices is not None, "there is something to choose from"
    for name in (*UPLOADED, "number_type", "event_registered_at"):
        facts[name] = choices.between(name, facts.get(name), *_latest(owners, history, name))
    facts["registered_at"] = _first_known(facts["registered_at"], facts["event_registered_at"])
    _interactions(evidence, owners, history)
    _incidents(evidence, owners, history)
    evidence.rulings = rulings_of(owners, evidence.numbers, history)


def _latest(owners: Owners, history: History, fact: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the latest answer about each account, and when it was given, in ms."""
    found, told_at = np.full(owners.size, np.nan), np.full(owners.size, np.nan)
    if fact not in history.answers:
        return found, told_at
    answers = history.answers[fact]
    owner = owners.of_rows(answers["account"], answers["number"])
    order = np.argsort(answers["ts"], kind="stable")
    order = order[owner[order] >= 0]
    found[owner[order]] = answers["value"][order]  # of several, the last assigned stays
    told_at[owner[order]] = answers["ts"][order]
    found[np.isneginf(found) & (fact not in ("last_interaction", "incident_count"))] = np.nan
    return found, told_at


def _first_known(first: NDArray[np.float64] | None, second: NDArray[np.float64]) -> NDArray[np.float64]:
    return second if first is None else np.where(np.isnan(first), second, first)


def _interactions(evidence: Evidence, owners: Owners, history: History) -> None:
    """Interactions of 90 days, (t - 90 d, t] and the one exactly 90 days ago: the least and the most they can have been.

    A history that is silent about an account proves silence only where it reaches back 90 days and has exchanges at all. What a
    stale list, or an answer that is too old, says of 90 days is of others; that there was an interaction then remains.
    """
    at, since, fresh = evidence.at_ms, evidence.at_ms - SILENT_MS, evidence.freshness
    count = evidence["interactions_90d"]
    if evidence.choices is not None and "interactions_90d" in evidence.choices.stale:
        count = np.where(evidence.choices.stale["interactions_90d"], np.nan, count)
    last_told, told_at = _latest(owners, history, "last_interaction")
    stale = np.full(owners.size, fresh.list_is_stale)
    for last, old in ((evidence["last_active_at"], stale), (last_told, fresh.expired(told_at))):
        recent = np.where(np.isnan(last), np.nan, (last >= since) & (last <= at))
        recent = np.where(old & (recent == 0), np.nan, recent)
        count = np.where(np.isnan(recent), count, np.fmax(count, recent))
    account, ts = history.exchanges["account"], history.exchanges["ts"]
    counts = np.bincount(account[(account >= 0) & (ts >= since)], minlength=len(owners.by_account))
    exchanged = np.zeros(owners.size)
    mine = np.flatnonzero(owners.by_account >= 0)
    exchanged[owners.by_account[mine]] = counts[mine]
    reaches = history.exchanged and history.oldest_ms is not None and history.oldest_ms <= since
    told = np.where((exchanged > 0) | (reaches & owners.known), exchanged, np.nan)
    evidence.facts["interactions_90d"] = np.fmax(count, told)


def _incidents(evidence: Evidence, owners: Owners, history: History) -> None:
    """Incidents on record (screen.violation-history). That events name none proves something only where they tell of measures at all."""
    told, told_at = _latest(owners, history, "incident_count")
    told = np.where(np.isneginf(told), 0.0, told)
    told = np.where(
        (told == 0) & evidence.freshness.expired(told_at), np.nan, told
    )  # what happened, happened
    measures = history.measures
    counted = np.full(owners.size, np.nan)
    if len(measures):
        sanction = measures["sanction"]
        counts = measures["counts"] & ~np.isin(sanction, list(history.rulings.undone))
        owner = owners.of_rows(measures["account"], measures["number"])
        # what was shortened or confirmed is told of again, and is one measure
        again = np.ones(len(sanction), np.bool_)
        again[np.unique(owner << 32 | sanction, return_index=True)[1]] = False
        found = np.bincount(owner[counts & (owner >= 0) & (~again | (sanction < 0))], minlength=owners.size)
        counted = np.where((found > 0) | owners.known, found, np.nan)
    evidence.facts["incidents"] = np.fmax(np.fmax(evidence["warnings"], told), counted)
    kinds = history.violations
    if len(kinds):
        owner = owners.of_rows(kinds["account"], kinds["number"])
        of_whom = sorted(
            {*zip(owner.tolist(), map(history.spaces.violation.text, kinds["kind"].tolist()), strict=True)}
        )
        for place, kind in of_whom:
            if place >= 0:
                evidence.violations.setdefault(place, []).append(kind)
