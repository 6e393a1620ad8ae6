"""Rows of the catalogue about lists, modes, tiers, privacy and filters: their boundaries, on the command line."""

import csv
import json

import pytest
from python_calamine import CalamineWorkbook
from tests.screening.screened import AT, DAY, NUMBER

from tidegate.cli import main
from tidegate.screening.modes import MANDATORY_IDS, checks_of, goals_of, mandatory_of
from tidegate.screening.outlook import target
from tidegate.screening.outputs import files as outputs
from tidegate.screening.tiers import ADVICE, advice

POOL = "number,remark,warnings,interactions_90d,has_avatar,is_registered\n"
THREE = POOL + "+4915123456781,a,0,5,yes,yes\n+4915123456782,b,1,5,yes,yes\n+4915123456783,c,0,0,no,no\n"


@pytest.fixture(autouse=True)
def without_report(monkeypatch):
    """Write no PDF: other tests read it, and it takes most of the time."""
    monkeypatch.setattr(outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []})


def run(tmp_path, *given, text=THREE, name="list.csv"):
    """Run a command on a list; return its exit status."""
    file = tmp_path / name
    file.write_text(text)
    command, *options = given
    return main([*command.split(), str(file), *options])


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize(("name", "status"), [("list.txt", 1), ("list.csv", 0)])
def test_lists_are_csv_or_xlsx(tmp_path, name, status):
    """`sops.upload-format`; the XLSX of the examples is screened by the tests of the docs."""
    assert run(tmp_path, "numbers check", name=name) == status


@pytest.mark.parametrize(
    ("written", "e164", "doubt"),
    [
        ("1234567890", None, ""),
        ("+11234567890", "+11234567890", "no such number"),
        ("+1123456789012345", None, ""),
        ("+49 151 23456789", "+4915123456789", ""),
        ("0049 151 23456789", "+4915123456789", ""),
    ],
)
def test_a_row_is_a_number_with_country_code_and_a_remark(tmp_path, capsys, written, e164, doubt):
    """`sops.row-format`."""
    out = tmp_path / "checked.csv"
    status = run(tmp_path, "numbers check", "--out", str(out), text=f"number,remark\n{written},fair\n")
    assert [(row["number"], row["remark"]) for row in rows_of(out)] == ([(e164, "fair")] if e164 else [])
    assert status == (0 if e164 else 3)
    said = capsys.readouterr().err
    assert doubt in said
    assert "kept without" not in said, "the number is kept as it is"


@pytest.mark.parametrize(("rows", "status"), [(4, 0), (5, 0), (6, 1)])
def test_an_upload_has_as_many_rows_as_are_allowed(tmp_path, rows, status):
    """`sops.batch-limit-100000`, with a smaller limit; duplicates count."""
    text = "number\n" + "+4915123456781\n" * rows
    assert run(tmp_path, "screen", "--out", str(tmp_path / "out"), "--limit", "5", text=text) == status


@pytest.mark.parametrize("heading", ["chat", "archive", "Message text", "聊天记录", "Nachrichten"])
@pytest.mark.parametrize("command", ["screen", "numbers check", "numbers dedupe"])
def test_a_list_with_messages_is_not_taken(tmp_path, capsys, heading, command):
    """`comp.no-private-content`."""
    text = f"number,remark,{heading}\n{NUMBER},a,hello\n"
    assert run(tmp_path, command, "--out", str(tmp_path / "out"), text=text) == 1
    assert "messages, which are not taken" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_modes_are_named_sets_of_checks():
    """`sops.modes`, `sops.optional-dimensions`."""
    standard, fine = (checks_of(mode, ()) for mode in ("standard", "fine"))
    assert {check.id for check in fine} - {check.id for check in standard} == {
        "screen.empty-account", "screen.unregistered",
    }  # fmt: skip
    assert checks_of("self", ()) == fine
    assert {check.risk for check in checks_of("custom", ("stolen",))} == {"stolen"}


def test_mode_self_is_for_one_account(tmp_path, capsys):
    """`sops.modes`: the holder checks one own account."""
    given = ("screen", "--out", str(tmp_path / "out"), "--mode", "self")
    assert run(tmp_path, *given) == 2
    assert "the list has 3" in capsys.readouterr().err
    assert run(tmp_path, *given, text=POOL + f"{NUMBER},a,0,5,yes,yes\n") == 0


@pytest.mark.parametrize(("dropped", "whole"), [(1, False), (0, True)])
def test_all_seven_mandatory_checks_make_a_whole_screening(dropped, whole):
    """`sops.mandatory-dimensions`."""
    chosen = sorted(MANDATORY_IDS)[dropped:]
    checks = [check for check in checks_of("fine", ()) if check.id in chosen]
    assert mandatory_of(checks) == {"active": 7 - dropped, "of": 7, "all": whole}
    assert mandatory_of(checks_of("fine", ()))["all"]


@pytest.mark.parametrize(
    ("numbers", "dates", "bots"),
    [
        ("10 11 12 13", "2023-05-01 2023-05-01 2023-05-01 2023-05-01", ""),
        ("10 11 12 13 14", "2023-05-01 2023-05-01 2023-05-01 2023-05-01 2023-05-02", "10 11 12 13 14"),
        ("10 11 12 13 14", "2023-05-01 2023-05-01 2023-05-01 2023-05-01 2023-05-03", ""),
        ("99 98 97 96 00", "2023-05-01 2023-05-01 2023-05-01 2023-05-01 2023-05-01", "00 96 97 98 99"),
        (
            "10 11 12 13 14 50",
            "2023-05-01 2023-05-01 2023-05-01 2023-05-01 2023-05-01 2020-01-01",
            "10 11 12 13 14",
        ),
        ("10 11 12 13 14", "2023-05-01 2023-05-01 2023-05-01 2023-05-01 ", ""),
    ],
)
def test_numbers_of_one_block_that_registered_within_a_day_are_bots_where_they_are_silent(
    screen, numbers, dates, bots
):
    """`screen.fake-type-bot`: registered in bulk."""
    rows = [f"+49151234567{n},{day},0" for n, day in zip(numbers.split(), dates.split(" "), strict=True)]
    head = "number,registered_at,interactions_90d\n"
    found = screen(head + "\n".join(rows) + "\n")
    assert " ".join(sorted(n[-2:] for n, one in found.results.items() if "fake-bot" in one["labels"])) == bots
    awake = screen(head + "\n".join(rows).replace(",0", ",7") + "\n", out="awake")
    assert not any("fake-bot" in one["labels"] for one in awake.results.values())


def test_the_risks_to_look_at_first_come_first(screen):
    """`sops.goal-setting`."""
    found = screen(THREE, (), "--first", "unregistered", "--first", "fake")
    assert found.summary["asked"]["risks_in_order"][:2] == ["unregistered", "fake"]
    assert list(found.summary["risk_types"])[:2] == ["unregistered", "fake"]
    assert found["+4915123456783"]["risk_types"] == ["unregistered", "fake"]
    assert goals_of(()) == ("stolen", "non_compliant", "fake", "empty", "unregistered")


@pytest.mark.parametrize(
    ("tier", "risks", "said"),
    [
        ("high", ["stolen"], ("pause", "change the password", "screen again")),
        ("high", ["non_compliant"], ("take out of the pool", "objects")),
        ("high", ["fake"], ("take out of the pool",)),
        ("high", ["non_compliant", "stolen"], ("pause",)),
        ("low", ["fake"], ("observe for one month",)),
        ("secure", [], ("keep",)),
    ],
)
def test_what_to_do_follows_tier_and_risk(tier, risks, said):
    """`sops.handling-suggestions`, `sops.handle-high-risk`, `sops.handle-low-risk-1-month`, `sops.handle-secure`."""
    told = advice(tier, risks)
    assert all(part in told for part in said), told
    assert ADVICE.keys() == set(goals_of(()))


@pytest.mark.parametrize(("secure", "reached"), [(96, False), (97, False), (98, True)])
def test_the_share_of_secure_accounts_to_reach(secure, reached):
    """`sops.security-rate-97pct`."""
    assert target({"secure": secure, "low": 100 - secure, "high": 0})["reached"] is reached
    assert not target({"secure": 0, "low": 0, "high": 0})["reached"]


def test_how_often_platforms_step_in_with_and_without_non_compliant_accounts(screen):
    """`screen.control-probability-40-vs-5pct`, `comp.main-account-protection`: the pool as it is, and without the high-risk accounts."""
    found = screen(THREE).summary["main_account"]["chance_of_control"]
    assert (found["now"], found["without_high_risk"]) == (0.4, 0.05)
    clean = screen(POOL + f"{NUMBER},a,0,5,yes,yes\n").summary["main_account"]["chance_of_control"]
    assert (clean["now"], clean["without_high_risk"]) == (0.05, 0.05)
    unasked = screen(THREE, (), "--dimensions", "fake").summary["main_account"]["chance_of_control"]
    assert unasked["now"] is None, "what was not asked is not known"


def test_an_address_shared_with_a_banned_account_stays_when_high_risk_goes(screen):
    """`screen.associated-with-banned`: by address it is low risk, so taking out the high-risk accounts leaves it in."""
    link = {
        "type": "lookup.ban_links",
        "ts": AT - DAY,
        "number": NUMBER,
        "via": "ip",
        "banned_id": "b",
        "ip": "203.0.113.9",
    }
    profile = {"type": "ip_profile", "ts": AT - DAY, "ip": "203.0.113.9", "is_shared": False}
    found = screen(POOL + f"{NUMBER},a,0,5,yes,yes\n", [profile, link])
    assert found[NUMBER]["tier"] == "low"
    assert found.summary["main_account"]["chance_of_control"]["without_high_risk"] == 0.4


@pytest.mark.parametrize(
    ("row", "where", "kept"),
    [
        ("num.filter-open", "is_registered=yes", "12"),
        ("num.filter-active", "interactions_90d>=1", "12"),
        ("num.filter-interactive", "interactions_90d>4", "12"),
        ("num.filter-avatar", "has_avatar=no", "3"),
        ("num.filter-duration", "registered_at<2024-01-01", "1"),
        ("num.filter-empty-number", "is_reachable=yes", "2"),
        ("num.filter-mobile-device", "device_kind=android", "3"),
    ],
)
def test_filters(tmp_path, row, where, kept):
    assert row.startswith("num.filter-")
    text = (
        "number,is_registered,interactions_90d,has_avatar,registered_at,is_reachable,device_kind\n"
        "+4915123456781,yes,5,yes,2023-12-31,no,ios\n"
        "+4915123456782,yes,9,yes,2024-01-01,yes,ios\n"
        "+4915123456783,no,0,no,,,android\n"
    )
    out = tmp_path / "out.csv"
    assert run(tmp_path, "numbers filter", "--where", where, "--out", str(out), text=text) == 0
    assert "".join(row["number"][-1] for row in rows_of(out)) == kept


def test_segments_are_counted_by_country_and_kind(tmp_path, capsys):
    """`num.segment-selection`: the numbering plan says country and kind of line; nothing is made up from it."""
    text = "number\n+4915123456781\n+4915123456782\n+442079460018\n"
    assert run(tmp_path, "numbers segments", "--by", "country,kind", "--json", text=text) == 0
    assert json.loads(capsys.readouterr().out)["segments"] == [["DE", "mobile", 2], ["GB", "fixed_line", 1]]


def test_duplicates_go_after_numbers_are_brought_to_one_form(tmp_path):
    """`num.deduplication`."""
    out = tmp_path / "out.csv"
    text = "number,remark\n0049 151 23456781,a\n+49 151 23456781,b\n+4915123456781,a\n"
    assert run(tmp_path, "numbers dedupe", "--out", str(out), text=text) == 0
    assert [(row["number"], row["remark"], row["rows"]) for row in rows_of(out)] == [(NUMBER, "a; b", "3")]


def test_lists_are_compared(tmp_path, capsys):
    """`num.comparison`."""
    (tmp_path / "b.csv").write_text("number\n+4915123456782\n+4915123456789\n")
    assert run(tmp_path, "numbers compare", str(tmp_path / "b.csv"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["both"], found["only_first"], found["only_second"]) == (1, 2, 1)


def test_a_single_number_is_screened_on_demand(tmp_path):
    """`num.one-stop-realtime`: an account at once, besides pools as jobs."""
    out = tmp_path / "out"
    assert main(["screen", "+49 151 23456781", "--out", str(out), "--at", "2026-03-02"]) == 0
    assert [row["number"] for row in rows_of(out / "secure.csv")] == [NUMBER]


def test_accounts_are_exported_by_tier_and_filtered_by_risk_type(screen, tmp_path):
    """`sops.tiered-export`, `num.filter-accurate`: of a tier, with a risk type, or only where every check was known."""
    found = screen(THREE)
    lists = {
        name: [row["number"][-1] for row in rows_of(found.out / f"{name}.csv")]
        for name in ("secure", "low_risk", "high_risk")
    }
    assert lists == {"secure": ["1"], "low_risk": [], "high_risk": ["2", "3"]}
    book = CalamineWorkbook.from_path(found.out / "screening.xlsx")
    assert {"High risk", "Low risk", "Secure"} <= set(book.sheet_names)

    def listed(*options):
        out = tmp_path / "list.csv"
        assert main(["screened", str(found.out), "--out", str(out), *options]) == 0
        return [row["number"][-1] for row in rows_of(out)]

    assert listed() == ["1", "2", "3"]
    assert listed("--tier", "high", "--risk", "non-compliant") == ["2"]
    assert listed("--risk", "fake", "unregistered") == ["3"]
    assert listed("--label", "non-compliant") == ["2"]
    assert listed("--complete") == [], "nobody told of logins"
    assert rows_of(tmp_path / "list.csv") == []
    everything = "--dimensions", "unregistered"
    certain = screen(THREE, (), *everything, out="certain")
    assert main(["screened", str(certain.out), "--complete", "--out", str(tmp_path / "c.csv")]) == 0
    assert len(rows_of(tmp_path / "c.csv")) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tier", "medium"], "no tier `medium`"),
        (["--risk", "stollen"], "did you mean `stolen`"),
    ],
)
def test_what_no_account_can_have_is_refused(screen, tmp_path, capsys, options, said):
    found = screen(THREE)
    assert main(["screened", str(found.out), "--out", str(tmp_path / "x.csv"), *options]) == 2
    assert said in capsys.readouterr().err
    (found.out / "result.ndjson").write_bytes(b'{"number": 1}\n')
    assert main(["screened", str(found.out), "--out", str(tmp_path / "x.csv")]) == 1
    assert "line 1" in capsys.readouterr().err
    assert main(["screened", str(tmp_path / "nowhere"), "--out", str(tmp_path / "x.csv")]) == 1
