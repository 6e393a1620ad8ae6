"""`tidegate numbers`, as people run it."""

import json

import pytest

from tidegate.cli import main

DE, US, GB = "+4915123456781", "+12015550123", "+442079460018"


@pytest.fixture
def lists(tmp_path):
    (tmp_path / "a.csv").write_text(f"Telefonnummer;Notiz\n{DE};Messe\n0151 23456781;Mail\n{US};x\nkeine;y\n")
    (tmp_path / "b.csv").write_text(f"number\n{US}\n{GB}\n")
    return tmp_path


def test_check_names_bad_rows_and_writes_what_the_plans_tell(lists, capsys):
    assert (
        main(["numbers", "check", str(lists / "a.csv"), "--country", "de", "--out", str(lists / "out.csv")])
        == 3
    )
    shown = capsys.readouterr()
    assert "row 5, column A (`Telefonnummer`): `keine` is no phone number" in shown.err
    assert "2 numbers valid" in shown.out
    written = (lists / "out.csv").read_text("utf-8-sig").splitlines()
    assert written[1] == f"{DE},yes,DE,mobile,T-Mobile,Europe/Berlin,Messe; Mail,,1"


def test_dedupe_keeps_the_remarks_of_all_rows(lists, capsys):
    assert (
        main(
            [
                "numbers",
                "dedupe",
                str(lists / "a.csv"),
                "--country",
                "DE",
                "--out",
                str(lists / "o.csv"),
                "--json",
            ]
        )
        == 3
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["numbers"], found["duplicates"], found["written"]) == (4, 2, 1, 2)
    assert f"{DE},Messe; Mail,2" in (lists / "o.csv").read_text("utf-8-sig")


def test_compare_writes_what_both_have_and_what_one_has_alone(lists, capsys):
    out = lists / "changes"
    arguments = [
        "numbers",
        "compare",
        str(lists / "a.csv"),
        str(lists / "b.csv"),
        "--country",
        "DE",
        "--out",
        str(out),
        "--json",
    ]
    assert main(arguments) == 3
    found = json.loads(capsys.readouterr().out)
    assert [found[name] for name in ("both", "only_first", "only_second")] == [1, 1, 1]
    assert {f.name: f.read_text("utf-8-sig").splitlines()[1].split(",")[0] for f in out.iterdir()} == {
        "both.csv": US,
        "only_first.csv": DE,
        "only_second.csv": GB,
    }


def test_segments_and_filter(lists, capsys):
    assert main(["numbers", "segments", str(lists / "b.csv"), "--by", "country", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["segments"] == [["GB", 1], ["US", 1]]
    assert (
        main(
            [
                "numbers",
                "filter",
                str(lists / "b.csv"),
                "--where",
                "country=GB",
                "--out",
                str(lists / "f.csv"),
            ]
        )
        == 0
    )
    assert (lists / "f.csv").read_text("utf-8-sig").splitlines() == ["number,remark,rows", f"{GB},,1"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["check", "gone.csv"], "no such file"),
        (["check", "b.csv", "--country", "ZZ"], "no country `ZZ`"),
        (["check", "b.csv", "--column", "number"], "names no column"),
        (["segments", "b.csv", "--by", "colour"], "no fact `colour`"),
        (["filter", "b.csv", "--where", "what", "--out", "f.csv"], "no condition"),
        (
            ["filter", "b.csv", "--where", "country=DE", "--complete", "colour", "--out", "f.csv"],
            "no fact `colour`",
        ),
    ],
)
def test_what_cannot_be_done_is_said(lists, capsys, monkeypatch, arguments, problem):
    monkeypatch.chdir(lists)
    assert main(["numbers", *arguments]) in (1, 2)
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ["segments", "--by", "contry"],
        ["filter", "--where", "contry=DE", "--out", "o.csv"],
        ["filter", "--where", "country=DE", "--complete", "contry", "--out", "o.csv"],
        ["check", "--column", "regon=B"],
    ],
)
def test_a_fact_that_there_is_not_is_told_with_the_one_that_was_meant(lists, capsys, asked):
    assert main(["numbers", asked[0], str(lists / "a.csv"), *asked[1:]]) in (1, 2)
    wrong, right = ("regon", "region") if asked[0] == "check" else ("contry", "country")
    err = capsys.readouterr().err
    assert f"there is no fact `{wrong}`\n  hint: did you mean `{right}`? one of number, " in err
