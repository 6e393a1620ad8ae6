"""`tidegate screen --previous`: what changed since, the observation list, and folders that are no earlier screening."""

import csv
import json
import shutil

import pytest
from python_calamine import CalamineWorkbook
from tests.screening.screened import NUMBER

from tidegate.cli import main
from tidegate.errors import FileError
from tidegate.screening.outputs import files as outputs
from tidegate.screening.since.earlier import HISTORY_MAX, read_earlier
from tidegate.windows.timestamps import parse_rfc3339

APRIL, MAY = parse_rfc3339("2026-04-01T08:00:00Z"), parse_rfc3339("2026-05-01T08:00:00Z")
DAY = 86_400_000
SILENT_WITHOUT_FACE = "interactions_90d,has_avatar"
CLEAN, WATCHED, BAD = "5,yes,0", "0,no,0", "0,no,1"


def pool(**cells):
    """Return a list of accounts: last digits of the number -> interactions, avatar, warnings."""
    rows = [f"+491512345{number[1:]},{told}" for number, told in cells.items()]
    return "\n".join(["number,interactions_90d,has_avatar,warnings", *rows]) + "\n"


def rows_of(file):
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def in_turn(screen, tmp_path, monkeypatch):
    """Screen pools one after the other, each with the one before as the previous, and return the last."""

    monkeypatch.setattr(
        outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []}
    )  # another test reads the report; it takes most of the time

    def run(*runs, options=((),) * 100):
        found = None
        for i, (at, text) in enumerate(runs):
            previous = ["--previous", str(tmp_path / f"run{i - 1}")] if i else []
            found = screen(text, (), *previous, *options[i], at=at, out=f"run{i}")
            assert found.status == 0
        return found

    return run


def test_the_drift_names_every_account_that_changed_and_why(in_turn):
    found = in_turn(
        (APRIL, pool(a1111=CLEAN, a2222=WATCHED, a3333=BAD, a4444=CLEAN, a5555=BAD)),
        (MAY, pool(a1111=BAD, a2222=CLEAN, a3333="0,no,", a4444=CLEAN, a6666=WATCHED)),
    )
    drift = rows_of(found.out / "drift.csv")
    assert [(row["number"][-4:], row["why"], row["tier before"], row["tier now"]) for row in drift] == [
        ("1111", "worse", "secure", "high"),
        ("3333", "no longer known", "high", "low"),
        ("2222", "better", "low", "secure"),
        ("6666", "new", "", "low"),
        ("5555", "gone", "high", ""),
    ]
    assert drift[1]["no longer known"] == "historical-violation"
    assert found.summary["since"] | {"accounts": 5} == found.summary["since"]
    assert {why: found.summary["since"][why] for why in ("worse", "better", "new", "gone")} == {
        "worse": 1, "better": 1, "new": 1, "gone": 1,
    }  # fmt: skip
    told = json.loads((found.out / "drift.json").read_text())
    assert told["accounts"]["tier_before_to_now"]["secure"] == {"secure": 1, "low": 0, "high": 1}
    assert (told["accounts"]["new"]["low"], told["accounts"]["gone"]["high"]) == (1, 1)
    assert told["taken_out"] == {"high_before": 2, "left_the_pool": 1, "still_there": 1, "still_high": 0}
    assert told["checks"]["screen.historical-violation"] == {"began": 1, "ended": 0, "no_longer_known": 1}
    assert told["tiers"]["high"]["word"] == "no more than chance"
    sheet = CalamineWorkbook.from_path(found.out / "screening.xlsx").get_sheet_by_name("Summary").to_python()
    shown = {row[0]: row[1] for row in sheet}
    assert shown["Since the screening of 2026-04-01"] == "Accounts"
    assert (shown["Worse"], shown["New"], shown["Under observation"]) == (1, 1, 2)


def test_findings_about_the_pool_that_began_and_ended_are_told(in_turn):
    found = in_turn(
        (APRIL, pool(a1111=BAD, a2222=CLEAN, a3333=CLEAN)),
        (MAY, pool(a1111=WATCHED, a2222=WATCHED, a3333=CLEAN)),
    )
    told = json.loads((found.out / "drift.json").read_text())["pool"]
    assert "screen.case-30pct-noncompliant-batch" in told["ended"]
    assert "screen.case-30pct-noncompliant-batch" not in told["began"]


def test_what_one_of_the_two_did_not_ask_is_said_and_not_compared(in_turn):
    found = in_turn(
        (APRIL, pool(a1111=BAD)),
        (MAY, pool(a1111=BAD)),
        options=(("--dimensions", "fake"), ("--mode", "standard")),
    )
    told = json.loads((found.out / "drift.json").read_text())
    assert told["asked"]["alike"] is False
    assert "screen.historical-violation" in told["asked"]["only_now"]
    assert list(told["risk_types"]) == ["fake"]
    assert told["why"]["asked otherwise"] == 1
    assert told["pool"]["began"] == [], "whether non-compliance held before is not known"
    assert found.summary["since"]["asked_alike"] is False


@pytest.mark.parametrize(
    ("days", "status"), [(29, "observed"), (30, "month over"), (31, "month over")]
)  # April has 30 days
def test_low_risk_is_observed_for_a_month_of_the_calendar(in_turn, days, status):
    """`sops.handle-low-risk-1-month`."""
    found = in_turn((APRIL, pool(a1111=WATCHED)), (APRIL + days * DAY, pool(a1111=WATCHED)))
    (row,) = rows_of(found.out / "observed.csv")
    assert (row["observed since"], row["status"]) == ("2026-04-01T08:00:00.000Z", status)
    assert row["decide on"] == "2026-05-01T08:00:00.000Z"
    result = found["+4915123451111"]
    over = status == "month over"
    assert result["tier"] == "low"
    assert (result["advice"] == "observed for a month and nothing new: back to normal use") is over
    assert ("observation" in result["labels"]) is not over


def test_a_new_sign_begins_the_month_anew(in_turn):
    young = "number,interactions_90d,has_avatar,registered_at\n+4915123451111,{}\n"
    before, after = young.format("0,yes,2026-03-01"), young.format("0,no,2026-01-01")
    found = in_turn((APRIL, before), (APRIL + 12 * DAY, before), (APRIL + 31 * DAY, after))
    (row,) = rows_of(found.out / "observed.csv")
    assert (row["observed since"][:10], row["status"]) == ("2026-05-02", "observed")


def test_the_time_of_the_mark_is_carried_over_many_screenings(in_turn):
    found = in_turn(*((APRIL + 10 * i * DAY, pool(a1111=WATCHED)) for i in range(4)))
    (row,) = rows_of(found.out / "observed.csv")
    assert (row["observed since"][:10], row["status"]) == ("2026-04-01", "month over")
    assert [point["screened_at"][:10] for point in found.summary["history"]] == [
        "2026-04-01", "2026-04-11", "2026-04-21", "2026-05-01",
    ]  # fmt: skip


def test_who_is_secure_or_high_leaves_the_observation_list_and_begins_anew(in_turn):
    found = in_turn(
        (APRIL, pool(a1111=WATCHED, a2222=WATCHED, a3333=WATCHED)),
        (APRIL + 20 * DAY, pool(a1111=CLEAN, a2222=BAD)),
        (APRIL + 40 * DAY, pool(a1111=WATCHED, a2222=WATCHED)),
    )
    assert {row["observed since"][:10] for row in rows_of(found.out / "observed.csv")} == {"2026-05-11"}
    middle = json.loads((found.out.parent / "run1" / "summary.json").read_text())["observation"]
    assert middle == {
        "observed": 0, "month_over": 0, "became_secure": 1, "became_high": 1, "left_the_pool": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("days", "overdue"), [(30, False), (31, False), (32, True)])
def test_a_screening_that_comes_more_than_a_month_later_is_called_overdue(in_turn, days, overdue):
    """`sops.monthly-screening`."""
    found = in_turn((APRIL, pool(a1111=CLEAN)), (APRIL + days * DAY, pool(a1111=CLEAN)))
    assert found.summary["since"]["overdue"] is overdue


def test_the_trend_is_kept_for_two_years(in_turn, screen, tmp_path):
    found = in_turn((APRIL, pool(a1111=CLEAN)), (MAY, pool(a1111=CLEAN)))
    summary = json.loads((found.out / "summary.json").read_text())
    summary["history"] *= HISTORY_MAX // 2
    (found.out / "summary.json").write_text(json.dumps(summary))
    after = screen(
        pool(a1111=WATCHED), (), "--previous", str(found.out), at=MAY + 30 * DAY, out="after"
    ).summary["history"]
    assert len(after) == HISTORY_MAX
    assert after[-1]["tiers"] == {"secure": 0, "low": 1, "high": 0}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the folder that a screening of one account at low risk wrote."""
    place = tmp_path_factory.mktemp("earlier")
    (place / "pool.csv").write_text(pool(a1111=WATCHED))
    assert (
        main(["screen", str(place / "pool.csv"), "--out", str(place / "out"), "--at", "2026-04-01T08:00:00Z"])
        == 0
    )
    return place / "out"


@pytest.fixture
def before(written, tmp_path):
    """Return a copy of that folder, to spoil."""
    return shutil.copytree(written, tmp_path / "before")


def again(before, *options, out="now"):
    """Screen the same list again, with a folder as the screening before."""
    place = before.parent
    (place / "pool.csv").write_text(pool(a1111=WATCHED))
    return main(
        ["screen", str(place / "pool.csv"), "--out", str(place / out), "--previous", str(before), *options]
    )


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("result.ndjson", lambda text: text + text, "is there twice"),
        ("result.ndjson", lambda _: b"", "0 accounts, where summary.json has 1"),
        ("result.ndjson", lambda text: text[:-30], "line 1"),
        ("result.ndjson", lambda text: text.replace(b'"tier":"low"', b'"tier":"medium"'), "line 1"),
        ("result.ndjson", lambda text: text.replace(b'"+49', b'"=49'), "line 1"),
        ("result.ndjson", lambda _: b'{"number": "' + b"x" * (1 << 21), "too long"),
        ("result.ndjson", lambda _: b"[" * 100_000, "line 1"),
        ("summary.json", lambda _: b"{}", "no summary of a screening"),
        ("summary.json", lambda _: b"\xff\xfe", "no summary of a screening"),
        ("summary.json", lambda text: text.replace(b"2026-04-01T", b"2026-04-31T"), "is no time"),
        ("summary.json", lambda text: text + b" " * (5 << 20), "too long"),
        (
            "observed.csv",
            lambda text: text.replace(b"2026-04-01T08", b"2027-04-01T08"),
            "after that screening",
        ),
        ("observed.csv", lambda text: text.replace(b"2026-04-01T08:00:00.000Z", b"1.4."), "line 2"),
        ("observed.csv", lambda text: text.replace(b"+49", b"+48"), "not to be observed"),
        ("observed.csv", lambda _: b"number\n", "its heading is another"),
        ("observed.csv", lambda text: text + b"a,b\n", "2 cells, not 7"),
        ("observed.csv", lambda text: text + b"\xff\n", "no UTF-8"),
        ("observed.csv", lambda text: text + b'"' + b"x" * 200_000 + b'"', "no CSV"),
    ],
)
def test_files_that_are_not_as_they_were_written_are_refused_with_the_place(before, file, spoil, said):
    path = before / file
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(FileError) as refused:
        read_earlier(before)
    assert said in str(refused.value)
    assert file in refused.value.place
    assert refused.value.hint


def test_a_command_with_a_spoiled_screening_before_writes_nothing(before, capsys):
    (before / "result.ndjson").write_bytes(b"{}")
    assert again(before) == 1
    assert "line 1" in " ".join(capsys.readouterr().err.split())
    assert not (before.parent / "now").exists()


@pytest.mark.parametrize("missing", ["summary.json", "result.ndjson", ""])
def test_a_folder_that_is_no_screening_is_refused(before, missing):
    if missing:
        (before / missing).unlink()
    else:
        shutil.rmtree(before)
    with pytest.raises(FileError, match="cannot read"):
        read_earlier(before)


def test_without_an_observation_list_low_risk_is_watched_since_that_screening(before):
    (before / "observed.csv").unlink()
    assert again(before, "--at", "2026-04-20") == 0
    (row,) = rows_of(before.parent / "now" / "observed.csv")
    assert row["observed since"] == "2026-04-01T08:00:00.000Z"


def test_the_folder_that_is_compared_with_is_not_written_over(before, capsys):
    kept = (before / "summary.json").read_bytes()
    (before.parent / "x").mkdir()
    assert again(before, out="x/../before") != 0
    assert "would be lost" in capsys.readouterr().err
    assert (before / "summary.json").read_bytes() == kept


def test_a_screening_before_that_is_later_is_refused(before, capsys):
    assert again(before, "--at", "2026-03-31") != 0
    assert "after this one" in " ".join(capsys.readouterr().err.split())


def test_without_a_screening_before_no_drift_is_left_of_another_run(screen, in_turn):
    found = in_turn((APRIL, pool(a1111=CLEAN)), (MAY, pool(a1111=CLEAN)))
    assert (found.out / "drift.csv").exists()
    again = screen(pool(a1111=CLEAN), at=MAY, out="run1")
    assert not (again.out / "drift.csv").exists()
    assert not (again.out / "drift.json").exists()
    assert again.summary["since"] is None
    assert NUMBER not in again.results
