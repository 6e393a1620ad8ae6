"""The site of the question about an account in the finished plan: which columns hold what, and what time alone changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidegate.engine.compile.inquiry import aging

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.column import Column
    from tidegate.engine.compile.kernels import Kernel
    from tidegate.policy import Quota


@dataclass(frozen=True)
class PlacedLane:
    """Where the counted events of a quota are held: the kernel, the bit of the lane, the window in ms."""

    kernel: Kernel
    bit: int
    window: int


@dataclass(frozen=True)
class PlacedAsked:
    """The columns of a quota of accounts, -1 where there is none."""

    quota: Quota
    used: int
    limit: int
    applies: int
    due: int
    zone: int
    lane: PlacedLane | None


@dataclass(frozen=True)
class PlacedAging:
    """A column that counts the events of a lane over a sliding window."""

    column: int
    bit: int
    window: int


@dataclass(frozen=True)
class PlacedAccount:
    """The site `number`; `account` is the column of the account's id; `aging` is per state of a kernel, by identity."""

    number: int
    account: int
    quotas: tuple[PlacedAsked, ...]
    tiers: dict[str, tuple[int, str]]
    aging: dict[int, list[PlacedAging]]


def placed_account(builder: Builder, kernels: list[Kernel]) -> PlacedAccount:
    """Return the site in the finished plan, whose kernels are these."""
    asked = builder.asked
    of_group = {id(kernel.group): kernel for kernel in kernels if kernel.group is not None}

    def place(column: Column | None) -> int:
        return -1 if column is None else builder.shared.place(column)

    quotas = []
    for q in asked.quotas:
        lane = None
        if q.lane is not None:
            lane = PlacedLane(of_group[id(q.lane.group)], q.lane.bit, q.lane.window)
        quotas.append(
            PlacedAsked(
                q.quota, place(q.used), place(q.limit), place(q.applies), place(q.due), place(q.zone), lane
            )
        )
    return PlacedAccount(
        asked.site.number,
        place(asked.account),
        tuple(quotas),
        {capability: (place(column), domain) for capability, (column, domain) in asked.tiers.items()},
        {
            id(of_group[id(builder.groups.all[position])].state): [
                PlacedAging(place(a.column), a.bit, a.window) for a in found
            ]
            for position, found in aging(builder, asked.site).items()
        },
    )
