"""An account that is erased goes out of screenings: out of lists, results, workbook, report, also of one that waits."""

import asyncio
import csv
import io
import json
import zipfile

import pytest
import xlsxwriter
from tests.ledger.worlds import policy
from tests.service.routes.house import House
from tests.service.screenings.office import LIST, NUMBERS, Forked
from tests.service.screenings.test_over_http import contents, over, upload

from tidegate.screening.since.earlier import earlier_of
from tidegate.service.access.audit_check import check_audit
from tidegate.service.screenings.files_without import Whom
from tidegate.service.screenings.screenings import PART
from tidegate.service.screenings.sealed_file import opened
from tidegate.service.screenings.terms import Terms
from tidegate.service.screenings.workbook_without import workbook_without

VICTIM, OWN, SHARED, BY_ID = "victim-4711", NUMBERS[3], NUMBERS[5], "+4915200000001"
HEAD, *ROWS = LIST.decode().splitlines()
ROWS[3] = ROWS[3].replace(",yes,", ",perhaps,", 1)  # cells that cannot be read, of its row and of another
ROWS[4] = ROWS[4].replace(",yes,", ',"per\nhaps",', 1)
LIST = "\n".join([HEAD, *ROWS]).encode()
WITHOUT = "\n".join([HEAD, *(row for row in ROWS if OWN not in row)]).encode()
NAMED = f"number,account_id,warnings,remark\n{BY_ID},{VICTIM},1,its own\n{NUMBERS[0]},a0,0,a friend of {BY_ID}\n".encode()
WHY = {"reason": "asked for it"}


@pytest.fixture(scope="module")
def erased(tmp_path_factory):
    """A house with three screenings out of which the victim was erased; what they held before and after."""
    house = House(tmp_path_factory.mktemp("erased") / "data", policy)
    house.part = house.service.parts[PART]
    house.part.runner._launch = Forked
    house.happen("message_sent", VICTIM, number=OWN, is_forward=True)
    house.happen("message_sent", VICTIM, number=SHARED)
    house.happen("message_sent", "a1", number=SHARED)
    lists = {"first": (LIST, "customers"), "second": (WITHOUT, "customers"), "by id": (NAMED, "others")}
    house.ids = {
        name: over(house, upload(house, content, pool=pool)["id"])["id"]
        for name, (content, pool) in lists.items()
    }
    house.before = {name: contents_of(house, name) for name in house.ids}
    house.export = export(house)
    house.ask("DELETE", f"/v1/accounts/{VICTIM}", "root", params=WHY)
    house.after = {name: contents_of(house, name) for name in house.ids}
    yield house
    house.close()


def contents_of(house, name):
    """All that a screening has, as it is read: its files, the sheets of the workbook, its list."""
    found = house.get(f"/v1/screenings/{house.ids[name]}", "ann")
    given = contents(house, found)
    for file in found["files"]:
        assert len(given[file["name"]]) == file["bytes"]
    with zipfile.ZipFile(io.BytesIO(given.pop("screening.xlsx"))) as book:
        assert book.testzip() is None
        given |= {part: book.read(part) for part in book.namelist()}
    sealed = house.part.book.found(found["id"]).sealed
    folder = house.settings.data / "screenings" / found["id"]
    given["list"] = b"".join(opened(folder / "list.sealed", sealed.key))
    given["book"] = json.dumps(sealed.summary).encode()
    return given


def export(house):
    headers = {"authorization": f"Bearer {house.keys['root']}"}
    answer = house.run(house.client.get(f"/v1/accounts/{VICTIM}/export", params=WHY, headers=headers))
    return [json.loads(line) for line in answer.text.splitlines()]


def saying(given, word):
    return sorted(name for name, content in given.items() if word.encode() in content)


def test_the_copy_of_everything_names_the_screenings_it_stood_in(erased):
    told = [line["data"] for line in erased.export if line["part"] == "screening"]
    assert [(one["id"], one["result"]["number"]) for one in told] == [
        (erased.ids["first"], OWN),
        (erased.ids["by id"], BY_ID),
    ]
    assert (told[0]["pool"], told[0]["purpose"], told[0]["result"]["tier"]) == (
        "customers",
        "monthly check",
        "high",
    )
    log = erased.get(f"/v1/screenings/{erased.ids['first']}/accesses", "root", limit=1000)["accesses"]
    assert "screening.export" in {entry["action"] for entry in log}
    assert "screening" not in {line["part"] for line in export(erased)}, "after its erasure"


def test_its_rows_are_there_before_and_nowhere_afterwards(erased):
    was = saying(erased.before["first"], OWN)
    assert {"list", "result.ndjson", "high_risk.csv", "xl/worksheets/sheet2.xml"} <= set(was)
    assert saying(erased.before["second"], OWN) == ["drift.csv"]
    assert [saying(erased.after[name], OWN) for name in ("first", "second")] == [[], []]
    assert saying(erased.after["by id"], VICTIM) == []
    lines = erased.after["by id"]["result.ndjson"].splitlines()
    assert [json.loads(line)["number"] for line in lines] == [NUMBERS[0]], "who remarks on it stays"


def test_others_keep_every_row_as_it_was(erased):
    before, after = (given["first"] for given in (erased.before, erased.after))
    for name in ("result.ndjson", "high_risk.csv", "low_risk.csv", "secure.csv", "observed.csv"):
        kept = [line for line in before[name].splitlines() if OWN.encode() not in line]
        assert after[name].splitlines() == kept, name
    assert after["list"].decode().splitlines()[0] == HEAD
    assert [line.split(",")[0] for line in after["list"].decode().splitlines()[1:] if line.strip(",")] == [
        number for number in NUMBERS if number != OWN
    ]
    assert SHARED.encode() in after["result.ndjson"], "a number that another account had too"
    assert saying(after, "customer 4,") == saying(before, "customer 4,")


def test_what_could_not_be_read_of_its_row_goes_and_of_others_stays(erased):
    was, now = (
        list(csv.reader(io.StringIO(given["first"]["rejected_rows.csv"].decode("utf-8-sig"))))
        for given in (erased.before, erased.after)
    )
    assert [row[0] for row in was[1:]] == ["5", "6"]
    assert now == [was[0], was[2]]


def test_the_report_goes_where_it_names_it_and_stays_where_it_does_not(erased):
    assert "report.pdf" in erased.before["first"]
    assert "report.pdf" not in erased.after["first"]
    assert erased.after["second"]["report.pdf"] == erased.before["second"]["report.pdf"]
    summary = json.loads(erased.after["first"]["summary.json"])
    assert summary["report"] == {
        "file": None, "why_not": "no report.pdf: it named an account that has been erased", "names": [],
    }  # fmt: skip
    assert (summary["accounts"], summary["erased"]) == (len(NUMBERS), 1)
    assert json.loads(erased.after["first"]["book"]) == summary


def test_later_screenings_can_be_compared_with_it_as_before(erased):
    given = erased.after["first"]
    found = earlier_of(given["summary.json"], io.BytesIO(given["result.ndjson"]), place="first")
    assert len(found.accounts) == len(NUMBERS) - 1


def test_the_audit_log_says_that_an_account_went_out_of_a_screening_and_is_sound(erased):
    assert check_audit(erased.service.custody.audit).problems == []
    entries = [e.data() for e in erased.service.custody.audit.entries() if e.action == "screening.forget"]
    assert [entry["subject"] for entry in entries] == [
        f"screening:{erased.ids[name]}" for name in ("by id", "second", "first")
    ]
    assert VICTIM not in str(entries)
    assert OWN not in str(entries)


def workbook(rows):
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 1, row)
    book.close()
    return file.getvalue()


ODD = workbook(
    [
        ["Our list"],
        ["telefon", "angelegt", "avatar", "Notiz"],
        [4915123456700, 45000, True, "as a quantity"],
        [int(OWN[1:]), 45001, False, "the victim"],
        [],
        ["banana", None, None, "no number"],
        ["+49 151 23456705", 45002.5, "nein", "two\nlines"],
        [OWN, None, None, "the victim again"],
    ]
)


def test_a_screening_that_waits_goes_on_without_it_and_row_by_row_as_before(open_office):
    terms = Terms(at_ms=1_772_443_800_000, columns={"registered_at": "angelegt"})
    given = {}
    for whom in (Whom("nobody", frozenset()), Whom(VICTIM, frozenset({OWN}))):
        office = open_office(start=False)
        screening_id = office.enter(ODD, terms)
        changed = office.screenings.named.forget(whom)
        assert changed == 2 * bool(whom.numbers), "that which is done, and that which waits"
        asyncio.run(office.screenings.start())
        office.wait(screening_id)
        given[bool(whom.numbers)] = office.contents(screening_id)
        asyncio.run(office.screenings.stop())
    rest = [line for line in given[False]["result.ndjson"].splitlines() if OWN.encode() not in line]
    assert given[True]["result.ndjson"].splitlines() == rest
    assert len(rest) == 2
    was, now = (
        list(csv.reader(io.StringIO(given[of]["rejected_rows.csv"].decode()))) for of in (False, True)
    )
    assert was == now
    assert [row[0] for row in now[1:]] == ["6"]


def test_what_was_interrupted_is_done_again_and_comes_to_the_same(open_office, monkeypatch):
    office = open_office()
    screening_id = office.enter()
    office.wait(screening_id)
    office.screenings.runner.stop()
    whom = Whom(VICTIM, frozenset({OWN}))
    from pathlib import Path

    whole, moved = Path.replace, []

    def replace(path, target):
        if (path.parent.name, target.parent.name) == ("files.new", "files"):
            moved.append(path.name)
            if len(moved) == 3:
                raise OSError("the power went off")
        return whole(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="power"):
        office.screenings.named.forget(whom)
    monkeypatch.undo()
    assert office.screenings.named.forget(whom) == 1
    given = office.contents(screening_id)
    assert json.loads(given["summary.json"])["erased"] == 1
    found = office.book.found(screening_id)
    assert {file.name: file.bytes for file in found.sealed.files} == {
        name: len(c) for name, c in given.items()
    }
    assert not any(OWN.encode() in content for name, content in given.items() if name != "screening.xlsx")
    assert office.screenings.named.forget(whom) == 0
    assert sorted(path.name for path in (office.folder / "screenings" / screening_id).glob("files*")) == [
        "files"
    ]


def test_a_number_in_the_remark_of_another_account_costs_it_no_row():
    row = '<row r="{}"><c r="A{}" s="1" t="inlineStr"><is><t>{}</t></is></c><c r="B{}"><is><t>{}</t></is></c></row>'
    rows = [
        row.format(2, 2, "+491", 2, "+492"),
        row.format(3, 3, "+492", 3, "+491"),
        row.format(4, 4, "+4921", 4, ""),
    ]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/worksheets/sheet2.xml", "".join(rows))
    with zipfile.ZipFile(io.BytesIO(workbook_without(file.getvalue(), {"+492"}))) as book:
        assert book.read("xl/worksheets/sheet2.xml").decode() == rows[0] + rows[2]


def test_a_sheet_that_is_read_in_many_pieces_loses_one_row_and_nothing_else(monkeypatch):
    monkeypatch.setattr("tidegate.service.screenings.workbook_without._CHUNK", 50)
    row = '<row r="{}"><c r="A{}" s="1" t="inlineStr"><is><t>+49{}</t></is></c></row>'
    rows = [row.format(n, n, n) for n in range(100, 140)]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/worksheets/sheet2.xml", f"<head>{''.join(rows)}<tail>")
        book.writestr("xl/sharedStrings.xml", "+49117</t></is></c>" * 20)
    with zipfile.ZipFile(io.BytesIO(workbook_without(file.getvalue(), {"+49117"}))) as book:
        assert (
            book.read("xl/worksheets/sheet2.xml").decode() == f"<head>{''.join(rows[:17] + rows[18:])}<tail>"
        )
        assert book.read("xl/sharedStrings.xml").decode() == "+49117</t></is></c>" * 20
