"""What a pool as a whole says: shares by tier and risk, limits of the rows about pools, what fakes cost, the main account."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

import tidegate as tg

if TYPE_CHECKING:
    from tidegate.screening.dimensions import Findings
    from tidegate.screening.evidence.gathering import Evidence
    from tidegate.screening.tiers import Tiering


class Figures:
    """Limits of a pool."""

    stolen_share = tg.Parameter(
        0.2, low=0.02, high=1, unit="ratio", why="the pool of the case", source="screen.case-20pct-stolen-main-ban", assumed=True
    )  # fmt: skip
    stolen_accounts = tg.Parameter(
        150, low=1, high=100_000, unit="accounts", why="the number of the case", source="screen.case-150-stolen-permanent", assumed=True
    )  # fmt: skip
    non_compliant_share = tg.Parameter(
        0.3, low=0.05, high=1, unit="ratio", why="the pool of the case", source="screen.case-30pct-noncompliant-batch", assumed=True
    )  # fmt: skip
    associated_share = tg.Parameter(
        0.08, low=0.01, high=1, unit="ratio", why="the pool of the case", source="screen.case-8pct-associated-limit-cut", assumed=True
    )  # fmt: skip
    fake_share = tg.Parameter(
        0.2,
        low=0.05,
        high=1,
        unit="ratio",
        why="the pool of the case",
        source="screen.low-quality-marketing",
        assumed=True,
    )
    inflation = tg.Parameter(
        0.25, low=0.05, high=4, unit="ratio", why="what 20 % of fakes cost", source="screen.cost-inflation"
    )
    high_share = tg.Parameter(
        0.25,
        low=0.05,
        high=1,
        unit="ratio",
        why="more than other pools have",
        source="screen.pool-prevalence",
    )


@dataclass(frozen=True)
class Campaign:
    """What a campaign cost, and how much of that went to fakes, where it addresses a pool like this one; in its currency."""

    cost: float
    wasted: float


@dataclass(frozen=True)
class PoolFinding:
    """A row of the catalogue about pools, with what this pool has. `exposes` the main account: what may happen to it.

    `campaign` stands with what fakes cost, where events tell what a campaign did; None elsewhere.
    """

    id: str
    holds: bool
    observed: float
    limit: float
    what: str
    exposes: str = ""
    campaign: Campaign | None = None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "row": self.id, "holds": self.holds, "observed": self.observed, "limit": self.limit, "what": self.what,
            "main_account": self.exposes if self.holds and self.exposes else None,
            **({"campaign": asdict(self.campaign)} if self.campaign is not None else {}),
        }  # fmt: skip


def share(part: int, whole: int) -> float:
    """Return a share, rounded to 4 digits; 0 of nothing."""
    return _rounded(Decimal(part) / Decimal(whole)) if whole else 0.0


def cost_inflation(part: int, whole: int) -> float:
    """Return by how much a real recipient costs more than planned where so many are fake: 1 / (1 - f) - 1.

    >>> cost_inflation(20, 100), cost_inflation(19, 100), cost_inflation(21, 100)
    (0.25, 0.2346, 0.2658)
    """
    if part >= whole:
        return float("inf") if part else 0.0
    return _rounded(Decimal(part) / Decimal(whole - part))


def wasted_on(part: int, whole: int, cost: float | None) -> Campaign | None:
    """Return what of a campaign's cost goes to accounts that are fake; None where no cost is known.

    >>> wasted_on(20, 100, 12000.0)
    Campaign(cost=12000.0, wasted=2400.0)
    """
    if cost is None or not whole:
        return None
    return Campaign(cost, float(round(Fraction(str(cost)) * part / whole, 2)))  # a cost has up to 38 digits


def pool_findings(evidence: Evidence, findings: Findings, tiers: Tiering) -> list[PoolFinding]:
    """Return what the rows about pools find, those that hold and those that do not; of an empty pool, nothing."""
    size = len(evidence)
    if not size:
        return []
    counts = {name: int(np.count_nonzero(found)) for name, found in tiers.risks.items()}
    associated = findings.get("screen.associated-with-banned")
    linked = int((associated.truth == 1).sum()) if associated is not None else 0
    stolen, bad, fake = (counts.get(name, 0) for name in ("stolen", "non_compliant", "fake"))
    high = int(np.count_nonzero(tiers.high))
    f = Figures
    rows: list[tuple[str, float, bool, float, str, str]] = [
        ("screen.case-20pct-stolen-main-ban", share(stolen, size), stolen / size >= f.stolen_share.default, f.stolen_share.default,
         "share of stolen accounts", "a temporary ban within days"),
        ("screen.case-150-stolen-permanent", stolen, stolen >= f.stolen_accounts.default, f.stolen_accounts.default,
         "stolen accounts", "a permanent suspension"),
        ("screen.case-30pct-noncompliant-batch", share(bad, size), bad / size >= f.non_compliant_share.default,
         f.non_compliant_share.default, "share of non-compliant accounts", "all associated accounts stop sending for two weeks"),
        ("screen.case-8pct-associated-limit-cut", share(linked, size), linked / size >= f.associated_share.default,
         f.associated_share.default, "share of accounts associated with banned ones", "the daily limit falls from 1000 to 300"),
        ("screen.low-quality-marketing", share(fake, size), fake / size >= f.fake_share.default, f.fake_share.default,
         "share of fake accounts", "later reach falls by 30 %"),
        ("screen.cost-inflation", cost_inflation(fake, size), cost_inflation(fake, size) >= f.inflation.default,
         f.inflation.default, "what a real recipient costs more than planned", ""),
        ("screen.pool-prevalence", share(high, size), high / size > f.high_share.default, f.high_share.default,
         "share of high-risk accounts; other pools have more than a quarter", ""),
    ]  # fmt: skip
    campaign = wasted_on(fake, size, evidence.campaign_cost)
    return [
        PoolFinding(
            id_, holds, observed, limit, what, exposes, campaign if id_ == "screen.cost-inflation" else None
        )
        for id_, observed, holds, limit, what, exposes in rows
    ]


def _rounded(value: Decimal) -> float:
    return float(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_EVEN))
