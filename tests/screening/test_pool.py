"""Lists as organisations send them: any delimiter, encoding, heading; and what goes wrong in them."""

import csv
import zipfile

import pytest
import xlsxwriter

from tidegate.errors import FileError
from tidegate.screening.lists.pool import Reading, read_pool

A, B, C = "+4915123456781", "+4915123456782", "+4915123456783"
JAN_5 = 1_767_571_200_000  # 2026-01-05T00:00:00Z


@pytest.fixture
def csv_list(tmp_path):
    def write(text, encoding="utf-8", name="pool.csv"):
        file = tmp_path / name
        file.write_bytes(text.encode(encoding))
        return file

    return write


@pytest.fixture
def xlsx_list(tmp_path):
    def write(fill, name="pool.xlsx"):
        file = tmp_path / name
        with xlsxwriter.Workbook(file) as book:
            fill(book, book.add_worksheet("List"))
        return file

    return write


def facts(pool, number=A):
    return {name: value for name, value in pool.members[number].facts.items() if name != "remark"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_are_found_out(csv_list, delimiter, encoding):
    text = "\n".join(delimiter.join(row) for row in (["Telefonnummer", "Notiz"], [A, "Müller"], [B, "Ærø"]))
    pool = read_pool(csv_list(text, encoding))
    assert {n: m.remark for n, m in pool.members.items()} == {A: "Müller", B: "Ærø"}
    assert pool.faults == []


@pytest.mark.parametrize(
    ("encoding", "head", "note"),
    [
        ("cp1252", "número;observación", "cliente de Córdoba, España, año"),
        ("gb18030", "手机号;备注", "来自上海的客户"),
        ("cp1251", "номер телефона;примечание", "клиент из Москвы"),
        ("shift_jis", "電話番号;備考", "東京のお客様です"),
        ("cp1256", "رقم الهاتف;ملاحظة", "عميل من القاهرة"),
    ],
)
def test_an_encoding_that_had_to_be_guessed_is_said(csv_list, encoding, head, note):
    pool = read_pool(csv_list(f"{head}\n" + f"{A};{note}\n" * 3, encoding))
    assert pool.members[A].remark == note
    assert any("guess" in remark for remark in pool.remarks)


@pytest.mark.parametrize(
    "heading",
    [
        "Phone Number",
        "手机号码",
        "numéro de téléphone",
        "TELÉFONO",
        "رقم الهاتف",
        "номер телефона",
        "電話番号",
        "phone_number:",
    ],
)
def test_headings_in_many_languages(csv_list, heading):
    pool = read_pool(csv_list(f"id,{heading}\n7,{A}\n"))
    assert list(pool.members) == [A]
    assert any("`id`" in remark for remark in pool.remarks)


def test_without_headings_the_column_of_numbers_is_found(csv_list):
    assert list(read_pool(csv_list(f"a,{A}\nb,{B}\n")).members) == [A, B]


def test_a_column_can_be_named_by_heading_or_letter(csv_list):
    file = csv_list(f"old,new\n{A},{B}\n")
    assert list(read_pool(file, Reading(columns={"number": "new"})).members) == [B]
    assert list(read_pool(file, Reading(columns={"number": "A"})).members) == [A]
    with pytest.raises(FileError, match="`newest`"):
        read_pool(file, Reading(columns={"number": "newest"}))
    with pytest.raises(FileError, match="no fact `colour`"):
        read_pool(file, Reading(columns={"colour": "A"}))


def test_what_is_known_of_an_account_comes_along(csv_list):
    head = "number,registered_at,last active,avatar,signature,warnings,is_suspended,number type"
    pool = read_pool(csv_list(f"{head}\n{A},2026-01-05,05.01.2026,yes,нет,2,否,VoIP\n"))
    assert facts(pool) == {
        "registered_at": JAN_5,
        "last_active_at": JAN_5,
        "has_avatar": True,
        "has_signature": False,
        "warnings": 2,
        "is_suspended": False,
        "number_type": "virtual",
    }


def test_a_cell_that_says_nothing_is_not_known(csv_list):
    assert facts(read_pool(csv_list(f"number,avatar,warnings\n{A},,\n"))) == {}


@pytest.mark.parametrize(
    ("heading", "cell", "problem"),
    [
        ("avatar", "perhaps", "`perhaps` is no has avatar"),
        ("warnings", "-1", "`-1` is no warnings"),
        ("warnings", "1.5", "`1.5`"),
        ("registered_at", "03/04/2026", "`03/04/2026`"),
        ("registered_at", "2026-13-01", "`2026-13-01`"),
        ("number type", "landline", "`landline`"),
    ],
)
def test_a_bad_cell_is_named_and_the_row_kept(csv_list, heading, cell, problem):
    pool = read_pool(csv_list(f"number,{heading}\n{A},{cell}\n{B},\n"))
    (fault,) = pool.faults
    assert (fault.row, fault.fatal) == (2, False)
    assert problem in str(fault)
    assert f"B (`{heading}`)" in str(fault)
    assert list(pool.members) == [A, B]


def test_bad_rows_are_named_and_the_rest_goes_on(csv_list):
    pool = read_pool(csv_list(f"number\n{A}\nnonsense\n1234567890\n1.23E+11\n{B}\n"))
    assert list(pool.members) == [A, B]
    assert [(fault.row, fault.fatal) for fault in pool.faults] == [(3, True), (4, True), (5, True)]


def test_a_remark_of_several_lines_becomes_one(csv_list):
    pool = read_pool(csv_list(f'number,remark\n{A},"met at a fair\nwrites\tback\u202e"\n'))
    assert pool.members[A].remark == "met at a fair writes back"


def test_duplicates_keep_their_remarks_and_say_where_they_disagree(csv_list):
    pool = read_pool(csv_list(f"number,note,warnings\n{A},fair,1\n0049 151 23456781,mail,1\n{A},fair,2\n"))
    member = pool.members[A]
    assert (member.remark, member.duplicates, facts(pool)) == ("fair; mail", [3, 4], {"warnings": 1})
    assert [w.row for w in pool.warnings] == [4]


def test_a_national_number_is_of_the_country_named(csv_list):
    assert list(read_pool(csv_list("number\n0151 23456781\n"), Reading(default_country="DE")).members) == [A]


def test_the_limit_counts_rows_before_duplicates_go(csv_list):
    file = csv_list(f"number\n{A}\n{A}\n{A}\n")
    assert len(read_pool(file, Reading(rows_max=3)).members) == 1
    with pytest.raises(FileError, match="more than 2 rows"):
        read_pool(file, Reading(rows_max=2))


def test_text_that_spreadsheets_write_to_keep_digits(csv_list):
    assert list(read_pool(csv_list(f'sep=;\nnumber;note\n="{A}";x\n\'{B};y\n')).members) == [A, B]


def test_a_line_break_within_quotes_does_not_shift_the_numbering(csv_list):
    pool = read_pool(csv_list(f'number,note\n{A},"two\nlines"\nbad number here,x\n'))
    assert [fault.row for fault in pool.faults] == [4]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("name,town\nAnna,Bonn\n", "no column holds phone numbers"),
        ("number\n" + "a" * 40_000, "larger than field limit"),
        ("number" + ",x" * 1001 + f"\n{A}\n", "columns"),
        ("a\0b", "no text"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(csv_list, text, problem):
    with pytest.raises(FileError, match=problem) as error:
        read_pool(csv_list(text))
    assert "pool.csv" in str(error.value)
    assert error.value.hint


# workbooks ------------------------------------------------------------------------------------------------------
def test_a_workbook_with_text_quantities_dates_and_a_list_that_begins_lower(xlsx_list):
    def fill(book, sheet):
        sheet.write(0, 2, "our customers")
        sheet.write_row(3, 1, ["手机号", "注册日期", "头像"])
        sheet.write(4, 1, A)
        sheet.write_datetime(
            4, 2, __import__("datetime").datetime(2026, 1, 5), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        sheet.write(4, 3, 1)
        sheet.write(5, 1, int(B))
        sheet.write(5, 2, 46027)

    pool = read_pool(xlsx_list(fill))
    assert facts(pool) == {"registered_at": JAN_5, "has_avatar": True}
    assert facts(pool, B) == {"registered_at": JAN_5}
    (warning,) = pool.warnings
    assert (warning.row, warning.column) == (6, "B (`手机号`)")
    assert "plus sign was lost" in warning.problem


def test_formulas_and_merged_cells_are_recognised(xlsx_list):
    def fill(_book, sheet):
        sheet.write(0, 0, "number")
        sheet.write_formula(1, 0, '="+49"&"15123456781"', None, A)
        sheet.merge_range(2, 0, 3, 0, B)
        sheet.write(3, 1, "second half")
        sheet.write(4, 0, C)

    pool = read_pool(xlsx_list(fill))
    assert list(pool.members) == [A, B, C]
    assert ("formula" in pool.warnings[0].problem, pool.warnings[0].row) == (True, 2)
    (fault,) = pool.faults
    assert (fault.row, "merged with the one in row 3" in fault.problem) == (4, True)


def test_digits_lost_to_a_quantity_are_said(xlsx_list):
    pool = read_pool(xlsx_list(lambda _book, sheet: sheet.write_column(0, 0, ["number", "1.23E+11", A])))
    assert "has lost its last 9 digits" in pool.faults[0].problem


def test_other_sheets_are_named_and_can_be_chosen(xlsx_list):
    def fill(book, sheet):
        sheet.write_column(0, 0, ["number", A])
        book.add_worksheet("More").write_column(0, 0, ["number", B])

    file = xlsx_list(fill)
    pool = read_pool(file)
    assert (list(pool.members), pool.remarks) == ([A], ["read sheet `List`, not `More`"])
    assert list(read_pool(file, Reading(sheet="More")).members) == [B]
    with pytest.raises(FileError, match="no sheet `Less`"):
        read_pool(file, Reading(sheet="Less"))


def test_a_sheet_of_200_columns_is_read(xlsx_list):
    def fill(_book, sheet):
        sheet.write_row(0, 0, [f"c{n}" for n in range(199)] + ["number"])
        sheet.write(1, 199, A)

    assert list(read_pool(xlsx_list(fill)).members) == [A]


def test_a_zip_bomb_is_weighed_not_unpacked(tmp_path):
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    with pytest.raises(FileError, match="unpacks to 64 MiB"):
        read_pool(file)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a zip", b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + b"x" * 600]
)
def test_what_only_has_the_name_of_a_workbook_is_refused(tmp_path, content):
    file = tmp_path / "pool.xlsx"
    file.write_bytes(content)
    with pytest.raises(FileError, match="no workbook"):
        read_pool(file)


@pytest.mark.parametrize("name", ["pool.txt", "pool.pdf", "pool"])
def test_other_formats_are_refused(csv_list, name):
    with pytest.raises(FileError, match="no format of lists"):
        read_pool(csv_list(f"number\n{A}\n", name=name))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_pool(tmp_path / "gone.csv")


def test_a_list_written_by_the_csv_module_comes_back(tmp_path):
    file = tmp_path / "pool.csv"
    rows = [[f"+49151{n:08d}", f'note "{n}", with\nmarks'] for n in range(200)]
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([["number", "note"], *rows])
    pool = read_pool(file)
    assert [[n, m.remark] for n, m in pool.members.items()] == [
        [n, note.replace("\n", " ")] for n, note in rows
    ]
