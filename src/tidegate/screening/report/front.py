"""The first page: what was screened, when and from what; how many accounts are in which tier, by which risk, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.screening.report import not_known
from tidegate.screening.report.plain_text import line
from tidegate.screening.report.wording import (
    RISK_NAMES,
    TIER_NAMES,
    count,
    counted,
    listed,
    moment,
    share_of,
)
from tidegate.screening.tiers import SECURE, TIERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.screening.screen import Screening

AT_IS = {
    "given": "the time asked for",
    "newest event": "the time of the newest event",
    "clock": "the time of day",
}
SOURCES_SHOWN = 4
NAME_CHARS = 60
STATED_CHARS = 200  # of a purpose or a basis; summary.json has it whole


def basis(screening: Screening, summary: Mapping[str, Any]) -> list[list[str]]:
    """Return what the screening rests on, as pairs of a name and a text."""
    pool = screening.pool
    merged = summary["duplicates"]
    parts = [counted(summary["rows"], "row"), counted(summary["accounts"], "account")]
    parts += [f"{counted(merged, 'row')} with a number again"] if merged else []
    parts += [f"{counted(summary['rejected_rows'], 'row')} left out"] if summary["rejected_rows"] else []
    facts = [name for name in pool.columns.places if name not in ("number", "remark")] if pool.columns else []
    known = [name.removeprefix("is_").removeprefix("has_").replace("_", " ") for name in facts]
    told = f"the list ({listed(known)})" if known else "the list, which tells nothing but numbers"
    read = counted(summary["events"], "event")
    risks = list(dict.fromkeys(check.risk for check in screening.checks))
    return [
        ["Purpose", _said(screening.stated.purpose)],
        ["Legal basis", _said(screening.stated.basis)],
        ["Screened", f"{moment(screening.at_ms)} ({AT_IS.get(screening.at_source, screening.at_source)})"],
        ["List", f"{pool.kind.upper()}: {', '.join(parts)}"],
        ["Evidence", f"{told}; {_read_from(screening, read)}{_consulted(summary)}"],
        ["Checked", f"{counted(len(screening.checks), 'check')}: {listed([RISK_NAMES[risk].lower() for risk in risks])}"],
    ]  # fmt: skip


def _said(sentence: str | None) -> str:
    return "not stated" if sentence is None else line(sentence, STATED_CHARS)


def _read_from(screening: Screening, read: str) -> str:
    names = [line(name, NAME_CHARS) for name in screening.sources]
    if not names:
        return "no events"
    more = [f"{len(names) - SOURCES_SHOWN} more"] if len(names) > SOURCES_SHOWN else []
    return f"{read} from {listed(names[:SOURCES_SHOWN] + more)}"


def _consulted(summary: Mapping[str, Any]) -> str:
    """Return which providers were asked, on what basis, and how many answered."""
    asked = [
        f"; {line(one['name'], NAME_CHARS)} (basis: {line(one['basis'], NAME_CHARS)}):"
        f" {count(one['answered'])} of {counted(one['accounts'], 'account')} answered"
        for one in summary["evidence"]["providers"]
    ]
    more = [f"; {len(asked) - SOURCES_SHOWN} more"] if len(asked) > SOURCES_SHOWN else []
    return "".join(asked[:SOURCES_SHOWN] + more)


def tiers(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tiers, the worst first, with count and share."""
    found = summary["tiers"]
    return [
        {
            "tier": tier, "name": TIER_NAMES[tier], "accounts": found[tier]["accounts"],
            "count": count(found[tier]["accounts"]), "share": share_of(found[tier]["accounts"], summary["accounts"]),
        }
        for tier in TIER_NAMES
    ]  # fmt: skip


def headline(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence a hurried reader takes away, and the one behind it."""
    total, found = summary["accounts"], {tier: summary["tiers"][tier]["accounts"] for tier in TIERS}
    if not total:
        none_read = "Its rows could not be read; the first of them are below."
        return {
            "head": "The list holds no account.",
            "lead": none_read if summary["rejected_rows"] else "It has no rows.",
        }
    of = f"of {counted(total, 'account')}"
    high, low = found["high"], found["low"]
    if high:
        head = f"{count(high)} {of} {'is' if high == 1 else 'are'} high risk ({share_of(high, total)})."
    elif low:
        head = f"No account is high risk; {count(low)} {of} {'needs' if low == 1 else 'need'} an eye ({share_of(low, total)})."
    else:
        head = f"{'The account shows' if total == 1 else f'None {of} shows'} {'no ' if total == 1 else 'a '}sign of risk that counts."
    secure = (
        f"{count(found['secure'])} {'shows' if found['secure'] == 1 else 'show'} no sign of risk that counts"
    )
    lead = [f"{count(low)} {'shows' if low == 1 else 'show'} weaker signs"] if high and low else []
    lead += [secure] if found["secure"] and (high or low) else []
    unseen = summary["secure_but_nothing_known"]
    blind = (
        f"Of {'it' if total == 1 else count(unseen)} nothing at all is known, which is no proof."
        if unseen
        else ""
    )
    shown = f"{listed(lead)}." if lead else ""
    return {"head": head, "lead": f"{shown} {blind}".strip()}


def risk_types(screening: Screening, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how the risk types are spread, those looked at first in front, and of how many accounts each is not known."""
    tier = screening.tiers.tier
    asked = {check.risk for check in screening.checks}
    rows = []
    for risk, found in summary["risk_types"].items():
        if risk not in asked:
            continue
        has = screening.tiers.risks.get(risk, np.zeros(len(tier), np.bool_))
        high = int(np.count_nonzero(has & screening.tiers.high))
        rows.append(
            {
                "name": RISK_NAMES.get(risk, risk), "high": high, "other": found["accounts"] - high,
                "count": count(found["accounts"]), "share": share_of(found["accounts"], len(tier)),
                "unknown": share_of(int(np.count_nonzero(not_known.of_risk(screening, risk))), len(tier)),
            }
        )  # fmt: skip
    return rows


def to_do(screening: Screening, summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what to do now, in order: how many accounts, what, and which file names them."""
    tier, high = screening.tiers.tier, screening.tiers.high
    stolen = screening.tiers.risks.get("stolen", np.zeros(len(tier), np.bool_))
    ask, out = int(np.count_nonzero(high & stolen)), int(np.count_nonzero(high & ~stolen))
    secure = tier == TIERS.index(SECURE)
    watched = [watch for watch in screening.observation if not secure[watch.place]]
    over = sum(watch.over for watch in watched)
    reported = len(screening.observation.watches) - len(watched)
    steps = [
        (ask, "Pause contact and tell the holders: their accounts look stolen. Screen them again afterwards.", "high_risk.csv"),
        (out, "Take them out of the pool; this is no ban. Hear a holder who objects.", "high_risk.csv"),
        (len(watched) - over, "Watch for a month; back to normal use if nothing happens.", "observed.csv"),
        (over, "Watched for a month and nothing new: back to normal use.", "observed.csv"),
        (reported, "An anomaly was reported: ask the holder, and watch for a month.", "observed.csv"),
        (int(np.count_nonzero(secure)) - reported, "Keep.", "secure.csv"),
        (summary["rejected_rows"], "Mend the rows that could not be read, and screen them.", "rejected_rows.csv"),
    ]  # fmt: skip
    return [{"count": count(number), "what": what, "file": file} for number, what, file in steps if number]
