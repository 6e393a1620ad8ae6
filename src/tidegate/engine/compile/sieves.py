"""Sieves before kernels: which events bring a kernel something, and what those see of it that it holds nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.column import Column
from tidegate.engine.compile.facts import LATEST_NONE
from tidegate.features.aggregate import Highest, Median
from tidegate.windows.route import ALWAYS
from tidegate.windows.sieve import ALWAYS_FEEDS, FEEDS, READS, Fed, Sieve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidegate.engine.compile.groups import Group, Reading, Wiring

NAMED = ("account",)  # nearly every event names one


def make_sieve(
    state: Any,
    groups: tuple[Group, ...],
    family: str,
    sites: int,
    place: Callable[[Column], int],
    feds: list[Fed],
) -> Sieve | None:
    """Return a sieve for the kernel of these groups; None where every event of every kind would pass.

    `feds` are what the sieves of the same id space made before it go by.
    """
    wired = {site: [g.wiring[site] for g in groups if site in g.wiring] for g in groups for site in g.wiring}
    if all(_all_pass(groups, wirings) for wirings in wired.values()):
        return None
    if not feds or feds[-1].full():
        feds.append(Fed())
    sieve = Sieve(state, sites, feds[-1])
    for site in sorted(wired):
        here = [(g, g.wiring[site]) for g in groups if site in g.wiring]
        keys: dict[int, tuple[int, bool, int]] = {}
        gates: list[int] = []
        outs: list[tuple[int, int, float, int]] = []
        for group, wiring in here:
            for reading in wiring.readings:
                keys.setdefault(place(reading.key), (place(reading.key), reading.many, READS))
                outs += _outs(group, wiring, reading, family, place)
            if wiring.feed is not None:
                key = place(wiring.feed)
                flags = list(_flags(wiring))
                gates += [place(flag) for flag in flags if isinstance(flag, Column)]
                how = FEEDS if ALWAYS not in flags else ALWAYS_FEEDS
                keys[key] = (key, wiring.many, max(how, keys.get(key, (0, 0, READS))[2]))
        sieve.route(site, keys=list(keys.values()), gates=sorted(set(gates)), outs=outs)
    return sieve


def _all_pass(groups: tuple[Group, ...], wirings: list[Wiring]) -> bool:
    entities = groups[0].feature.key.entities
    fed = [w for w in wirings if w.feed is not None]
    return set(entities) == set(NAMED) and any(ALWAYS in _flags(w) for w in fed)


def _flags(wiring: Wiring) -> Iterator[object]:
    """Yield the columns that say, or tell by not being 0, that an event brings something; ALWAYS where all do."""
    inputs = wiring.inputs
    yield from inputs.get("flags", ())
    yield from inputs.get("amounts", ())
    if "gate" in inputs:
        yield inputs["gate"]


def _outs(
    group: Group, wiring: Wiring, reading: Reading, family: str, place: Callable[[Column], int]
) -> Iterator[tuple[int, int, float, int]]:
    """Yield what is read by one key: (column, column of the key, what it is where there is none, column of a start)."""
    for what, column in reading.outs.items():
        none, start = 0.0, -1
        if family in ("facts", "latest"):
            none = LATEST_NONE[str(what)]
        elif family == "samples" and isinstance(group.feature.aggregate, Median | Highest):
            none = float("nan")
        elif family in ("count", "distinct"):
            window = what if family == "distinct" else what[0]  # type: ignore[index]
            if not isinstance(window, int):
                start = place(wiring.inputs["starts"][window])
        yield place(column), place(reading.key), none, start
