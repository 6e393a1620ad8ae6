"""A list once more without some of its accounts: what is said of all others, and the row it stands in, stay as they are."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from tidegate.screening.lists.facts import READERS, moment
from tidegate.screening.lists.pool import Pool, Reading, read_pool
from tidegate.screening.lists.table_file import Cell, read_table
from tidegate.windows.timestamps import format_rfc3339


def write_without(
    file: Path, out: Path, reading: Reading, numbers: Collection[str], account_id: str | None = None
) -> int:
    """Write a list as CSV without the rows of these numbers (E.164), and of an account that it calls by its id.

    Return how many accounts were left out; where there are none, nothing is written. It is read as `file` is, by the same options:
    columns and rows keep their places, numbers are in E.164 where they could be read. Raise FileError where `file` cannot be read.
    """
    pool = read_pool(file, replace(reading, rows_max=None))
    gone = _places(pool, numbers, account_id)
    if not gone:
        return 0
    members = pool.members
    of_row = dict(zip(members.rows, members.numbers, strict=True))
    for place, rows in members.duplicates.items():
        of_row.update(dict.fromkeys(rows, members.numbers[place]))
    left_out = {members.numbers[place] for place in gone}
    facts = {at: fact for fact, at in pool.columns.places.items()} if pool.columns else {}
    table = read_table(file, sheet=reading.sheet)
    lines = {
        row: _line(cells, facts, of_row.get(row))
        for row, cells in table.rows
        if of_row.get(row) not in left_out
    }
    width = max(map(len, lines.values()), default=1)
    with out.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        for row in range(1, 1 + max((*lines, *of_row), default=0)):
            line = lines.get(row, [])
            writer.writerow([*line, *[""] * (width - len(line))])
    return len(gone)


def _places(pool: Pool, numbers: Collection[str], account_id: str | None) -> set[int]:
    members = pool.members
    found = {place for number in numbers if (place := members.place(number)) is not None}
    if account_id is not None:
        found |= {place for place, named in enumerate(members.column("account_id")) if named == account_id}
    return found


def _line(cells: Sequence[Cell], facts: Mapping[int, str], number: str | None) -> list[str]:
    return [
        number if number is not None and facts.get(at) == "number" else _text(cell, facts.get(at, ""))
        for at, cell in enumerate(cells)
    ]


def _text(cell: Cell, fact: str) -> str:
    """Return a cell as text that is read as the cell is; a line of the file stays one."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if READERS.get(fact) is moment and isinstance(cell, int | float | date):
        try:
            return format_rfc3339(moment(cell))
        except (ValueError, OverflowError):
            return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004  beyond it digits are lost
        return f"{cell:.0f}"
    return " ".join(str(cell).splitlines())
