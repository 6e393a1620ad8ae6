"""Which columns instructions write: a result that only instructions read gives its column back after the last of them.

An event of a kind that many rules judge has several hundred results. In columns of their own they would not fit the
second-level cache, and every instruction would wait for memory.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from tidegate.engine.compile.stages import LAST

if TYPE_CHECKING:
    from tidegate.engine.compile.column import Column, SharedColumns
    from tidegate.engine.compile.site import Site

Row = tuple[int, ...]


def placed_code(site: Site, shared: SharedColumns) -> list[tuple[int, Row]]:
    """Return the instructions of a site as (stage, (op, result, operands...)), in order of stages, by final column.

    Everybody else who reads or writes columns of the site must have placed them before. What the last stage reads of earlier
    ones is kept too: that stage runs again where something is on record about an entity.
    """
    code = sorted(site.code, key=lambda row: row[0])
    last_use: dict[int, int] = {}
    for number, (stage, _, _, operands) in enumerate(code):
        for column in _columns(operands):
            if stage >= LAST > column.stage:
                shared.place(column)
            last_use[column.index] = number
    made = {result.index for _, _, result, _ in code if not result.shared}
    held: dict[int, int] = {}  # column of results that are still needed
    free: list[int] = []
    rows = []
    for number, (stage, op, result, operands) in enumerate(code):
        inputs = [o if isinstance(o, int) else _found(o, held, made, shared) for o in operands]
        target = shared.placed(result)
        if target is None:
            target = heapq.heappop(free) if free else shared.more(site.number)
            held[result.index] = target
        rows.append((stage, (op, target, *inputs)))
        spent = {c.index for c in _columns(operands)} | {result.index}
        for index in sorted(spent & held.keys()):
            if last_use.get(index, -1) <= number:
                heapq.heappush(free, held.pop(index))
    return rows


def _columns(operands: tuple[Column | int, ...]) -> list[Column]:
    """Operands that are columns of the site."""
    return [o for o in operands if not isinstance(o, int) and not o.shared]


def _found(column: Column, held: dict[int, int], made: set[int], shared: SharedColumns) -> int:
    """Where an operand stands. What no instruction makes and nobody placed is never written: not known."""
    if not column.shared and column.index in held:
        return held[column.index]
    assert column.shared or shared.placed(column) is not None or column.index not in made, column
    return shared.place(column)
