"""What accounts share is made once, and every file says the same of an account."""

import csv
import io
import itertools
import json

import pytest
from python_calamine import CalamineWorkbook

from tidegate.screening.outputs.safe_cells import csv_cell, safe

SHEETS = {"high_risk.csv": "High risk", "low_risk.csv": "Low risk", "secure.csv": "Secure"}


def test_cells_stand_in_a_list_as_csv_has_them():
    marks = '=+-@,;"\r\n\t 7a_.:/\u00e9\uff1d'
    for parts in itertools.product(["", *marks], repeat=3):
        held, text = io.StringIO(), "".join(parts)
        csv.writer(held).writerow(["number", safe(text), "advice"])
        assert held.getvalue() == f"number,{csv_cell(text)},advice\r\n"


@pytest.mark.parametrize("size", [1, 2001])
def test_lists_workbook_and_results_say_the_same(screen, size):
    """Beyond the 2,000 accounts that are written at a time, too."""
    notes = ("plain", "=run(1)", 'with "quotes", and commas', "<tag> & more", "", "two words " * 9)
    rows = [
        f'+49151{20_000_000 + i},"{notes[i % 6].replace(chr(34), chr(34) * 2)}",{i % 7 % 3},{("yes", "no", "")[i % 3]}' for i in range(size)
    ]  # fmt: skip
    found = screen("\n".join(["number,remark,warnings,avatar", *rows]) + "\n")
    book = CalamineWorkbook.from_path(found.out / "screening.xlsx")
    results = [json.loads(line) for line in (found.out / "result.ndjson").read_text().splitlines()]
    assert [result["number"] for result in results] == [row.partition(",")[0] for row in rows]
    by_number = {}
    for name, sheet in SHEETS.items():
        with (found.out / name).open(encoding="utf-8-sig", newline="") as file:
            head, *listed = csv.reader(file)
        shown = book.get_sheet_by_name(sheet).to_python()
        assert [cell.lower() for cell in shown[0]] == head
        assert [[str(cell) for cell in row] for row in shown[1:]] == listed
        by_number |= {row[0]: row for row in listed}
    for result in results:
        _, remark, score, risks, _, reasons, unknown, advice = by_number[result["number"]]
        assert remark.removeprefix("'") == (result["remark"] or "")
        assert float(score) == result["score"]
        assert risks.split(", ") == (result["risk_types"] or [""])
        assert reasons == "; ".join(
            check["reason"] for check in result["checks"] if check["verdict"] == "true"
        )
        assert unknown.split(", ") == ([name.partition(".")[2] for name in result["unknown"]] or [""])
        assert advice == result["advice"]
    tiers = {tier: found.summary["tiers"][tier]["accounts"] for tier in ("secure", "low", "high")}
    assert tiers == {tier: sum(r["tier"] == tier for r in results) for tier in tiers}
