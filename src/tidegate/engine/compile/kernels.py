"""Groups to kernels: every kernel made and wired to the columns of its sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from tidegate.windows.changes import ChangeCounter
from tidegate.windows.distinct import DistinctWindow
from tidegate.windows.sketch import Sketch

from tidegate.engine.compile.column import Column
from tidegate.features.aggregate import Regular, RunLength
from tidegate.windows.counter import WindowCounter
from tidegate.windows.latest import NONE, REGULAR, RUN, Latest
from tidegate.windows.pairs import PairIndex
from tidegate.windows.route import ALWAYS, NEVER

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder, Pairs
    from tidegate.engine.compile.groups import Group, Reading, Wiring


@dataclass
class Kernel:
    """A kernel in the plan. `space` is the id space (or pair of them) of its slots; `members` that of its members."""

    state: Any
    level: int
    sites: set[int]
    family: str
    space: tuple[str, ...]
    about: str
    members: str | None = None

    def step(self, n: int) -> None:
        """Process the events of the bound chunk."""
        self.state.step(n)


def make_kernels(builder: Builder, lateness: int) -> list[Kernel]:
    """Return all kernels of the plan, wired; pair indexes first, as the features of their level read them."""
    extra = [_extra_readings(g) for g in builder.groups.all]
    types = len(builder.sites)
    kernels = [_pair_index(builder, pairs, types) for pairs in builder.pairs.values()]
    for group, more in zip(builder.groups.all, extra, strict=True):
        kernels.append(_kernel(builder, group, types + more, lateness))
    return kernels


def _extra_readings(group: Group) -> int:
    """How many readings do not fit the route of their own site: each takes a route of its own, chained to it."""
    return sum(max(0, len(w.readings) - _fits(w)) for w in group.wiring.values())


def _fits(wiring: Wiring) -> int:
    """How many readings the site's own route serves: those by the key it feeds, or one if it feeds nothing."""
    if wiring.feed is None:
        return 1
    return sum(r.key == wiring.feed for r in wiring.readings)


def _pair_index(builder: Builder, pairs: Pairs, types: int) -> Kernel:
    place = builder.shared.place
    by_site: dict[int, list[tuple[int, int, int, bool]]] = {}
    for (site, a, b), (out, add) in pairs.requests.items():
        by_site.setdefault(site, []).append((place(a), place(b), place(out), add))
    index = PairIndex(types + sum(len(r) - 1 for r in by_site.values()))
    free = types
    for site, requests in by_site.items():
        at = site
        for n, (a, b, out, add) in enumerate(sorted(requests, key=lambda r: not r[3])):
            if n:
                index.chain(at, free)
                at, free = free, free + 1
            index.route(at, a=a, b=b, out=out, add=add)
    return Kernel(
        index, pairs.level, set(by_site), "pairs", pairs.entities, f"pairs of {' and '.join(pairs.entities)}"
    )


def _kernel(builder: Builder, group: Group, types: int, lateness: int) -> Kernel:
    make, wire = _FAMILIES[group.family]
    state = make(group, types, lateness)
    place = builder.shared.place
    free = len(builder.sites)
    for site, wiring in group.wiring.items():
        at, own = site, True
        readings = sorted(wiring.readings, key=lambda r: r.key != wiring.feed)
        if wiring.feed is not None and not (readings and readings[0].key == wiring.feed):
            wire(state, group, wiring, None, at, place)
            own = False
        for reading in readings:
            if not own:
                state.chain(at, free)
                at, free = free, free + 1
            wire(state, group, wiring, reading, at, place)
            own = False
    feature = group.feature
    members = None
    if group.family == "distinct":
        members = next(iter(feature.aggregate.member.values())).domain  # type: ignore[attr-defined]
    return Kernel(
        state, group.level, set(group.wiring), group.family, feature.key.entities, feature.describe(), members
    )


def _flag(gate: object, place: Any, *, possible: bool = False) -> Any:
    return (place(gate), possible) if isinstance(gate, Column) else gate


def _feeds(wiring: Wiring, reading: Reading | None) -> bool:
    return wiring.feed is not None and (reading is None or reading.key == wiring.feed)


def _base(wiring: Wiring, reading: Reading | None, place: Any) -> dict[str, Any]:
    key, many = (wiring.feed, wiring.many) if reading is None else (reading.key, reading.many)
    assert key is not None
    return {"key": place(key), "key_many": many, "update": _feeds(wiring, reading)}


# count ------------------------------------------------------------------------------------------------------
def _make_counter(group: Group, types: int, lateness: int) -> WindowCounter:
    horizon = max((s.at_most.ms for s in group.starts.values()), default=0)
    return WindowCounter(
        types, group.windows, group.n_lanes(), len(group.sums), len(group.starts), horizon, lateness
    )


def _wire_counter(
    state: Any, group: Group, wiring: Wiring, reading: Reading | None, at: int, place: Any
) -> None:
    lanes: list[object] = [NEVER] * group.n_lanes()
    amounts = [-1] * len(group.sums)
    if _feeds(wiring, reading):
        flags: list[Any] = wiring.inputs["flags"]  # type: ignore[assignment]
        for (condition, _), gate in zip(group.lanes.items(), flags, strict=True):
            lanes[group.lane(condition)] = _flag(gate, place)
            if condition in group.possible:
                lanes[group.lane(condition, possible=True)] = _flag(gate, place, possible=True)
        amounts = [place(c) for c in wiring.inputs["amounts"]]  # type: ignore[attr-defined]
    starts: dict[object, Column] = wiring.inputs.get("starts", {})  # type: ignore[assignment]
    outs = np.full((len(group.windows) + len(group.starts), group.n_lanes() + len(group.sums)), -1, np.int32)
    for (window, what, name), column in (reading.outs if reading else {}).items():  # type: ignore[misc]
        row = (
            group.windows.index(window)
            if isinstance(window, int)
            else len(group.windows) + list(group.starts).index(window)
        )
        lane = (
            group.n_lanes() + list(group.sums).index(name)
            if what == "sum"
            else group.lane(name, possible=what == "possible")
        )
        outs[row, lane] = place(column)
    state.route(
        at,
        **_base(wiring, reading, place),
        flags=lanes,
        amounts=amounts,
        start_cols=[place(starts[s]) if s in starts else -1 for s in group.starts],
        outs=outs,
    )


# distinct, changes ------------------------------------------------------------------------------------------
def _window_outs(group: Group, reading: Reading | None, place: Any) -> Any:
    outs = np.full(len(group.windows), -1, np.int32)
    for window, column in (reading.outs if reading else {}).items():
        outs[group.windows.index(window)] = place(column)  # type: ignore[arg-type]
    return outs


def _wire_distinct(
    state: Any, group: Group, wiring: Wiring, reading: Reading | None, at: int, place: Any
) -> None:
    feeds = _feeds(wiring, reading)
    state.route(
        at,
        **_base(wiring, reading, place),
        member=place(wiring.inputs["member"]) if feeds else -1,
        member_many=bool(wiring.inputs["member_many"]) if feeds else False,
        gate=_flag(wiring.inputs["gate"], place) if feeds else NEVER,
        outs=_window_outs(group, reading, place),
    )


def _wire_changes(
    state: Any, group: Group, wiring: Wiring, reading: Reading | None, at: int, place: Any
) -> None:
    feeds = _feeds(wiring, reading)
    base = _base(wiring, reading, place)
    base.pop("key_many")
    state.route(
        at,
        **base,
        value=place(wiring.inputs["value"]) if feeds else -1,
        gate=_flag(wiring.inputs["gate"], place) if feeds else NEVER,
        outs=_window_outs(group, reading, place),
    )


# latest -----------------------------------------------------------------------------------------------------
def _make_latest(group: Group, types: int, lateness: int) -> Latest:
    aggregate = group.feature.aggregate
    values = 1 if "value" in type(aggregate).__dataclass_fields__ else 0
    if isinstance(aggregate, Regular):
        return Latest(
            types, 0, REGULAR, aggregate.shortest.ms, aggregate.longest.ms, group.keep_ms(), lateness=lateness
        )
    fold = RUN if isinstance(aggregate, RunLength) else NONE
    return Latest(types, values, fold, keep_ms=group.keep_ms(), lateness=lateness)


def _wire_latest(
    state: Any, group: Group, wiring: Wiring, reading: Reading | None, at: int, place: Any
) -> None:
    feeds = _feeds(wiring, reading)
    flag = wiring.inputs.get("flag")
    state.route(
        at,
        **_base(wiring, reading, place),
        gate=_flag(wiring.inputs["gate"], place) if feeds else NEVER,
        inputs=[place(c) for c in wiring.inputs.get("values", [])] if feeds else [],  # type: ignore[attr-defined]
        flag=place(flag) if feeds and flag is not None else -1,
        outs={name: place(column) for name, column in (reading.outs if reading else {}).items()},
    )


# similarity -------------------------------------------------------------------------------------------------
def _wire_sketch(
    state: Any, group: Group, wiring: Wiring, reading: Reading | None, at: int, place: Any
) -> None:
    feeds = _feeds(wiring, reading)
    base = _base(wiring, reading, place)
    base.pop("key_many")
    outs = list((reading.outs if reading else {}).items())
    assert len(outs) <= 1, "one reading compares with one other key"
    state.route(
        at,
        **base,
        member=place(wiring.inputs["member"]) if feeds else -1,
        gate=_flag(wiring.inputs["gate"], place) if feeds else NEVER,
        against=place(outs[0][0][1]) if outs else -1,  # type: ignore[index]
        out=place(outs[0][1]) if outs else -1,
    )


_FAMILIES: dict[str, tuple[Any, Any]] = {
    "count": (_make_counter, _wire_counter),
    "distinct": (lambda g, types, late: DistinctWindow(types, g.windows, lateness=late), _wire_distinct),
    "changes": (lambda g, types, late: ChangeCounter(types, g.windows, lateness=late), _wire_changes),
    "latest": (_make_latest, _wire_latest),
    "similarity": (lambda g, types, late: Sketch(types, lateness=late), _wire_sketch),  # noqa: ARG005
}
__all__ = ["ALWAYS", "Kernel", "make_kernels"]
