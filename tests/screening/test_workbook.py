"""`screening.xlsx` as it is looked at and printed."""

import re
import zipfile

from python_calamine import CalamineWorkbook
from tests.screening.screened import NUMBER

from tidegate.screening.outputs import workbook, workbook_summary


def test_sheets_are_printed_on_a4_as_wide_as_they_are_with_their_heading_on_every_page(screen):
    with zipfile.ZipFile(screen(remark="x").out / "screening.xlsx") as book:
        sheets = [book.read(f"xl/worksheets/sheet{n}.xml").decode() for n in range(1, 5)]
        workbook = book.read("xl/workbook.xml").decode()
    for sheet in sheets:
        assert 'paperSize="9"' in sheet
        assert 'fitToHeight="0"' in sheet
        assert "Holds personal data" in sheet
    for sheet in sheets[1:]:
        assert 'orientation="landscape"' in sheet
        assert 'state="frozen"' in sheet
        assert "<autoFilter" in sheet
    assert workbook.count("_xlnm.Print_Titles") == 3


def test_a_row_is_as_high_as_its_longest_text_and_no_higher_than_a_screen(screen):
    # the last account is named twice, and its remarks are kept both
    remarks = [(700, "short"), (701, "word " * 20), (702, "word " * 90), (702, "other " * 80)]
    rows = [f"+4915123456{number},{remark}" for number, remark in remarks]
    found = screen("\n".join(["number,remark", *rows]) + "\n", (), "--dimensions", "screen.unregistered")
    with zipfile.ZipFile(found.out / "screening.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet4.xml").decode()
    heights = [re.search(r'ht="(\d+)"', row) for row in re.findall(r'<row r="[234]"[^>]*>', sheet)]
    assert [found and int(found[1]) for found in heights] == [None, 60, 300]


def test_the_summary_has_purpose_and_basis_whole_and_runs_none_of_them(screen):
    basis = "=Art. 6(1)(f) GDPR " + "because " * 20
    found = screen(f"number\n{NUMBER}\n", (), "--purpose", "monthly check", "--basis", basis)
    sheet, *_ = CalamineWorkbook.from_path(found.out / "screening.xlsx").sheet_names
    rows = CalamineWorkbook.from_path(found.out / "screening.xlsx").get_sheet_by_name(sheet).to_python()
    first = [row[0] for row in rows[:12]]
    assert "Purpose: monthly check" in first
    at = first.index(f"Legal basis: {basis.strip()}")
    with zipfile.ZipFile(found.out / "screening.xlsx") as book:
        row = re.search(rf'<row r="{at + 1}"[^>]*>', book.read("xl/worksheets/sheet1.xml").decode())
    assert 'ht="60"' in row[0], "four lines"
    rows = (
        CalamineWorkbook.from_path(screen(remark="x").out / "screening.xlsx")
        .get_sheet_by_index(0)
        .to_python()
    )
    assert [row[0] for row in rows if "not stated" in str(row[0])] == [
        "Purpose: not stated",
        "Legal basis: not stated",
    ]


def test_accounts_that_a_sheet_has_no_room_for_are_left_to_the_list_and_that_is_said(screen, monkeypatch):
    for module in (workbook, workbook_summary):
        monkeypatch.setattr(module, "ROWS_MAX", 2)
    numbers = [f"+491512345670{n}" for n in range(3)]
    found = screen("\n".join(["number", *numbers]) + "\n")
    book = CalamineWorkbook.from_path(found.out / "screening.xlsx")
    assert [row[0] for row in book.get_sheet_by_name("Secure").to_python()[1:]] == numbers[:2]
    said = [row[0] for row in book.get_sheet_by_index(0).to_python()]
    assert "Sheet Secure has the first 2 of them: no sheet holds more. The CSV has all." in said
    assert numbers[2] in (found.out / "secure.csv").read_text()


def test_the_summary_has_a_chart_of_the_tiers_and_one_of_the_risk_types(screen):
    found = screen(f"number,warnings\n{NUMBER},1\n")
    with zipfile.ZipFile(found.out / "screening.xlsx") as book:
        charts = [book.read(f"xl/charts/chart{n}.xml").decode() for n in (1, 2)]
        texts = book.read("xl/sharedStrings.xml").decode()
    assert ["Accounts by tier" in charts[0], "Accounts by risk type" in charts[1]] == [True, True]
    assert re.findall(r"<c:v>([\d.]+)</c:v>", charts[0])[:3] == ["1", "0", "0"]
    assert "A violation on record" in texts
    assert "What such pools led to: all associated accounts stop sending for two weeks." in texts
