"""The last values and the runs of an entity, kept for good: all of them in one kernel, whatever brings them and whoever reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.engine.compile.column import Column
from tidegate.features import Ever
from tidegate.features.aggregate import FirstSeen, Last, LastSeen, RunLength
from tidegate.windows.facts import NONE, NOT_KNOWN, RUN, ZERO, Facts

if TYPE_CHECKING:
    from tidegate.engine.compile.groups import Group

NOW = Column(0, shared=True, stage=0)  # event time
WHERE_NONE = {"value0": NOT_KNOWN, "ts": NONE, "run": ZERO}
LATEST_NONE = {
    **dict.fromkeys(("ts", "first", "start"), float("-inf")),
    **dict.fromkeys(("run", "length", "seen"), 0.0),
    "value0": float("nan"),
}  # what is read of a slot without a record
Place = Callable[[Column], int]


@dataclass
class _Turn:
    """What the events of a site do by one key: (fact, gate, column) brought, (fact, column, what is for none) read."""

    key: Column
    many: bool
    inputs: list[tuple[int, int, int]] = field(default_factory=list)
    outs: list[tuple[int, int, int]] = field(default_factory=list)


def is_fact(group: Group) -> bool:
    """Whether the group is the last value of something, or a run, kept for good; or when it was last, if not asked when first."""
    if not isinstance(group.feature.window, Ever) or group.family != "latest":
        return False
    if isinstance(group.feature.aggregate, Last | RunLength):
        return True
    outs = {what for wiring in group.wiring.values() for reading in wiring.readings for what in reading.outs}
    return isinstance(group.feature.aggregate, LastSeen | FirstSeen) and outs == {"ts"}


def in_order(groups: list[Group]) -> list[Group]:
    """Return groups as their facts are numbered: what is read at many kinds of event comes first."""
    return sorted(groups, key=lambda g: -sum(bool(w.readings) for w in g.wiring.values()))


def make_facts(groups: list[Group], sites: int, lateness: int, place: Place) -> Facts:
    """Return the kernel of these groups, wired: one fact each, numbered in this order."""
    turns = {site: _turns(groups, site, place) for site in sorted({s for g in groups for s in g.wiring})}
    routes = sites + sum(len(t) - 1 for t in turns.values())
    runs = {fact: RUN for fact, g in enumerate(groups) if isinstance(g.feature.aggregate, RunLength)}
    kernel = Facts(routes, len(groups), runs, lateness=lateness)
    free = sites
    for site, of_site in turns.items():
        at = site
        for n, turn in enumerate(of_site):
            if n:
                kernel.chain(at, free)
                at, free = free, free + 1
            kernel.route(at, key=place(turn.key), key_many=turn.many, inputs=turn.inputs, outs=turn.outs)
    return kernel


def _turns(groups: list[Group], site: int, place: Place) -> list[_Turn]:
    """Return what the events of a site do, key by key. A fact that the event brings is read by other keys thereafter."""
    turns: dict[Column, _Turn] = {}
    later: dict[Column, _Turn] = {}
    wired = [(fact, g.wiring[site]) for fact, g in enumerate(groups) if site in g.wiring]
    for fact, wiring in wired:
        if wiring.feed is not None:
            turn = turns.setdefault(wiring.feed, _Turn(wiring.feed, wiring.many))
            gate = wiring.inputs["gate"]
            code = place(gate) if isinstance(gate, Column) else gate
            values = wiring.inputs.get("values", [wiring.inputs.get("flag", NOW)])
            turn.inputs.append((fact, code, place(values[0])))
    for fact, wiring in wired:
        for reading in wiring.readings:
            among = turns if wiring.feed in (None, reading.key) else later
            turn = among.setdefault(reading.key, _Turn(reading.key, reading.many))
            turn.outs += [
                (fact, place(column), WHERE_NONE[str(what)]) for what, column in reading.outs.items()
            ]
    return [*turns.values(), *later.values()]
