"""What people may decide, without a server: who, when, and which events follow."""

import pytest

from tidegate.errors import ReviewError
from tidegate.review import appeals, cases, measures, revisions
from tidegate.review.act import REASON_CHARS, Act

NOW = 1_772_443_800_000
HOUR = 3_600_000


def act(actor="ann#1", reason="because"):
    return Act(actor, NOW, reason, "act-1")


def measure(**changes):
    row = {
        "id": "s-1", "subject": "account", "subject_id": "a", "account_id": "a", "sanction": "slow", "level": 1,
        "capability": ["send"], "cause": "rule", "review": "", "until": NOW + HOUR, "confirmed_at": None,
        "confirmed_by": None, "opened_by": None,
    }  # fmt: skip
    return row | changes


def appeal(**changes):
    row = {
        "id": "p",
        "state": "open",
        "filed_by": "platform",
        "decided_by": None,
        "account_id": "a",
        "measure_id": "s-1",
    }
    return row | changes


def refused(function, *arguments, **named):
    with pytest.raises(ReviewError) as caught:
        function(*arguments, **named)
    return caught.value.kind, caught.value.field


@pytest.mark.parametrize("reason", ["", "  \n", "x" * (REASON_CHARS + 1)])
def test_an_act_has_a_reason(reason):
    assert refused(act, reason=reason) == ("invalid", "reason")


def test_the_event_of_an_act_says_who_and_why():
    event = measures.lift(act(), [measure()])
    assert event == {
        "event_id": "act-1-1", "type": "sanction_lifted", "ts": NOW, "account_id": "a", "sanction_id": "s-1",
        "reason": "review", "extra": {"actor": "ann#1", "reason": "because"},
    }  # fmt: skip


def test_a_measure_against_devices_names_them():
    rows = [
        measure(subject="device", subject_id="d"),
        measure(subject="number", subject_id="+49", account_id=None),
    ]
    event = measures.lift(act(), rows)
    assert (event["device_id"], event["number"]) == ("d", "+49")


@pytest.mark.parametrize(
    ("until", "new", "field"),
    [
        (NOW + HOUR, NOW + HOUR - 1, None),
        (NOW + HOUR, NOW + HOUR, "until"),
        (NOW + HOUR, NOW, "until"),
        (NOW + HOUR, NOW + 1, None),
        (None, NOW + 99 * HOUR, None),
    ],
)
def test_a_shorter_end_lies_between_now_and_the_end(until, new, field):
    if field is None:
        assert measures.shorten(act(), [measure(until=until)], new)["expires_ts"] == new
    else:
        assert refused(measures.shorten, act(), [measure(until=until)], new) == ("invalid", field)


def test_what_has_ended_is_neither_lifted_nor_shortened_nor_confirmed():
    ended = [measure(until=NOW)]
    for function, more in ((measures.lift, ()), (measures.shorten, (NOW + 1,)), (measures.confirm, ())):
        assert refused(function, act(), ended, *more)[0] == "conflict"
    assert measures.lift(act(), [measure(until=NOW + 1)])["sanction_id"] == "s-1"


def test_a_confirmation_needs_another_person_than_who_took_the_measure():
    permanent = measure(until=None, review="deactivation", opened_by="ann#1")
    assert refused(measures.confirm, act(), [permanent]) == ("own", "")
    event = measures.confirm(act("bob#2"), [permanent])
    assert (event["expires_ts"], event["extra"]["act"]) == (None, "confirm")
    assert (
        refused(
            measures.confirm, act("bob#2"), [permanent | {"confirmed_at": NOW - 1, "confirmed_by": "eve"}]
        )[0]
        == "conflict"
    )


def test_nobody_decides_what_they_had_a_part_in():
    for part in ({"opened_by": "ann#1"}, {"confirmed_by": "ann#1"}):
        assert refused(appeals.decide, act(), appeal(), [measure(**part)], granted=True)[0] == "own"
    assert refused(appeals.decide, act(), appeal(filed_by="ann#1"), [measure()], granted=False)[0] == "own"
    turned = appeal(state="refused", decided_by="ann#1")
    assert refused(appeals.reverse, act(), turned, [measure()])[0] == "own"
    assert [e["type"] for e in appeals.reverse(act("bob#2"), turned, [measure()])] == [
        "appeal_decided",
        "sanction_lifted",
    ]
    assert [e["type"] for e in appeals.reverse(act("bob#2"), turned, [measure(until=NOW)])] == [
        "appeal_decided"
    ]


@pytest.mark.parametrize("state", ["granted", "refused"])
def test_a_decided_appeal_is_not_decided_again(state):
    decided = appeal(state=state, decided_by="bob#2")
    assert refused(appeals.decide, act(), decided, [measure()], granted=True)[0] == "conflict"
    if state == "granted":
        assert refused(appeals.reverse, act(), decided, [measure()])[0] == "conflict"


def test_a_case_is_decided_by_who_has_it():
    case = {
        "id": "c",
        "queue": "q",
        "cause": "rule",
        "account_id": "a",
        "state": "taken",
        "taken_by": "ann#1",
    }
    events = cases.decide(act(), case, "unfounded", [[measure()], [measure(id="s-2")]], ["s-2", "s-2"])
    assert [(e["event_id"], e["type"]) for e in events] == [
        ("act-1-1", "review_closed"),
        ("act-1-2", "sanction_lifted"),
    ]
    assert events[1]["sanction_id"] == "s-2"
    assert refused(cases.decide, act("bob#2"), case, "unfounded", [], [])[0] == "conflict"
    assert (
        refused(cases.decide, act(), case | {"state": "open", "taken_by": None}, "unfounded", [], [])[0]
        == "conflict"
    )
    assert refused(cases.decide, act(), case, "confirmed", [[measure()]], ["s-1"]) == ("invalid", "lift")
    assert refused(cases.release, act("bob#2"), case, by_admin=False)[0] == "own"
    assert cases.release(act("bob#2"), case, by_admin=True)["extra"]["act"] == "release"


def test_a_revision_is_approved_by_another_person_upon_the_figures_of_the_day():
    class Policy:
        digest = "sha256:1"

    row = {"state": "proposed", "proposed_by": "ann#1", "base": "sha256:1"}
    assert refused(revisions.approve, act(), row, Policy, NOW)[0] == "own"
    assert refused(revisions.approve, act("bob#2"), row | {"base": "sha256:0"}, Policy, NOW)[0] == "conflict"
    assert refused(revisions.approve, act("bob#2"), row, Policy, NOW - 1) == ("invalid", "active_from")
    assert revisions.approve(act("bob#2"), row, Policy, NOW)["state"] == "active"
    assert revisions.refuse(act(), row)["state"] == "withdrawn"
    assert revisions.refuse(act("bob#2"), row)["state"] == "refused"
    assert refused(revisions.refuse, act(), row | {"state": "active", "decided_by": "bob#2"})[0] == "conflict"
