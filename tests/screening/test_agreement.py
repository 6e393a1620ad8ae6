"""How an earlier screening and what people have ruled since agree: by dimension, with counts; unknown where nobody ruled."""

import json

import pytest
from tests.screening.pdf_words import pages_of
from tests.screening.screened import AT, DAY

from tidegate.screening.outputs import files as outputs

FLAGGED, OTHER, PASSED, MISSED = (f"+4915123456{n}" for n in (781, 782, 783, 784))
POOL = f"number,warnings\n{FLAGGED},1\n{OTHER},1\n{PASSED},0\n{MISSED},0\n"
THEN = AT - 20 * DAY
REPORT = outputs.write_report


@pytest.fixture(autouse=True)
def _without_report(monkeypatch):
    monkeypatch.setattr(outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []})


@pytest.fixture
def since(screen, tmp_path):
    """Screen a pool, and again after some events; return what the two say of each other."""

    def run(*events, pool=POOL, again=POOL, before=()):
        held = [
            {"type": "message_sent", "ts": THEN - DAY, "account_id": f"a{number[-1]}", "number": number}
            for number in (FLAGGED, OTHER, PASSED, MISSED)
        ]
        screen(pool, held, *before, at=THEN, out="before")
        return screen(again, [*held, *events], "--previous", str(tmp_path / "before"))

    return run


def agreement(found, dimension="non_compliant"):
    row = json.loads((found.out / "drift.json").read_text())["accuracy"][dimension]
    assert row == found.summary["accuracy"][dimension]
    return row


def taken(account, cause="msg.too-many", at=THEN, sanction="s1"):
    return {
        "type": "sanction_applied", "ts": at, "account_id": account, "sanction_id": sanction, "cause": cause,
        "kind": "sanction.permanent-ban-account",
    }  # fmt: skip


def confirmed(account, at=THEN + DAY, **more):
    return taken(account, at=at, **more) | {"extra": {"act": "confirm", "actor": "ann"}}


def lifted(account, at=THEN + DAY, sanction="s1", reason="appeal"):
    return {
        "type": "sanction_lifted", "ts": at, "account_id": account, "sanction_id": sanction, "reason": reason,
    }  # fmt: skip


def counts(row):
    names = ("flagged", "flagged_right", "flagged_wrong", "flagged_not_ruled", "missed", "rightly_passed")
    return tuple(row[name] for name in names)


def test_where_nobody_ruled_nothing_is_known(since):
    found = since()
    row = agreement(found)
    assert counts(row) == (2, 0, 0, 2, 0, 0)
    assert [row[name] for name in ("precision", "precision_interval_95", "recall", "recall_interval_95")] == [
        None
    ] * 4
    assert set(found.summary["accuracy"]) == {"stolen", "fake", "non_compliant", "validity"}


def test_of_each_dimension_the_right_the_wrong_and_the_missed_are_counted(since):
    found = since(
        taken("a1", sanction="s1"), confirmed("a1", sanction="s1"),
        taken("a2", sanction="s2"), lifted("a2", sanction="s2"),
        taken("a3", sanction="s3"), lifted("a3", sanction="s3"),
        taken("a4", sanction="s4"), confirmed("a4", sanction="s4"),
    )  # fmt: skip
    row = agreement(found)
    assert counts(row) == (2, 1, 1, 0, 1, 1)
    assert (row["precision"], row["recall"]) == (0.5, 0.5)
    assert row["precision_interval_95"] == pytest.approx([0.0945, 0.9055], abs=1e-3)
    assert counts(agreement(found, "stolen")) == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("cause", "dimension"),
    [
        ("login.odd", "stolen"),
        ("reg.bulk", "fake"),
        ("msg.burst", "non_compliant"),
        ("by hand", "non_compliant"),
        ("device.farm", None),
    ],
)
def test_a_ruling_speaks_of_the_dimension_of_its_cause_and_of_no_other(since, cause, dimension):
    found = since(taken("a4", cause), confirmed("a4", cause=cause))
    missed = {name for name, row in found.summary["accuracy"].items() if row["missed"]}
    assert missed == ({dimension} if dimension else set())


@pytest.mark.parametrize(("at", "ruled"), [(THEN - 1, 0), (THEN, 0), (THEN + 1, 1), (AT, 1), (AT + 1, 0)])
def test_what_was_ruled_before_the_earlier_or_after_this_screening_does_not_count(since, at, ruled):
    assert agreement(since(taken("a1", at=THEN - DAY), confirmed("a1", at=at)))["flagged_right"] == ruled


def test_of_several_rulings_of_a_measure_the_last_counts_and_one_measure_that_was_right_suffices(since):
    events = [taken("a1"), confirmed("a1"), lifted("a1", at=THEN + 2 * DAY)]
    assert counts(agreement(since(*events)))[1:3] == (0, 1)
    second = [taken("a1", sanction="s2"), confirmed("a1", sanction="s2")]
    assert counts(agreement(since(*events, *second)))[1:3] == (1, 0)


def test_a_ruling_that_names_nobody_is_of_whom_the_measure_is_against(since):
    nobody = {name: value for name, value in lifted("a1").items() if name != "account_id"}
    assert counts(agreement(since(taken("a1"), nobody)))[1:3] == (0, 1)


def test_a_measure_that_ends_otherwise_is_no_ruling(since):
    for reason in ("expired", "review", "condition_met"):
        assert counts(agreement(since(taken("a1"), lifted("a1", reason=reason)))) == (2, 0, 0, 2, 0, 0)


@pytest.mark.parametrize(("granted", "right", "wrong"), [(True, 0, 1), (False, 1, 0)])
def test_an_appeal_that_is_decided_is_a_ruling_and_one_that_is_granted_takes_the_incident_off(
    since, granted, right, wrong
):
    found = since(
        taken("a1"),
        {"type": "appeal_filed", "ts": THEN + 1, "account_id": "a1", "appeal_id": "p1", "sanction_id": "s1"},
        {"type": "appeal_decided", "ts": THEN + 2, "account_id": "a1", "appeal_id": "p1", "granted": granted},
        again=f"number\n{FLAGGED}\n",
    )
    assert counts(agreement(found))[1:3] == (right, wrong)
    assert found.verdict("screen.historical-violation", FLAGGED) == (("false", 0) if granted else ("true", 1))


def test_a_measure_that_is_told_of_again_when_it_is_confirmed_is_one_incident(since):
    found = since(taken("a1"), confirmed("a1"), confirmed("a1", at=THEN + 2), again=f"number\n{FLAGGED}\n")
    assert found.verdict("screen.historical-violation", FLAGGED) == ("true", 1)


def test_who_was_taken_out_of_the_pool_meanwhile_is_counted(since):
    found = since(taken("a1"), confirmed("a1"), again=f"number,warnings\n{OTHER},1\n")
    assert counts(agreement(found)) == (2, 1, 0, 1, 0, 0)


def test_a_dimension_that_was_not_asked_for_is_left_out(since):
    found = since(taken("a4"), confirmed("a4"), before=("--dimensions", "fake"))
    assert set(found.summary["accuracy"]) == {"fake"}


def test_the_report_has_it_where_somebody_ruled(since, monkeypatch):
    monkeypatch.setattr(outputs, "write_report", REPORT)
    silent = " ".join(pages_of((since().out / "report.pdf").read_bytes()))
    assert "What people ruled since" not in silent
    found = since(taken("a1"), confirmed("a1"))
    text = " ".join(pages_of((found.out / "report.pdf").read_bytes()))
    assert "What people ruled since" in text
    assert "Non-compliant 2 1 0 0 100 % (21 % to 100 %) 100 % (21 % to 100 %)" in text
    assert "Stolen 0 0 0 0 unknown unknown" in text
