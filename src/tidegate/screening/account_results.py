"""The result of each account: tier, risks, every check with value and limit, advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

from tidegate.screening.tiers import TIERS, advice

if TYPE_CHECKING:
    from tidegate.screening.dimensions import Check
    from tidegate.screening.pool_members import Member
    from tidegate.screening.screen import Screening

VERDICTS = {1.0: "true", 0.0: "false"}


@dataclass(frozen=True, slots=True)
class AccountResult:
    """What was found of an account. `reasons` are the checks that hold, in words; `unknown` those nothing could say.

    `told` is what providers told of it, who and when.
    """

    member: Member
    tier: str
    score: float
    risks: list[str]
    labels: list[str]
    checks: list[dict[str, Any]]
    reasons: list[str]
    unknown: list[str]
    advice: str
    told: list[dict[str, Any]]

    def data(self) -> dict[str, Any]:
        """Return it as plain data, as result.ndjson has it."""
        return {
            "number": self.member.number.e164, "row": self.member.row, "tier": self.tier, "score": self.score,
            "risk_types": self.risks, "labels": self.labels, "reasons": [c["check"] for c in self.checks if c["verdict"] == "true"],
            "checks": self.checks, "unknown": self.unknown, "advice": self.advice, "remark": self.member.remark or None,
        } | ({"told": self.told} if self.told else {})  # fmt: skip


def account_results(screening: Screening) -> Iterator[AccountResult]:
    """Yield the results in the order of the list."""
    tiers, checks = screening.tiers, screening.checks
    order = {risk: i for i, risk in enumerate(screening.goals)}
    risks = sorted(tiers.risks, key=lambda risk: order[risk])
    by_risk = [tiers.risks[risk].tolist() for risk in risks]
    labels = sorted(tiers.labels)
    by_label = [tiers.labels[label].tolist() for label in labels]
    truths = [screening.findings[check.id].truth.tolist() for check in checks]
    observed = [screening.findings[check.id].observed.round(4).tolist() for check in checks]
    scores, places = tiers.score.tolist(), tiers.tier.tolist()
    for i, member in enumerate(screening.pool.members.values()):
        pairs = [
            _checked(c, truth[i], value[i]) for c, truth, value in zip(checks, truths, observed, strict=True)
        ]
        carried = [risk for risk, has in zip(risks, by_risk, strict=True) if has[i]]
        yield AccountResult(
            member,
            TIERS[places[i]],
            scores[i],
            carried,
            [label for label, has in zip(labels, by_label, strict=True) if has[i]],
            [data for data, _ in pairs],
            [reason for _, reason in pairs if reason],
            [data["check"] for data, _ in pairs if data["verdict"] == "unknown"],
            advice(TIERS[places[i]], carried, month_over=screening.observation.is_over(i)),
            screening.consulted.told.get(member.number.e164, []),
        )


def _checked(check: Check, truth: float, value: float) -> tuple[dict[str, Any], str]:
    return _shown(check, 2.0 if isnan(truth) else truth, None if isnan(value) else value)


@lru_cache(maxsize=65_536)
def _shown(check: Check, truth: float, value: float | None) -> tuple[dict[str, Any], str]:
    """Return a check as data, and the sentence it says where it holds; many accounts have the same, which is shared."""
    verdict = VERDICTS.get(truth, "unknown")
    number = None if value is None else int(value) if value == int(value) else value
    limit = check.limit.default
    data: dict[str, Any] = {
        "check": check.id, "verdict": verdict, "observed": number, "limit": int(limit) if limit == int(limit) else limit,
        "unit": check.unit,
    }  # fmt: skip
    if verdict != "true":
        return data, ""
    reason = check.says(value or 0)
    return data | {"reason": reason}, reason
