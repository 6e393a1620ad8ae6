"""Groups to kernels: every kernel made and wired to the columns of its sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.facts import in_order, is_fact, make_facts
from tidegate.engine.compile.sieves import make_sieve
from tidegate.engine.compile.wiring import FAMILIES, Route
from tidegate.expr import Kind
from tidegate.features.aggregate import CappedSum, Changes, Distinct, Last, Recent, Similarity, Top
from tidegate.windows.pairs import NO_REGION, PairIndex

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder, Pairs
    from tidegate.engine.compile.groups import Group, Wiring
    from tidegate.windows.sieve import Fed, Sieve

SIEVED = ("count", "distinct", "latest", "facts", "samples")  # what these say of a slot never fed is known


@dataclass
class Kernel:
    """A kernel in the plan.

    `space` is the id space of its slots (two where they are pairs, three where pairs of pairs), `members` that of its members;
    `stored` the id spaces whose ids it keeps as values, each with the number of that value.
    """

    state: Any
    level: int
    sites: set[int]
    family: str
    space: tuple[str, ...]
    about: str
    members: str | None = None
    stored: tuple[tuple[str, int], ...] = ()
    group: Group | None = None  # whose features it keeps; None where there is no single one
    facts: tuple[Group, ...] = ()  # those of which it keeps the last values
    sieve: Sieve | None = None  # steps the kernel over the events that concern it; None: over all

    @property
    def stepped(self) -> Any:
        """What is stepped over chunks and takes their buffers."""
        return self.sieve or self.state


def make_kernels(builder: Builder, lateness: int) -> list[Kernel]:
    """Return all kernels of the plan, wired.

    Those that make lists come first, as pairs of their level are looked up by them, then pair indexes, as features read them.
    """
    types = len(builder.sites)
    kernels = [_pair_index(builder, pairs, types) for pairs in builder.pairs.values()]
    together: dict[tuple[object, ...], list[Group]] = {}
    for group in builder.groups.all:
        if is_fact(group):
            # those that come with the same events are held for the same entities: a row has few gaps
            known_from = tuple(sorted(event.type_name for event in group.sources))
            together.setdefault((group.feature.key.entities, group.level, known_from), []).append(group)
        else:
            kernels.append(_kernel(builder, group, types + _extra_readings(group), lateness))
    kernels += [_facts(builder, groups, lateness) for groups in together.values()]
    kernels.sort(key=lambda kernel: kernel.family != "recent")
    feds: dict[tuple[str, ...], list[Fed]] = {}
    for kernel in kernels:
        groups = kernel.facts or ((kernel.group,) if kernel.group is not None else ())
        if groups and kernel.family in SIEVED:
            shared = feds.setdefault(kernel.space, [])
            kernel.sieve = make_sieve(
                kernel.state, groups, kernel.family, len(builder.sites), builder.shared.place, shared
            )
    return kernels


def lists_made(builder: Builder) -> dict[int, int]:
    """Return how many elements the lists that kernels make at an event have at most, by site."""
    made: dict[int, int] = {}
    for group in builder.groups.all:
        if isinstance(group.feature.aggregate, Recent):
            for site, wiring in group.wiring.items():
                listed = sum("list" in reading.outs for reading in wiring.readings)
                if listed:
                    made[site] = made.get(site, 0) + listed * group.feature.aggregate.most
    return made


def _facts(builder: Builder, groups: list[Group], lateness: int) -> Kernel:
    """Make one kernel of all last values per entity."""
    groups = in_order(groups)
    return Kernel(
        state=make_facts(groups, len(builder.sites), lateness, builder.shared.place),
        level=groups[0].level,
        sites={site for group in groups for site in group.wiring},
        family="facts",
        space=groups[0].feature.key.entities,
        about=f"last of {len(groups)} values or runs of {' or '.join(sorted(e.type_name for e in groups[0].sources))}",
        stored=tuple((domain, fact) for fact, group in enumerate(groups) for domain, _ in _stored(group)),
        facts=tuple(groups),
    )


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
    by_site: dict[int, list[tuple[int, int, int, bool, int]]] = {}
    for key, (column, add) in pairs.requests.items():
        site, a, b = key
        by_site.setdefault(site, []).append(
            (place(a), place(b), place(column), add, pairs.lists.get(key, NO_REGION))
        )
    index = PairIndex(types + sum(len(r) - 1 for r in by_site.values()))
    free = types
    for site, requests in by_site.items():
        at = site
        for n, (first, second, out, add, region) in enumerate(sorted(requests, key=lambda r: not r[3])):
            if n:
                index.chain(at, free)
                at, free = free, free + 1
            index.route(at, a=first, b=second, out=out, add=add, region=region)
    return Kernel(
        index, pairs.level, set(by_site), "pairs", pairs.entities, f"pairs of {' and '.join(pairs.entities)}"
    )


def _kernel(builder: Builder, group: Group, types: int, lateness: int) -> Kernel:
    make, wire = FAMILIES[group.family]
    state = make(group, types, lateness)
    free = len(builder.sites)
    for site, wiring in group.wiring.items():
        at, own = site, True
        readings = sorted(wiring.readings, key=lambda r: r.key != wiring.feed)
        if wiring.feed is not None and not (readings and readings[0].key == wiring.feed):
            wire(Route(state, group, wiring, None, at, builder.shared.place))
            own = False
        for reading in readings:
            if not own:
                state.chain(at, free)
                at, free = free, free + 1
            wire(Route(state, group, wiring, reading, at, builder.shared.place))
            own = False
    feature = group.feature
    members = None
    if isinstance(feature.aggregate, Distinct | CappedSum | Similarity | Top | Recent):
        members = next(iter(feature.aggregate.member.values())).domain
    return Kernel(
        state=state,
        level=group.level,
        sites=set(group.wiring),
        family=group.family,
        space=feature.key.entities,
        about=feature.remembered(),
        members=members,
        stored=_stored(group),
        group=group,
    )


def _stored(group: Group) -> tuple[tuple[str, int], ...]:
    """Return the id space whose ids the kernel of a group keeps as its value (number 0)."""
    aggregate = group.feature.aggregate
    if isinstance(aggregate, Last | Changes):
        value = aggregate.operands()[0]
        if value.kind in (Kind.SYMBOL, Kind.LIST):
            return ((value.domain, 0),)
    return ()
