"""Columns while a plan is being made: numbered per site, or shared by all sites; placed when all are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan


@dataclass(frozen=True)
class Column:
    """A column of the chunk. `stage` is the stage of the program after which it holds its value.

    `site` is the number of the site whose it is, -1 where it is shared; a list takes a `width` of two columns.
    """

    index: int
    shared: bool
    stage: int
    site: int = -1
    width: int = 1


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
    _places: dict[tuple[int, int], int] = field(default_factory=dict)
    _taken: dict[int, int] = field(default_factory=dict)  # columns in use, by site

    now: Column = field(default_factory=lambda: Column(0, shared=True, stage=0))

    def constant(self, value: float) -> Column:
        """Return the column of a constant, one per value."""
        key = "nan" if isnan(value) else repr(float(value))
        if key not in self._known:
            self._known[key] = Column(len(self.values), shared=True, stage=0)
            self.values.append(float(value))
        return self._known[key]

    def place(self, column: Column) -> int:
        """Return the final number of a column, once all constants are known. It is that column's own for good."""
        if column.shared:
            return column.index
        known = self.placed(column)
        return (
            self._places.setdefault((column.site, column.index), self.more(column.site, column.width))
            if known is None
            else known
        )

    def placed(self, column: Column) -> int | None:
        """Return the final number of a column, or None where it has none yet."""
        return column.index if column.shared else self._places.get((column.site, column.index))

    def more(self, site: int, width: int = 1) -> int:
        """Return the first of `width` columns of a site that nothing uses."""
        taken = self._taken.get(site, 0)
        self._taken[site] = taken + width
        return len(self.values) + taken

    def total(self) -> int:
        """How many columns there are."""
        return len(self.values) + max(self._taken.values(), default=0)
