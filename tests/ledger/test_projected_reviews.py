"""Labels, cases and appeals on record: what the engine and people did."""

from tests.engine.worlds import policy_of, rule
from tests.ledger.worlds import DAY, HOUR, MINUTE, T0, World, event, message, project, rows

import tidegate as tg
from tidegate.events import MessageSent
from tidegate.ledger import tables


def test_a_label_set_again_is_renewed_not_doubled(ledger, world):
    for ts in (T0, T0 + 10 * MINUTE):
        project(ledger, world, message(ts, is_forward=True))
    (row,) = rows(ledger, tables.labels)
    assert (row["since"], row["renewed_at"], row["until"]) == (T0, T0 + 10 * MINUTE, T0 + 70 * MINUTE)
    assert (row["cause"], row["event_id"]) == ("forwarded", "e0")


def test_a_label_on_whom_the_event_does_not_name_is_his(ledger):
    reaching = rule(
        "hot",
        given=MessageSent.is_forward,
        reaches=MessageSent.recipient_id,
        points=40,
        labels=(tg.Label("seen"),),
    )
    project(ledger, World(policy_of(reaching)), message(T0, is_forward=True, recipient_id="b"))
    found = {(row["subject"], row["subject_id"], row["cause"]) for row in rows(ledger, tables.labels)}
    assert found == {("account", "a", "hot"), ("account", "b", "hot")}


def test_a_case_is_taken_given_back_and_decided(ledger, world):
    project(ledger, world, event("report_filed", T0, "a", reporter_id="r", report_id="r1"))
    (case,) = rows(ledger, tables.cases)
    assert (case["queue"], case["state"], case["due"], case["cause"]) == (
        "reports",
        "open",
        T0 + HOUR,
        "any-report",
    )
    steps = (("take", "taken", "ann"), ("release", "open", None), ("take", "taken", "ann"))
    for n, (act, state, by) in enumerate(steps):
        words = {"actor": "ann", "act": act}
        project(ledger, world, event("review_opened", T0 + n, review_id=case["id"], extra=words))
        (row,) = rows(ledger, tables.cases)
        assert (row["state"], row["taken_by"]) == (state, by)
    words = {"actor": "ann", "reason": "a joke among friends"}
    for n, decision in ((10, "unfounded"), (11, "confirmed")):
        project(
            ledger,
            world,
            event("review_closed", T0 + n, review_id=case["id"], decision=decision, extra=words),
        )
    (row,) = rows(ledger, tables.cases)
    assert (row["state"], row["decision"], row["decided_by"], row["decided_at"]) == (
        "decided",
        "unfounded",
        "ann",
        T0 + 10,
    )
    (finding,) = rows(ledger, tables.findings)
    assert (finding["cause"], finding["right"], finding["source"], finding["source_id"]) == (
        "any-report",
        False,
        "review",
        case["id"],
    )


def test_a_case_that_others_open_is_due_after_the_service_time_of_its_queue(ledger, world):
    ledger.service_ms = {"fraud": 2 * HOUR}
    project(ledger, world, event("review_opened", T0, review_id="c9", queue="fraud", priority=3, cause="tip"))
    project(ledger, world, event("review_opened", T0, review_id="c10", queue="unheard-of"))
    found = {row["id"]: (row["due"], row["priority"], row["cause"]) for row in rows(ledger, tables.cases)}
    assert found == {"c9": (T0 + 2 * HOUR, 3, "tip"), "c10": (T0 + DAY, 0, "")}


def test_an_appeal_that_is_granted_lifts_the_measure_and_says_that_the_rule_was_wrong(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    fields = {"appeal_id": "p1", "sanction_id": number, "compliant_share": 0.97}
    project(ledger, world, event("appeal_filed", T0 + HOUR, extra={"reason": "it was a raffle"}, **fields))
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["measure_id"], row["compliant_share"], row["statement"]) == (
        "open",
        number,
        0.97,
        "it was a raffle",
    )
    words = {"actor": "ann", "reason": "a raffle indeed"}
    project(
        ledger, world, event("appeal_decided", T0 + 2 * HOUR, None, appeal_id="p1", granted=True, extra=words)
    )
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["decided_by"], row["reason"]) == ("granted", "ann", "a raffle indeed")
    assert rows(ledger, tables.measures)[0]["lifted_at"] == T0 + 2 * HOUR
    (finding,) = rows(ledger, tables.findings)
    assert (finding["right"], finding["cause"], finding["measure_id"], finding["account_id"]) == (
        False,
        "banned-word",
        number,
        "a",
    )


def test_a_refusal_may_be_turned_round_and_a_grant_may_not(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    project(ledger, world, event("appeal_filed", T0 + 1, appeal_id="p1", sanction_id=number))
    for n, (granted, actor) in enumerate(((False, "ann"), (True, "bob"), (False, "eve"))):
        fields = {"appeal_id": "p1", "granted": granted, "extra": {"actor": actor}}
        project(ledger, world, event("appeal_decided", T0 + 10 + n, "a", **fields))
    (row,) = rows(ledger, tables.appeals)
    assert (row["state"], row["decided_by"], row["reversed_by"], row["reversed_at"]) == (
        "granted",
        "ann",
        "bob",
        T0 + 11,
    )
    assert [f["right"] for f in rows(ledger, tables.findings)] == [True, False]
