"""What a policy costs: CPU time per event by kernel and pass, instructions per rule, bytes of state per kernel.

A feature that several rules ask for is kept once: its cost is shown once, with its users. Of a rule's cost only what would go
with it is its own: kernels that nothing else reads, and its share of the expressions, which is an estimate.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tidegate.engine import Engine
from tidegate.engine.compile.bounds import bounding
from tidegate.engine.compile.builder import Builder
from tidegate.engine.compile.stages import Stages
from tidegate.features import Deadline, Feature
from tidegate.policy.figures import trees_of, trees_of_quota
from tidegate.replay.passes import EXPRESSIONS, Passes, name_of

if TYPE_CHECKING:
    from tidegate.engine.compile.column import Column
    from tidegate.engine.compile.kernels import Kernel
    from tidegate.engine.compile.site import Site
    from tidegate.events import EventBlock
    from tidegate.expr import Expr
    from tidegate.policy import Policy

WARM = 1 / 3  # share of the events that fill the state before anything is timed


@dataclass(frozen=True)
class KernelCost:
    """What keeps one or several features: its time per event, its memory, and who would miss it."""

    about: str
    ns: float
    bytes: int
    users: tuple[str, ...]


@dataclass(frozen=True)
class RuleCost:
    """What a rule or quota costs. `own_*` would go with it; `own_ns` is kernels as measured plus expressions as estimated."""

    id: str
    instructions: int
    own_instructions: int
    kernels: int
    own_kernels: int
    own_ns: float


@dataclass(frozen=True)
class Profile:
    """A profile of a policy over a stream. `ns` is CPU time per event; the parts add up to it."""

    events: int
    timed: int
    ns: float
    bytes: int
    kernels: tuple[KernelCost, ...]
    passes: dict[str, float]  # ns per event of everything that is no kernel
    rules: tuple[RuleCost, ...]

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def profile(
    policy: Policy, blocks: Iterable[EventBlock], watch: Callable[[int], None] = lambda _: None
) -> Profile:
    """Judge the blocks, the first third of them to fill the state, the others timed. `watch` is told the events done.

    Events are judged as they come: the caller has taken out those that are too late or repeated.
    """
    stream = [block for block in blocks if len(block)]
    engine = Engine(policy)
    total = sum(map(len, stream))
    done, begin = 0, 0
    while begin < len(stream) - 1 and done < WARM * total:
        engine.step(stream[begin])
        done += len(stream[begin])
        begin += 1
        watch(done)
    passes = Passes(engine)
    kinds: Counter[int] = Counter()

    def work() -> None:
        nonlocal done
        for block in stream[begin:]:
            engine.step(block)
            kinds.update(block.codes.tolist())
            done += len(block)
            watch(done)

    spent = passes.run(work)
    timed = max(1, sum(map(len, stream[begin:])))
    users = _users(policy, engine.plan.kernels)
    kernels = tuple(
        KernelCost(name_of(kernel), spent_on / timed, int(kernel.state.nbytes()), users[number])
        for number, (kernel, spent_on) in enumerate(zip(engine.plan.kernels, passes.of_kernel, strict=True))
    )
    names = {name_of(kernel) for kernel in engine.plan.kernels}
    others = {name: ns / timed for name, ns in spent.items() if name not in names}
    by_site = {int(engine.plan.site_of_code[code]): count for code, count in kinds.items()}
    expressions = sum(ns for name, ns in others.items() if name.startswith(EXPRESSIONS))
    rules = _rules(policy, kernels, {site: count / timed for site, count in by_site.items()}, expressions)
    return Profile(
        events=total,
        timed=timed,
        ns=sum(spent.values()) / timed,
        bytes=engine.plan.nbytes(),
        kernels=tuple(sorted(kernels, key=lambda k: (-k.ns, k.about))),
        passes=others,
        rules=rules,
    )


# who needs what ---------------------------------------------------------------------------------------------
def _trees(policy: Policy) -> list[tuple[str, list[Expr]]]:
    """Return everything that is computed, by whom: rules, quotas, attempts, tiers, releases."""
    asked: list[tuple[str, list[Expr]]] = [(rule.id, list(trees_of(rule))) for rule in policy.rules]
    asked += [(quota.id, list(trees_of_quota(quota))) for quota in policy.quotas]
    asked += [(f"attempt at {a.capability}", list(a.conditions)) for a in policy.attempts if a.conditions]
    asked += [(f"tier of {capability}", [tree]) for capability, tree in policy.tiers.items()]
    return asked + [(f"release at {r.on.type_name}", list(r.trees)) for r in policy.releases]


def _users(policy: Policy, kernels: list[Kernel]) -> list[tuple[str, ...]]:
    """Return, per kernel, who asks for a feature that it keeps, in the order of the policy."""
    stages = Stages()
    kept: dict[str, list[int]] = {}
    users: list[dict[str, None]] = [{} for _ in kernels]
    for user, trees in _trees(policy):
        for feature in _features(trees):
            key = feature.fingerprint
            if key not in kept:
                kept[key] = [n for n, kernel in enumerate(kernels) if _keeps(kernel, feature, stages)]
            for number in kept[key]:
                users[number][user] = None
    return [tuple(found) for found in users]


def _features(trees: list[Expr]) -> Iterator[Feature]:
    """Yield the features in some trees, or those that bound one, where it has some."""
    for feature in (node for tree in trees for node in tree.walk() if isinstance(node, Feature)):
        found = bounding(feature)
        yield from (feature,) if found is None else found.kept


def _keeps(kernel: Kernel, feature: Feature, stages: Stages) -> bool:
    groups = kernel.facts if kernel.group is None else (kernel.group,)
    if groups:
        return any(member.fingerprint == feature.fingerprint for g in groups for member in g.members)
    fields, paired = feature.key.entities, len(kernel.space)  # of three fields the first two are paired first
    return (
        fields[:paired] == kernel.space and stages.level(feature) == kernel.level + 1 + len(fields) - paired
    )


# what rules cost --------------------------------------------------------------------------------------------
def _rules(
    policy: Policy, kernels: tuple[KernelCost, ...], events_at: dict[int, float], expressions: float
) -> tuple[RuleCost, ...]:
    builder = Builder(policy)
    sites = list(builder.sites.values())
    needed = _instructions(builder, sites)
    shared = Counter(found for of_user in needed.values() for found in of_user)
    run = sum(len(site.code) * events_at.get(site.number, 0.0) for site in sites)
    each_ns = expressions / run if run else 0.0
    costs = []
    for number, rule in enumerate(policy.judged):
        mine = needed.get(number, set())
        own = [found for found in mine if shared[found] == 1]
        reads = [kernel for kernel in kernels if rule.id in kernel.users]
        alone = [kernel for kernel in reads if kernel.users == (rule.id,)]
        own_ns = sum(k.ns for k in alone) + each_ns * sum(events_at.get(site, 0.0) for site, _ in own)
        costs.append(RuleCost(rule.id, len(mine), len(own), len(reads), len(alone), own_ns))
    return tuple(sorted(costs, key=lambda cost: (-cost.own_ns, cost.id)))


def _instructions(builder: Builder, sites: list[Site]) -> dict[int, set[tuple[int, int]]]:
    """Return the instructions that each rule needs, as (site, number); those that feed kernels belong to user -1."""
    needed: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for site in sites:
        writes = {result: n for n, (_, _, result, _) in enumerate(site.code) if result != site.shared.now}
        for at in (*builder.rules_at.get(site.number, ()), *builder.quotas_at.get(site.number, ())):
            ends = [
                at.holds,
                at.observed,
                at.limit,
                *(c for _, when, factor in at.modifiers for c in (when, factor)),
                *(c for asked in (at.named, at.given, at.ends) for c in asked.values()),
                at.reaches,
            ]
            needed[at.number] |= {(site.number, n) for n in _behind(site, writes, ends)}
        if not isinstance(site.source, Deadline):
            fed = [column for group in builder.groups.all for column in _fed(group.wiring.get(site.number))]
            needed[-1] |= {(site.number, n) for n in _behind(site, writes, fed)}
    return needed


def _fed(wiring: Any) -> list[Any]:  # noqa: ANN401  a wiring's inputs are columns, lists of them, or codes
    if wiring is None:
        return []
    flat = [wiring.feed]
    for given in wiring.inputs.values():
        flat += given if isinstance(given, list) else given.values() if isinstance(given, dict) else [given]
    return flat


def _behind(site: Site, writes: dict[Column, int], ends: Iterable[Any]) -> set[int]:
    """Return the instructions whose results the columns depend on."""
    found: set[int] = set()
    waiting = [writes[column] for column in ends if column in writes]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += [writes[operand] for operand in site.code[number][3] if operand in writes]
    return found
