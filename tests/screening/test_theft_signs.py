"""How an account may have been stolen, what came of it, and anomalies that somebody reported: labels, and the observation list."""

import csv

import pytest
from tests.screening.screened import AT, DAY, NUMBER

from tidegate.screening.outputs import files as outputs

HOUR, MINUTE = 3_600_000, 60_000
ACCOUNT = {"account_id": "a1"}
KNOWS = {
    "type": "account_profile",
    "ts": AT - 200 * DAY,
    "account_id": "a1",
    "number": NUMBER,
    "known_devices": ["old"],
}
STOLEN = {"type": "login_attempt", "ts": AT - 5 * DAY, "account_id": "a1", "device_id": "new", "ok": True}
FEEDBACK = {"type": "feedback_filed", "number": NUMBER, "kind": "odd messages"}
SIGNS = {
    "theft-by-phishing", "theft-by-read-code", "theft-by-guessed-password", "leak-after-theft", "spam-after-theft",
}  # fmt: skip


@pytest.fixture(autouse=True)
def without_report(monkeypatch):
    """Write no PDF: other tests read it, and it takes most of the time."""
    monkeypatch.setattr(outputs, "write_report", lambda *_: {"file": None, "why_not": None, "names": []})


def signs(screen, *events, stolen=True):
    """Return the signs that an account shows, stolen or not."""
    found = screen(f"number\n{NUMBER}\n", [KNOWS, *([STOLEN] if stolen else []), *events])
    assert ("stolen" in found[NUMBER]["risk_types"]) is stolen
    return SIGNS & set(found[NUMBER]["labels"])


def link(ts, *, malicious=True, hash_="l1"):
    return [
        {"type": "link_profile", "ts": ts, "link_hash": hash_, "malicious": malicious},
        {"type": "link_clicked", "ts": ts + 1, "link_hash": hash_, "sender_id": "b", "recipient_id": "a1"},
    ]


def code(ts, *, correct, session="s1"):
    return {
        "type": "verification_code_attempt",
        "ts": ts,
        "session_id": session,
        "number": NUMBER,
        "correct": correct,
    }


def failures(count, before=STOLEN["ts"]):
    times = range(before - count * MINUTE, before, MINUTE)
    return [STOLEN | {"ts": ts, "ok": False, "device_id": "new"} for ts in times]


def test_a_malicious_link_that_was_opened(screen):
    """`screen.theft-vector-phishing`."""
    assert signs(screen, *link(AT - 6 * DAY)) == {"theft-by-phishing"}
    assert signs(screen, *link(AT - 6 * DAY, malicious=False)) == set()
    assert signs(screen, *link(AT - 31 * DAY)) == set(), "longer than 30 days ago"


def test_a_code_that_was_right_at_once(screen):
    """`screen.theft-vector-malware`."""
    assert signs(screen, code(AT - 6 * DAY, correct=True)) == {"theft-by-read-code"}
    wrong_first = code(AT - 6 * DAY, correct=False), code(AT - 6 * DAY + MINUTE, correct=True)
    assert signs(screen, *wrong_first) == set()
    assert signs(screen, wrong_first[0], code(AT - 5 * DAY, correct=True, session="s2")) == {
        "theft-by-read-code"
    }


@pytest.mark.parametrize(
    ("count", "found"), [(4, set()), (5, {"theft-by-guessed-password"}), (6, {"theft-by-guessed-password"})]
)
def test_refused_logins_before_one_that_was_not(screen, count, found):
    """`screen.theft-vector-weak-password`."""
    assert signs(screen, *failures(count)) == found


def test_a_login_between_refused_ones_ends_the_run(screen):
    between = STOLEN | {"ts": STOLEN["ts"] - 150_000, "device_id": "old"}
    assert signs(screen, *failures(6), between) == set()


def test_contacts_that_were_exported(screen):
    """`screen.harm-information-leak`."""
    export = {"type": "contacts_exported", "ts": AT - 4 * DAY, "account_id": "a1", "count": 300}
    assert signs(screen, export) == {"leak-after-theft"}


def test_a_measure_for_what_a_thief_sent(screen):
    """`screen.harm-malicious-operation`."""
    measure = {
        "type": "sanction_applied", "ts": AT - 4 * DAY, "account_id": "a1", "sanction_id": "s", "kind": "sanction.mute",
        "cause": "content.sensitive-fraud-links",
    }  # fmt: skip
    assert signs(screen, measure) == {"spam-after-theft"}
    assert signs(screen, measure | {"cause": "login.impossible-travel"}) == set(), "it protects the holder"
    lifted = {"type": "sanction_lifted", "ts": AT - 3 * DAY, "account_id": "a1", "sanction_id": "s"}
    assert signs(screen, measure, lifted | {"reason": "expired"}) == {"spam-after-theft"}
    assert signs(screen, measure, lifted | {"reason": "appeal"}) == set(), "it was wrong"


def test_whoever_is_not_suspected_of_theft_shows_no_sign(screen):
    events = [
        *link(AT - 6 * DAY),
        code(AT - 6 * DAY, correct=True),
        {"type": "contacts_exported", "ts": AT - DAY, **ACCOUNT, "count": 3},
    ]
    assert signs(screen, *events, stolen=False) == set()


def observed(found):
    with (found.out / "observed.csv").open(encoding="utf-8-sig", newline="") as opened:
        return [
            (row["observed since"][:10], row["status"], row["what to do"]) for row in csv.DictReader(opened)
        ]


def test_a_reported_account_is_marked_and_watched_for_a_month(screen, tmp_path):
    """`sops.feedback-channel`: AT is 2 March."""
    fine = f"number,interactions_90d,has_avatar\n{NUMBER},5,yes\n"
    first = screen(fine, [FEEDBACK | {"ts": AT - 2 * DAY}], out="first")
    result = first[NUMBER]
    assert (result["tier"], result["labels"]) == ("secure", ["observation"])
    assert result["advice"].startswith("an anomaly was reported")
    assert observed(first) == [("2026-02-28", "observed", result["advice"])]
    second = screen(fine, (), "--previous", str(first.out), at=AT + 20 * DAY, out="second")
    assert observed(second)[0][:2] == ("2026-02-28", "observed"), "it is carried on without the event"
    third = screen(fine, (), "--previous", str(second.out), at=AT + 30 * DAY, out="third")
    assert observed(third) == []
    assert third[NUMBER]["advice"] == "keep"


def test_a_report_that_is_older_than_a_month_or_of_somebody_else_marks_nobody(screen):
    for event in (FEEDBACK | {"ts": AT - 32 * DAY}, FEEDBACK | {"ts": AT - DAY, "number": "+4915123456799"}):
        found = screen(f"number,interactions_90d\n{NUMBER},5\n", [event])
        assert found[NUMBER]["labels"] == []
        assert observed(found) == []


def test_a_report_begins_the_month_of_a_watched_account_anew(screen):
    low = f"number,interactions_90d,has_avatar\n{NUMBER},0,no\n"
    first = screen(low, (), out="first")
    assert observed(first)[0][0] == "2026-03-02"
    later = screen(
        low, [FEEDBACK | {"ts": AT + 20 * DAY}], "--previous", str(first.out), at=AT + 40 * DAY, out="later"
    )
    assert observed(later)[0][:2] == ("2026-03-22", "observed")
