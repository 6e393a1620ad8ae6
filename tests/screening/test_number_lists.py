"""Lists side by side, filters that take nothing for granted, cells that run nothing."""

# ruff: noqa: RUF001  # wide forms are the point

import csv

import pytest

from tidegate.errors import FileError, UsageError
from tidegate.screening.lists.pool import read_pool
from tidegate.screening.numbers.number_lists import chosen, compare, condition, segments
from tidegate.screening.outputs.safe_cells import safe, write_csv

DE, US, GB = "+4915123456781", "+12015550123", "+442079460018"


@pytest.fixture
def pool(tmp_path):
    def read(text):
        file = tmp_path / "pool.csv"
        file.write_text(text)
        return read_pool(file)

    return read


def test_comparing_keeps_the_order_of_each_list(pool):
    first, second = pool(f"number\n{DE}\n{US}\n"), pool(f"number\n{GB}\n{US}\n{DE}\n")
    found = compare(first, second)
    assert (found.both, found.only_first, found.only_second) == ([DE, US], [], [GB])
    assert compare(first, first).only_first == []


KNOWN = f"number,registered_at,warnings,avatar,number type\n{DE},2026-01-05,0,yes,\n{US},2026-06-01,2,no,virtual\n{GB},,,,\n"


@pytest.mark.parametrize(
    ("conditions", "numbers"),
    [
        (["country=de"], [DE]),
        (["country!=DE"], [US, GB]),
        (["kind=mobile"], [DE]),
        (["valid=yes"], [DE, US, GB]),
        (["warnings>=1"], [US]),
        (["warnings<1"], [DE]),
        (["has_avatar!=yes"], [US]),  # of the third nothing is known
        (["registered_at<2026-06-01"], [DE]),
        (["registered_at<=2026-06-01", "has_avatar=no"], [US]),
        (["zone=Europe/London"], [GB]),
        (["number_type=voip"], [US]),  # as lists say it, and as it is held
        ([f"number={GB}"], [GB]),
    ],
)
def test_filters_hold_only_what_is_known(pool, conditions, numbers):
    found = chosen(pool(KNOWN), [condition(text) for text in conditions])
    assert [member.number.e164 for member in found] == numbers


def test_accounts_of_which_not_all_is_known_can_be_left_out(pool):
    assert [m.number.e164 for m in chosen(pool(KNOWN), [], complete=["warnings"])] == [DE, US]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("country", "no condition"),
        ("", "no condition"),
        ("colour=red", "no fact `colour`"),
        ("warnings=many", "`many` is no warnings"),
        ("registered_at<yesterday", "`yesterday` is no registered at"),
        ("country<DE", "`country` has no order"),
        ("valid>no", "`valid` has no order"),
        ("number_type=satellite", "`satellite` is no number type"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused(text, problem):
    with pytest.raises(UsageError, match=problem) as error:
        condition(text)
    assert error.value.hint


def test_segments_are_counted_with_the_largest_first(pool):
    found = segments(pool(f"number\n{DE}\n+4915123456782\n{US}\n"), ("country", "has_avatar"))
    assert found == [(("DE", None), 2), (("US", None), 1)]


@pytest.mark.parametrize(
    # wide forms count as well
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x")', "-", "+"],
)
def test_what_a_spreadsheet_would_run_is_made_text(text):
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "5", "-5", "-5.25", DE, "x\n=1"])
def test_what_it_would_not_run_is_left_as_it_is(text):
    assert safe(text) == text


def test_a_written_list_is_read_again_as_it_was(pool, tmp_path):
    members = pool(f'number,note\n{DE},"=cmd|x"\n').members
    file = tmp_path / "out.csv"
    assert write_csv(file, ["number", "remark"], ([n, m.remark] for n, m in members.items())) == 1
    assert list(read_pool(file).members) == [DE]
    with file.open(encoding="utf-8-sig", newline="") as opened:
        assert list(csv.reader(opened))[1] == [DE, "'=cmd|x"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        write_csv(tmp_path / "gone" / "out.csv", ["a"], [])
