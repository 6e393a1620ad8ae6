"""Kernels made and wired, family by family: which columns they read at a site, and which they write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.engine.compile.column import Column
from tidegate.errors import PolicyError
from tidegate.features.aggregate import (
    CappedSum,
    Highest,
    Last,
    Median,
    Recent,
    Regular,
    RunLength,
    Steady,
    Top,
)
from tidegate.windows.changes import ChangeCounter
from tidegate.windows.counter import WindowCounter
from tidegate.windows.distinct import DistinctWindow
from tidegate.windows.latest import NONE, REGULAR, RUN, Latest
from tidegate.windows.moments import Moments
from tidegate.windows.recent import WINDOW_MAX_MS, RecentMembers
from tidegate.windows.route import NEVER
from tidegate.windows.samples import CAPPED, HIGHEST, MEDIAN, STEADY, TOP, Samples
from tidegate.windows.sketch import Sketch
from tidegate.windows.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.compile.groups import Group, Reading, Wiring


@dataclass(frozen=True)
class Route:
    """One route to wire: that of a site by which it feeds a kernel, or reads it, or both."""

    state: Any
    group: Group
    wiring: Wiring
    reading: Reading | None
    at: int  # the number of the site, or one of its own for a further reading
    place: Callable[[Column], int]

    @property
    def feeds(self) -> bool:
        """Whether the events of the site are taken in by this route."""
        return self.wiring.feed is not None and (self.reading is None or self.reading.key == self.wiring.feed)

    @property
    def outs(self) -> dict[Any, Column]:
        """What is read, and the columns it goes to."""
        return self.reading.outs if self.reading is not None else {}

    def base(self) -> dict[str, Any]:
        """Return the arguments that all families take."""
        key, many = (
            (self.wiring.feed, self.wiring.many)
            if self.reading is None
            else (self.reading.key, self.reading.many)
        )
        assert key is not None
        return {"key": self.place(key), "key_many": many, "update": self.feeds}

    def input(self, name: str) -> int:
        """Return the column of an input; -1 where the route does not feed, or has none."""
        column = self.wiring.inputs.get(name)
        return self.place(column) if self.feeds and isinstance(column, Column) else -1

    def flag(self, gate: object, *, possible: bool = False) -> Any:
        """Return a gate as kernels take it."""
        return (self.place(gate), possible) if isinstance(gate, Column) else gate

    def gate(self) -> Any:
        """Return the gate of the site's events."""
        return self.flag(self.wiring.inputs["gate"]) if self.feeds else NEVER

    def window_outs(self) -> NDArray[np.int32]:
        """Return the column per window, then per start; -1 where it is not read."""
        outs = np.full(len(self.group.windows) + len(self.group.starts), -1, np.int32)
        for window, column in self.outs.items():
            outs[self.group.row(window)] = self.place(column)
        return outs

    def start_cols(self) -> list[int]:
        """Return the column that tells each start at this site, -1 where none does."""
        starts: dict[object, Column] = self.wiring.inputs.get("starts", {})
        return [self.place(starts[name]) if name in starts else -1 for name in self.group.starts]


def make_counter(group: Group, types: int, lateness: int) -> WindowCounter:
    """Return the kernel of counts and sums."""
    return WindowCounter(
        types,
        group.windows,
        group.n_lanes(),
        len(group.sums),
        len(group.starts),
        group.horizon_ms(),
        lateness,
    )


def wire_counter(r: Route) -> None:
    """Wire counts and sums: a lane per condition, a second one for events of which it is not known."""
    group, inputs = r.group, r.wiring.inputs
    lanes: list[object] = [NEVER] * group.n_lanes()
    amounts = [-1] * len(group.sums)
    if r.feeds:
        flags: list[object] = inputs["flags"]
        for condition, gate in zip(group.lanes, flags, strict=True):
            lanes[group.lane(condition)] = r.flag(gate)
            if condition in group.possible:
                lanes[group.lane(condition, possible=True)] = r.flag(gate, possible=True)
        amounts = [r.place(column) for column in inputs["amounts"]]
    outs = np.full((len(group.windows) + len(group.starts), group.n_lanes() + len(group.sums)), -1, np.int32)
    for (window, what, name), column in r.outs.items():
        row = group.row(window)
        lane = _sum_lane(group, name) if what == "sum" else group.lane(name, possible=what == "possible")
        outs[row, lane] = r.place(column)
    r.state.route(
        r.at,
        **r.base(),
        flags=lanes,
        amounts=amounts,
        start_cols=r.start_cols(),
        outs=outs,
    )


def _sum_lane(group: Group, name: str) -> int:
    return group.n_lanes() + list(group.sums).index(name)


def make_distinct(group: Group, types: int, lateness: int) -> DistinctWindow:
    """Return the kernel of distinct members."""
    return DistinctWindow(types, group.windows, len(group.starts), group.horizon_ms(), lateness=lateness)


def wire_distinct(r: Route) -> None:
    """Wire distinct members."""
    many = bool(r.wiring.inputs["member_many"]) if r.feeds else False
    r.state.route(
        r.at, **r.base(), member=r.input("member"), member_many=many, gate=r.gate(), outs=r.window_outs(),
        start_cols=r.start_cols(),
    )  # fmt: skip


def wire_changes(r: Route) -> None:
    """Wire changes of a value."""
    base = r.base()
    assert not base.pop("key_many"), "changes are not kept per member of a list"
    r.state.route(r.at, **base, value=r.input("value"), gate=r.gate(), outs=r.window_outs())


def make_latest(group: Group, types: int, lateness: int) -> Latest:
    """Return the kernel of last values, times, runs or regular series."""
    aggregate, keep = group.feature.aggregate, group.keep_ms()
    if isinstance(aggregate, Regular):
        gaps = (aggregate.shortest.ms, aggregate.longest.ms)
        return Latest(types, 0, REGULAR, *gaps, keep, lateness=lateness)
    values = 1 if isinstance(aggregate, Last) else 0
    fold = RUN if isinstance(aggregate, RunLength) else NONE
    return Latest(types, values, fold, keep_ms=keep, lateness=lateness)


def wire_latest(r: Route) -> None:
    """Wire last values, times, runs or regular series."""
    inputs = [r.place(c) for c in r.wiring.inputs.get("values", [])] if r.feeds else []
    outs = {name: r.place(column) for name, column in r.outs.items()}
    r.state.route(r.at, **r.base(), gate=r.gate(), inputs=inputs, flag=r.input("flag"), outs=outs)


def make_samples(group: Group, types: int, lateness: int) -> Samples:
    """Return the kernel of medians, highest values, capped sums or steady series."""
    aggregate = group.feature.aggregate
    folds = {Median: MEDIAN, Highest: HIGHEST, CappedSum: CAPPED, Steady: STEADY, Top: TOP}
    cap = round(group.figure * 10**aggregate.places) if isinstance(aggregate, CappedSum) else 0
    least = 0
    if isinstance(aggregate, Top):
        cap, least = aggregate.most, aggregate.least
    tolerance = group.figure if isinstance(aggregate, Steady) else 0.0
    return Samples(
        types, folds[type(aggregate)], group.windows,
        cap=cap, least=least, tolerance=tolerance, lateness=lateness,
    )  # fmt: skip


def wire_samples(r: Route) -> None:
    """Wire medians, highest values, capped sums or steady series."""
    base = r.base()
    assert not base.pop("key_many"), "samples are not kept per member of a list"
    outs = np.full((max(1, len(r.group.windows)), 2), -1, np.int32)
    for (window, what), column in r.outs.items():
        row = r.group.windows.index(window) if window is not None else 0
        outs[row, int(what == "length")] = r.place(column)
    need = r.place(r.reading.need) if r.reading is not None and r.reading.need is not None else -1
    r.state.route(
        r.at, **base, gate=r.gate(), value=r.input("value"), member=r.input("member"), need=need,
        outs=outs.tolist(),
    )  # fmt: skip


def make_recent(group: Group, types: int, lateness: int) -> RecentMembers:
    """Return the kernel of whom the newest events name."""
    aggregate, window = group.feature.aggregate, group.keep_ms()
    assert isinstance(aggregate, Recent), aggregate
    assert window is not None, "it has a window"
    if window + lateness >= WINDOW_MAX_MS:
        raise PolicyError(
            f"`{group.feature.describe()}` looks back too far for events that may be {lateness / 86_400_000:g} days late",
            hint=f"window and lateness together are below {WINDOW_MAX_MS / 86_400_000:.1f} days",
        )
    return RecentMembers(types, window=window, most=aggregate.most, least=aggregate.least, lateness=lateness)


def wire_recent(r: Route) -> None:
    """Wire whom the newest events name."""
    base = r.base()
    assert not base.pop("key_many"), "it is not kept per member of a list"
    column = r.outs.get("list")
    out = r.place(column) if column is not None else -1
    region = r.reading.region if r.reading is not None else 0
    r.state.route(r.at, **base, gate=r.gate(), member=r.input("member"), out=out, region=region)


def wire_sketch(r: Route) -> None:
    """Wire similarity of member sets."""
    base = r.base()
    assert not base.pop("key_many"), "similarity is not kept per member of a list"
    outs = [([r.place(other) for other in others], r.place(column)) for (_, others), column in r.outs.items()]
    assert len(outs) <= 1, "one reading compares with the same other keys"
    against, out = outs[0] if outs else ([], -1)
    many = bool(r.wiring.inputs["member_many"]) if r.feeds else False
    r.state.route(
        r.at, **base, member=r.input("member"), member_many=many, gate=r.gate(), against=against, out=out
    )


def wire_vectors(r: Route) -> None:
    """Wire likeness of vectors."""
    base = r.base()
    assert not base.pop("key_many"), "likeness is not kept per member of a list"
    outs = [(what, r.place(other), r.place(column)) for (what, other), column in r.outs.items()]
    assert len(outs) <= 1, "one reading compares with one other vector"
    to = {what: other for what, other, _ in outs}
    out = outs[0][2] if outs else -1
    r.state.route(r.at, **base, gate=r.gate(), vector=r.input("vector"), out=out, **to)


def wire_moments(r: Route) -> None:
    """Wire counts of moments that lists tell."""
    base = r.base()
    assert not base.pop("key_many"), "lists of moments are not kept per member of a list"
    r.state.route(r.at, **base, gate=r.gate(), moments=r.input("value"), outs=r.window_outs().tolist())


FAMILIES: dict[str, tuple[Callable[[Group, int, int], Any], Callable[[Route], None]]] = {
    "count": (make_counter, wire_counter),
    "distinct": (make_distinct, wire_distinct),
    "changes": (lambda g, types, late: ChangeCounter(types, g.windows, lateness=late), wire_changes),
    "latest": (make_latest, wire_latest),
    "samples": (make_samples, wire_samples),
    "recent": (make_recent, wire_recent),
    "vectors": (lambda _, types, late: Vectors(types, lateness=late), wire_vectors),
    "moments": (lambda g, types, late: Moments(types, g.windows, lateness=late), wire_moments),
    "similarity": (lambda _, types, late: Sketch(types, lateness=late), wire_sketch),
}
