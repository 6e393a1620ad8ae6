"""Accounts in other hands than their holder's: logins from many regions, logins on devices that were not known."""

import numpy as np
from numpy.typing import NDArray

import tidegate as tg
from tidegate.screening.dimensions.check import Check, Findings, count_of
from tidegate.screening.evidence.gathering import Evidence


class Figures:
    """The figures of this dimension."""

    region_changes = tg.Parameter(
        3, low=2, high=30, unit="changes", why="`frequent` has no figure; two are a journey and the way back",
        source="screen.stolen-cross-region", assumed=True,
    )  # fmt: skip
    unfamiliar_logins = tg.Parameter(
        1, low=1, high=10, unit="logins", why="the row speaks of a login", source="screen.stolen-unfamiliar-device", assumed=True
    )  # fmt: skip
    chance = tg.Parameter(
        0.75, low=0.3, high=0.95, unit="probability", why="a theft suspect is high risk by itself: above the cut-off of that tier",
        source="screen.risk-tiers", assumed=True,
    )  # fmt: skip
    failures = tg.Parameter(
        5, low=3, high=50, unit="refused logins", why="a run of them before the right password", source="screen.theft-vector-weak-password",
        assumed=True,
    )  # fmt: skip


# label -> the fact it needs; how the account may have been stolen, and what came of it
SIGNS = {
    "theft-by-phishing": "malicious_clicks",  # screen.theft-vector-phishing: a malicious link was opened
    "theft-by-read-code": "codes_right_at_once",  # screen.theft-vector-malware: a code was right at the first try
    "leak-after-theft": "contact_exports",  # screen.harm-information-leak: contacts were exported
    "spam-after-theft": "recent_measures",  # screen.harm-malicious-operation: a measure for spam or content was taken
}
GUESSED = "theft-by-guessed-password"  # screen.theft-vector-weak-password

CHECKS = (
    Check(
        id="screen.stolen-cross-region",
        title="Logins from changing regions in 30 days",
        risk="stolen",
        observe=count_of("region_changes"),
        op=">=",
        limit=Figures.region_changes,
        unit="changes",
        reason="changes of region between logins in 30 days: {observed}; limit {limit}",
        label="theft-suspect",
        probability=Figures.chance,
        group="stolen",
        alone_high=True,
        facts=("a login trail with regions",),
        note="changes between logins that follow each other; a login whose region is not known leaves open up to two",
    ),
    Check(
        id="screen.stolen-unfamiliar-device",
        title="A login on an unfamiliar device in 30 days",
        risk="stolen",
        observe=count_of("unfamiliar_logins"),
        op=">=",
        limit=Figures.unfamiliar_logins,
        unit="logins",
        reason="logins on unfamiliar devices in 30 days: {observed}; limit {limit}",
        label="theft-suspect",
        probability=Figures.chance,
        group="stolen",
        alone_high=True,
        facts=("a login trail with devices",),
        note="a new phone looks the same: the holder is asked before anything else; where the platform does not say whether a device was"
        " known, the first login on it counts if others are on record before",
    ),
)


def signs_of(evidence: Evidence, findings: Findings) -> dict[str, NDArray[np.bool_]]:
    """Return which suspects of theft show which signs in the same 30 days; a sign is a label and adds nothing to the score.

    Nobody is suspected for them: people click on bad links, mistype passwords and export contacts without being robbed.
    """
    suspect = np.zeros(len(evidence), np.bool_)
    for check in CHECKS:
        if check.id in findings:
            suspect |= findings[check.id].truth == 1
    found = {label: suspect & (evidence[fact] >= 1) for label, fact in SIGNS.items()}
    guessed = evidence["logins_after_failures"] >= Figures.failures.default
    return found | {GUESSED: suspect & guessed}
