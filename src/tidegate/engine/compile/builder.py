"""From a policy to a plan: which sites, columns, instructions and kernels it takes, and in which order they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tidegate.engine.compile.bounds import Bounding, bounding
from tidegate.engine.compile.column import Column, SharedColumns, Value
from tidegate.engine.compile.demand import Demands
from tidegate.engine.compile.ends import Ends
from tidegate.engine.compile.expressions import Expressions, may_be_unknown
from tidegate.engine.compile.features import FeatureReads
from tidegate.engine.compile.groups import Group, Groups
from tidegate.engine.compile.inquiry import AskedAccount, Inquiry, ask, trees_asked
from tidegate.engine.compile.site import HOLDERS, SUBJECTS, Site
from tidegate.engine.compile.stages import LAST, Stages
from tidegate.engine.names import Names
from tidegate.errors import PolicyError, TidegateError
from tidegate.events import BY_CODE
from tidegate.features import Deadline, Feature
from tidegate.features.aggregate import Recent
from tidegate.features.rewrite import replace_nodes
from tidegate.policy.figures import trees_besides, trees_of_quota
from tidegate.policy.modifier import Modifier
from tidegate.policy.quota import Quota
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from tidegate.events import Event
    from tidegate.expr import Expr
    from tidegate.policy import Policy, Rule


@dataclass(frozen=True)
class RuleAt:
    """Where a rule's values stand at a site: what a decision about it shows."""

    number: int
    observed: Column
    most: Column  # its upper bound where it lies between two, else the same
    limit: Column
    holds: Column
    modifiers: tuple[tuple[Modifier, Column, Column], ...]
    named: dict[int, Column] = field(default_factory=dict)  # place of a measure -> whom it is taken against
    given: dict[int, Column] = field(default_factory=dict)  # place of a measure -> its own condition
    ends: dict[int, Column] = field(default_factory=dict)  # place of a measure -> the moment at which it ends
    reaches: Column | None = None  # against which accounts it counts besides the event's own


@dataclass
class Pairs:
    """The pair index of two id spaces at a level: per site, which two columns make a pair, and where its id goes.

    Of three entities the first part is the id of the pair of the first two.
    """

    entities: tuple[str, ...]
    level: int
    requests: dict[tuple[int, Column, Column], tuple[Column, bool]] = field(default_factory=dict)
    lists: dict[tuple[int, Column, Column], int] = field(default_factory=dict)  # by a list: region of items


class Builder:
    """Collects what the rules of a policy need."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.shared = SharedColumns()
        self.names = Names()
        self.stages = Stages()
        self.groups = Groups()
        self.sites: dict[str, Site] = {}
        self.pairs: dict[tuple[tuple[str, ...], int], Pairs] = {}
        self.lists: dict[Column, int] = {}  # that kernels make, and their region of items
        self.rules_at: dict[int, list[RuleAt]] = {}
        self.quotas_at: dict[int, list[RuleAt]] = {}
        self.attempts_at: dict[int, list[tuple[str, Column | None]]] = {}
        self.exempt_at: dict[int, list[tuple[str, Column]]] = {}
        self.states_at: dict[
            int, list[tuple[int, Column]]
        ] = {}  # rules whose factor holds as long as they do
        self.scored_at: set[int] = set()  # sites whose decisions say a score, be they judged or not
        self.ends = Ends()
        self.asked: AskedAccount
        self.demands: Demands
        self._expressions: dict[int, Expressions] = {}
        self._bounding: dict[str, Bounding | None] = {}
        self._reads = FeatureReads(self)
        self._build()

    # what expressions and features ask for ------------------------------------------------------------------
    def site(self, source: type[Event] | Deadline | Inquiry) -> Site:
        """Return the site of an event type, of a deadline, or of the question about an account."""
        key = source.fingerprint() if isinstance(source, Deadline) else source.type_name
        if key not in self.sites:
            self.sites[key] = Site(len(self.sites), source, self.shared)
        return self.sites[key]

    def at(self, site: Site) -> Expressions:
        """Return the compiler of expressions at a site."""
        if site.number not in self._expressions:
            self._expressions[site.number] = Expressions(self, site)
        return self._expressions[site.number]

    def read(self, site: Site, feature: Feature) -> Value:
        """Return where a feature's value stands at a site."""
        return self._reads.read(site, feature)

    def bounding(self, feature: Feature) -> Bounding | None:
        """Return what bounds a feature; None where its value is exact, or only the judged event is asked what it may add."""
        if feature.fingerprint not in self._bounding:
            self._bounding[feature.fingerprint] = bounding(feature)
        return self._bounding[feature.fingerprint]

    @property
    def regions(self) -> int:
        """Regions of items that lists of kernels, and pairs by lists, take."""
        return len(self.lists) + sum(len(pairs.lists) for pairs in self.pairs.values())

    def listed(self, column: Column) -> int:
        """Return the region of items for a list that a kernel makes."""
        self.lists[column] = self.regions + 1
        return self.lists[column]

    def key(self, site: Site, group: Group, parts: list[Column], *, add: bool, many: bool = False) -> Column:
        """Return the column of the id that a group's key of several parts has, with `many` that of a list of them.

        Two make a pair, the pair and the third another one. Pairs never seen get an id only where `add`.
        """
        entities, found = group.feature.key.entities, parts[0]
        for n, part in enumerate(parts[1:], start=1):
            is_last = n == len(parts) - 1
            level = group.level - len(parts) + n
            found = self._pair(site, entities[: n + 1], level, (found, part), add=add, many=many and is_last)
        return found

    def _pair(
        self,
        site: Site,
        entities: tuple[str, ...],
        level: int,
        parts: tuple[Column, Column],
        *,
        add: bool,
        many: bool,
    ) -> Column:
        pairs = self.pairs.setdefault((entities, level), Pairs(entities, level))
        key = (site.number, *parts)
        if many and key not in pairs.lists:
            # from the region of the list on
            pairs.lists[key] = self.regions + 1 - self.lists.get(parts[1], 0)
        column, adds = pairs.requests.get(key) or (site.new(level + 1, width=1 + many), False)
        pairs.requests[key] = (column, adds or add)
        return column

    # the walk -----------------------------------------------------------------------------------------------
    def _build(self) -> None:
        judged = {n: r for n, r in enumerate(self.policy.judged) if self.policy.remembers_for(r)}
        self.demands = Demands(judged.values(), [tree for _, tree in trees_besides(self.policy)], self.stages)
        for rule in judged.values():
            with _Place(rule.id):
                for tree in _trees(rule):
                    self._collect(tree)
        for place, tree in trees_besides(self.policy):
            with _Place(place):
                self._collect(tree)
        for group in self.groups.all:
            for event in group.sources:
                self._reads.feed(group, self.site(event))
        for number, rule in judged.items():
            with _Place(rule.id):
                for source in rule.on:
                    if isinstance(rule, Quota):
                        self._quota(number, rule, self.site(source))
                    else:
                        self._rule(number, rule, self.site(source))
        self.asked = ask(
            self, self.site(Inquiry()), {n: q for n, q in judged.items() if isinstance(q, Quota)}
        )
        self._attempts()
        self.ends.lay_out(self)
        self._scores()
        self._subjects()
        self._numbers()

    def _attempts(self) -> None:
        for attempt in self.policy.attempts:
            site = self.site(attempt.on)
            with _Place(f"attempt at `{attempt.capability}`"):
                holds = self.at(site).column(attempt.when) if attempt.when is not None else None
                exempt = [(sanction, self.at(site).column(when)) for sanction, when in attempt.exempt]
            self.attempts_at.setdefault(site.number, []).append((attempt.capability, holds))
            self.exempt_at.setdefault(site.number, []).extend(exempt)

    def _scores(self) -> None:
        """Lay out whose score a decision says, at every kind of event, judged or not, where policies make one."""
        policy = self.policy
        if policy.given_score is None and not any(rule.prior or rule.points for rule in policy.rules):
            return
        for source in BY_CODE:
            fields = source.fields()
            for name in [SUBJECTS[entity] for entity in HOLDERS if SUBJECTS[entity] in fields]:
                self.site(source).field_column(fields[name])
                self.scored_at.add(self.site(source).number)

    def _subjects(self) -> None:
        """Lay out, at every site that is judged, the ids of the entities whom consequences may concern."""
        for site in self.sites.values():
            judged = any(site.number in at for at in (self.rules_at, self.quotas_at, self.attempts_at))
            if judged or self.ends.concern(site):
                for subject in SUBJECTS.values():
                    named = site.source.fields().get(subject)
                    if named is not None:
                        site.field_column(named)

    def _numbers(self) -> None:
        """Lay out the number wherever its country is read: it tells the country where the event does not."""
        for site in self.sites.values():
            number = site.source.fields().get("number")
            if "number_country" in site.fields and number is not None:
                site.field_column(number)

    def _collect(self, tree: Expr) -> None:
        for node in tree.walk():
            if isinstance(node, Feature):
                found = self.bounding(node)
                for kept in (node,) if found is None else found.kept:
                    unknown = any(may_be_unknown(c) for c in kept.condition.values())
                    self.groups.add(kept, self.stages.level(kept), may_be_unknown=unknown)

    def _rule(self, number: int, rule: Rule, site: Site) -> None:
        expressions = self.at(site)
        comparison = rule.comparison
        observed = expressions.value(comparison.left)
        limit = expressions.value(comparison.right)
        modifiers: list[tuple[Modifier, Column, Column]] = []
        if rule.modifiers or rule.rounding == "floor":
            column, modifiers = self._modified(rule, site, expressions.column(comparison.right))
            limit = Value(column, column)
        holds = expressions.compare(comparison.op, observed, limit)
        if rule.given is not None:
            holds = site.emit(vm.AND, holds, expressions.column(rule.given))
        site.act(vm.MARK, holds, number, stage=LAST)
        if rule.risk is not None and rule.risk.state:
            self.states_at.setdefault(site.number, []).append((number, holds))
        named = {n: expressions.column(m.named) for n, m in enumerate(rule.measures) if m.named is not None}
        given = {n: expressions.column(m.given) for n, m in enumerate(rule.measures) if m.given is not None}
        ends = {n: expressions.column(m.ends) for n, m in enumerate(rule.measures) if m.ends is not None}
        reaches = self._reached(rule, site)
        self.rules_at.setdefault(site.number, []).append(
            RuleAt(
                number,
                observed.low,
                observed.high,
                limit.low,
                holds,
                tuple(modifiers),
                named,
                given,
                ends,
                reaches,
            )
        )

    def _reached(self, rule: Rule, site: Site) -> Column | None:
        """Return against whom a rule counts besides the event's own account: of a list those that are in it for sure."""
        whom = rule.reaches
        if isinstance(whom, Feature) and isinstance(whom.aggregate, Recent):
            return self._reads.members(site, whom)
        return self.at(site).column(whom) if whom is not None else None

    def _quota(self, number: int, quota: Quota, site: Site) -> None:
        """A quota is not marked with the rules: an event that only exceeds quotas needs no closer look.

        It applies to accounts of its tier, and to those whose tier in force it is.
        """
        expressions = self.at(site)
        comparison = quota.comparison
        observed, limit = expressions.value(comparison.left), expressions.value(comparison.right)
        holds = expressions.compare(comparison.op, observed, limit)
        if quota.applies is not None:
            applies, in_force = (
                expressions.column(c) for c in (quota.applies, self._in_force(quota.applies))
            )
            holds = site.emit(
                vm.AND, holds, applies if in_force == applies else site.emit(vm.OR, applies, in_force)
            )
        if quota.given is not None:
            holds = site.emit(vm.AND, holds, expressions.column(quota.given))
        at = RuleAt(number, observed.low, observed.high, limit.low, holds, ())
        self.quotas_at.setdefault(site.number, []).append(at)

    def _in_force(self, tree: Expr) -> Expr:
        """Return the tree with the tiers in force in place of the accounts' own."""
        tiers, lowered = self.policy.tiers, self.policy.tiers_in_force
        return replace_nodes(tree, {tiers[name].fingerprint: tier for name, tier in lowered.items()})

    def _modified(
        self, rule: Rule, site: Site, base: Column
    ) -> tuple[Column, list[tuple[Modifier, Column, Column]]]:
        """Return the limit after modifiers, with the columns that say which apply and their factors."""
        expressions = self.at(site)
        one = self.shared.constant(1.0)
        product = one
        applied = []
        for modifier in rule.modifiers:
            applies = site.emit(vm.DEFINITE, expressions.column(modifier.when))
            factor = expressions.column(modifier.factor)
            product = expressions.product(product, site.emit(vm.SELECT, applies, factor, one))
            applied.append((modifier, applies, factor))
        product = site.emit(vm.MAX, product, expressions.column(self.policy.modifier_floor))
        limit = site.emit(vm.ROUND, expressions.product(base, product))
        return (site.emit(vm.FLOOR, limit) if rule.rounding == "floor" else limit), applied


def _trees(rule: Rule | Quota) -> list[Expr]:
    if isinstance(rule, Quota):
        return [*trees_of_quota(rule), *trees_asked(rule)]
    measures = [tree for m in rule.measures for tree in m.trees]
    trees = [rule.when, *measures, *(tree for m in rule.modifiers for tree in (m.when, m.factor))]
    return [*trees, *(tree for tree in (rule.given, rule.reaches) if tree is not None)]


class _Place:
    """Adds the rule's id to errors that do not say where they are."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TidegateError) and not error.place:
            raise PolicyError(error.problem, place=self.where, hint=error.hint) from error


__all__ = ["Builder", "Group", "Pairs", "RuleAt"]
