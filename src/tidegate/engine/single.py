"""One event at a time, without the arrays that pay off only for many: the same passes over position 0 of the chunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.events.kinds import Date
from tidegate.expr import Kind

if TYPE_CHECKING:
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.events import EventBlock, Field

NAN, NULL = float("nan"), float("-inf")
UNSET = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class Cell:
    """How a field gets to its column: `intern` gives the id of a name, None for numbers."""

    value: Callable[[Any], Any]
    column: int
    many: bool
    intern: Callable[[str], int] | None


@dataclass(frozen=True, slots=True)
class SiteSteps:
    """What an event of one site takes: its cells, the columns of standing, the passes."""

    cells: tuple[Cell, ...]
    standing: tuple[tuple[int, int], ...]
    passes: tuple[Callable[[], object], ...]


class SingleEvents:
    """Lays out and runs single events over a plan. `run` refuses (False) what needs the general way: dates, long lists."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._ready = tuple(self._site_steps(site) for site in plan.sites)
        self._site_of = plan.site_of_code.tolist()

    def _site_steps(self, site: PlacedSite) -> SiteSteps | None:
        cells = []
        for name, named, column in site.fields:
            if isinstance(named, Date):
                return None
            cells.append(self._cell(name, named, column))
        passes: list[Callable[[], object]] = [
            partial(self.plan.program.run, stage, site.number, 0, 1) if step is None else partial(step, 1)
            for stage, step in self.plan.schedule((site.number,))
        ]
        return SiteSteps(tuple(cells), tuple((key, own) for _, key, own in site.standing), tuple(passes))

    def _cell(self, name: str, named: Field, column: int) -> Cell:
        named_by_ids = named.kind in (Kind.SYMBOL, Kind.LIST)
        intern = self.plan.names.space(named.domain).intern if named_by_ids else None
        value: Callable[[Any], Any] = attrgetter(name)
        if named.picks:
            whole = value
            value = lambda record: named.pick(whole(record))  # noqa: E731  a cell has one way to its value
        return Cell(value, column, named.kind is Kind.LIST, intern)

    def site(self, block: EventBlock) -> int:
        """Return the site of the only event of a block; -1 where the plan does not read such events."""
        return int(self._site_of[block.records[0].type_code])

    def run(self, block: EventBlock, site: int) -> bool:
        """Run the passes over the only event of a block; False where nothing was done."""
        steps = self._ready[site]
        record = block.records[0]
        if steps is None or not self._lay_out(steps, record):
            return False
        plan, ts = self.plan, int(block.ts[0])
        chunk = plan.chunk
        chunk.n = 1
        chunk.order[0] = 0
        chunk.kind[0] = site
        chunk.ts[0] = ts
        chunk.cols[0, 0] = ts
        plan.fired[:, 0] = 0
        plan.undecided[:, 0] = 0
        plan.hit[0] = plan.open[0] = 0
        for key, own in steps.standing:
            chunk.cols[own, 0] = 0.0 if chunk.cols[key, 0] >= 0 else NAN
        for run in steps.passes:
            run()
        return True

    def _lay_out(self, steps: SiteSteps, record: object) -> bool:
        cols = self.plan.chunk.cols
        held = 0
        for cell in steps.cells:
            value = cell.value(record)
            if value is UNSET or value is None:
                number = NAN if value is UNSET else NULL
                if cell.many:
                    cols[cell.column + 1, 0] = number
            elif cell.many:
                if held + len(value) > self.plan.chunk.item_room:
                    return False
                number = held
                held = self._place(value, cell, held)
                cols[cell.column + 1, 0] = held - number
            elif cell.intern is not None:
                number = cell.intern(value)
            else:
                number = float(value)
            cols[cell.column, 0] = number
        return True

    def _place(self, members: list[Any], cell: Cell, held: int) -> int:
        """Write the members of a list behind those already there; return how many there are then."""
        items = self.plan.chunk.items
        for member in members:
            items[held] = (
                cell.intern(member) if cell.intern is not None and member.__class__ is str else member
            )
            held += 1
        return held
