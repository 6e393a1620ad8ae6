"""`tidegate screen`: tiers, pools, hostile lists, modes, files, exit status."""

import csv
import json

import numpy as np
import pytest
from python_calamine import CalamineWorkbook
from tests.screening.screened import NUMBER

from tidegate.cli import main
from tidegate.screening.pool_findings import cost_inflation, share
from tidegate.screening.tiers import TIERS, tiers_of


def pool_of(counts, total, head="number,warnings,is_reachable"):
    """Return a list of `total` accounts; `counts` says how many have which cells, in turn."""
    rows, at = [head], 0
    for cells, count in counts:
        rows += [f"+49151{20000000 + at + i},{cells}" for i in range(count)]
        at += count
    rows += [f"+49151{20000000 + i},0,yes" for i in range(at, total)]
    return "\n".join(rows) + "\n"


def holds(found, row):
    return next(one["holds"] for one in found.summary["pool"] if one["row"] == row)


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened))


@pytest.mark.parametrize(
    ("score", "tier"),
    [(0.0, "secure"), (0.29, "secure"), (0.3, "low"), (0.69, "low"), (0.7, "high"), (0.71, "high")],
)
def test_cut_offs_of_the_tiers(score, tier):
    """`screen.risk-tiers`."""
    assert TIERS[int(tiers_of(np.array([score]))[0])] == tier


@pytest.mark.parametrize(("warned", "expected"), [(29, False), (30, True), (31, True)])
def test_a_pool_of_30_percent_non_compliant_accounts_is_said(screen, warned, expected):
    found = screen(pool_of([("1,yes", warned)], 100))
    assert holds(found, "screen.case-30pct-noncompliant-batch") is expected
    assert found.summary["main_account"]["exposed"] is expected


@pytest.mark.parametrize(("count", "expected"), [(7, False), (8, True), (9, True)])
def test_a_pool_of_8_percent_associated_accounts_is_said(screen, count, expected):
    links = [
        {
            "type": "lookup.ban_links",
            "ts": 1_772_400_000_000,
            "number": f"+49151{20000000 + i}",
            "via": "device",
            "banned_id": "b",
        }
        for i in range(count)
    ]
    assert holds(screen(pool_of([], 100), links), "screen.case-8pct-associated-limit-cut") is expected


def stolen(count):
    """Logins of so many accounts on devices that were not known."""
    return [
        {
            "type": "lookup.login_history",
            "ts": 1_772_400_000_000,
            "number": f"+49151{20000000 + i}",
            "device_id": "d",
            "known_device": False,
        }
        for i in range(count)
    ]


@pytest.mark.parametrize(("count", "expected"), [(19, False), (20, True), (21, True)])
def test_a_pool_of_20_percent_stolen_accounts_is_said(screen, count, expected):
    found = screen(pool_of([], 100), stolen(count))
    assert holds(found, "screen.case-20pct-stolen-main-ban") is expected
    assert not holds(found, "screen.case-150-stolen-permanent")


@pytest.mark.parametrize(("count", "expected"), [(19, False), (20, True), (21, True)])
def test_a_pool_of_20_percent_fakes_costs_a_quarter_more(screen, count, expected):
    head = "number,interactions_90d,has_avatar"
    found = screen(pool_of([("0,no", count)], 100, head).replace(",0,yes", ",5,yes"))
    assert holds(found, "screen.cost-inflation") is expected
    assert holds(found, "screen.low-quality-marketing") is expected


def test_what_of_a_campaign_goes_to_fakes_is_said(screen):
    list_ = pool_of([("0,no", 20)], 100, "number,interactions_90d,has_avatar").replace(",0,yes", ",5,yes")
    told = [campaign(1, "5000"), campaign(3, None), campaign(2, "12000")]
    assert cost_of(screen(list_, told))["campaign"] == {"cost": 12000, "wasted": 2400}
    assert "campaign" not in cost_of(screen(list_, told[1:2]))
    dear = campaign(4, "1" + 37 * "0")
    assert cost_of(screen(list_, [*told, dear]))["campaign"] == {"cost": 1e37, "wasted": 2e36}


def campaign(n, cost):
    return {"type": "campaign", "ts": 1_772_400_000_000 + n, "campaign_id": f"c{n}", "cost": cost}


def cost_of(found):
    (row,) = [row for row in found.summary["pool"] if row["row"] == "screen.cost-inflation"]
    return row


@pytest.mark.parametrize(("count", "expected"), [(24, False), (25, False), (26, True)])
def test_a_pool_with_more_than_a_quarter_of_high_risk_is_said(screen, count, expected):
    assert holds(screen(pool_of([("1,yes", count)], 100)), "screen.pool-prevalence") is expected


@pytest.mark.parametrize(("count", "expected"), [(149, False), (150, True), (151, True)])
def test_150_stolen_accounts_are_said_whatever_their_share(screen, count, expected):
    found = screen(pool_of([], 1000), stolen(count))
    assert holds(found, "screen.case-150-stolen-permanent") is expected
    assert not holds(found, "screen.case-20pct-stolen-main-ban")


def test_shares_and_costs_are_rounded_to_four_digits_and_defined_everywhere():
    assert (share(1, 3), share(0, 0)) == (0.3333, 0.0)
    assert [cost_inflation(part, 100) for part in (0, 19, 20, 21)] == [0.0, 0.2346, 0.25, 0.2658]
    assert cost_inflation(0, 0) == 0.0


def test_a_single_verdict_makes_high_risk_and_the_advice_follows_the_risk(screen):
    found = screen(warnings=1, remark="x")[NUMBER]
    assert (found["tier"], found["reasons"]) == ("high", ["screen.historical-violation"])
    assert found["advice"].startswith("take out of the pool")
    stolen = {
        "type": "lookup.login_history",
        "ts": 1_772_400_000_000,
        "number": NUMBER,
        "device_id": "d",
        "known_device": False,
    }
    found = screen(events=[stolen], warnings=1)[NUMBER]
    assert found["risk_types"] == ["stolen", "non_compliant"]
    assert found["advice"].startswith("pause contact, tell the holder")


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--purpose", " ", "this says nothing"),
        ("--basis", "one\ntwo", "this says nothing"),
        ("--basis", "x" * 1001, "1,001 characters"),
    ],
)
def test_a_purpose_that_says_nothing_and_a_basis_without_end_are_mistakes_of_usage(
    screen, capsys, option, text, said
):
    with pytest.raises(FileNotFoundError):
        screen(f"number\n{NUMBER}\n", (), option, text)
    printed = capsys.readouterr().err
    assert option in printed
    assert said in printed


HOSTILE = ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1+1", "＝1+1"]  # noqa: RUF001  wide on purpose


@pytest.mark.parametrize("remark", HOSTILE)
def test_cells_that_a_spreadsheet_would_run_are_neutralised_in_every_list(screen, remark):
    quoted = '"' + remark.replace('"', '""') + '"'
    found = screen(f"number,remark\n{NUMBER},{quoted}\n")
    shown = rows_of(found.out / "secure.csv")[1][1]
    assert shown == "'" + remark.strip()
    book = CalamineWorkbook.from_path(found.out / "screening.xlsx")
    assert book.get_sheet_by_name("Secure").to_python()[1][1] == shown
    import zipfile

    with zipfile.ZipFile(found.out / "screening.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


def test_texts_of_any_content_come_back_from_the_workbook(screen):
    remark = 'a <b> & "c" ]]> 😀 \x01\ud7ff  two  spaces'
    found = screen(f'number,remark\n{NUMBER},"{remark.replace(chr(34), chr(34) * 2)}"\n')
    row = CalamineWorkbook.from_path(found.out / "screening.xlsx").get_sheet_by_name("Secure").to_python()[1]
    assert row[:3] == [NUMBER, "".join(c for c in remark if c.isprintable()), 0.0]


def test_rows_that_cannot_be_read_are_named_and_the_rest_goes_on(screen, capsys):
    found = screen("number,registered_at\n+4915123456781,2020-01-01\nbanana,\n+4915123456782,03/04/2026\n")
    assert found.status == 3
    assert sorted(found.results) == ["+4915123456781", "+4915123456782"]
    assert [row[0] for row in rows_of(found.out / "rejected_rows.csv")[1:]] == ["3", "4"]
    assert (found.summary["rejected_rows"], found.summary["unreadable_cells"]) == (1, 1)
    assert "row 3, column A (`number`): `banana` is no phone number" in capsys.readouterr().err


def test_event_lines_that_cannot_be_read_are_kept_and_said(screen):
    found = screen(events=[{"type": "no_such", "ts": 1}], remark="x")
    assert found.status == 3
    assert found.summary["rejected_events"] == 1
    assert json.loads((found.out / "rejected_events.ndjson").read_text())["line"] == 1


def test_every_run_writes_the_same_bytes(screen):
    pool = pool_of([("1,yes", 3), (",no", 2)], 20)
    events = [
        {"type": "lookup.profile", "ts": 1_772_400_000_000, "number": "+4915120000007", "has_avatar": False}
    ]
    a, b = (screen(pool, events, at=None, out=out) for out in ("one", "two"))
    assert sorted(f.name for f in a.out.iterdir()) == [
        "high_risk.csv", "low_risk.csv", "observed.csv", "report.pdf", "result.ndjson", "screening.xlsx", "secure.csv",
        "summary.json",
    ]  # fmt: skip
    for file in a.out.iterdir():
        assert file.read_bytes() == (b.out / file.name).read_bytes(), file.name


def test_the_workbook_has_a_sheet_per_tier_with_all_its_accounts(screen):
    found = screen(pool_of([("1,yes", 3), (",no", 2)], 20))
    book = CalamineWorkbook.from_path(found.out / "screening.xlsx")
    assert book.sheet_names == ["Summary", "High risk", "Low risk", "Secure"]
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names[1:]] == [6, 1, 16]
    assert {tier: one["accounts"] for tier, one in found.summary["tiers"].items()} == {
        "secure": 15,
        "low": 0,
        "high": 5,
    }


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 10),
        (("--mode", "standard"), 8),
        (("--mode", "fine"), 10),
        (("--dimensions", "stolen", "non_compliant"), 4),
        (("--dimensions", "stolen,validity"), 4),
        (("--dimensions", "screen.fake-composite"), 4),  # with the signs it weighs
        (("--dimensions", "optional"), 2),
    ],
)
def test_dimensions_are_chosen_by_mode_or_by_name(screen, options, count):
    assert len(screen(None, (), *options, warnings=1)[NUMBER]["checks"]) == count


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dimensions", "stollen"], "did you mean `stolen`"),
        (["--mode", "fast"], "there is no mode `fast`"),
        (["--mode", "custom"], "without dimensions"),
        (["--first", "bots"], "there is no risk `bots`"),
        (["--at", "soon"], "`soon` is no time"),
        (["--country", "XX"], "there is no country `XX`"),
        (["--limit", "0"], "a limit of `0` rows"),
        (["--data", "."], "this is no data folder"),
        (["--events", "none.ndjson"], "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, capsys, options, said):
    (tmp_path / "p.csv").write_text(f"number\n{NUMBER}\n")
    assert main(["screen", str(tmp_path / "p.csv"), "--out", str(tmp_path / "o"), *options]) in (1, 2)
    assert said in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(("rows", "status"), [(9, 0), (10, 0), (11, 1)])
def test_a_list_may_have_so_many_rows_duplicates_among_them(tmp_path, capsys, rows, status):
    (tmp_path / "p.csv").write_text("number\n" + f"{NUMBER}\n" * rows)
    assert main(["screen", str(tmp_path / "p.csv"), "--out", str(tmp_path / "o"), "--limit", "10"]) == status
    assert ("more than 10 rows" in capsys.readouterr().err) is (status == 1)


def test_without_events_the_time_is_the_clocks_and_the_summary_says_so(screen):
    assert screen(at=None, remark="x").summary["screened_at_is"] == "clock"


def test_the_main_account_is_named_with_what_may_happen_to_it(screen):
    found = screen(f"number,main account,warnings\n{NUMBER},yes,0\n+4915123456782,no,1\n")
    assert found.summary["main_account"]["numbers"] == [NUMBER]
    assert "all associated accounts stop sending for two weeks" in found.summary["main_account"]["may_happen"]
