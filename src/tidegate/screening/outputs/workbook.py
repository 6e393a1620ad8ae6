"""The workbook of a screening: a summary, and a sheet per tier. Texts are texts: nothing in it is ever run.

xlsxwriter makes the workbook with its headings, widths and filters; the rows of accounts, which are the bulk of it and all of one
form, are put into its sheets as text, in a tenth of the time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from tidegate.screening.outputs.workbook_rows import (
    LETTERS,
    PLAIN,
    ROWS_MAX,
    SCORE,
    WRAP,
    Account,
    SharedTexts,
    SheetRows,
)
from tidegate.screening.outputs.workbook_summary import HAIR, INK, PAPER_A4, SHEETS, add_summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


WIDTHS = {
    "number": 17, "remark": 24, "score": 8, "risk types": 18, "labels": 20, "reasons": 46, "not known": 34, "advice": 38,
}  # fmt: skip
WRAPPED = ("remark", "risk types", "labels", "reasons", "not known", "advice")
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  the format has no zone; a fixed day keeps the bytes the same
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
_END = b"</sheetData>"
_TEXTS = "xl/sharedStrings.xml"
_UNIQUE = re.compile(rb' uniqueCount="(\d+)"')
_LEVEL = 3


class Workbook:
    """A workbook of accounts by tier; the summary is the first sheet.

    `patterns` are the cells behind number and remark that accounts share; `counts` says how many accounts a tier has.
    """

    def __init__(
        self, head: Sequence[str], patterns: Sequence[Sequence[object]], counts: Mapping[str, int]
    ) -> None:
        self._head = head
        self._patterns = patterns
        self._count = {tier: min(counts[tier], ROWS_MAX) for tier in SHEETS}

    def write(
        self, file: Path, summary: dict[str, Any], accounts: Callable[[str], Iterable[Account]]
    ) -> None:
        """Write the file; `accounts` returns those of a tier. What does not fit into a sheet is left out. Raise OSError."""
        frame = zipfile.ZipFile(io.BytesIO(self._frame(summary)))
        table = frame.read(_TEXTS)
        shared = SharedTexts(int(_UNIQUE.search(table)[1]))  # type: ignore[index]  # the frame has texts
        rows = SheetRows(
            [WIDTHS.get(title) if title in WRAPPED else None for title in self._head],
            [WRAP if title in WRAPPED else SCORE if title == "score" else PLAIN for title in self._head],
            self._patterns,
            shared,
        )
        sheets = {f"xl/worksheets/sheet{place}.xml": tier for place, tier in enumerate(SHEETS, 2)}
        with frame, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out:
            for name in [name for name in frame.namelist() if name != _TEXTS]:
                tier = sheets.get(name)
                found = () if tier is None else rows.of(islice(accounts(tier), self._count[tier]))
                _put(out, name, self._filled(frame.read(name), tier, found))
            _put(out, _TEXTS, _with(table, shared))

    def _filled(self, text: bytes, tier: str | None, rows: Iterable[bytes]) -> Iterator[bytes]:
        """Yield a part of the workbook, with the rows of its tier put in."""
        if tier is None:
            yield text
            return
        before, end, after = text.partition(_END)
        assert end, "a sheet with a heading has rows"
        last = f"{LETTERS[len(self._head) - 1]}{self._count[tier] + 1}".encode()
        yield re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:' + last + b'"/>', before, count=1)
        yield from rows
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


def _put(out: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    """Write a part; its time is always the same."""
    info = zipfile.ZipInfo(name, ZIP_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    with out.open(info, "w", force_zip64=True) as written:
        for piece in pieces:
            written.write(piece)


def _with(table: bytes, shared: SharedTexts) -> Iterator[bytes]:
    """Yield the table of texts with further ones behind those it has."""
    before, end, after = table.rpartition(b"</sst>")
    count = int(_UNIQUE.search(before)[1]) + len(shared)  # type: ignore[index]  # as above
    yield re.sub(rb' count="\d+" uniqueCount="\d+"', b' uniqueCount="%d"' % count, before, count=1)
    yield from shared.pieces()
    yield end + after
