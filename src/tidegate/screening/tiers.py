"""Three tiers: secure, low risk (observe), high risk (eliminate); with the score, the risk types and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import tidegate as tg
from tidegate.scoring import Signal, score
from tidegate.screening.dimensions import fake, stolen
from tidegate.screening.telling_apart import combinations_in, values_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate.screening.dimensions import Check, Findings
    from tidegate.screening.evidence.gathering import Evidence

SECURE, LOW, HIGH = "secure", "low", "high"
TIERS = (SECURE, LOW, HIGH)

# sops.handling-suggestions, sops.handle-high-risk, sops.handle-low-risk-1-month, sops.handle-secure
ADVICE = {
    "stolen": "pause contact, tell the holder to change the password and check the devices, screen again",
    "non_compliant": "take out of the pool, keep the record, hear the holder who objects",
    "fake": "take out of the pool",
    "empty": "take out of the pool: nobody can be reached",
    "unregistered": "take out of the pool: there is no account",
}
OBSERVE = "observe for one month; back to normal use if nothing happens"
RELEASE = "observed for a month and nothing new: back to normal use"
OBSERVE_REPORTED = "an anomaly was reported: ask the holder, observe for one month"
RETAIN = "keep"


class Figures:
    """Where the tiers begin."""

    low = tg.Parameter(
        0.30,
        low=0.05,
        high=0.6,
        unit="score",
        why="two of three weak signs",
        source="screen.risk-tiers",
        assumed=True,
    )
    high = tg.Parameter(
        0.70,
        low=0.4,
        high=0.95,
        unit="score",
        why="one strong sign, or three weak ones",
        source="screen.risk-tiers",
        assumed=True,
    )


@dataclass(frozen=True)
class Tiering:
    """Per account: `tier` is the place in TIERS, `score` 0 to 1; labels and risk types by name, true or false per account."""

    tier: NDArray[np.int64]
    score: NDArray[np.float64]
    risks: dict[str, NDArray[np.bool_]]
    labels: dict[str, NDArray[np.bool_]]

    @property
    def high(self) -> NDArray[np.bool_]:
        """Which accounts are of the high tier."""
        high: NDArray[np.bool_] = self.tier == TIERS.index(HIGH)
        return high


def tiers_of(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the tiers of scores, as places in TIERS.

    >>> tiers_of(np.array([0.29, 0.30, 0.69, 0.7])).tolist()
    [0, 1, 1, 2]
    """
    return np.searchsorted([Figures.low.default, Figures.high.default], scores, side="right")


def tiering(checks: Sequence[Check], evidence: Evidence, findings: Findings) -> Tiering:
    """Return the tiers of all accounts: by score, and high where a single verdict says so."""
    size = len(evidence)
    weights = np.zeros((size, len(checks)))
    alone = np.zeros(size, np.bool_)
    risks: dict[str, NDArray[np.bool_]] = {}
    labels: dict[str, NDArray[np.bool_]] = {}
    for column, check in enumerate(checks):
        found = findings[check.id]
        weights[:, column] = check.weights(evidence, found)
        alone |= check.makes_high(evidence, found)
        holds = found.truth == 1
        if check.counts_for_type:
            risks[check.risk] = risks.get(check.risk, False) | holds
        if check.label:
            labels[check.label] = labels.get(check.label, False) | holds
    labels |= fake.types_of(evidence, findings) | stolen.signs_of(evidence, findings)
    scores = _scores(checks, weights)
    return Tiering(np.where(alone, TIERS.index(HIGH), tiers_of(scores)), scores, risks, labels)


def _scores(checks: Sequence[Check], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Noisy-or, exact: the few combinations that occur are computed once each."""
    first, which = combinations_in([values_in(column)[1] for column in weights.T], len(weights))
    values = [
        score(Signal(check.id, p, check.group) for check, p in zip(checks, row, strict=True) if p > 0)
        for row in weights[first].tolist()
    ]
    return np.array(values, np.float64)[which]


def advice(tier: str, risks: Sequence[str], *, month_over: bool = False, reported: bool = False) -> str:
    """Return what to do with an account; `risks` come with the most pressing first.

    `month_over`: it was observed long enough. `reported`: somebody reported an anomaly of it less than a month ago.

    >>> advice("low", ["fake"])
    'observe for one month; back to normal use if nothing happens'
    """
    if tier == SECURE:
        return OBSERVE_REPORTED if reported else RETAIN
    if tier == LOW or not risks:
        return RELEASE if month_over else OBSERVE
    return ADVICE[risks[0]] if "stolen" not in risks else ADVICE["stolen"]
