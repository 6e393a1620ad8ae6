"""`report.pdf`: what it says, in the letters that are in the file; hostile texts; pools of no, one and many accounts."""

import sys

import pytest
from tests.screening.pdf_words import pages_of
from tests.screening.screened import AT, DAY, NUMBER

from tidegate.cli import main
from tidegate.screening.report import typesetting
from tidegate.screening.report.trend import trend
from tidegate.screening.report.typesetting import pictures, typeset

HEAD = "number,remark,warnings,interactions_90d,has_avatar,has_signature,registered_at,main_account"
PLAIN = ",0,5,yes,yes,2020-01-01,"
WARNED = ",1,5,yes,yes,2020-01-01,"
TWO_SIGNS = ",0,0,no,yes,2020-01-01,"
THREE_SIGNS = ",0,0,no,yes,2026-02-20,"


def pool_of(*kinds):
    rows = [cells for cells, count in kinds for _ in range(count)]
    return "\n".join([HEAD, *(f"+49151{20000000 + i},{cells}" for i, cells in enumerate(rows))]) + "\n"


def words(found):
    """Return the report as one text."""
    return " ".join(pages_of((found.out / "report.pdf").read_bytes()))


def squeezed(text):
    """Return a text without blanks: where a line breaks is not looked at."""
    return "".join(text.split())


def test_the_first_page_has_the_count_and_share_of_every_tier_and_risk_type(screen):
    found = screen(pool_of((WARNED, 3), (TWO_SIGNS, 4), (PLAIN, 13)))
    first = pages_of((found.out / "report.pdf").read_bytes())[0]
    assert "3 of 20 accounts are high risk (15.0 %)." in first
    assert "High risk 3 15.0 % Low risk 4 20.0 % Secure 13 65.0 %" in first
    assert "Stolen 0 0 % 100 % Non-compliant 3 15.0 % 85.0 % Fake 4 20.0 % 0 %" in first
    assert "3 Take them out of the pool" in first
    assert "4 Watch for a month" in first
    assert "13 Keep. secure.csv" in first


def test_the_first_page_has_purpose_and_basis_or_says_that_nobody_stated_them(screen):
    pool = pool_of((WARNED, 1))
    first, *_ = pages_of((screen(pool).out / "report.pdf").read_bytes())
    assert "Purpose not stated Legal basis not stated" in first
    options = ("--purpose", " #panic() of *March* ", "--basis", "Art. 6(1)(f) GDPR, " + "so " * 200)
    found = screen(pool, (), *options)
    first, *_ = pages_of((found.out / "report.pdf").read_bytes())
    assert "Purpose #panic() of *March* Legal basis Art. 6(1)(f) GDPR, so so" in first
    assert first.count("so ") < 110
    assert "By risk type" in first
    assert found.summary["purpose"] == "#panic() of *March*"
    assert found.summary["basis"].count("so") == 200


def test_accounts_to_look_at_first_come_by_tier_and_by_the_risk_that_is_first(screen):
    pool = pool_of((TWO_SIGNS, 2), (THREE_SIGNS, 2), (WARNED, 2), (PLAIN, 3))
    low, fake, bad = (f"+4915120000{n:03}" for n in (0, 2, 4))
    text = words(screen(pool))
    assert text.index(bad) < text.index(fake) < text.index(low)
    assert f"{bad} High risk · 0.75 Non-compliant incidents on record: 1 take out" in text
    text = words(screen(pool, (), "--first", "fake"))
    assert text.index(fake) < text.index(bad)
    assert "+4915120000006" not in text


def test_only_the_first_of_many_accounts_are_shown_and_the_report_says_so(screen):
    text = words(screen(pool_of((WARNED, 40), (PLAIN, 3))))
    assert "The first 12 of 40 accounts" in text
    assert "+4915120000011" in text
    assert "+4915120000012" not in text


@pytest.mark.parametrize(
    ("bad", "said", "control"),
    [
        (
            0,
            "None of the 7 limits is reached",
            "against less than 5 % of the main accounts of such pools, for all that is known.",
        ),
        (2, "None of the 7 limits is reached", "more than 40 % of the main accounts of such pools; once"),
        (3, "all associated accounts stop", "once the high-risk accounts are gone, less than 5 %, for all"),
    ],
)
def test_limits_of_the_pool_are_said_with_what_happened_to_such_pools(screen, bad, said, control):
    text = words(screen(pool_of((WARNED, bad), (PLAIN, 10 - bad))))
    assert said in text
    assert control in text


def test_the_main_account_and_the_cost_of_reach_are_said(screen):
    text = words(screen(pool_of((PLAIN + "yes", 1), (TWO_SIGNS, 2), (THREE_SIGNS, 2), (PLAIN, 5))))
    assert "Main account: +4915120000000." in text
    assert "40.0 % of the accounts are fake, so that a real recipient costs 1.67 times the plan." in text
    assert "Without the high-risk accounts it costs 1.33 times the plan." in text
    campaign = {"type": "campaign", "ts": 1_772_400_000_000, "campaign_id": "c", "cost": "12000"}
    text = words(screen(pool_of((TWO_SIGNS, 2), (PLAIN, 8)), [campaign]))
    assert "Of the 12,000.00 of the last campaign 2,400.00 went to fakes." in text


def test_signs_of_theft_and_reported_anomalies_are_said(screen):
    events = [
        {
            "type": "lookup.login_history",
            "ts": AT - DAY,
            "number": NUMBER,
            "device_id": "d",
            "known_device": False,
        },
        {"type": "contacts_exported", "ts": AT - DAY, "account_id": "a", "number": NUMBER},
        {"type": "feedback_filed", "ts": AT - DAY, "number": "+4915123456782", "kind": "anomaly"},
    ]
    text = words(screen(f"number\n{NUMBER}\n+4915123456782\n", events))
    assert "Seen of these: contacts were exported (1)." in text
    assert (
        "logins on unfamiliar devices in 30 days: 1; limit 1 · contacts were exported ask the holder" in text
    )
    assert "1 An anomaly was reported: ask the holder, and watch for a month. observed.csv" in text
    assert "Keep." not in text


def test_what_nobody_knows_is_said_to_be_unknown(screen):
    text = words(screen(f"number\n{NUMBER}\n"))
    assert "Of it nothing at all is known, which is no proof." in text
    assert "Whether there are fake accounts is not known" in text
    assert "the list, which tells nothing but numbers; no events" in text


@pytest.mark.parametrize(
    ("pool", "said"),
    [
        ("number,remark\n", "It has no rows."),
        ("number,remark\nbanana,x\n", "“banana” is no phone number"),
        (f"number,remark\n{NUMBER},x\n", "The account shows no sign of risk that counts."),
        (f"number,warnings\n{NUMBER},1\n", "1 of 1 account is high risk (100 %)."),
    ],
)
def test_pools_of_nothing_and_of_one_account_have_a_report(screen, pool, said):
    assert said in words(screen(pool))


HOSTILE = [
    "#eval(1) #read(x) $x^2$ *b* _e_ <l> @r ] [ } {",
    '=HYPERLINK("x") \\ ` // c /* d */ ~ -- ---',
    "שלום, مرحبا, Привет, हिन्दी",
    "W" * 60,
]


def test_what_strangers_wrote_stays_text(screen):
    rows = [
        '{},"{}",1'.format(f"+49151200000{i:02}", text.replace('"', '""')) for i, text in enumerate(HOSTILE)
    ]
    found = screen("\n".join(["number,remark,warnings", *rows, '"#panic() <b>",,']) + "\n")
    text = squeezed(words(found))
    for remark in (*HOSTILE[:2], HOSTILE[3], "“#panic() <b>” is no phone number"):
        assert squeezed(remark) in text
    assert set(squeezed(HOSTILE[2])) <= set(text)


def test_remarks_that_turn_or_climb_or_never_end_are_tamed(screen):
    remark = "\u202eexe.gnp\u2066 Z" + "\u0335" * 50 + " " + "long " * 6000
    text = words(screen(f"number,remark,warnings\n{NUMBER},{remark},1\n"))
    assert "\u202e" not in text
    assert text.count("\u0335") < 10, "two, said once for each of the letters they are on"
    assert "exe.gnp" in text
    assert text.count("long") < 20


def test_letters_that_no_font_draws_become_boxes_and_the_report_says_so(screen, monkeypatch):
    own = typesetting._fonts(own=True)
    monkeypatch.setattr(typesetting, "_fonts", lambda **_: own)
    text = words(screen(f"number,remark,warnings\n{NUMBER},名 ok 😀,1\n"))
    assert "□ ok □" in text
    assert "A box (□) stands for a letter" in text


def test_the_same_screening_gives_the_same_report_made_at_the_time_of_the_screening(screen):
    one, two = (screen(pool_of((WARNED, 3)), out=out).out / "report.pdf" for out in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()
    assert b"D:20260302093000" in one.read_bytes()
    assert b"PDF/A" not in one.read_bytes()[:200]
    assert b"<pdfaid:part>2</pdfaid:part>" in one.read_bytes()


def test_without_typst_the_other_files_are_there_and_one_line_says_why(screen, monkeypatch, capsys):
    assert (screen(f"number\n{NUMBER}\n").out / "report.pdf").exists()
    capsys.readouterr()
    monkeypatch.setitem(sys.modules, "typst", None)
    found = screen(f"number\n{NUMBER}\n")
    assert found.status == 0
    assert not (found.out / "report.pdf").exists(), "that of an earlier run is not left"
    assert {"secure.csv", "screening.xlsx", "summary.json"} <= {file.name for file in found.out.iterdir()}
    assert "no report.pdf: typst is not installed (pip install 'tidegate[screen]'" in capsys.readouterr().err
    assert found.summary["report"]["file"] is None


def test_a_report_that_cannot_be_set_takes_no_other_file_with_it(screen, monkeypatch, capsys):
    monkeypatch.setattr(typesetting, "_sources", lambda: {"report.typ": b"#panic()"})
    found = screen(f"number,warnings\n{NUMBER},1\nbanana,\n")
    assert {"secure.csv", "screening.xlsx", "summary.json", "rejected_rows.csv"} <= {
        f.name for f in found.out.iterdir()
    }
    assert not (found.out / "report.pdf").exists()
    assert "no report.pdf: typst does not set it: panicked" in capsys.readouterr().err


def test_a_trend_is_drawn_from_the_second_screening_on(tmp_path):
    (tmp_path / "pool.csv").write_text(pool_of((WARNED, 1), (TWO_SIGNS, 1), (PLAIN, 2)))
    (tmp_path / "next.csv").write_text(pool_of((WARNED, 2), (PLAIN, 2)))
    for pool, out, at, *previous in (
        ("pool", "a", "2026-03-02"),
        ("next", "b", "2026-04-12", "--previous", str(tmp_path / "a")),
    ):
        assert (
            main(
                ["screen", str(tmp_path / f"{pool}.csv"), "--out", str(tmp_path / out), "--at", at, *previous]
            )
            == 0
        )
    first, second = (" ".join(pages_of((tmp_path / out / "report.pdf").read_bytes())) for out in "ab")
    assert "From screening to screening" not in first
    assert "High risk: 25.0 % before, 50.0 % now. Low risk: 25.0 % before, 0 % now." in second
    assert "In 41 days: 1 worse. drift.csv names them." in second
    assert "More than a month went by" in second
    assert "2 Take them out of the pool" in second


def test_a_long_history_is_cut_to_a_year():
    points = [
        {
            "screened_at": f"20{n:02}-01-01T00:00:00.000Z",
            "accounts": n,
            "tiers": {"secure": n, "low": 0, "high": 0},
        }
        for n in range(20)
    ]
    found = trend({"history": points, "since": None})
    assert [point["day"][:4] for point in found["points"]] == [f"20{n:02}" for n in range(8, 20)]
    assert trend({"history": points[:1], "since": None}) is None


def test_the_report_is_drawn_as_pictures_too(screen, monkeypatch):
    kept = []
    monkeypatch.setattr(
        "tidegate.screening.report.report_file.typeset",
        lambda told, **at: kept.append(told) or typeset(told, **at),
    )
    pages = pages_of((screen(pool_of((WARNED, 3))).out / "report.pdf").read_bytes())
    drawn = pictures(kept[0], ppi=20)
    assert len(drawn) == len(pages)
    assert all(picture.startswith(b"\x89PNG") for picture in drawn)
