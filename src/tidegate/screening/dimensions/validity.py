"""Numbers behind which there is no account that can be reached."""

import tidegate as tg
from tidegate.screening.dimensions.check import Check, false_of


class Figures:
    """The figures of this dimension."""

    empty = tg.Parameter(
        1, low=1, high=2, unit="signs", why="unreachable or suspended", source="screen.empty-account"
    )
    unregistered = tg.Parameter(
        1,
        low=1,
        high=1,
        unit="signs",
        why="there is an account or there is none",
        source="screen.unregistered",
    )
    chance = tg.Parameter(
        0.9, low=0.7, high=0.99, unit="probability", why="the row says eliminate: above the cut-off of the high tier",
        source="screen.risk-tiers", assumed=True,
    )  # fmt: skip


CHECKS = (
    Check(
        id="screen.empty-account",
        title="Unreachable or suspended",
        risk="empty",
        observe=false_of("is_reachable", true_of=("is_suspended",)),
        op=">=",
        limit=Figures.empty,
        unit="signs",
        reason="the account is unreachable or suspended",
        label="empty",
        probability=Figures.chance,
        group="validity",
        alone_high=True,
        optional=True,
        facts=("is_reachable", "is_suspended"),
    ),
    Check(
        id="screen.unregistered",
        title="Not registered",
        risk="unregistered",
        observe=false_of("is_registered"),
        op=">=",
        limit=Figures.unregistered,
        unit="signs",
        reason="the number has no account",
        label="unregistered",
        probability=Figures.chance,
        group="validity",
        alone_high=True,
        optional=True,
        facts=("is_registered",),
    ),
)
