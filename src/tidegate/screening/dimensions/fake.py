"""Accounts with nobody behind them: young, silent, without a face; bots and zombies."""

import numpy as np
from numpy.typing import NDArray

import tidegate as tg
from tidegate.screening.dimensions.check import Check, Findings, Found, count_of, false_of
from tidegate.screening.evidence.event_history import NUMBER_TYPES
from tidegate.screening.evidence.gathering import DAY_MS, Evidence

SIGNALS = (
    "screen.fake-registered-under-3-months",
    "screen.fake-no-interaction-90d",
    "screen.fake-incomplete-profile",
)


class Figures:
    """The figures of this dimension."""

    age_days = tg.Parameter(
        90, low=7, high=365, unit="days", why="less than three months, taken as 90 days", source="screen.fake-registered-under-3-months"
    )  # fmt: skip
    interactions = tg.Parameter(
        1, low=1, high=100, unit="interactions", why="none at all in 90 days", source="screen.fake-no-interaction-90d"
    )  # fmt: skip
    parts = tg.Parameter(
        1,
        low=1,
        high=2,
        unit="parts",
        why="avatar or signature missing",
        source="screen.fake-incomplete-profile",
    )
    signals = tg.Parameter(
        2, low=1, high=3, unit="of 3 signals", why="one of them marks every newcomer; two together are few people's",
        source="screen.fake-composite", assumed=True,
    )  # fmt: skip
    bulk = tg.Parameter(
        5, low=3, high=100, unit="accounts", why="neighbours of one block of a hundred numbers", source="screen.fake-type-bot", assumed=True
    )  # fmt: skip
    bulk_days = tg.Parameter(
        1, low=1, high=30, unit="days", why="registered within this", source="screen.fake-type-bot", assumed=True
    )  # fmt: skip
    chance_of_one = tg.Parameter(
        0.15, low=0, high=0.29, unit="probability", why="one signal leaves an account secure", source="screen.fake-composite", assumed=True
    )  # fmt: skip
    chance_of_two = tg.Parameter(
        0.45,
        low=0.3,
        high=0.69,
        unit="probability",
        why="two are low risk",
        source="screen.fake-composite",
        assumed=True,
    )
    chance_of_three = tg.Parameter(
        0.8,
        low=0.7,
        high=0.95,
        unit="probability",
        why="three are high risk",
        source="screen.fake-composite",
        assumed=True,
    )


def _age(evidence: Evidence, _before: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days since the registration; one that lies behind the time of the screening tells nothing."""
    days = (evidence.at_ms - evidence["registered_at"]) / DAY_MS
    days[days < 0] = np.nan
    return days, days


def _signals(evidence: Evidence, before: Findings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the signals; one that was not checked may be one as well."""
    truths = [before[name].truth if name in before else np.full(len(evidence), np.nan) for name in SIGNALS]
    present = sum((truth == 1).astype(np.float64) for truth in truths)
    unknown = sum(np.isnan(truth).astype(np.float64) for truth in truths)
    least = np.where(unknown == len(SIGNALS), np.nan, present)
    return least, least + unknown


def _chance(_evidence: Evidence, found: Found) -> NDArray[np.float64]:
    """Missing data never count as a signal: the score follows the signals that are there."""
    by_count = np.array(
        [0.0, Figures.chance_of_one.default, Figures.chance_of_two.default, Figures.chance_of_three.default]
    )
    return by_count[np.nan_to_num(found.observed).astype(np.int64)]


CHECKS = (
    Check(
        id="screen.fake-registered-under-3-months",
        title="Registered less than three months ago",
        risk="fake",
        observe=_age,
        op="<",
        limit=Figures.age_days,
        unit="days",
        reason="registered {observed} days ago; young below {limit}",
        counts_for_type=False,
        facts=("registered_at",),
    ),
    Check(
        id="screen.fake-no-interaction-90d",
        title="No interaction in 90 days",
        risk="fake",
        observe=count_of("interactions_90d"),
        op="<",
        limit=Figures.interactions,
        unit="interactions",
        reason="interactions in 90 days: {observed}",
        counts_for_type=False,
        facts=("last_active_at or interactions_90d",),
        note="the interaction exactly 90 days ago counts",
    ),
    Check(
        id="screen.fake-incomplete-profile",
        title="No avatar or no signature",
        risk="fake",
        observe=false_of("has_avatar", "has_signature"),
        op=">=",
        limit=Figures.parts,
        unit="parts missing",
        reason="missing of avatar and signature: {observed}",
        counts_for_type=False,
        facts=("has_avatar", "has_signature"),
    ),
    Check(
        id="screen.fake-composite",
        title="Fake by age, interaction and profile together",
        risk="fake",
        observe=_signals,
        op=">=",
        limit=Figures.signals,
        unit="of 3 signals",
        reason="{observed} of 3 signs of a fake account; limit {limit}",
        label="fake-suspect",
        probabilities=_chance,
        group="fake",
        needs=SIGNALS,
        facts=("registered_at", "last_active_at", "has_avatar", "has_signature"),
        note="three signals make high risk, two low, one none; what is not known is no signal",
    ),
)


def types_of(evidence: Evidence, findings: Findings) -> dict[str, NDArray[np.bool_]]:
    """Return which accounts are of the known types of fakes; a type is a label and adds nothing to the score.

    A zombie is silent (screen.fake-type-zombie). A bot is silent and has a virtual number, or was registered in bulk: many numbers
    of one block of a hundred within a day (screen.fake-type-bot).
    """
    silent = findings.get("screen.fake-no-interaction-90d")
    if silent is None:
        return {}
    zombie = silent.truth == 1
    return {
        "fake-zombie": zombie,
        "fake-bot": zombie & ((evidence["number_type"] == NUMBER_TYPES.index("virtual")) | in_bulk(evidence)),
    }


def in_bulk(evidence: Evidence) -> NDArray[np.bool_]:
    """Return which accounts were registered in bulk; whose registration is not known, was not."""
    few, span_ms = int(Figures.bulk.default), Figures.bulk_days.default * DAY_MS
    registered = evidence["registered_at"]
    known = np.flatnonzero(~np.isnan(registered))
    found = np.zeros(len(evidence), np.bool_)
    if len(known) < few:
        return found
    blocks = np.array([int(evidence.numbers[place][1:-2]) for place in known.tolist()], np.int64)
    order = np.lexsort((registered[known], blocks))
    block, at = blocks[order], registered[known][order]
    last = few - 1
    starts = np.flatnonzero(
        (block[last:] == block[: len(block) - last]) & (at[last:] - at[: len(at) - last] <= span_ms)
    )
    for step in range(few):
        found[known[order[starts + step]]] = True
    return found
