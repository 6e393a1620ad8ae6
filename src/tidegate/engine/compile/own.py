"""What the judged event itself adds to a feature, where it is one of the feature's own source events."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tidegate.engine.compile.column import Column, Value
from tidegate.engine.compile.expressions import may_be_unknown
from tidegate.engine.compile.intervals import UNBOUNDED, never_negative
from tidegate.expr import Expr, IsKnown, IsNull, Kind
from tidegate.features import Since
from tidegate.features.aggregate import (
    CappedSum,
    Changes,
    Distinct,
    FirstSeen,
    Highest,
    Last,
    LastSeen,
    Median,
    Regular,
    RunLength,
    Seen,
    Sum,
    Top,
)
from tidegate.windows import program as vm

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.engine.compile.builder import Builder
    from tidegate.engine.compile.groups import Reading
    from tidegate.engine.compile.site import Site
    from tidegate.events import Event
    from tidegate.features import Feature


class OwnEvent:
    """Reads at a site whose events feed what is read."""

    def __init__(self, builder: Builder, site: Site, feature: Feature, reading: Reading) -> None:
        self.builder = builder
        self.site = site
        self.feature = feature
        self.reading = reading
        self.source = cast("type[Event]", site.source)
        self.condition = feature.condition[self.source]

    def column(self, expression: Expr) -> Column:
        """Return the column of an expression at the site."""
        return self.builder.at(self.site).column(expression)

    def constant(self, value: float) -> Column:
        """Return the column of a constant."""
        return self.builder.shared.constant(value)

    # bounds -------------------------------------------------------------------------------------------------
    def bounded(self, low: Column, what: Expr) -> Value:
        """Return the value with the least and the most that the event may add where its condition, or what it brings, is not known."""
        emit = self.site.emit
        value = self.column(what)
        settled = emit(vm.KNOWN, value)
        if self.condition is not None:
            condition = self.column(self.condition)
            settled = emit(vm.OR, settled, emit(vm.NOT, emit(vm.POSSIBLE, condition)))
            if may_be_unknown(self.condition):
                settled = emit(vm.AND, settled, emit(vm.KNOWN, condition))
        if not isinstance(self.feature.aggregate, Changes):  # none adds nothing, but it is a change
            settled = emit(vm.OR, settled, emit(vm.DEFINITE, emit(vm.NULL, value)))
        if self.reading.many:
            settled = emit(vm.OR, settled, emit(vm.NOT, self._names_a_key()))
        if isinstance(self.feature.window, Since):  # one that begins later does not hold the event
            begins = self.column(self.feature.window.start)
            settled = emit(vm.OR, settled, emit(vm.GT, begins, self.builder.shared.now))
        high = emit(vm.SELECT, settled, low, emit(vm.ADD, low, self._most(what, value)))
        if isinstance(self.feature.aggregate, Sum) and not never_negative(what):
            low = emit(vm.SELECT, settled, low, emit(vm.ADD, low, self._least(value)))
        return Value(low, high)

    def _least(self, value: Column) -> Column:
        """Return the least that an amount adds where it may be below 0."""
        none, unbounded = self.constant(0.0), self.constant(-UNBOUNDED)
        return self.site.emit(vm.ELSE, self.site.emit(vm.MIN, self._amount(value), none), unbounded)

    def _amount(self, value: Column) -> Column:
        """Return an amount as a sum counts it, with so many decimals."""
        assert isinstance(self.feature.aggregate, Sum | CappedSum)
        scale = self.constant(10.0**self.feature.aggregate.places)
        return self.site.emit(vm.DIV, self.site.emit(vm.FIXED, value, scale), scale)

    def _most(self, what: Expr, value: Column) -> Column:
        """Return the most that one event adds: one value, the size of a list, an amount; unbounded where that is not known."""
        emit = self.site.emit
        if isinstance(self.feature.aggregate, Sum):
            return emit(
                vm.ELSE, emit(vm.MAX, self._amount(value), self.constant(0.0)), self.constant(UNBOUNDED)
            )
        if isinstance(self.feature.aggregate, Distinct) and what.kind is Kind.LIST:
            return emit(vm.ELSE, emit(vm.SIZE, value), self.constant(UNBOUNDED))
        if isinstance(self.feature.aggregate, Top):  # it may be the one that makes them enough
            return self.constant(float(self.feature.aggregate.least))
        return self.constant(1.0)

    # samples ------------------------------------------------------------------------------------------------
    def capped(self, low: Column) -> Value:
        """Return the capped sum with the most that the event may add where it is not known what it brings, or whose."""
        emit, aggregate = self.site.emit, self.feature.aggregate
        assert isinstance(aggregate, CappedSum)
        value, member = (self.column(x[self.source]) for x in (aggregate.amount, aggregate.member))
        settled = emit(vm.AND, emit(vm.KNOWN, value), emit(vm.KNOWN, member))
        if self.condition is not None:
            condition = self.column(self.condition)
            settled = emit(vm.OR, settled, emit(vm.NOT, emit(vm.POSSIBLE, condition)))
            settled = emit(vm.AND, settled, emit(vm.KNOWN, condition))
        for known in (value, member):  # none adds nothing, nor does that of nobody
            settled = emit(vm.OR, settled, emit(vm.DEFINITE, emit(vm.NULL, known)))
        if not never_negative(aggregate.amount[self.source]):
            least, most = self._least(value), emit(vm.ELSE, self._amount(value), self.constant(UNBOUNDED))
            ends = [emit(pick, x, self.constant(0.0)) for pick, x in ((vm.MIN, least), (vm.MAX, most))]
            return Value(*(emit(vm.SELECT, settled, low, emit(vm.ADD, low, end)) for end in ends))
        cap = self.column(aggregate.cap)
        most = emit(vm.ELSE, emit(vm.MIN, emit(vm.MAX, self._amount(value), self.constant(0.0)), cap), cap)
        return Value(low, emit(vm.SELECT, settled, low, emit(vm.ADD, low, most)))

    def sampled(self, value: Column) -> Column:
        """Return a figure of samples; not known where it is not known whether the event brings one."""
        aggregate = self.feature.aggregate
        if not may_be_unknown(self.condition):
            return value
        gate = self.condition
        if isinstance(aggregate, Median | Highest):
            gate = sampled(gate, aggregate.value[self.source])
        assert gate is not None
        sure = self.site.emit(vm.KNOWN, self.column(gate))
        return self.site.emit(vm.SELECT, sure, value, self.constant(float("nan")))

    # the newest record --------------------------------------------------------------------------------------
    def latest(self, out: Callable[[str], Column]) -> Column:
        """Return the newest record's value, the event itself included; `out` gives the columns the kernel writes."""
        aggregate = self.feature.aggregate
        if isinstance(aggregate, FirstSeen):
            first = out("first")
            return self._unless_open(first, self.site.emit(vm.NOT, self.site.emit(vm.NULL, first)))
        if isinstance(aggregate, Regular):
            if aggregate.length:
                return self._unless_open(out("length"))
            newest = self._choose(self.builder.shared.now, out("ts"), None)
            return self._unless_open(duration(self.builder, self.site, newest, out("start")))
        if isinstance(aggregate, Seen):
            return self._unless_open(out("seen"))
        if isinstance(aggregate, LastSeen):
            return self._choose(self.builder.shared.now, out("ts"), None)
        if isinstance(aggregate, RunLength):
            longer = self.site.emit(vm.ADD, out("run"), self.constant(1.0))
            holds = self.column(aggregate.holds[self.source])
            now = self.site.emit(vm.SELECT, holds, longer, self.constant(0.0))
            return self._choose(now, out("run"), None)
        assert isinstance(aggregate, Last), aggregate
        value = aggregate.value[self.source]
        return self._choose(self.column(value), out("value0"), IsKnown(value))

    def _choose(self, now: Column, before: Column, known: Expr | None) -> Column:
        """Return what the event brings where it counts for the entity it names, else what was before."""
        emit = self.site.emit
        gate = self._names_a_key()
        for condition in (self.condition, known):
            if condition is not None:
                gate = emit(vm.AND, gate, self.column(condition))
        return emit(vm.SELECT, gate, now, before)

    def _names_a_key(self) -> Column:
        """Return whether the event names an entity at all; never unknown."""
        emit, zero = self.site.emit, self.constant(0.0)
        if self.reading.many:
            return emit(vm.DEFINITE, emit(vm.GT, emit(vm.SIZE, self.reading.key), zero))
        return emit(vm.DEFINITE, emit(vm.GE, self.reading.key, zero))

    def _unless_open(self, value: Column, settled: Column | None = None) -> Column:
        """Return the value, not known where it is not known whether the event counts (unless `settled`)."""
        if not may_be_unknown(self.condition):
            return value
        emit = self.site.emit
        sure = emit(vm.KNOWN, self.column(self.condition))  # type: ignore[arg-type]
        if settled is not None:
            sure = emit(vm.OR, sure, settled)
        return emit(vm.SELECT, sure, value, self.constant(float("nan")))


def sampled(condition: Expr | None, value: Expr) -> Expr:
    """Return whether an event brings a sample: it is one of those that count, and its value is a known one."""
    there = IsKnown(value) & ~IsNull(value)
    return there if condition is None else condition & there


def duration(builder: Builder, site: Site, newest: Column, start: Column) -> Column:
    """Return the column of the length of a series in ms: 0 where there is none."""
    lasted = site.emit(vm.SUB, newest, start)
    return site.emit(vm.SELECT, site.emit(vm.NULL, start), builder.shared.constant(0.0), lasted)
