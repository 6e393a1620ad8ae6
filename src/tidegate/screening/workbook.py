"""The workbook of a screening: a summary, and a sheet per tier. Texts are texts: nothing in it is ever run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter  # type: ignore[import-untyped]  # it ships no types

from tidegate.screening.safe_cells import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

SHEETS = {"high": ("High risk", "#C0392B"), "low": ("Low risk", "#E0A030"), "secure": ("Secure", "#2E8B57")}
WIDTHS = {
    "number": 18,
    "remark": 24,
    "score": 8,
    "risk types": 22,
    "labels": 22,
    "reasons": 60,
    "not known": 40,
    "advice": 50,
}
ROWS_MAX = 1_048_575  # of a sheet, below its heading
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  the format has no zone; a fixed day keeps the bytes the same


class Workbook:
    """Takes the accounts of each tier as they come, in constant memory; the summary is the first sheet."""

    def __init__(self, file: Path, head: Sequence[str]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(file), options)
        self._book.set_properties({"title": "Screening", "created": CREATED})
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._summary = self._book.add_worksheet("Summary")
        self._sheets = {tier: self._sheet(name, colour, head) for tier, (name, colour) in SHEETS.items()}
        self._next = dict.fromkeys(SHEETS, 1)

    def _sheet(self, name: str, colour: str, head: Sequence[str]) -> Worksheet:
        sheet = self._book.add_worksheet(name)
        sheet.set_tab_color(colour)
        sheet.freeze_panes(1, 1)
        for column, title in enumerate(head):
            sheet.set_column(column, column, WIDTHS.get(title, 16))
        sheet.write_row(0, 0, [title.capitalize() for title in head], self._bold)
        return sheet

    def add(self, tier: str, cells: Sequence[object]) -> None:
        """Add an account; what does not fit into the sheet is in the lists and in result.ndjson."""
        row = self._next[tier]
        if row > ROWS_MAX:
            return
        sheet = self._sheets[tier]
        for column, cell in enumerate(cells):
            if isinstance(cell, float):
                sheet.write_number(row, column, cell)
            elif cell:
                sheet.write_string(row, column, safe(cell))
        self._next[tier] = row + 1

    def close(self, summary: dict[str, Any]) -> None:
        """Write the summary and finish the file."""
        for tier, sheet in self._sheets.items():
            sheet.autofilter(0, 0, max(self._next[tier] - 1, 1), len(WIDTHS) - 1)
        _fill(self._summary, summary, self._bold, self._book.add_format({"num_format": "0.0 %"}))
        self._summary.activate()
        self._book.close()


def _fill(sheet: Worksheet, summary: dict[str, Any], bold: Format, percent: Format) -> None:
    """Write the summary from top to bottom, as constant memory wants it."""
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
        line(f"{found['what']} ({found['row']})", f"{found['observed']:g}", f"{found['limit']:g}",
             "yes" if found["holds"] else "no", found["main_account"])  # fmt: skip
