"""A pool of accounts: the rows of a list as numbers with what is known of each; bad rows are named and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path

from tidegate.errors import FileError, NumberError
from tidegate.screening.lists.columns import Columns, find_columns
from tidegate.screening.lists.facts import READERS, Value, words
from tidegate.screening.lists.pool_members import Members, Plan
from tidegate.screening.lists.table_file import Cell, Table, read_table
from tidegate.screening.numbers.number import Number, clean, read_number

ROWS_MAX = 100_000  # accounts per upload, before duplicates go (sops.batch-limit-100000)
_LOOKED_AT = 50  # rows from which columns are found out
_PROGRESS_ROWS = 2000
REMARKS_JOINED = "; "
_SEEN_MAX = 8192  # different cells of a column of facts that are remembered with what they say


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


@dataclass(frozen=True, slots=True)
class Doubt(Fault):
    """What is odd about a cell that counts all the same."""

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.problem} ({self.hint})"


@dataclass
class Pool:
    """A list as read: its accounts in order, each number once, and everything that is to be said about it."""

    members: Members
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
    pool = Pool(
        Members(fact for fact in columns.places if fact != "number"),
        remarks=list(table.remarks),
        columns=columns,
        kind=table.kind,
    )
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


class _Fact:
    """A column of facts. `look` says what a cell says, None where that is not known yet; cells that are alike say the same."""

    __slots__ = ("look", "name", "read", "seen")

    def __init__(self, name: str) -> None:
        self.name = name
        self.read = READERS[name]
        self.seen: dict[Cell, Value] = {}
        self.look: Callable[[Cell], Value | None] = self.read if self.read is words else self.seen.get

    def learn(self, cell: Cell) -> Value:
        """Return what a cell says that was not seen yet; raise ValueError or OverflowError where it cannot be read."""
        value = self.read(cell)
        if len(self.seen) < _SEEN_MAX and not isinstance(cell, bool):
            self.seen[cell] = value
        return value


class _Intake:
    """Takes rows into a pool."""

    def __init__(self, pool: Pool, table: Table, columns: Columns, reading: Reading) -> None:
        self.pool = pool
        self.table = table
        self.columns = columns
        self.reading = reading
        self._at = columns.places["number"]
        self._width = 1 + max(columns.places.values())
        self._facts = [_Fact(name) for name in pool.members.facts]
        self._looks = [fact.look for fact in self._facts]
        places = [columns.places[fact.name] for fact in self._facts]
        self._cells: Callable[[Sequence[Cell]], Sequence[Cell]] = (
            itemgetter(*places) if len(places) > 1 else lambda cells: [cells[place] for place in places]
        )

    def take(self, row: int, cells: Sequence[Cell]) -> None:
        """Take a row: its number, else a fault; and what it says besides."""
        if len(cells) < self._width:
            cells = [*cells, *[None] * (self._width - len(cells))]
        at, members = self._at, self.pool.members
        cell = cells[at]
        told: Plan
        plan = clean(cell) if isinstance(cell, str) and (row, at) not in self.table.formulas else None
        if plan is not None:
            e164, warning, told = str(cell), "", (True, *plan)
        else:
            try:
                number = self._number(row, at, cell)
            except NumberError as error:
                self.pool.faults.append(
                    Fault(row, self.columns.called(at), error.problem, error.hint, fatal=True)
                )
                return
            e164, warning, told = number.e164, number.warning, (number.valid, number.country, number.kind)
        if warning:
            self._warn(row, at, warning, "check the number")
        values = self._values(row, self._cells(cells))
        known = members.place(e164)
        if known is None:
            members.add(e164, row, told, warning, values)
        else:
            self._again(known, row, values)

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

    def _values(self, row: int, cells: Sequence[Cell]) -> list[Value | None]:
        """Return what the cells say, None where they say nothing; what cannot be read is a fault.

        True equals 1 and says another thing, so it is never looked up.
        """
        values = [
            None if cell is None or cell is True or cell is False else look(cell)
            for look, cell in zip(self._looks, cells, strict=True)
        ]
        if None not in values:
            return values
        for place, cell in enumerate(cells):
            if cell is None or values[place] is not None:
                continue
            fact = self._facts[place]
            try:
                values[place] = fact.learn(cell)
            except (ValueError, OverflowError) as error:
                shown = f"`{str(cell)[:40]}` is no {fact.name.replace('_', ' ')}"
                at = self.columns.places[fact.name]
                self.pool.faults.append(Fault(row, self.columns.called(at), shown, str(error), fatal=False))
        return values

    def _again(self, known: int, row: int, values: Sequence[Value | None]) -> None:
        """Keep what a further row with the same number says, where the first said nothing; remarks are kept both."""
        members = self.pool.members
        members.duplicates.setdefault(known, []).append(row)
        for fact, value in zip(members.facts, values, strict=True):
            if value is None:
                continue
            before = members.fact(known, fact)
            if before is None:
                members.tell(known, fact, value)
            elif fact == "remark":
                if value and value not in str(before).split(REMARKS_JOINED):
                    members.tell(known, fact, REMARKS_JOINED.join(filter(None, (str(before), str(value)))))
            elif before != value:
                self._warn(
                    row,
                    self.columns.places[fact],
                    f"row {members.rows[known]} says otherwise of the same number; that one counts",
                    "make them one row",
                )

    def _warn(self, row: int, at: int, problem: str, hint: str) -> None:
        self.pool.warnings.append(Doubt(row, self.columns.called(at), problem, hint, fatal=False))
