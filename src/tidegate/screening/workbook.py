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
from tidegate.screening.workbook_summary import HAIR, INK, PAPER_A4, TIERS, add_summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


SHEETS = TIERS  # a sheet per tier
WIDTHS = {
    "number": 17, "remark": 24, "score": 8, "risk types": 18, "labels": 20, "reasons": 46, "not known": 34, "advice": 38,
}  # fmt: skip
WRAPPED = ("remark", "risk types", "labels", "reasons", "not known", "advice")
# the height of a row is written, as spreadsheets would measure every cell of a long list
LINE_POINTS, LINES_MAX = 15, 20
LETTERS_PER_WIDTH = 1.1  # widths are in digits, and most letters are narrower
# the formats of the cells of accounts, by their place in the workbook
PLAIN, WRAP, SCORE = 1, 2, 3
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
        self._wrapped = [
            (column, int(LETTERS_PER_WIDTH * WIDTHS[title]))
            for column, title in enumerate(head)
            if title in WRAPPED
        ]
        self._formats = [WRAP if title in WRAPPED else SCORE if title == "score" else PLAIN for title in head]

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
            _cell(column, cell, self._formats[column]).replace(ROW, number)
            for column, cell in enumerate(cells)
            if cell not in ("", None)
        )
        self._rows[tier].write(f'<row r="{number}"{self._height(cells)}>{written}</row>'.encode())

    def _height(self, cells: Sequence[object]) -> str:
        """Return the height of a row as an attribute; nothing where every text of it fits into one line."""
        lines = 1
        for column, width in self._wrapped:
            letters = len(str(cells[column]))
            if letters > lines * width:
                lines = -(-letters // width)
        return "" if lines == 1 else f' ht="{LINE_POINTS * min(lines, LINES_MAX)}" customHeight="1"'

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
        _add_cell_formats(book)
        add_summary(book, summary)
        for tier in SHEETS:
            self._add_tier(book, tier)
        book.close()
        return held.getvalue()

    def _add_tier(self, book: xlsxwriter.Workbook, tier: str) -> None:
        """Add the sheet of a tier, without its accounts."""
        name, colour = SHEETS[tier]
        sheet = book.add_worksheet(name)
        sheet.set_tab_color(colour)
        sheet.freeze_panes(1, 1)
        for column, title in enumerate(self._head):
            sheet.set_column(column, column, WIDTHS.get(title, 16))
        head = book.add_format(
            {"bold": True, "bottom": 2, "bottom_color": colour, "font_color": INK, "valign": "vcenter"}
        )
        sheet.set_row(0, 24)
        sheet.write_row(0, 0, [title.capitalize() for title in self._head], head)
        sheet.autofilter(0, 0, max(self._count[tier], 1), len(self._head) - 1)
        hairline = book.add_format({"bottom": 1, "bottom_color": HAIR})
        sheet.conditional_format(
            1, 0, max(self._count[tier], 1), len(self._head) - 1, {"type": "no_errors", "format": hairline}
        )
        sheet.set_landscape()
        sheet.set_paper(PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.set_header(f"&L&8Screening: {name}")
        sheet.set_footer("&L&8Holds personal data&R&8&P of &N")


def _add_cell_formats(book: xlsxwriter.Workbook) -> None:
    """Add the formats of accounts' cells, first of all: their places are in rows that are written already."""
    formats = {
        PLAIN: {"valign": "top"}, WRAP: {"valign": "top", "text_wrap": True}, SCORE: {"valign": "top", "num_format": "0.00", "align": "left"},
    }  # fmt: skip
    for place, look in formats.items():
        assert book.add_format(look)._get_xf_index() == place  # noqa: SLF001  nothing public says it


@lru_cache(maxsize=16_384)
def _cell(column: int, cell: object, look: int) -> str:
    """Return a cell as the format has it; many accounts have the same."""
    place = f'<c r="{LETTERS[column]}{ROW}" s="{look}"'
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{place}><v>{cell!r}</v></c>"
    text = escape(_UNWRITABLE.sub("", safe(cell)[:CELL_CHARS_MAX]))
    return f'{place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
