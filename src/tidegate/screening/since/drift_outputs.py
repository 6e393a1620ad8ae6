"""The files about change: drift.csv and drift.json, the observation list; and what the summary says of the screening before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

import tidegate as tg
from tidegate.screening.dimensions import CHECKS
from tidegate.screening.outputs.safe_cells import write_csv
from tidegate.screening.since.accuracy import accuracy
from tidegate.screening.since.drift import WHYS, drift
from tidegate.screening.since.earlier import HISTORY_MAX, OBSERVED_HEAD, Point, Tier
from tidegate.screening.tiers import HIGH, TIERS, advice
from tidegate.windows.timestamps import format_rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tidegate.screening.outputs.outcome import Outcome
    from tidegate.screening.screen import Screening
    from tidegate.screening.since.drift import Drift, Shift
    from tidegate.screening.since.earlier import Earlier
    from tidegate.screening.since.observation import Watch

DAY_MS = 86_400_000
# findings about the pool that follow from one risk type alone
RISK_OF_FINDING = {
    "screen.case-20pct-stolen-main-ban": "stolen", "screen.case-150-stolen-permanent": "stolen",
    "screen.case-30pct-noncompliant-batch": "non_compliant", "screen.case-8pct-associated-limit-cut": "non_compliant",
    "screen.low-quality-marketing": "fake", "screen.cost-inflation": "fake",
}  # fmt: skip
DRIFT_FILES = ("drift.csv", "drift.json")
DRIFT_HEAD = (
    "number", "remark", "why", "tier before", "tier now", "risk types before", "risk types now", "began", "ended",
    "no longer known",
)  # fmt: skip
METHOD = (
    "95 % interval of the difference by Newcombe's method 10 (Wilson limits, added as squares), less the correlation of the accounts"
    " that are in both screenings"
)


class Figures:
    """When a screening came late."""

    overdue_days = tg.Parameter(
        31, low=1, high=366, unit="days", why="a month taken as 31 days: more is overdue", source="sops.monthly-screening", assumed=True
    )  # fmt: skip


def write_changes(screening: Screening, out: Path) -> dict[str, Any]:
    """Write the observation list and, where there is a screening before, the drift; return what the summary says of both.

    Without a screening before, files of a drift that lie there go. Raise OSError or FileError.
    """
    write_csv(out / "observed.csv", OBSERVED_HEAD, _watched(screening))
    for name in DRIFT_FILES:
        (out / name).unlink(missing_ok=True)
    told: dict[str, Any] = {"since": None, "accuracy": None}
    if screening.earlier is not None:
        found = drift_of(screening, screening.earlier)
        agree = accuracy(screening.earlier, screening.evidence.rulings, screening.at_ms)
        told["accuracy"] = {dimension: one.data() for dimension, one in agree.items()}
        _write_drift(screening, screening.earlier, found, told["accuracy"], out)
        told["since"] = _since(screening, screening.earlier, found)
    return told | {
        "observation": screening.observation.counts(),
        "figures": screening.questions.figures,
        "history": _history(screening),
    }


def _write_drift(
    screening: Screening, earlier: Earlier, found: Drift, agree: dict[str, Any], out: Path
) -> None:
    members = screening.pool.members
    remarks = dict(zip(members.numbers, members.remarks(0, len(members)), strict=True))
    ordered = sorted(found.changes, key=lambda change: WHYS.index(change[1].why))
    write_csv(out / "drift.csv", DRIFT_HEAD, (_row(n, remarks.get(n, ""), shift) for n, shift in ordered))
    data = drift_data(screening, earlier, found) | {"accuracy": agree}
    text = msgspec.json.format(msgspec.json.encode(data), indent=2)
    (out / "drift.json").write_bytes(text + b"\n")


def drift_of(screening: Screening, earlier: Earlier) -> Drift:
    """Return what changed since an earlier screening."""
    now, before = screening.questions, earlier.questions
    return drift(
        earlier.accounts,
        zip(screening.evidence.numbers, screening.outcomes, strict=True),
        checks=now.checks_in(before),
        risks=now.risks_in(before, {check.id: check.risk for check in CHECKS}),
        asked_alike=now.same_as(before),
    )


def drift_data(screening: Screening, earlier: Earlier, found: Drift) -> dict[str, Any]:
    """Return what drift.json holds."""
    matrix = found.matrix
    return {
        "before": {"screened_at": format_rfc3339(earlier.at_ms), "accounts": len(earlier.accounts)},
        "now": {"screened_at": format_rfc3339(screening.at_ms), "accounts": len(screening.evidence)},
        "asked": _asked(screening, earlier, found),
        "accounts": {
            "in_both": sum(sum(row.values()) for row in matrix.values()),
            "tier_before_to_now": matrix, "new": found.tiers_of(new=True), "gone": found.tiers_of(new=False),
        },
        "taken_out": _taken_out(found),
        "why": found.whys,
        "tiers": {tier: found.share_of_tier(tier).data() for tier in TIERS},
        "risk_types": {risk: _risk(found, risk) for risk in screening.goals if risk in found.risks},
        "checks": {check: counts for check, counts in sorted(_by_check(found).items()) if any(counts.values())},
        "pool": _about_pool(screening, earlier, found),
        "observation": screening.observation.counts(),
        "method": METHOD,
    }  # fmt: skip


def _since(screening: Screening, earlier: Earlier, found: Drift) -> dict[str, Any]:
    """Return what the summary says of the screening before: when it was, and how many accounts changed how."""
    days = (screening.at_ms - earlier.at_ms) / DAY_MS
    return {
        "screened_at": format_rfc3339(earlier.at_ms), "days": round(days, 2), "overdue": days > Figures.overdue_days.default,
        "accounts": len(earlier.accounts), "asked_alike": screening.questions.same_as(earlier.questions),
        **{why.replace(" ", "_"): count for why, count in found.whys.items()},
    }  # fmt: skip


def _history(screening: Screening) -> list[dict[str, Any]]:
    """Return the trend: the screenings before, as far as is known, oldest first, and this one."""
    found = screening.outcomes
    tiers: dict[Tier, int] = {tier: found.accounts_in(tier) for tier in ("secure", "low", "high")}
    point = Point(format_rfc3339(screening.at_ms), len(found), tiers)
    before = () if screening.earlier is None else screening.earlier.history[1 - HISTORY_MAX :]
    built: list[dict[str, Any]] = msgspec.to_builtins([*before, point])
    return built


def _watched(screening: Screening) -> Iterator[list[object]]:
    members = screening.pool.members
    for watch in sorted(screening.observation, key=lambda watch: (watch.decide_ms, watch.place)):
        yield [
            members.numbers[watch.place], members.remark(watch.place), format_rfc3339(watch.since_ms), format_rfc3339(watch.decide_ms), watch.status,
            _checks(screening.outcomes[watch.place].holds), _advice(watch, screening.outcomes[watch.place]),
        ]  # fmt: skip


def _advice(watch: Watch, outcome: Outcome) -> str:
    return advice(outcome.tier, sorted(outcome.risks), month_over=watch.over, reported=True)


def _row(number: str, remark: str, shift: Shift) -> list[object]:
    before, now = shift.before, shift.now
    return [
        number, remark, shift.why, before.tier if before else "", now.tier if now else "",
        ", ".join(sorted(before.risks)) if before else "", ", ".join(sorted(now.risks)) if now else "",
        _checks(shift.began), _checks(shift.ended - shift.lost), _checks(shift.lost),
    ]  # fmt: skip


def _checks(ids: Iterable[str]) -> str:
    return ", ".join(sorted(id_.partition(".")[2] for id_ in ids))


def _asked(screening: Screening, earlier: Earlier, found: Drift) -> dict[str, Any]:
    now, before = screening.questions.limits, earlier.questions.limits
    return {
        "alike": screening.questions.same_as(earlier.questions),
        "only_before": sorted(before.keys() - now.keys()), "only_now": sorted(now.keys() - before.keys()),
        "other_limits": {
            check: {"before": before[check], "now": now[check]} for check in sorted(before.keys() & now.keys()) if before[check] != now[check]
        },
        "other_figures": "" not in (screening.questions.figures, earlier.questions.figures)
        and screening.questions.figures != earlier.questions.figures,
        "compared": {"checks": sorted(found.checks), "risk_types": sorted(found.risks)},
    }  # fmt: skip


def _about_pool(screening: Screening, earlier: Earlier, found: Drift) -> dict[str, list[str]]:
    """Return which findings about the pool began and ended to hold, of those that both screenings asked for."""
    alike = screening.questions.same_as(earlier.questions)
    asked = {one.id for one in screening.about_pool if alike or RISK_OF_FINDING.get(one.id) in found.risks}
    now = {one.id for one in screening.about_pool if one.holds} & asked
    before = earlier.holding & asked
    return {"began": sorted(now - before), "ended": sorted(before - now)}


def _taken_out(found: Drift) -> dict[str, int]:
    """Return what became of the advice to take accounts at high risk out of the pool (sops.handle-high-risk)."""
    gone, still = found.tiers_of(new=False)[HIGH], found.matrix[HIGH]
    return {
        "high_before": gone + sum(still.values()),
        "left_the_pool": gone,
        "still_there": sum(still.values()),
        "still_high": still[HIGH],
    }


def _risk(found: Drift, risk: str) -> dict[str, Any]:
    counts, change = found.share_of_risk(risk)
    _, ended, began, stayed = counts.both
    return {
        "accounts_before": counts.before, "accounts_now": counts.now, "began": began, "ended": ended, "stayed": stayed,
        **change.data(),
    }  # fmt: skip


def _by_check(found: Drift) -> dict[str, dict[str, int]]:
    counts = {check: {"began": 0, "ended": 0, "no_longer_known": 0} for check in found.checks}
    for (before, now), count in found.pairs.items():
        if before is None or now is None:
            continue
        for check in (now.holds - before.holds) & found.checks:
            counts[check]["began"] += count
        for check in (before.holds - now.holds) & found.checks:
            counts[check]["no_longer_known" if check in now.unknown else "ended"] += count
    return counts
