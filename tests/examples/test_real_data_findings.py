"""What docs/real-data.md states is what the importer and a replay of the two logs give; the evidence is exact on small logs."""

import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.examples.scripts import DATA, ROOT, needs_data, script

PAGE = ROOT / "docs" / "real-data.md"
MIDNIGHT = 1_700_006_400  # 15 Nov 2023 00:00 UTC
DAY = 86_400
UTC = ZoneInfo("UTC")

beside_the_project = needs_data("collegemsg", "copenhagen_networks")


@pytest.fixture(scope="module", name="script")
def the_script():
    return script("real_data_findings")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("real-data")


@pytest.fixture(scope="module")
def found(script, folder):
    return script.findings(DATA, folder)


@pytest.fixture
def sender(script):
    """Return what is found of sender `a` in rows of (second of the day, sender, recipient)."""

    def of(*rows):
        shifted = ((MIDNIGHT + second, source, target) for second, source, target in rows)
        return script.senders_of(shifted, UTC)["a"]

    return of


# evidence, on small logs ----------------------------------------------------------------------------------------------
def test_reach_counts_people_met_for_the_first_time_on_one_day(sender):
    one = sender((0, "a", "b"), (1, "a", "b"), (2, "c", "a"), (3, "a", "c"), (4, "a", "d"), (DAY, "a", "e"))
    assert (one.sent, len(one.days), list(one.opened), one.reach) == (5, 2, ["b", "d", "e"], 2)


def test_who_was_written_to_first_and_writes_back_has_answered(sender):
    one = sender((0, "a", "b"), (1, "a", "c"), (9 * DAY, "b", "a"), (9 * DAY, "b", "a"))
    assert one.answered == 0.5


def test_who_only_answers_has_contacted_nobody(sender):
    one = sender((0, "b", "a"), (1, "a", "b"))
    assert (one.reach, one.answered, one.evidence) == (0, None, "")


def test_pace_is_within_sixty_seconds_the_first_of_them_excluded(sender):
    assert sender(*((second, "a", "b") for second in (0, 20, 59))).pace == 3
    assert sender(*((second, "a", "b") for second in (0, 20, 60))).pace == 2


@pytest.mark.parametrize(
    ("people", "answers", "seconds", "evidence"),
    [
        (20, 20, 60, "reach"),
        (19, 4, 60, ""),
        (20, 4, 60, "reach, silence"),
        (10, 2, 60, "silence"),
        (9, 0, 60, ""),
        (10, 3, 6, "pace"),
        (10, 3, 7, ""),
    ],
)
def test_evidence_begins_at_its_figures(sender, people, answers, seconds, evidence):
    sent = [(seconds * n, "a", f"b{n}") for n in range(people)]
    answered = [(DAY // 2, f"b{n}", "a") for n in range(answers)]
    assert sender(*sent, *answered).evidence == evidence


# the two logs ---------------------------------------------------------------------------------------------------------
@beside_the_project
@pytest.mark.parametrize(
    ("log", "events", "senders", "sender_days", "restrained"),
    [("college", 123_468, 1_350, 14_652, 115), ("copenhagen", 49_234, 555, 4_088, 0)],
)
def test_the_totals_of_the_page_hold(script, found, log, events, senders, sender_days, restrained):
    outcome, of_log = found.outcomes[log], getattr(found, log)
    assert outcome.summary == {"events": events, "rejected": 0, "duplicates": 0}
    assert (len(of_log), script.sender_days(of_log)) == (senders, sender_days)
    assert len(outcome.restrained) == restrained


@beside_the_project
def test_every_table_of_the_page_is_the_one_the_script_prints(found):
    page = PAGE.read_text(encoding="utf-8")
    stale = [title for title, text in found.tables().items() if text not in page]
    assert stale == [], "run `python examples/real_data_findings.py ../shared/data`, and read the page again"


@beside_the_project
def test_what_the_page_says_of_the_tables_holds(found):
    default, suspects = found.outcomes["college"], found.suspects()
    caught, others = suspects & default.restrained.keys(), default.restrained.keys() - suspects
    by_reach = [name for name in suspects if "reach" in found.college[name].evidence]
    assert (len(suspects), len(by_reach), len(caught), len(others)) == (32, 23, 31, 84)
    assert suspects - caught == {"1899"}
    assert found.college["1899"].pace == 2


@beside_the_project
def test_the_comparison_of_the_page_is_what_the_command_prints(found, folder):
    tidegate = Path(sys.executable).parent / "tidegate"
    figures = ROOT / "examples" / "young_may_write_8.toml"
    run = subprocess.run(
        [tidegate, "replay", "collegemsg.ndjson", "--against", figures, "--no-plot", "--out", "both"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    printed = run.stdout[run.stdout.rindex("\n\n") :].strip().splitlines()[:-1]
    assert "\n".join(printed) in PAGE.read_text(encoding="utf-8")
