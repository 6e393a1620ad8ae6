"""Accounts in other hands than their holder's: logins from many regions, logins on devices that were not known."""

import tidegate as tg
from tidegate.screening.dimensions.check import Check, count_of


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
