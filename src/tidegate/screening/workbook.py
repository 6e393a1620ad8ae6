"""The workbook of a screening: a summary, and a sheet per tier. Texts are texts: nothing in it is ever run.

xlsxwriter makes the workbook with its headings, widths and filters; the rows of accounts, which are the bulk of it and all of one
form, are put into its sheets as text, in a tenth of the time.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, Self
from xml.sax.saxutils import escape

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from tidegate.screening.safe_cells import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

SHEETS = {"high": ("High risk", "#C0392B"), "low": ("Low risk", "#E0A030"), "secure": ("Secure", "#2E8B57")}
WIDTHS = {
    "number": 18, "remark": 24, "score": 8, "risk types": 22, "labels": 22, "reasons": 60, "not known": 40, "advice": 50,
}  # fmt: skip
ROWS_MAX = 1_048_575  # of a sheet, below its heading
CELL_CHARS_MAX = 32_767
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  the format has no zone; a fixed day keeps the bytes the same
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROW = "\0"  # stands for the number of the row
_END = b"</sheetData>"
# what XML 1.0 cannot hold
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Workbook:
    """Takes the accounts of each tier as they come, in constant memory; the summary is the first sheet.

    Closes as a context; without `finish` nothing is written.
    """

    def __init__(self, file: Path, head: Sequence[str]) -> None:
        self._file = file
        self._head = head
        self._rows: dict[str, IO[bytes]] = {tier: tempfile.TemporaryFile() for tier in SHEETS}  # noqa: SIM115  closed by __exit__
        self._count = dict.fromkeys(SHEETS, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for rows in self._rows.values():
            rows.close()

    def add(self, tier: str, cells: Sequence[object]) -> None:
        """Add an account; what does not fit into the sheet is in the lists and in result.ndjson."""
        if self._count[tier] == ROWS_MAX:
            return
        self._count[tier] += 1
        number = str(self._count[tier] + 1)
        written = "".join(
            _cell(column, cell).replace(ROW, number)
            for column, cell in enumerate(cells)
            if cell not in ("", None)
        )
        self._rows[tier].write(f'<row r="{number}">{written}</row>'.encode())

    def finish(self, summary: dict[str, Any]) -> None:
        """Write the file. Raise OSError where that fails."""
        frame = io.BytesIO(self._frame(summary))
        with (
            zipfile.ZipFile(frame) as made,
            zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as out,
        ):
            sheets = {f"xl/worksheets/sheet{place}.xml": tier for place, tier in enumerate(SHEETS, 2)}
            for part in made.infolist():
                info = zipfile.ZipInfo(part.filename, ZIP_DAY)
                info.compress_type = zipfile.ZIP_DEFLATED
                with out.open(info, "w", force_zip64=True) as written:
                    for piece in self._pieces(made.read(part), sheets.get(part.filename)):
                        written.write(piece)

    def _pieces(self, text: bytes, tier: str | None) -> Iterator[bytes]:
        """Yield a part of the workbook, with the rows of its tier put in."""
        if tier is None:
            yield text
            return
        before, end, after = text.partition(_END)
        assert end, "a sheet with a heading has rows"
        last = f"{LETTERS[len(self._head) - 1]}{self._count[tier] + 1}".encode()
        yield re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:' + last + b'"/>', before, count=1)
        self._rows[tier].seek(0)
        while piece := self._rows[tier].read(1 << 20):
            yield piece
        yield end + after

    def _frame(self, summary: dict[str, Any]) -> bytes:
        """Return the workbook without its accounts."""
        held = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(held, options)
        book.set_properties({"title": "Screening", "created": CREATED})
        bold = book.add_format({"bold": True, "bottom": 1})
        first = book.add_worksheet("Summary")
        for tier, (name, colour) in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.set_tab_color(colour)
            sheet.freeze_panes(1, 1)
            for column, title in enumerate(self._head):
                sheet.set_column(column, column, WIDTHS.get(title, 16))
            sheet.write_row(0, 0, [title.capitalize() for title in self._head], bold)
            sheet.autofilter(0, 0, max(self._count[tier], 1), len(self._head) - 1)
        _fill(first, summary, bold, book.add_format({"num_format": "0.0 %"}))
        book.close()
        return held.getvalue()


@lru_cache(maxsize=16_384)
def _cell(column: int, cell: object) -> str:
    """Return a cell as the format has it; many accounts have the same."""
    place = f'<c r="{LETTERS[column]}{ROW}"'
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{place}><v>{cell!r}</v></c>"
    text = escape(_UNWRITABLE.sub("", safe(cell)[:CELL_CHARS_MAX]))
    return f'{place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _fill(sheet: Worksheet, summary: dict[str, Any], bold: Format, percent: Format) -> None:
    """Write the summary from top to bottom."""
    sheet.set_column(0, 0, 58)
    sheet.set_column(1, 4, 14)
    row = 0

    def line(*cells: object, form: Format | None = None) -> None:
        nonlocal row
        for column, cell in enumerate(cells):
            if isinstance(cell, float) and form is None:
                sheet.write_number(row, column, cell, percent)
            elif isinstance(cell, int | float) and not isinstance(cell, bool):
                sheet.write_number(row, column, cell, form)
            else:
                sheet.write_string(row, column, safe(cell), form)
        row += 1

    line("Screening of an account pool", form=bold)
    line("Time of the screening", summary["screened_at"])
    for name in ("rows", "accounts", "duplicates", "rejected_rows", "events"):
        line(name.replace("_", " ").capitalize(), summary[name])
    line()
    line("Tier", "Accounts", "Share", form=bold)
    for tier, (title, _) in SHEETS.items():
        line(title, summary["tiers"][tier]["accounts"], summary["tiers"][tier]["share"])
    line("Secure, but nothing is known of them", summary["secure_but_nothing_known"])
    line()
    line("Risk type", "Accounts", "Share", form=bold)
    for risk, found in summary["risk_types"].items():
        line(risk.replace("_", "-").capitalize(), found["accounts"], found["share"])
    line()
    line("Check", "True", "False", "Unknown", form=bold)
    for check, found in summary["checks"].items():
        line(check, found["true"], found["false"], found["unknown"])
    line()
    line("The pool as a whole", "Observed", "Limit", "Holds", "Main account", form=bold)
    for found in summary["pool"]:
        what = f"{found['what']} ({found['row']})"
        held = "yes" if found["holds"] else "no"
        line(what, f"{found['observed']:g}", f"{found['limit']:g}", held, found["main_account"])
