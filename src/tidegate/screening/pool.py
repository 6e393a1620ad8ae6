"""A pool of accounts: the rows of a list as numbers with what is known of each; bad rows are named and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from tidegate.errors import FileError, NumberError
from tidegate.screening.columns import Columns, find_columns
from tidegate.screening.facts import READERS, Value
from tidegate.screening.number import Number, read_number
from tidegate.screening.table_file import Cell, Table, read_table

ROWS_MAX = 100_000  # accounts per upload, before duplicates go (sops.batch-limit-100000)
_LOOKED_AT = 50  # rows from which columns are found out
_PROGRESS_ROWS = 2000
REMARKS_JOINED = "; "


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: `column` as people call it. `fatal`: the row was left out; else the cell alone."""

    row: int
    column: str
    problem: str
    hint: str
    fatal: bool

    def __str__(self) -> str:
        what = "" if self.fatal else "; the row is kept without it"
        return f"row {self.row}, column {self.column}: {self.problem}{what} ({self.hint})"


@dataclass(slots=True)
class Member:
    """An account of the pool: its number, the first row it stands in, and the facts the list brings along."""

    number: Number
    row: int
    facts: dict[str, Value] = field(default_factory=dict)
    duplicates: list[int] = field(default_factory=list)  # further rows with the same number

    @property
    def remark(self) -> str:
        """What was noted beside the number, in all its rows."""
        return str(self.facts.get("remark", ""))


@dataclass
class Pool:
    """A list as read: its accounts in order, each number once, and everything that is to be said about it."""

    members: dict[str, Member]
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    columns: Columns | None = None
    rows: int = 0
    kind: str = "csv"


@dataclass(frozen=True)
class Reading:
    """How to read a list. `columns` maps facts to headings or letters; `rows_max` None: as many as there are."""

    default_country: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    rows_max: int | None = ROWS_MAX


def read_pool(
    file: Path, reading: Reading | None = None, *, progress: Callable[[int], None] | None = None
) -> Pool:
    """Return the accounts of a list; raise FileError where the file as a whole cannot be read, or has too many rows.

    `progress` is told how many rows have been read.
    """
    reading = reading or Reading()
    table = read_table(file, sheet=reading.sheet)
    rows = iter(table.rows)
    first = list(islice(rows, _LOOKED_AT))
    if not first:
        raise FileError("the list is empty", place=str(file), hint="it needs a column of phone numbers")
    columns = find_columns(first, reading.columns, place=str(file))
    pool = Pool({}, remarks=list(table.remarks), columns=columns, kind=table.kind)
    if columns.ignored:
        named = ", ".join(f"`{heading[:30]}`" for heading in columns.ignored[:10])
        pool.remarks.append(f"columns that say nothing to us were passed over: {named}")
    intake = _Intake(pool, table, columns, reading)
    head = columns.header_row
    for number, cells in chain((row for row in first if head is None or row[0] > head), rows):
        pool.rows += 1
        if reading.rows_max is not None and pool.rows > reading.rows_max:
            raise FileError(
                f"the list has more than {reading.rows_max:,} rows",
                place=str(file),
                hint="split it, or allow more with `--limit`",
            )
        intake.take(number, cells)
        if progress is not None and pool.rows % _PROGRESS_ROWS == 0:
            progress(pool.rows)
    if progress is not None:
        progress(pool.rows)
    return pool


@dataclass
class _Intake:
    """Takes rows into a pool."""

    pool: Pool
    table: Table
    columns: Columns
    reading: Reading

    def take(self, row: int, cells: Sequence[Cell]) -> None:
        """Take a row: its number, else a fault; and what it says besides."""
        places = self.columns.places
        at = places["number"]
        cell = cells[at] if at < len(cells) else None
        try:
            number = self._number(row, at, cell)
        except NumberError as error:
            self.pool.faults.append(
                Fault(row, self.columns.called(at), error.problem, error.hint, fatal=True)
            )
            return
        if number.warning:
            self._warn(row, at, number.warning, "check the number")
        facts = dict(self._facts(row, cells))
        known = self.pool.members.get(number.e164)
        if known is None:
            self.pool.members[number.e164] = Member(number, row, facts)
        else:
            self._again(known, row, facts)

    def _number(self, row: int, at: int, cell: Cell) -> Number:
        if cell is None and (origin := self.table.covered.get((row, at))) is not None:
            raise NumberError(
                f"the cell is merged with the one in row {origin[0]}",
                hint="undo the merging: every account needs its own row",
            )
        if (row, at) in self.table.formulas:
            self._warn(
                row,
                at,
                "the cell holds a formula; its last result was taken",
                "replace formulas by their values",
            )
        if isinstance(cell, bool) or not isinstance(cell, str | int | float):
            shown = "nothing" if cell is None else f"`{cell}`"
            raise NumberError(
                f"{shown} where a number belongs",
                hint="write it in international form, such as +4915123456789",
            )
        country = self.reading.default_country
        if isinstance(cell, str):
            return read_number(cell, default_country=country)
        if not abs(cell) < 1e16:  # noqa: PLR2004  beyond it a quantity has no digits any more
            raise NumberError(f"`{cell:g}` is no phone number", hint="format the column as text")
        return read_number(f"{cell:.0f}", default_country=country, as_quantity=True)

    def _facts(self, row: int, cells: Sequence[Cell]) -> Iterator[tuple[str, Value]]:
        for fact, at in self.columns.places.items():
            cell = cells[at] if at < len(cells) else None
            if fact == "number" or cell is None:
                continue
            try:
                yield fact, READERS[fact](cell)
            except (ValueError, OverflowError) as error:
                shown = f"`{str(cell)[:40]}` is no {fact.replace('_', ' ')}"
                self.pool.faults.append(Fault(row, self.columns.called(at), shown, str(error), fatal=False))

    def _again(self, known: Member, row: int, facts: dict[str, Value]) -> None:
        """Keep what a further row with the same number says, where the first said nothing; remarks are kept both."""
        known.duplicates.append(row)
        remark = str(facts.pop("remark", ""))
        for fact, value in facts.items():
            if known.facts.setdefault(fact, value) != value:
                at = self.columns.places[fact]
                self._warn(
                    row,
                    at,
                    f"row {known.row} says otherwise of the same number; that one counts",
                    "make them one row",
                )
        if remark and remark not in known.remark.split(REMARKS_JOINED):
            known.facts["remark"] = REMARKS_JOINED.join(filter(None, (known.remark, remark)))

    def _warn(self, row: int, at: int, problem: str, hint: str) -> None:
        self.pool.warnings.append(Fault(row, self.columns.called(at), problem, hint, fatal=False))
