"""What changed between two screenings of a pool: who is new or gone, worse or better, and which shares moved by more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from tidegate.screening.outputs.outcome import Outcome
from tidegate.screening.since.change_of_share import ChangeOfShare, Counts, change_of_share
from tidegate.screening.tiers import TIERS

# why an account is listed, in the order of the list
WHYS = ("worse", "other risks", "no longer known", "better", "asked otherwise", "new", "gone")
Pair = tuple[Outcome | None, Outcome | None]


@dataclass(frozen=True, slots=True)
class Questions:
    """What a screening asked: its checks with their limits, and the digest of the figures it weighed by ("": not known)."""

    limits: Mapping[str, float]
    figures: str = ""

    def same_as(self, other: Questions) -> bool:
        """Whether both asked and weighed alike, so that a change of tier comes from the accounts."""
        weighed = "" in (self.figures, other.figures) or self.figures == other.figures
        return weighed and self.limits == other.limits

    def checks_in(self, other: Questions) -> frozenset[str]:
        """Return the checks that both asked with the same limit."""
        return frozenset(check for check, limit in self.limits.items() if other.limits.get(check) == limit)

    def risks_in(self, other: Questions, risk_of: Mapping[str, str]) -> frozenset[str]:
        """Return the risk types that both asked for by the same checks."""
        common = self.checks_in(other)
        asked, differing = (
            {risk_of.get(check, "") for check in checks}
            for checks in (common, (self.limits.keys() | other.limits.keys()) - common)
        )
        return frozenset(asked - differing - {""})


@dataclass(frozen=True, slots=True)
class Shift:
    """How an account changed: why it is listed, and which checks began to hold, ended, or ended for want of knowledge (`lost`)."""

    why: str
    before: Outcome | None
    now: Outcome | None
    began: frozenset[str] = frozenset()
    ended: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Drift:
    """How many accounts have which outcome before and now (None: not in that pool), and who changed.

    `checks` and `risks` are those that both screenings asked for in the same way: others are not compared.
    """

    pairs: Mapping[Pair, int]
    changes: list[tuple[str, Shift]]
    checks: frozenset[str]
    risks: frozenset[str]

    @cached_property
    def matrix(self) -> dict[str, dict[str, int]]:
        """Tier before -> tier now -> accounts that were in both pools."""
        found = {before: dict.fromkeys(TIERS, 0) for before in TIERS}
        for (before, now), count in self.pairs.items():
            if before is not None and now is not None:
                found[before.tier][now.tier] += count
        return found

    @cached_property
    def whys(self) -> dict[str, int]:
        """Why listed -> how many accounts."""
        counted = Counter(shift.why for _, shift in self.changes)
        return {why: counted[why] for why in WHYS}

    def tiers_of(self, *, new: bool) -> dict[str, int]:
        """Return the tiers of the accounts that are new, else of those that are gone."""
        found = dict.fromkeys(TIERS, 0)
        for (before, now), count in self.pairs.items():
            if (before if new else now) is None and (one := now if new else before) is not None:
                found[one.tier] += count
        return found

    def share_of_tier(self, tier: str) -> ChangeOfShare:
        """Return how the share of a tier changed."""
        return change_of_share(self._counts({one: one.tier == tier for one in self._outcomes}))

    def share_of_risk(self, risk: str) -> tuple[Counts, ChangeOfShare]:
        """Return how the share of a risk type changed, with the counts."""
        counts = self._counts({one: risk in one.risks for one in self._outcomes})
        return counts, change_of_share(counts)

    @cached_property
    def _outcomes(self) -> frozenset[Outcome]:
        return frozenset(one for pair in self.pairs for one in pair if one is not None)

    def _counts(self, has: Mapping[Outcome, bool]) -> Counts:
        part, whole, both = [0, 0], [0, 0], [0, 0, 0, 0]
        for pair, count in self.pairs.items():
            for place, one in enumerate(pair):
                if one is not None:
                    whole[place] += count
                    part[place] += count * has[one]
            before, now = pair
            if before is not None and now is not None:
                both[has[before] + 2 * has[now]] += count
        return Counts(part[0], whole[0], part[1], whole[1], (both[0], both[1], both[2], both[3]))


def drift(
    before: Mapping[str, Outcome],
    now: Iterable[tuple[str, Outcome]],
    *,
    checks: frozenset[str],
    risks: frozenset[str],
    asked_alike: bool,
) -> Drift:
    """Return what changed between two screenings, number by number; the gone ones come last, in the order of the earlier list.

    `checks` and `risks` are compared, no others; `asked_alike`: both asked and weighed the same (`Questions.same_as`).
    """
    pairs: Counter[Pair] = Counter()
    shifts: dict[Pair, Shift | None] = {}
    changes: list[tuple[str, Shift]] = []
    here: set[str] = set()

    def take(number: str, pair: Pair) -> None:
        pairs[pair] += 1
        if pair not in shifts:
            shifts[pair] = _shift(*pair, checks, risks, asked_alike=asked_alike)
        if (shift := shifts[pair]) is not None:
            changes.append((number, shift))

    for number, outcome in now:
        here.add(number)
        take(number, (before.get(number), outcome))
    for number, outcome in before.items():
        if number not in here:
            take(number, (outcome, None))
    return Drift(pairs, changes, checks, risks)


def _shift(
    before: Outcome | None,
    now: Outcome | None,
    checks: frozenset[str],
    risks: frozenset[str],
    *,
    asked_alike: bool,
) -> Shift | None:
    """Return how an account changed, None where nothing did that is listed."""
    if before is None or now is None:
        return Shift("new" if before is None else "gone", before, now)
    began, ended = (now.holds - before.holds) & checks, (before.holds - now.holds) & checks
    lost = ended & now.unknown
    step = TIERS.index(now.tier) - TIERS.index(before.tier)
    if step and not began and not ended and not asked_alike:
        why = "asked otherwise"
    elif step > 0:
        why = "worse"
    elif step < 0:
        why = "no longer known" if lost and lost == ended else "better"
    elif before.risks & risks != now.risks & risks:
        why = "other risks"
    else:
        return None
    return Shift(why, before, now, began, ended, lost)
