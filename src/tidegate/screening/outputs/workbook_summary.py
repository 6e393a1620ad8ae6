"""The first sheet of the workbook: what was screened and what came out, with a chart of the tiers and one of the risk types."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Any

from tidegate.screening.dimensions import CHECKS
from tidegate.screening.outputs.safe_cells import safe
from tidegate.screening.outputs.workbook_rows import LINE_POINTS, ROWS_MAX
from tidegate.screening.since.drift import WHYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlsxwriter import Workbook as Book  # type: ignore[import-untyped]  # it ships no types

# by tier, the worst first: how it is called, and its colour
SHEETS = {"high": ("High risk", "#86202E"), "low": ("Low risk", "#DCA63C"), "secure": ("Secure", "#8FB0A2")}
INK, GREY, HAIR = "#1C2530", "#5C6670", "#D3D8DC"
PAPER_A4 = 9
WIDTHS = (56, 17, 13, 13, 13, 40)
CHARTS_AT = 3  # the column where the charts begin, beside the narrow tables
CHART_PX = {"width": 450, "height": 190}
BASIS = {
    "rows": "Rows of the list", "accounts": "Accounts", "duplicates": "Rows with a number again",
    "rejected_rows": "Rows left out", "events": "Events read",
}  # fmt: skip
STATED = {"purpose": "Purpose", "basis": "Legal basis"}
TITLES = {check.id: check.title for check in CHECKS}


def add_summary(book: Book, summary: Mapping[str, Any]) -> None:
    """Add the sheet to a workbook; it must be the first."""
    page = _Page(book)
    page.title("Screening of an account pool")
    for name, title in STATED.items():
        page.sentence(f"{title}: {summary[name] or 'not stated'}")
    page.row("Time of the screening (UTC)", f"{summary['screened_at'][:10]} {summary['screened_at'][11:16]}")
    for name, title in BASIS.items():
        page.row(title, summary[name])
    tiers = [
        (name, summary["tiers"][tier]["accounts"], summary["tiers"][tier]["share"])
        for tier, (name, _) in SHEETS.items()
    ]
    at = page.table(("Tier", "Accounts", "Share"), tiers)
    page.chart("Accounts by tier", at, len(tiers), [colour for _, colour in SHEETS.values()], row=1)
    for name, accounts, _ in tiers:
        if accounts > ROWS_MAX:
            page.note(
                f"Sheet {name} has the first {ROWS_MAX:,} of them: no sheet holds more. The CSV has all."
            )
    if summary["secure_but_nothing_known"]:
        page.note(
            f"Nothing at all is known of {summary['secure_but_nothing_known']:,} of the secure accounts."
        )
    risks = [
        (_named(risk), found["accounts"], found["share"]) for risk, found in summary["risk_types"].items()
    ]
    at = page.table(("Risk type", "Accounts", "Share"), risks)
    page.chart("Accounts by risk type", at, len(risks), [INK] * len(risks), row=11)
    page.note("An account may have several.")
    if summary["since"] is not None:
        page.table(
            (f"Since the screening of {summary['since']['screened_at'][:10]}", "Accounts"), _changes(summary)
        )
        page.note("drift.csv names them; observed.csv has those under observation.")
    page.table(
        ("Check", "Found", "Not found", "Unknown", "Limit", "Unit"),
        [
            (
                TITLES.get(id_, id_),
                found["true"],
                found["false"],
                found["unknown"],
                f"{found['limit']:g}",
                found["unit"],
            )
            for id_, found in summary["checks"].items()
        ],
    )
    page.table(
        ("The pool as a whole", "Observed", "Limit", "Reached", "", "Row of the catalogue"),
        map(_finding, summary["pool"]),
    )
    if summary["main_account"]["may_happen"]:
        page.note(f"What such pools led to: {'; '.join(summary['main_account']['may_happen'])}.")


def _changes(summary: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for why in WHYS:
        yield why.capitalize(), summary["since"][why.replace(" ", "_")]
    yield "Under observation", summary["observation"]["observed"]
    yield "Month of observation over", summary["observation"]["month_over"]


def _named(risk: str) -> str:
    return risk.replace("_", "-").capitalize()


def _finding(found: Mapping[str, Any]) -> tuple[object, ...]:
    observed, limit = found["observed"], found["limit"]
    figures = [float(value) if limit <= 1 and not isinf(value) else value for value in (observed, limit)]
    shown = ["no bound" if isinf(value) else value for value in figures]
    return (found["what"].capitalize(), *shown, "yes" if found["holds"] else "no", "", found["row"])


class _Page:
    """Writes a sheet from top to bottom. Whole numbers are counts, other numbers shares."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheet = sheet = book.add_worksheet("Summary")
        self._row = 0
        self._head = book.add_format({"bold": True, "bottom": 1, "font_color": INK, "align": "right"})
        self._first = book.add_format({"bold": True, "bottom": 1, "font_color": INK})
        self._end = book.add_format({"bold": True, "bottom": 1, "font_color": INK, "indent": 1})
        line = {"bottom": 1, "bottom_color": HAIR, "valign": "top"}
        self._text = book.add_format({**line, "text_wrap": True})
        self._last = book.add_format({**line, "text_wrap": True, "align": "left", "indent": 1})
        self._word = book.add_format({**line, "align": "right"})
        self._count = book.add_format({**line, "num_format": "#,##0", "align": "right"})
        self._share = book.add_format({**line, "num_format": "0.0 %", "align": "right"})
        self._note = book.add_format({"italic": True, "font_color": GREY})
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.hide_gridlines(2)
        sheet.set_paper(PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.set_footer("&L&8Holds personal data&R&8&P of &N")

    def title(self, text: str) -> None:
        self._sheet.set_row(0, 28)
        self._sheet.write_string(
            0, 0, text, self._book.add_format({"bold": True, "font_size": 18, "font_color": INK})
        )
        self._row = 1

    def row(self, *cells: object) -> None:
        """Write a row; the first cell is a text."""
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                self._sheet.write_number(
                    self._row, column, cell, self._share if isinstance(cell, float) else self._count
                )
            else:
                look = self._text if column == 0 else self._word if column < len(WIDTHS) - 1 else self._last
                self._sheet.write_string(self._row, column, safe(cell), look)
        self._row += 1

    def sentence(self, text: str) -> None:
        """Write a text of any length into the first column; its row is made as high as it takes."""
        self._sheet.set_row(self._row, LINE_POINTS * -(-len(text) // WIDTHS[0]))
        self._sheet.write_string(self._row, 0, safe(text), self._text)
        self._row += 1

    def note(self, text: str) -> None:
        self._sheet.write_string(self._row, 0, safe(text), self._note)
        self._row += 1

    def table(self, head: Sequence[str], rows: Any) -> int:  # noqa: ANN401  any rows of cells
        """Write a table, a row apart from what is above; return its first row below the heading."""
        self._row += 1
        for column, title in enumerate(head):
            look = self._first if column == 0 else self._head if column < len(WIDTHS) - 1 else self._end
            self._sheet.write_string(self._row, column, title, look)
        self._row += 1
        begin = self._row
        for cells in rows:
            self.row(*cells)
        return begin

    def chart(self, title: str, begin: int, count: int, colours: Sequence[str], *, row: int) -> None:
        """Draw bars of the shares of a table, beside it."""
        chart = self._book.add_chart({"type": "bar"})
        last = begin + count - 1
        chart.add_series(
            {
                "categories": ["Summary", begin, 0, last, 0], "values": ["Summary", begin, 2, last, 2], "gap": 60,
                "points": [{"fill": {"color": colour}} for colour in colours],
                "data_labels": {"value": True, "num_format": "0.0 %", "font": {"color": INK, "size": 9}},
            }
        )  # fmt: skip
        chart.set_title(
            {"name": title, "overlay": False, "name_font": {"size": 11, "color": INK}, "layout": None}
        )
        chart.set_legend({"none": True})
        chart.set_y_axis(
            {
                "reverse": True,
                "line": {"color": HAIR},
                "major_tick_mark": "none",
                "num_font": {"color": INK, "size": 9},
            }
        )
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_size(CHART_PX)
        self._sheet.insert_chart(row, CHARTS_AT, chart, {"description": title, "x_offset": 30})
