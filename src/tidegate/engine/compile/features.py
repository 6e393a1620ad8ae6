"""Features at a site: how its events feed a kernel, and how it reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.column import Column, Value
from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.engine.compile.groups import Group, Reading, condition_of
from tidegate.expr import Expr, IsKnown, Kind
from tidegate.features import Feature, Since, Sliding
from tidegate.features.aggregate import (
    Changes,
    Count,
    Distinct,
    FirstSeen,
    Last,
    LastSeen,
    Regular,
    RunLength,
    Similarity,
    Sum,
)
from tidegate.windows import program as vm
from tidegate.windows.route import ALWAYS

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.site import Site

INFINITE = float("inf")


class FeatureReads:
    """Wires features to kernels, site by site."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    # feeding ------------------------------------------------------------------------------------------------
    def feed(self, group: Group, site: Site) -> None:
        """Wire the site, whose events are a source of the group, as a feed of its kernel."""
        event = site.source
        assert isinstance(event, type)
        wiring = group.wire(site.number)
        fields = group.feature.key.fields[event]
        wiring.feed = self._key(site, fields, group, add=True)
        wiring.many = fields[0].kind is Kind.LIST
        expressions = self.builder.at(site)
        if group.family == "count":
            wiring.inputs["flags"] = [
                (expressions.column(c) if (c := lane.condition[event]) is not None else ALWAYS)
                for lane in group.lanes.values()
            ]
            wiring.inputs["amounts"] = [self._amount(site, f) for f in group.sums.values()]
            return
        condition = group.feature.condition[event]
        aggregate = group.feature.aggregate
        if isinstance(aggregate, Last):
            known = IsKnown(aggregate.value[event])
            condition = known if condition is None else condition & known
            wiring.inputs["values"] = [expressions.column(aggregate.value[event])]
        elif isinstance(aggregate, RunLength):
            wiring.inputs["flag"] = expressions.column(aggregate.holds[event])
        elif isinstance(aggregate, Distinct | Similarity):
            member = aggregate.member[event]
            wiring.inputs["member"] = expressions.column(member)
            wiring.inputs["member_many"] = member.kind is Kind.LIST
        elif isinstance(aggregate, Changes):
            wiring.inputs["value"] = expressions.column(aggregate.value[event])
        wiring.inputs["gate"] = expressions.column(condition) if condition is not None else ALWAYS

    def _amount(self, site: Site, feature: Feature) -> Column:
        """Column of the amount in fixed point; 0 where the condition does not hold for sure."""
        assert isinstance(feature.aggregate, Sum)
        event = site.source
        assert isinstance(event, type)
        expressions = self.builder.at(site)
        amount = expressions.column(feature.aggregate.amount[event])
        scaled = site.emit(vm.FIXED, amount, self.builder.shared.constant(10.0**feature.aggregate.places))
        condition = feature.condition[event]
        if condition is None:
            return scaled
        holds = site.emit(vm.DEFINITE, expressions.column(condition))
        return site.emit(vm.SELECT, holds, scaled, self.builder.shared.constant(0.0))

    # reading ------------------------------------------------------------------------------------------------
    def read(self, site: Site, feature: Feature) -> Value:
        """Return where the feature's value stands at this site."""
        level = self.builder.stages.level(feature)
        group = self.builder.groups.of(feature, level)
        reading = group.wire(site.number).reading(self._read_key(site, feature, group))
        own = (
            feature.sources
            and site.source in feature.condition
            and self._feeds_what_it_reads(site, group, reading)
        )
        stage = level + 1
        aggregate = feature.aggregate
        if isinstance(aggregate, Count | Sum):
            return self._count(site, feature, group, reading, stage)
        if isinstance(aggregate, Distinct | Changes):
            return self._distinct(site, feature, group, reading, stage, own=bool(own))
        if isinstance(aggregate, Similarity):
            other = self.builder.at(site).column(aggregate.other)
            return _one(self._out(site, reading, ("against", other), stage))
        return _one(self._latest(site, feature, reading, stage, own=bool(own)))

    def _feeds_what_it_reads(self, site: Site, group: Group, reading: Reading) -> bool:
        """Whether an event of this site, where it counts, is itself part of what it reads."""
        event = site.source
        assert isinstance(event, type)
        return reading.key == self._key(site, group.feature.key.fields[event], group, add=True)

    def _out(self, site: Site, reading: Reading, what: object, stage: int) -> Column:
        if what not in reading.outs:
            reading.outs[what] = site.new(stage)
        return reading.outs[what]

    def _count(self, site: Site, feature: Feature, group: Group, reading: Reading, stage: int) -> Value:
        window: object = feature.window.fingerprint()
        if isinstance(feature.window, Sliding):
            window = feature.window.length.ms
        elif isinstance(feature.window, Since):
            group.wire(site.number).inputs.setdefault("starts", {})[window] = self.builder.at(site).column(
                feature.window.start
            )  # type: ignore[index]
        if isinstance(feature.aggregate, Sum):
            return self._sum(site, feature, reading, window, stage)
        condition = condition_of(feature)
        low = self._out(site, reading, (window, "lane", condition), stage)
        if condition not in group.possible:
            return _one(low)
        return Value(low, self._out(site, reading, (window, "possible", condition), stage))

    def _sum(self, site: Site, feature: Feature, reading: Reading, window: object, stage: int) -> Value:
        assert isinstance(feature.aggregate, Sum)
        total = self._out(
            site, reading, (window, "sum", condition_of(feature) + feature.aggregate.fingerprint()), stage
        )
        scale = self.builder.shared.constant(10.0**feature.aggregate.places)
        low = site.emit(vm.DIV, total, scale)
        if site.source not in feature.condition:
            return _one(low)
        event = site.source
        known = self.builder.at(site).column(IsKnown(feature.aggregate.amount[event]))  # type: ignore[index]
        return Value(low, self._or_more(site, feature, low, known))

    def _distinct(
        self, site: Site, feature: Feature, group: Group, reading: Reading, stage: int, *, own: bool
    ) -> Value:
        assert isinstance(feature.window, Sliding)
        low = self._out(site, reading, feature.window.length.ms, stage)
        if not own:
            return _one(low)
        aggregate = feature.aggregate
        source: Any = site.source
        member = aggregate.member[source] if isinstance(aggregate, Distinct) else aggregate.value[source]  # type: ignore[attr-defined]
        return Value(low, self._or_more(site, feature, low, self.builder.at(site).column(IsKnown(member))))

    def _or_more(self, site: Site, feature: Feature, low: Column, known: Column) -> Column:
        """Upper bound: endless where the judged event may add something that is not known."""
        condition = feature.condition[site.source]  # type: ignore[index]
        may = self.builder.shared.constant(1.0)
        if condition is not None:
            may = site.emit(vm.POSSIBLE, self.builder.at(site).column(condition))
        settled = site.emit(vm.OR, known, site.emit(vm.NOT, may))
        if may_be_unknown(condition):
            sure = site.emit(vm.KNOWN, self.builder.at(site).column(condition))  # type: ignore[arg-type]
            settled = site.emit(vm.AND, settled, sure)
        return site.emit(vm.SELECT, settled, low, self.builder.shared.constant(INFINITE))

    def _latest(self, site: Site, feature: Feature, reading: Reading, stage: int, *, own: bool) -> Column:
        aggregate = feature.aggregate
        source: Any = site.source
        if isinstance(aggregate, FirstSeen):
            return self._out(site, reading, "first", stage)
        if isinstance(aggregate, Regular):
            if aggregate.length:
                return self._out(site, reading, "length", stage)
            return site.emit(vm.SUB, self.builder.shared.now, self._out(site, reading, "start", stage))
        expressions = self.builder.at(site)
        gate: Expr | None = feature.condition[source] if own else None
        if isinstance(aggregate, LastSeen):
            before, now = self._out(site, reading, "ts", stage), self.builder.shared.now
        elif isinstance(aggregate, RunLength):
            before = self._out(site, reading, "run", stage)
            if not own or aggregate.before:
                return before
            longer = site.emit(vm.ADD, before, self.builder.shared.constant(1.0))
            now = site.emit(
                vm.SELECT,
                expressions.column(aggregate.holds[source]),
                longer,
                self.builder.shared.constant(0.0),
            )
        else:
            assert isinstance(aggregate, Last), aggregate
            before = self._out(site, reading, "value0", stage)
            if not own or aggregate.before:
                return before
            value = aggregate.value[source]
            now, gate = expressions.column(value), IsKnown(value) if gate is None else gate & IsKnown(value)
        if not own or getattr(aggregate, "before", False):
            return before
        return now if gate is None else site.emit(vm.SELECT, expressions.column(gate), now, before)

    # keys ---------------------------------------------------------------------------------------------------
    def _read_key(self, site: Site, feature: Feature, group: Group) -> Column:
        fields: tuple[Expr, ...] = feature.read_at
        if not fields:
            named = next(iter(feature.key.fields.values()))
            event: Any = site.source
            fields = feature.key.fields.get(event) or tuple(
                site.key_field(n, d, of=feature.describe())
                for n, d in zip(named, feature.key.entities, strict=True)
            )
        if fields[0].kind is Kind.LIST:
            group.wire(site.number).many = True
        return self._key(site, fields, group, add=False)

    def _key(self, site: Site, fields: tuple[Expr, ...], group: Group, *, add: bool) -> Column:
        columns = [self.builder.at(site).column(f) for f in fields]
        if len(columns) == 1:
            return columns[0]
        return self.builder.pair(site, group, columns[0], columns[1], add=add)


def _one(column: Column) -> Value:
    return Value(column, column)
