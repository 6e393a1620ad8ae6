"""Features at a site: how its events feed a kernel, and how it reads one."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from tidegate.engine.compile.column import Column, Value
from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.engine.compile.groups import Group, Reading, condition_of
from tidegate.engine.compile.inquiry import Inquiry
from tidegate.engine.compile.own import OwnEvent, duration, sampled
from tidegate.errors import PolicyError
from tidegate.expr import Expr, IsKnown, Kind, Literal
from tidegate.features import Feature, Since, Sliding
from tidegate.features.aggregate import (
    Alike,
    CappedSum,
    Changes,
    Count,
    Distinct,
    FirstSeen,
    Highest,
    Last,
    LastSeen,
    Median,
    Moments,
    Recent,
    Regular,
    RunLength,
    Seen,
    Similarity,
    Steady,
    Sum,
    Top,
)
from tidegate.policy.figures import values_in_force
from tidegate.policy.parameter import Parameter
from tidegate.windows import program as vm
from tidegate.windows.route import ALWAYS

if TYPE_CHECKING:
    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.site import Site
    from tidegate.events import Event


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
        wiring.many = bool(fields) and fields[-1].kind is Kind.LIST
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
        elif isinstance(aggregate, Distinct | Similarity | Top | Recent):
            member = aggregate.member[event]
            wiring.inputs["member"] = expressions.column(member)
            wiring.inputs["member_many"] = member.kind is Kind.LIST
        elif isinstance(aggregate, Changes | Moments):
            wiring.inputs["value"] = expressions.column(aggregate.value[event])
        elif isinstance(aggregate, Median | Highest):
            condition = sampled(condition, aggregate.value[event])
            wiring.inputs["value"] = expressions.column(aggregate.value[event])
        elif isinstance(aggregate, Alike):
            wiring.inputs["vector"] = expressions.column(aggregate.vector[event])
        elif isinstance(aggregate, CappedSum):
            wiring.inputs["value"] = self._fixed(site, aggregate.amount[event], aggregate.places)
            wiring.inputs["member"] = expressions.column(aggregate.member[event])
            group.figure = self._figure(aggregate.cap)
        elif isinstance(aggregate, Steady):
            group.figure = self._figure(aggregate.tolerance)
        wiring.inputs["gate"] = expressions.column(condition) if condition is not None else ALWAYS

    def _amount(self, site: Site, feature: Feature) -> Column:
        """Column of the amount in fixed point; 0 where the condition does not hold for sure."""
        assert isinstance(feature.aggregate, Sum)
        event = site.source
        assert isinstance(event, type)
        expressions = self.builder.at(site)
        scaled = self._fixed(site, feature.aggregate.amount[event], feature.aggregate.places)
        condition = feature.condition[event]
        if condition is None:
            return scaled
        holds = site.emit(vm.DEFINITE, expressions.column(condition))
        return site.emit(vm.SELECT, holds, scaled, self.builder.shared.constant(0.0))

    def _fixed(self, site: Site, amount: Expr, places: int) -> Column:
        scale = self.builder.shared.constant(10.0**places)
        return site.emit(vm.FIXED, self.builder.at(site).column(amount), scale)

    def _figure(self, given: Expr) -> float:
        """Return a number, or the value in force of a figure."""
        if isinstance(given, Parameter):
            return values_in_force(given, self.builder.policy.revisions.get(given.name))[0]
        assert isinstance(given, Literal)
        return float(given.value)

    # reading ------------------------------------------------------------------------------------------------
    def read(self, site: Site, feature: Feature) -> Value:
        """Return where the feature's value stands at this site."""
        bounding = self.builder.bounding(feature)
        if bounding is None or (isinstance(site.source, Inquiry) and bounding.kept[0] is feature):
            return self._read(site, feature, feature)
        return bounding.value(site, lambda kept: self._read(site, kept, feature).low)

    def members(self, site: Site, feature: Feature) -> Column:
        """Return a list of members as it is for sure, whether the judged event may count or not."""
        group = self.builder.groups.of(feature, self.builder.stages.level(feature))
        key, many = self._read_key(site, feature, group)
        reading = group.wire(site.number).reading(key, many=many)
        return self._value(site, feature, group, reading, own=False).low

    def _read(self, site: Site, feature: Feature, of: Feature) -> Value:
        """Return where the value stands of a feature that is remembered; `of`: the author's, which it may bound."""
        group = self.builder.groups.of(feature, self.builder.stages.level(feature))
        key, many = self._read_key(site, feature, group)
        wiring = group.wire(site.number)
        reading = wiring.reading(key, many=many)
        # what the judged event may add is part of its bounds, where it has some
        bounded = self.builder.bounding(feature) is not None
        if not isinstance(site.source, type) or site.source not in feature.condition:
            return self._value(site, feature, group, reading, own=False)
        feed = self._key(site, group.feature.key.fields[site.source], group, add=True)
        if key == feed:
            return self._value(site, feature, group, reading, own=not bounded)
        other = self._value(site, feature, group, reading, own=False)
        if many or wiring.many:
            _refuse_before(of)
        if isinstance(feature.aggregate, Count) or many or wiring.many:
            return other
        # read at another field, which may name the same entity all the same: a message to oneself
        same = site.emit(vm.DEFINITE, site.emit(vm.EQ, key, feed))
        own = self._value(site, feature, group, wiring.reading(feed, many=False), own=not bounded)
        return Value(
            site.emit(vm.SELECT, same, own.low, other.low), site.emit(vm.SELECT, same, own.high, other.high)
        )

    def _value(self, site: Site, feature: Feature, group: Group, reading: Reading, *, own: bool) -> Value:
        """Return where a reading's value stands; `own`: the judged event, where it counts, is part of what it reads."""
        stage = self.builder.stages.level(feature) + 1
        aggregate = feature.aggregate
        if isinstance(aggregate, Count | Sum):
            return self._count(site, feature, group, reading, stage, own=own)
        if isinstance(aggregate, Distinct | Changes):
            return self._distinct(site, feature, group, reading, stage, own=own)
        if isinstance(aggregate, CappedSum | Median | Highest | Steady | Top):
            return self._sampled(site, feature, reading, stage, own=own)
        if isinstance(aggregate, Alike):
            what = "to_vector" if aggregate.other.kind is Kind.LIST else "to_key"
            return _one(
                self._out(site, reading, (what, self.builder.at(site).column(aggregate.other)), stage)
            )
        if isinstance(aggregate, Recent):
            return _one(self._listed(site, feature, reading, stage, own=own))
        if isinstance(aggregate, Similarity):
            others = tuple(self.builder.at(site).column(other) for other in aggregate.others)
            return _one(self._out(site, reading, ("against", others), stage))
        return _one(self._newest(site, feature, reading, stage, own=own))

    def _newest(self, site: Site, feature: Feature, reading: Reading, stage: int, *, own: bool) -> Column:
        if isinstance(feature.aggregate, Moments):
            assert isinstance(feature.window, Sliding)
            return self._out(site, reading, feature.window.length.ms, stage)
        return self._latest(site, feature, reading, stage, own=own)

    def _out(self, site: Site, reading: Reading, what: object, stage: int) -> Column:
        if what not in reading.outs:
            reading.outs[what] = site.new(stage)
        return reading.outs[what]

    def _count(
        self, site: Site, feature: Feature, group: Group, reading: Reading, stage: int, *, own: bool
    ) -> Value:
        window = self._window(site, feature, group)
        if isinstance(feature.aggregate, Sum):
            return self._sum(site, feature, reading, window, stage, own=own)
        condition = condition_of(feature)
        low = self._out(site, reading, (window, "lane", condition), stage)
        if condition not in group.possible:
            return _one(low)
        return Value(low, self._out(site, reading, (window, "possible", condition), stage))

    def _window(self, site: Site, feature: Feature, group: Group) -> int | str:
        """Return by what the kernel knows the window: its length in ms, or the name of its start, which is told at the site."""
        window = feature.window
        if isinstance(window, Sliding):
            return window.length.ms
        if isinstance(window, Since):
            starts: Any = group.wire(site.number).inputs.setdefault("starts", {})
            starts[window.fingerprint()] = self._start(site, window)
        return window.fingerprint()

    def _start(self, site: Site, window: Since) -> Column:
        """Return the column of the first moment in the window; the kernel's own horizon is the widest of all its windows."""
        earliest = site.emit(
            vm.SUB, self.builder.shared.now, self.builder.shared.constant(window.at_most.ms - 1.0)
        )
        return site.emit(vm.MAX, self.builder.at(site).column(window.start), earliest)

    def _sum(
        self, site: Site, feature: Feature, reading: Reading, window: object, stage: int, *, own: bool
    ) -> Value:
        assert isinstance(feature.aggregate, Sum)
        total = self._out(
            site, reading, (window, "sum", condition_of(feature) + feature.aggregate.fingerprint()), stage
        )
        low = site.emit(vm.DIV, total, self.builder.shared.constant(10.0**feature.aggregate.places))
        amount: Any = feature.aggregate.amount
        if own:
            return OwnEvent(self.builder, site, feature, reading).bounded(low, amount[site.source])
        return _one(low)

    def _distinct(
        self, site: Site, feature: Feature, group: Group, reading: Reading, stage: int, *, own: bool
    ) -> Value:
        low = self._out(site, reading, self._window(site, feature, group), stage)
        if not own:
            return _one(low)
        aggregate: Any = feature.aggregate
        members: Any = aggregate.member if isinstance(aggregate, Distinct) else aggregate.value
        return OwnEvent(self.builder, site, feature, reading).bounded(low, members[site.source])

    def _sampled(self, site: Site, feature: Feature, reading: Reading, stage: int, *, own: bool) -> Value:
        aggregate = feature.aggregate
        window = feature.window.length.ms if isinstance(feature.window, Sliding) else None
        what = "length" if isinstance(aggregate, Steady) and aggregate.length else "value"
        self._ask(site, feature, reading)
        found = self._out(site, reading, (window, what), stage)
        if isinstance(aggregate, CappedSum):
            found = site.emit(vm.DIV, found, self.builder.shared.constant(10.0**aggregate.places))
            return OwnEvent(self.builder, site, feature, reading).capped(found) if own else _one(found)
        if own and isinstance(aggregate, Top):
            return OwnEvent(self.builder, site, feature, reading).bounded(
                found, aggregate.member[_type(site)]
            )
        if own:
            found = OwnEvent(self.builder, site, feature, reading).sampled(found)
        return _one(found)

    def _listed(self, site: Site, feature: Feature, reading: Reading, stage: int, *, own: bool) -> Column:
        condition = feature.condition[_type(site)] if own else None
        if own and (condition is None or may_be_unknown(condition)):
            raise PolicyError(
                f"`{feature.describe()}` is read at one of its own events, of which it may not be known whether it counts",
                hint="judge it at another kind of event, or say whether it counts where that is not known: `.where(....or_else(False))`",
            )
        if "list" not in reading.outs:
            column = reading.outs["list"] = site.new(stage, width=2)
            reading.region = self.builder.listed(column)
        return reading.outs["list"]

    def _ask(self, site: Site, feature: Feature, reading: Reading) -> None:
        """Note on what condition the reading is asked for."""
        condition = self.builder.demands.of(feature, site.source)
        need = self.builder.at(site).column(condition) if condition is not None else None
        if need not in reading.needs:
            reading.needs.append(need)
        columns = [column for column in reading.needs if column is not None]
        reading.need = None
        if len(columns) == len(reading.needs):
            reading.need = reduce(lambda a, b: site.emit(vm.OR, a, b), columns)

    def _latest(self, site: Site, feature: Feature, reading: Reading, stage: int, *, own: bool) -> Column:
        def out(what: str) -> Column:
            return self._out(site, reading, what, stage)

        aggregate = feature.aggregate
        if own and not getattr(aggregate, "before", False):
            return OwnEvent(self.builder, site, feature, reading).latest(out)
        if isinstance(aggregate, Regular) and not aggregate.length:
            return duration(self.builder, site, out("ts"), out("start"))
        name = {
            FirstSeen: "first",
            LastSeen: "ts",
            RunLength: "run",
            Regular: "length",
            Last: "value0",
            Seen: "seen",
        }
        return out(name[type(aggregate)])

    # keys ---------------------------------------------------------------------------------------------------
    def _read_key(self, site: Site, feature: Feature, group: Group) -> tuple[Column, bool]:
        """Return the key of the entity that the judged event names, and whether it is a list of them."""
        fields: tuple[Expr, ...] = feature.read_at
        if not fields:
            named = next(iter(feature.key.fields.values()))
            event: Any = site.source
            fields = feature.key.fields.get(event) or tuple(
                site.key_field(n, d, of=feature.describe())
                for n, d in zip(named, feature.key.entities, strict=True)
            )
        return self._key(site, fields, group, add=False), bool(fields) and fields[-1].kind is Kind.LIST

    def _key(self, site: Site, fields: tuple[Expr, ...], group: Group, *, add: bool) -> Column:
        columns = [self.builder.at(site).column(f) for f in fields]
        if not columns:
            return self.builder.shared.constant(0.0)
        if len(columns) == 1:
            return columns[0]
        return self.builder.key(site, group, columns, add=add, many=fields[-1].kind is Kind.LIST)


def _refuse_before(feature: Feature) -> None:
    """Refuse to read, by other keys than the judged event feeds, what was before it: one of the keys may be its own."""
    if getattr(feature.aggregate, "before", False):
        raise PolicyError(
            f"`{feature.describe()}` is read and fed by one event, by different keys of which one is a list: what was before"
            " the event cannot be told from it",
            hint="read it by the key it is kept per, judge it at another kind of event, or leave the judged event in:"
            " `.last(...)`, `.last_seen()`, `.run(...)`",
        )


def _type(site: Site) -> type[Event]:
    """Return the kind of event that is judged at a site which feeds what it reads."""
    assert isinstance(site.source, type)
    return site.source


def _one(column: Column) -> Value:
    return Value(column, column)
