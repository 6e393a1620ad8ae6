"""Columns while a plan is being made: numbered per site, or shared by all sites; placed when all are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan


@dataclass(frozen=True)
class Column:
    """A column of the chunk. `stage` is the stage of the program after which it holds its value."""

    index: int
    shared: bool
    stage: int


@dataclass(frozen=True)
class Value:
    """Where an expression's value stands: between two columns, or in one when it is exact.

    Bounds come from events of which it is not known whether they count: they count in `high` only.
    """

    low: Column
    high: Column

    @property
    def exact(self) -> bool:
        """Whether both bounds are one column."""
        return self.low == self.high

    @property
    def stage(self) -> int:
        """Stage after which both bounds are there."""
        return max(self.low.stage, self.high.stage)


@dataclass
class SharedColumns:
    """Columns that hold the same value for every event: constants. Column 0 is event time, filled per chunk."""

    values: list[float] = field(default_factory=lambda: [float("nan")])
    _known: dict[str, Column] = field(default_factory=dict)

    now: Column = field(default_factory=lambda: Column(0, shared=True, stage=0))

    def constant(self, value: float) -> Column:
        """Return the column of a constant, one per value."""
        key = "nan" if isnan(value) else repr(float(value))
        if key not in self._known:
            self._known[key] = Column(len(self.values), shared=True, stage=0)
            self.values.append(float(value))
        return self._known[key]

    def place(self, column: Column) -> int:
        """Return the final number of a column, once all constants are known."""
        return column.index if column.shared else len(self.values) + column.index
