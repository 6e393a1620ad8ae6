"""A table in a file that somebody sent: XLSX or CSV, its rows as cells with the numbers people see beside them.

The sender is not trusted: a workbook is weighed before it is unpacked, and nothing in it is ever run.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import cast

from tidegate.errors import FileError, reason
from tidegate.screening.lists.text_encoding import decoded
from tidegate.screening.lists.workbook_cells import formula_cells

Cell = str | float | bool | date | datetime | time | timedelta | None

FILE_BYTES_MAX = 256 << 20  # 268 bytes a row for a million rows
UNPACKED_BYTES_MAX = 2 << 30
RATIO_MAX = 200  # chosen: deflate reaches 1,032 at most, and a bomb is made to come near it
COLUMNS_MAX = 1000
MERGED_CELLS_MAX = 100_000  # of one merged cell; a title over whole columns is none of the list
CELL_CHARS_MAX = 32_767  # what a cell of a spreadsheet holds
DELIMITERS = ",;\t|"
_SAMPLE_LINES = 50
_QUOTING = '="'  # how a cell begins that keeps a spreadsheet from counting


@dataclass
class Table:
    """Rows with their numbers in the file, counted from 1, empty ones left out.

    `remarks` are what is said about the file as a whole. `formulas` are the (row, column) of cells that hold a formula: their
    value is what the spreadsheet last computed. `covered` are cells that a merged cell hides: (row, column) -> row, column
    of the cell that is shown there.
    """

    rows: Iterator[tuple[int, Sequence[Cell]]]
    kind: str
    remarks: list[str] = field(default_factory=list)
    formulas: frozenset[tuple[int, int]] = frozenset()
    covered: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def read_table(file: Path, *, sheet: str | None = None) -> Table:
    """Return the table in a file (of a workbook: in the sheet of that name, else the first that is shown and not empty).

    Raise FileError where the file cannot be read, is no table, or is too large.
    """
    try:
        size = file.stat().st_size
    except OSError as error:
        raise FileError(f"cannot read: {reason(error)}", place=str(file), hint="check the path") from None
    if size > FILE_BYTES_MAX:
        raise FileError(
            f"{size >> 20} MiB are more than the {FILE_BYTES_MAX >> 20} MiB allowed",
            place=str(file),
            hint="split the list",
        )
    suffix = file.suffix.casefold()
    with file.open("rb") as opened:
        start = opened.read(8)
    if suffix in (".xlsx", ".xlsm") or (suffix not in (".csv", ".tsv") and start.startswith(b"PK\x03\x04")):
        return _workbook(file, sheet)
    if suffix in (".csv", ".tsv"):
        return _text(file)
    raise FileError(
        f"`{suffix or file.name}` is no format of lists that can be read",
        place=str(file),
        hint="save it as .xlsx or .csv",
    )


# workbooks ------------------------------------------------------------------------------------------------------
def _workbook(file: Path, sheet: str | None) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    _weigh(file)
    try:
        book = CalamineWorkbook.from_path(file)
        names = [found.name for found in book.sheets_metadata if found.visible == SheetVisibleEnum.Visible]
        if sheet is not None and sheet not in book.sheet_names:
            listed = ", ".join(f"`{name}`" for name in book.sheet_names[:10])
            raise FileError(f"there is no sheet `{sheet}`", place=str(file), hint=f"it has {listed}")
        tried = [sheet] if sheet is not None else [*names, book.sheet_names[0]]
        found = next((f for n in tried if (f := book.get_sheet_by_name(n)).total_height), None)
        found = found or book.get_sheet_by_name(tried[-1])
        chosen = found.name
    except PasswordError:
        raise FileError(
            "it is protected by a password", place=str(file), hint="save it without one"
        ) from None
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise FileError(
            f"it is no workbook: {str(error).lower()[:200]}", place=str(file), hint="save it again as .xlsx"
        ) from None
    if found.total_width > COLUMNS_MAX:
        raise FileError(
            f"it has {found.total_width} columns",
            place=str(file),
            hint=f"keep those that matter; at most {COLUMNS_MAX}",
        )
    others = [name for name in names if name != chosen]
    remarks = (
        [f"read sheet `{chosen}`, not {', '.join(f'`{name}`' for name in others)}"]
        if others and sheet is None
        else []
    )
    covered = _covered(found.merged_cell_ranges or ())
    left = (
        found.start[1] if found.start else 0
    )  # rows come from the first of the sheet on, cells from the first that is used
    rows = _numbered(cast("Iterator[Sequence[Cell]]", found.iter_rows()), left)
    formulas = formula_cells(file, book.sheet_names.index(chosen))
    return Table(rows, "xlsx", remarks, formulas, covered)


def _covered(
    merged: Iterable[tuple[tuple[int, int], tuple[int, int]]],
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the cells that merged ones hide, and which cell is shown in their place."""
    covered = {}
    for (top, left), (bottom, right) in merged:
        last = bottom if (bottom - top + 1) * (right - left + 1) <= MERGED_CELLS_MAX else top
        for row in range(top, last + 1):
            for column in range(left, right + 1):
                covered[row + 1, column] = (top + 1, left)
        del covered[top + 1, left]
    return covered


def _numbered(rows: Iterator[Sequence[Cell]], left: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    pad: list[Cell] = [None] * left
    for number, row in enumerate(rows, 1):
        cells = [None if cell == "" else cell for cell in row]
        if any(cell is not None for cell in cells):
            yield number, [*pad, *cells]


def _weigh(file: Path) -> None:
    """Refuse a workbook that would unpack to more than it should, by its own table of contents."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FileError(
            f"it is no workbook: {str(error).lower()}", place=str(file), hint="save it again as .xlsx"
        ) from None
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, file.stat().st_size)
    if unpacked > UNPACKED_BYTES_MAX or (unpacked > 10 << 20 and unpacked > RATIO_MAX * packed):
        raise FileError(
            f"it unpacks to {unpacked >> 20} MiB, {unpacked // packed} times its size: no list does",
            place=str(file),
            hint="save the list again, without anything else in it",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise FileError("it is protected by a password", place=str(file), hint="save it without one")


# text -----------------------------------------------------------------------------------------------------------
def _text(file: Path) -> Table:
    text, remark = decoded(file.read_bytes(), place=str(file))
    text = text.removeprefix("\ufeff")
    remarks = [remark] if remark else []
    if text[:4].casefold() == "sep=":  # a line that Excel writes, and reads
        head, _, text = text.partition("\n")
        delimiter = head[4:5] or ","
        skipped = 1
    else:
        delimiter = "\t" if file.suffix.casefold() == ".tsv" else _delimiter(text)
        skipped = 0
    return Table(_lines(text, delimiter, skipped, str(file)), "csv", remarks)


def _delimiter(text: str) -> str:
    """Return the character that splits the first lines into the same number of parts most often; a comma where none does."""
    lines = [line for line in text[:100_000].splitlines()[:_SAMPLE_LINES] if line.strip()]

    def steadiness(mark: str) -> tuple[int, int]:
        counts = [len(next(csv.reader([line], delimiter=mark), [])) for line in lines]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual) if usual > 1 else 0, usual)

    try:
        return max(DELIMITERS, key=steadiness)
    except csv.Error:
        return ","


def _lines(text: str, delimiter: str, skipped: int, place: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    csv.field_size_limit(CELL_CHARS_MAX)
    plain = _QUOTING not in text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        number = reader.line_num + 1 + skipped
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileError(
                f"{str(error).lower()}",
                place=f"{place}:{number}",
                hint="look for a quotation mark that is never closed",
            ) from None
        if len(row) > COLUMNS_MAX:
            raise FileError(f"{len(row)} columns", place=f"{place}:{number}", hint=f"at most {COLUMNS_MAX}")
        stripped = [cell.strip() for cell in row]
        if any(stripped):
            yield number, [cell or None if plain else unquoted(cell) for cell in stripped]


def unquoted(cell: str) -> Cell:
    """Return what a cell of text shows: `="+49151"`, a way to keep a spreadsheet from counting, is `+49151`.

    >>> unquoted('="+4915123456789"')
    '+4915123456789'
    """
    text = cell.strip()
    if text.startswith(_QUOTING) and text.endswith('"') and '"' not in text[2:-1]:
        text = text[2:-1]
    return text or None
