"""Which column of a list holds what: by its heading, in many languages, by option, or by what stands in it."""

# ruff: noqa: RUF001  # letters of other alphabets are the point

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.errors import FileError
from tidegate.events.suggestions import meant
from tidegate.screening.lists.headings import NAMES, fact_of, holds_content, plain
from tidegate.screening.lists.table_file import Cell
from tidegate.screening.lists.workbook_cells import column_letters, column_number

_HEAD_ROWS = 20  # a heading stands near the top


@dataclass
class Columns:
    """Where each fact stands: name -> index of the column. `ignored` are headings that say nothing to us."""

    places: dict[str, int]
    header_row: int | None = None
    headings: dict[int, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def called(self, index: int) -> str:
        """Return how people call a column: its letter, and its heading where it has one."""
        heading = self.headings.get(index)
        return f"{column_letters(index)} (`{heading[:40]}`)" if heading else column_letters(index)


def find_columns(
    rows: Sequence[tuple[int, Sequence[Cell]]], given: Mapping[str, str], *, place: str
) -> Columns:
    """Return where the facts stand, from the first rows of a list.

    `given` maps facts to headings or to letters of columns, and wins. Raise FileError where no column holds numbers, and where one
    holds messages.
    """
    columns = _by_heading(rows[:_HEAD_ROWS])
    for at, heading in columns.headings.items():
        if holds_content(heading):
            raise FileError(
                f"column {columns.called(at)} holds messages, which are not taken",
                place=place,
                hint="take the column out: what people write to each other is none of a screening's business",
            )
    for fact, wanted in given.items():
        if fact not in NAMES:
            raise FileError(
                f"there is no fact `{fact}`",
                place=place,
                hint=f"{meant(fact, NAMES)}one of {', '.join(NAMES)}",
            )
        columns.places[fact] = _named(wanted, columns, fact, place)
    if "number" not in columns.places:
        index = _by_content(rows)
        if index is None:
            raise FileError(
                "no column holds phone numbers",
                place=place,
                hint="name it: `--column number=B`, or head it with `number`",
            )
        columns.places["number"] = index
    taken = set(columns.places.values())
    columns.ignored = [heading for index, heading in sorted(columns.headings.items()) if index not in taken]
    return columns


def _by_heading(rows: Sequence[tuple[int, Sequence[Cell]]]) -> Columns:
    """Return the columns by the first row that has a heading of ours and no number."""
    for number, cells in rows:
        texts = {index: cell for index, cell in enumerate(cells) if isinstance(cell, str)}
        if any(looks_like_number(cell) for cell in cells):
            break
        places: dict[str, int] = {}
        for index, text in texts.items():
            fact = fact_of(text)
            if fact is not None:
                places.setdefault(fact, index)
        if places:
            return Columns(places, number, texts)
    number, cells = rows[0]
    if all(isinstance(cell, str) for cell in cells) and not any(looks_like_number(cell) for cell in cells):
        return Columns(
            {}, number, {index: str(cell) for index, cell in enumerate(cells)}
        )  # headings that we do not know
    return Columns({})


def _named(wanted: str, columns: Columns, fact: str, place: str) -> int:
    for index, heading in columns.headings.items():
        if plain(heading) == plain(wanted):
            return index
    if re.fullmatch(r"[A-Za-z]{1,3}", wanted):
        return column_number(wanted.upper())
    listed = ", ".join(f"`{h}`" for h in list(columns.headings.values())[:12]) or "no headings"
    raise FileError(
        f"there is no column `{wanted}` for `{fact}`", place=place, hint=f"name a letter, or one of {listed}"
    )


def _by_content(rows: Sequence[tuple[int, Sequence[Cell]]]) -> int | None:
    counts: dict[int, int] = {}
    for _, cells in rows:
        for index, cell in enumerate(cells):
            if looks_like_number(cell):
                counts[index] = counts.get(index, 0) + 1
    best = max(counts, key=lambda index: (counts[index], -index), default=None)
    return best if best is not None and counts[best] * 2 >= len(rows) else None


def looks_like_number(cell: Cell) -> bool:
    """Whether a cell may hold a phone number: seven to fifteen digits and nothing that phone numbers are not written with."""
    if isinstance(cell, bool):
        return False
    text = f"{cell:.0f}" if isinstance(cell, int | float) else cell
    if not isinstance(text, str):
        return False
    digits = sum(c.isdigit() for c in text)
    return 7 <= digits <= 17 and all(c.isdigit() or c in "+-–()./ \u00a0'eE," for c in text)  # noqa: PLR2004
