"""The question how an account stands, compiled: a site that reads what is kept about an account, and feeds nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.groups import condition_of
from tidegate.events import AccountProfile
from tidegate.expr import Expr, LocalTime
from tidegate.features import Feature, Since, Sliding
from tidegate.features.aggregate import Count
from tidegate.policy.quota import of_account
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.column import Column
    from tidegate.engine.compile.groups import Group
    from tidegate.engine.compile.site import Site
    from tidegate.events import Field
    from tidegate.policy import Quota


@dataclass(frozen=True)
class Inquiry:
    """What the site stands for; to features it is an event of another kind that names an account."""

    type_name: str = "account"

    def fields(self) -> Mapping[str, Field]:
        """Return its only field."""
        return {"account_id": AccountProfile.account_id}


@dataclass(frozen=True)
class Lane:
    """Where the events of a counted quota are held: kernel (by its group), bit of its lane, window in ms."""

    group: Group
    bit: int
    window: int


@dataclass(frozen=True)
class AskedQuota:
    """The columns of a quota at the site; None: not to be had without an event.

    `due` says whether it concerns the next action, `zone` whose calendar day it counts by.
    """

    number: int
    quota: Quota
    used: Column | None
    limit: Column | None
    applies: Column | None
    due: Column | None
    zone: Column | None
    lane: Lane | None


@dataclass
class AskedAccount:
    """The site, its quotas, and the tiers per capability (column, id space)."""

    site: Site
    account: Column
    quotas: list[AskedQuota] = field(default_factory=list)
    tiers: dict[str, tuple[Column, str]] = field(default_factory=dict)


def trees_asked(quota: Quota) -> list[Expr]:
    """Return the expressions of a quota that can be read for an account: what is used, the limit, the conditions."""
    used = quota.kind in ("count", "gap", "share")
    trees = [tree for tree in ((quota.when.left if used else None), quota.when.right) if tree is not None]
    applies = [] if quota.applies is None else [quota.applies]
    return [tree for tree in (*trees, *applies) if of_account(tree)] + quota.due()


def ask(builder: Builder, site: Site, numbered: dict[int, Quota]) -> AskedAccount:
    """Compile the quotas of accounts at the site."""
    asked = AskedAccount(site, site.field_column(AccountProfile.account_id))
    _lower_tiers(builder, site)
    for number, quota in numbered.items():
        if quota.subject == "account":
            asked.quotas.append(_ask_quota(builder, site, number, quota))
    for capability, tier in builder.policy.tiers.items():
        if of_account(tier):
            asked.tiers[capability] = (builder.at(site).column(tier), tier.domain)
    return asked


def _lower_tiers(builder: Builder, site: Site) -> None:
    """Let the tiers in force stand for the accounts' own in everything that the site reads from here on."""
    tiers, lowered = builder.policy.tiers, builder.policy.tiers_in_force
    found = {tiers[name].fingerprint: builder.at(site).value(tier) for name, tier in lowered.items()}
    site.values.update(found)


def _ask_quota(builder: Builder, site: Site, number: int, quota: Quota) -> AskedQuota:
    expressions, readable = builder.at(site), trees_asked(quota)
    used, limit = (
        expressions.value(tree).low if any(tree is r for r in readable) else None
        for tree in (quota.when.left, quota.when.right)
    )
    applies = None
    if quota.applies is not None and of_account(quota.applies):
        applies = expressions.column(quota.applies)
    due: Column | None = None
    for condition in quota.due():
        column = expressions.column(condition)
        due = column if due is None else site.emit(vm.AND, due, column)
    zone = _zone(quota.when.left)
    return AskedQuota(
        number,
        quota,
        used,
        limit,
        applies,
        due,
        expressions.column(zone) if used is not None and zone is not None else None,
        _lane(builder, quota.when.left) if used is not None else None,
    )


def _zone(used: Expr) -> Expr | None:
    """Return the zone of the calendar day that a value is counted over; None where it is over no such day."""
    for node in used.walk():
        start = node.window.start if isinstance(node, Feature) and isinstance(node.window, Since) else None
        if isinstance(start, LocalTime) and of_account(start.zone):
            return start.zone
    return None


def _lane(builder: Builder, used: Expr) -> Lane | None:
    if not (
        isinstance(used, Feature) and isinstance(used.aggregate, Count) and isinstance(used.window, Sliding)
    ):
        return None
    group = builder.groups.of(used, builder.stages.level(used))
    return Lane(group, 1 << group.lane(condition_of(used)), used.window.length.ms)


@dataclass(frozen=True)
class Aging:
    """A column of the site that counts the events of a lane over a sliding window: what time alone makes smaller."""

    column: Column
    bit: int
    window: int


def aging(builder: Builder, site: Site) -> dict[int, list[Aging]]:
    """Return, per position of a group among all, its columns at the site that depend on how much time has passed."""
    found: dict[int, list[Aging]] = {}
    for position, group in enumerate(builder.groups.all):
        wiring = group.wiring.get(site.number)
        if wiring is None or group.family != "count":
            continue
        for reading in wiring.readings:
            outs: dict[Any, Column] = reading.outs  # keys are (window, what, condition)
            for (window, what, name), column in outs.items():
                if isinstance(window, int) and what in ("lane", "possible"):
                    bit = 1 << group.lane(name, possible=what == "possible")
                    found.setdefault(position, []).append(Aging(column, bit, window))
    return found
