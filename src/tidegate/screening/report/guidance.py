"""What each risk type means and what to do about it, as the catalogue has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.screening.report.wording import RISK_NAMES, THEFT_SIGNS, TIER_NAMES, count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.screening.screen import Screening


@dataclass(frozen=True)
class Guidance:
    """A risk type: what it is, what comes of it, what to do; the rows it is taken from."""

    means: str
    harms: str
    do: str
    sources: tuple[str, ...]


# by risk type, as the catalogue calls them
RISKS = {
    "stolen": Guidance(
        "Somebody else may be using the account: by a link to a false login page, by a program that reads codes on the phone, or by"
        " a weak password.",
        "Chats and contacts may be taken. The thief may send spam, which draws in every account that is linked.",
        "Stop writing to it. Tell the holder, by another way than the account itself, to change the password and to check the"
        " devices that are logged in. Screen again. A new phone or a journey looks the same: the holder is asked first.",
        ("sops.handling-suggestions", "sops.handle-high-risk", "screen.theft-vector-*", "screen.harm-*"),
    ),
    "non_compliant": Guidance(
        "The account was warned or restricted, or shares a device or an address with one that is banned.",
        "Platforms act on groups: linked accounts lose limits or stop sending together.",
        "Take it out of the pool at once, keep the record, and hear the holder who objects.",
        ("sops.handling-suggestions", "sops.handle-high-risk", "screen.historical-violation", "screen.associated-with-banned"),
    ),
    "fake": Guidance(
        "There may be nobody behind it: young, silent, without a face. One sign alone marks every newcomer and does not count.",
        "What is sent to it reaches nobody, and the standing of the sender falls.",
        "With three signs take it out; with two watch it for a month.",
        ("sops.handling-suggestions", "screen.fake-composite", "screen.low-quality-marketing", "screen.cost-inflation"),
    ),
    "empty": Guidance(
        "The account is unreachable or suspended.",
        "What is sent to it reaches nobody.",
        "Take it out of the pool.",
        ("screen.empty-account",),
    ),
    "unregistered": Guidance(
        "There is no account under the number.",
        "What is sent to it reaches nobody.",
        "Take it out of the pool, or ask for the right number.",
        ("screen.unregistered",),
    ),
}  # fmt: skip

# by tier: what to do, and the rows it is taken from
ADVICE = {
    "high": (
        "Take out of the pool at once; customers among them are told to check their security. This is no ban: who objects is heard.",
        ("sops.handle-high-risk",),
    ),
    "low": (
        "Mark for observation and follow for one month. Back to normal use only if nothing happens.",
        ("sops.handle-low-risk-1-month",),
    ),
    "secure": (
        "Keep, and prefer them. A tier is not final: an account can be taken over tomorrow, so screen every month.",
        ("sops.handle-secure", "sops.monthly-screening", "screen.dynamic-status"),
    ),
}


def guidance(screening: Screening, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return advice per tier, and per risk type that was found, with how many accounts it concerns."""
    asked = {check.risk for check in screening.checks}
    shown = [
        risk for risk in summary["risk_types"] if risk in asked and summary["risk_types"][risk]["accounts"]
    ]
    sources = [source for _, rows in ADVICE.values() for source in rows]
    sources += [source for risk in shown for source in RISKS[risk].sources]
    return {
        "tiers": [
            {
                "tier": tier, "name": TIER_NAMES[tier], "do": do,
                "count": count(summary["tiers"][tier]["accounts"]),
            }
            for tier, (do, _) in ADVICE.items()
        ],
        "risks": [
            {
                "name": RISK_NAMES[risk], "count": count(summary["risk_types"][risk]["accounts"]),
                "means": RISKS[risk].means, "harms": RISKS[risk].harms, "do": RISKS[risk].do,
                "signs": _theft_signs(summary["labels"]) if risk == "stolen" else "",
            }
            for risk in shown
        ],
        "sources": ", ".join(dict.fromkeys(sources)),
    }  # fmt: skip


def _theft_signs(labels: Mapping[str, int]) -> str:
    """Return how many of the accounts that look stolen show which signs."""
    found = [f"{said} ({count(labels[label])})" for label, said in THEFT_SIGNS.items() if labels.get(label)]
    return f"Seen of these: {'; '.join(found)}." if found else ""
