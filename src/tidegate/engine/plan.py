"""A policy compiled: the passes that turn a chunk of events into rule results, in their order.

A pass is a stage of the expression program at the sites that occur in the chunk, or one kernel over all of them. A plan holds the
state of its kernels; two plans of one policy are two independent memories.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tidegate.engine.compile.builder import Builder
from tidegate.engine.compile.inquiry import Inquiry
from tidegate.engine.compile.kernels import Kernel, lists_made, make_kernels
from tidegate.engine.compile.registers import placed_code
from tidegate.engine.compile.site import SUBJECTS
from tidegate.engine.compile.stages import LAST
from tidegate.engine.inquiry import PlacedAccount, placed_account
from tidegate.engine.likeness import LikenessPass, make_likeness_passes
from tidegate.engine.quotas import PlacedQuota, QuotaMarks, placed_quotas
from tidegate.engine.record_reader import record_reader
from tidegate.engine.zones import ZonePass, make_zone_passes
from tidegate.events.registry import BY_CODE, TYPE_CODES
from tidegate.features import Deadline
from tidegate.windows.arrange import Arranger
from tidegate.windows.chunk import FIRST_ITEMS, Chunk
from tidegate.windows.driver import Driver
from tidegate.windows.marks import Marks
from tidegate.windows.program import Clear, Program, Stage
from tidegate.windows.sieve_row import SieveRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate.engine.compile.column import Column
    from tidegate.engine.compile.site import Site
    from tidegate.engine.names import Names
    from tidegate.engine.record_reader import RecordReader
    from tidegate.events import Field
    from tidegate.policy import Modifier, Policy


ROUTES_MAX = 10_000  # sets of sites whose passes are remembered


@dataclass(frozen=True)
class PlacedRule:
    """Where a rule's values stand at a site, by final column."""

    number: int
    observed: int
    most: int  # its upper bound; the same column where it is exact
    limit: int
    modifiers: tuple[tuple[Modifier, int, int], ...]
    named: dict[
        int, tuple[int, bool]
    ]  # place of a measure -> column of whom it is taken against, and whether it is a list
    given: dict[int, int]  # place of a measure -> column of its own condition
    ends: dict[int, int]  # place of a measure -> column of the moment at which it ends
    reaches: tuple[int, bool] | None  # column of the accounts it counts against, and whether it is a list


class PlacedStanding(NamedTuple):
    """An entity that events of a site name, by the column of its id; what is asked of its record, and where the answers stand."""

    entity: str
    key: int
    readers: tuple[tuple[RecordReader, int], ...]


@dataclass(frozen=True)
class PlacedSite:
    """A kind of event in the finished plan."""

    number: int
    name: str
    source: Any
    fields: tuple[tuple[str, Field, int], ...]
    subjects: dict[str, int]  # entity -> column of its id
    rules: dict[int, PlacedRule]
    quotas: tuple[PlacedQuota, ...]
    attempts: tuple[tuple[str, int], ...]  # capability, column of its condition or -1
    exempt: tuple[tuple[str, int], ...]  # sanction that does not concern the attempt, column of the condition
    standing: tuple[PlacedStanding, ...]  # by entity
    judged: bool
    states: tuple[
        tuple[int, int], ...
    ]  # rule whose risk factor ends where it does not hold, column of its condition
    # release, columns of its condition, of the check named or -1, of who else is meant or -1, which kind of entity that is
    releases: tuple[tuple[int, int, int, int, str], ...]
    given: int  # column of another system's score of the account, -1 where the event brings none
    administers: bool  # whether the event says what people decided about measures
    registers: bool  # whether it says that an account was made


@dataclass
class Plan:
    """What `Engine` runs. `rows` is the most events a chunk holds; `lateness` in ms."""

    policy: Policy
    lateness: int
    names: Names
    sites: list[PlacedSite]
    site_of_code: NDArray[np.int32]
    deadlines: list[tuple[Deadline, int]]
    chunk: Chunk
    program: Program
    marks: Marks
    quotas: QuotaMarks
    asked: PlacedAccount
    stages: list[dict[int, bool]]  # per stage, the sites that have code there
    kernels: list[Kernel]
    zone_passes: list[ZonePass | LikenessPass]
    fired: NDArray[np.uint64]
    undecided: NDArray[np.uint64]
    hit: NDArray[np.uint8]
    open: NDArray[np.uint8]
    arranger: Arranger
    listed: dict[int, int]  # elements of the lists that kernels make at an event, by site
    driver: Driver = field(default_factory=Driver)
    _routes: dict[int, int] = field(default_factory=dict)

    def bind(self) -> None:
        """Hand the buffers of the chunk to everything that reads or writes it."""
        for kernel in self.kernels:
            kernel.stepped.bind(self.chunk)
        for zones in self.zone_passes:
            zones.state.bind(self.chunk)
        for row in self._sieve_rows:
            row.bind(self.chunk)
        self.program.bind(self.chunk, self.fired, self.undecided, self.hit, self.open)
        self.marks.bind(self.chunk, self.hit)
        self.arranger.bind(self.chunk)
        self.quotas.bind(self.chunk, self.undecided, self.open)

    @cached_property
    def _passes(self) -> list[tuple[int, Any]]:
        """All passes in order, each with the sites concerned, one bit each."""
        passes: list[tuple[int, Any]] = [(_bits(range(len(self.sites))), Clear(self.program))]
        for stage, with_code in enumerate(self.stages):
            if with_code:
                passes.append((_bits(with_code), Stage(self.program, stage)))
            passes += [(_bits(k.sites), k.stepped) for k in self.kernels if k.level == stage]
            passes += [(_bits(z.sites), z.state) for z in self.zone_passes if z.level == stage]
        passes += [(_bits(self.quotas.sites), marking) for marking in self.quotas.passes]
        return passes

    def make_room(self, spans: dict[int, tuple[int, int]]) -> None:
        """Have room for the lists that kernels make of a chunk with these events."""
        elements = sum((end - start) * self.listed.get(site, 0) for site, (start, end) in spans.items())
        if self.chunk.grow_items(elements):
            self.bind()

    def ask_everything(self, *, on: bool) -> None:
        """Have values computed also where no rule asks for them, for somebody who wants to see all that rules compare."""
        for kernel in self.kernels:
            if kernel.family == "samples":
                kernel.state.everything = on

    def passes(self, present: Iterable[int]) -> list[Any]:
        """Return the passes that a chunk with events of these sites needs, in order."""
        wanted = _bits(present)
        return [step for bits, step in self._passes if bits & wanted]

    def route(self, present: Iterable[int]) -> int:
        """Return the number by which the driver knows the passes that a chunk with events of these sites needs."""
        present = tuple(present)
        wanted = _bits(present)
        known = self._routes.get(wanted)
        if known is None:
            if len(self._routes) >= ROUTES_MAX:
                return self._whole_route  # what concerns none of the events does nothing
            known = self._routes[wanted] = self.driver.route(self._in_rows(self.passes(present)))
        return known

    @cached_property
    def _whole_route(self) -> int:
        """All passes."""
        return int(self.driver.route(self._in_rows([step for _, step in self._passes])))

    @cached_property
    def _sieve_rows(self) -> list[SieveRow]:
        """The sieves of each stage, side by side: kernels of one stage do not read one another."""
        rows = []
        for stage in range(len(self.stages)):
            sieves = [k.sieve for k in self.kernels if k.sieve is not None and k.level == stage]
            if sieves:
                rows.append(SieveRow(sieves, len(self.sites)))
        return rows

    def _in_rows(self, passes: list[Any]) -> list[Any]:
        """Return passes with the sieves of each stage as one."""
        row_of = {id(sieve): row for row in self._sieve_rows for sieve in row.sieves}
        together = [row_of.get(id(step), step) for step in passes]
        return list({id(step): step for step in together}.values())

    @property
    def last_stage(self) -> int:
        """Number of the stage that depends on the standing of entities."""
        return len(self.stages) - 1

    @cached_property
    def rule_ids(self) -> tuple[str, ...]:
        """Ids of all rules and quotas of the policy, by number."""
        return tuple(rule.id for rule in self.policy.judged)

    def nbytes(self) -> int:
        """Return the bytes of state: kernels with their sieves, and names."""
        sieves = sum(k.sieve.nbytes() for k in self.kernels if k.sieve is not None)
        return sum(int(k.state.nbytes()) for k in self.kernels) + sieves + self.names.nbytes()


def _bits(sites: Iterable[int]) -> int:
    bits = 0
    for site in sites:
        bits |= 1 << site
    return bits


def make_plan(policy: Policy, *, lateness_ms: int, rows: int = 512) -> Plan:
    """Compile a policy, or raise PolicyError / ExpressionError with the rule's id as place."""
    builder = Builder(policy)
    n_sites = len(builder.sites)
    depth = max((g.level for g in builder.groups.all), default=-1)
    zone_passes: list[ZonePass | LikenessPass] = [*make_zone_passes(builder), *make_likeness_passes(builder)]
    depth = max([depth, *(z.level for z in zone_passes)])
    stages: list[dict[int, list[tuple[int, ...]]]] = [{} for _ in range(depth + 3)]
    words = len(policy.judged) // 64 + 1  # with a bit to spare: it marks what people decided
    sites = [_placed(builder, s) for s in builder.sites.values()]
    site_of_code = np.full(len(BY_CODE), -1, np.int32)
    for placed in sites:
        if not isinstance(placed.source, Deadline | Inquiry):
            site_of_code[TYPE_CODES[placed.name]] = placed.number
    kernels = make_kernels(builder, lateness_ms)
    asked = placed_account(builder, kernels)
    for site in builder.sites.values():  # after all others have their columns
        for stage, row in placed_code(site, builder.shared):
            stages[-1 if stage >= LAST else stage].setdefault(site.number, []).append(row)
    listed = lists_made(builder)
    room = max([FIRST_ITEMS, *listed.values()])  # an event always finds room
    chunk = Chunk(builder.shared.total(), rows, n_items=room, regions=builder.regions)
    chunk.cols[: len(builder.shared.values), :] = np.array(builder.shared.values)[:, None]
    plan = Plan(
        policy=policy,
        lateness=lateness_ms,
        names=builder.names,
        sites=sites,
        site_of_code=site_of_code,
        deadlines=[(s.source, s.number) for s in sites if isinstance(s.source, Deadline)],
        chunk=chunk,
        program=Program(stages),
        marks=Marks(n_sites),
        quotas=QuotaMarks(policy, {s.number: s.quotas for s in sites}),
        asked=asked,
        stages=[dict.fromkeys(stage, True) for stage in stages],
        kernels=kernels,
        zone_passes=zone_passes,
        fired=np.zeros((words, rows), np.uint64),
        undecided=np.zeros((words, rows), np.uint64),
        hit=np.zeros(rows, np.uint8),
        open=np.zeros(rows, np.uint8),
        arranger=Arranger(n_sites),
        listed=listed,
    )  # fmt: skip
    for placed in sites:
        if not placed.judged:
            continue
        entities = [(list(SUBJECTS).index(entity), column) for entity, column in placed.subjects.items()]
        plan.marks.route(placed.number, entities)
    plan.bind()
    return plan


def _placed(builder: Builder, site: Any) -> PlacedSite:
    place = builder.shared.place
    rules = builder.rules_at.get(site.number, [])
    attempts = builder.attempts_at.get(site.number, [])
    quotas = placed_quotas(builder.quotas_at.get(site.number, []), place)
    subjects = {
        entity: place(site.fields[name][1]) for entity, name in SUBJECTS.items() if name in site.fields
    }
    optional: Callable[[Column | None], int] = lambda c: place(c) if c is not None else -1  # noqa: E731
    return PlacedSite(
        number=site.number,
        name=site.name,
        source=site.source,
        fields=tuple((field.name, field, place(column)) for field, column in site.fields.values()),
        subjects=subjects,
        rules={
            r.number: PlacedRule(
                r.number,
                place(r.observed),
                place(r.most),
                place(r.limit),
                tuple((m, place(c), place(f)) for m, c, f in r.modifiers),
                {n: (place(c), c.width > 1) for n, c in r.named.items()},
                {n: place(c) for n, c in r.given.items()},
                {n: place(c) for n, c in r.ends.items()},
                (place(r.reaches), r.reaches.width > 1) if r.reaches is not None else None,
            )
            for r in rules
        },
        quotas=quotas,
        attempts=tuple((capability, optional(column)) for capability, column in attempts),
        exempt=tuple(
            (sanction, place(column)) for sanction, column in builder.exempt_at.get(site.number, [])
        ),
        standing=_placed_standing(site, place),
        judged=bool(rules or attempts or quotas)
        or site.number in builder.scored_at
        or builder.ends.concern(site),
        states=tuple((number, place(column)) for number, column in builder.states_at.get(site.number, [])),
        releases=tuple(
            (r.number, place(r.holds), optional(r.challenge), optional(r.named), r.domain)
            for r in builder.ends.releases_at.get(site.number, [])
        ),
        given=optional(builder.ends.given_at.get(site.number)),
        administers=site.number in builder.ends.administers,
        registers=site.number == builder.ends.registers,
    )


def _placed_standing(site: Site, place: Callable[[Column], int]) -> tuple[PlacedStanding, ...]:
    """Return the leaves of standing by the entity that they look at: its record is looked up once for all of them."""
    found: dict[tuple[str, int], list[tuple[RecordReader, int]]] = {}
    for leaf, key, own in site.standing.values():
        entity = (leaf.children()[0].domain, place(key))
        found.setdefault(entity, []).append((record_reader(leaf), place(own)))
    return tuple(PlacedStanding(*entity, tuple(readers)) for entity, readers in found.items())
