"""Measures on record: opened, lifted, shortened, confirmed, as the engine did it, and told to others."""

from tests.engine.worlds import policy_of, rule
from tests.ledger.worlds import DAY, HOUR, MINUTE, T0, World, contents, event, message, project, rows

import tidegate as tg
from tidegate.events import ChallengeResult, LoginAttempt
from tidegate.ledger import tables


def test_a_measure_that_a_rule_opens_is_on_record_and_told(ledger, world):
    project(ledger, world, message(T0, is_forward=True))
    (row,) = rows(ledger, tables.measures)
    assert row["id"].startswith("s-")
    assert (row["account_id"], row["subject"], row["subject_id"]) == ("a", "account", "a")
    assert (row["sanction"], row["effect"], row["capability"], row["cause"]) == (
        "slow",
        "deny",
        ["send"],
        "forwarded",
    )
    assert (row["since"], row["until"], row["planned_until"]) == (T0, T0 + 30 * MINUTE, T0 + 30 * MINUTE)
    assert (row["opened_by"], row["lifted_at"], row["event_id"]) == (None, None, "e0")
    (change,) = rows(ledger, tables.measure_changes)
    assert (change["change"], change["actor"], change["measure_id"]) == ("opened", None, row["id"])
    (told,) = rows(ledger, tables.outbox)
    assert (told["kind"], told["data"]["sanction"], told["data"]["until"]) == (
        "opened",
        "slow",
        "2026-03-02T10:00:00.000Z",
    )


def test_a_measure_that_is_lifted_ends_at_once_and_says_who_and_why(ledger, world):
    happened = project(ledger, world, message(T0, is_forward=True))
    number = happened[0].decision.sanctions[0].id
    why = {"actor": "ann", "reason": "a family album"}
    project(
        ledger, world, event("sanction_lifted", T0 + MINUTE, sanction_id=number, reason="review", extra=why)
    )
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["lifted_at"], row["planned_until"]) == (
        T0 + MINUTE,
        T0 + MINUTE,
        T0 + 30 * MINUTE,
    )
    change = rows(ledger, tables.measure_changes, change="lifted")[0]
    assert (change["actor"], change["reason"], change["ts"]) == ("ann", "a family album", T0 + MINUTE)
    assert [told["kind"] for told in rows(ledger, tables.outbox)] == ["opened", "lifted"]


def test_lifting_what_has_ended_changes_nothing(ledger, world):
    happened = project(ledger, world, message(T0, is_forward=True))
    number = happened[0].decision.sanctions[0].id
    before = contents(ledger, tables.measures, tables.measure_changes)
    project(ledger, world, event("sanction_lifted", T0 + HOUR, sanction_id=number))
    assert contents(ledger, tables.measures, tables.measure_changes) == before


def test_a_measure_may_be_shortened_and_prolonged(ledger, world):
    number = project(ledger, world, message(T0, is_forward=True))[0].decision.sanctions[0].id
    for ts, until in ((T0 + 1, T0 + 10 * MINUTE), (T0 + 2, T0 + 20 * MINUTE)):
        fields = {"sanction_id": number, "kind": "slow", "expires_ts": until}
        project(ledger, world, event("sanction_applied", ts, extra={"actor": "ann"}, **fields))
        assert rows(ledger, tables.measures)[0]["until"] == until
    kinds = [(c["change"], c["actor"]) for c in rows(ledger, tables.measure_changes)]
    assert kinds == [("opened", None), ("shortened", "ann"), ("prolonged", "ann")]
    assert [told["kind"] for told in rows(ledger, tables.outbox)] == ["opened", "changed", "changed"]


def test_a_permanent_measure_waits_for_somebody_to_confirm_it(ledger, world):
    number = project(ledger, world, message(T0, is_promotional=True))[0].decision.sanctions[0].id
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["review"], row["confirmed_at"]) == (None, "deactivation", None)
    told = rows(ledger, tables.outbox)[0]["data"]
    assert (told["until"], told["review"], told["confirmed"]) == ("permanent", "deactivation", False)
    fields = {"sanction_id": number, "kind": "ban", "expires_ts": None}
    words = {"actor": "bob", "reason": "seen by two", "act": "confirm"}
    for ts in (T0 + 1, T0 + 2):
        project(ledger, world, event("sanction_applied", ts, extra=words, **fields))
    (row,) = rows(ledger, tables.measures)
    assert (row["until"], row["confirmed_at"], row["confirmed_by"]) == (None, T0 + 1, "bob")
    assert [c["change"] for c in rows(ledger, tables.measure_changes)] == ["opened", "confirmed"]


def test_a_measure_from_outside_is_on_record_with_who_took_it(ledger, world):
    fields = {
        "sanction_id": "x1",
        "kind": "ours",
        "capability": ["call"],
        "expires_ts": T0 + DAY,
        "cause": "court order",
    }
    project(
        ledger, world, event("sanction_applied", T0, extra={"actor": "ann", "reason": "by law"}, **fields)
    )
    (row,) = rows(ledger, tables.measures)
    assert (row["id"], row["sanction"], row["capability"], row["opened_by"]) == (
        "x1",
        "ours",
        ["call"],
        "ann",
    )
    assert rows(ledger, tables.measure_changes)[0]["reason"] == "by law"


def test_a_passed_check_ends_the_measure_that_waited_for_it(ledger, world):
    project(ledger, world, message(T0, link_hashes=["l"]))
    project(ledger, world, event("challenge_result", T0 + MINUTE, passed=True, challenge_type="sms"))
    (row,) = rows(ledger, tables.measures)
    assert (row["lifted_at"], row["sanction"]) == (T0 + MINUTE, "prove")
    (label,) = rows(ledger, tables.labels)
    assert (label["name"], label["taken_off_at"]) == ("seller", T0 + MINUTE)
    assert rows(ledger, tables.measure_changes, change="lifted")[0]["actor"] is None


def test_a_label_comes_off_whom_the_event_does_not_name(ledger):
    used = tg.events(LoginAttempt).last(LoginAttempt.device_id).per(LoginAttempt.account_id).ever()
    passed = tg.Release(on=ChallengeResult, when=ChallengeResult.passed, labels=("odd",), named=used)
    odd = rule("logged-in", on=LoginAttempt, labels=(tg.Label("odd", on="device"),))
    world = World(policy_of(odd, releases=(passed,)))
    for n, device in enumerate(("d1", "d2")):
        project(ledger, world, event("login_attempt", T0, f"a{n}", device_id=device))
    project(ledger, world, event("challenge_result", T0 + MINUTE, "a1", passed=True))
    found = {row["subject_id"]: row["taken_off_at"] for row in rows(ledger, tables.labels)}
    assert found == {"d1": None, "d2": T0 + MINUTE}


def test_a_measure_against_a_device_names_the_device(ledger, world):
    project(ledger, world, message(T0, device_id="d1"))
    (row,) = rows(ledger, tables.measures)
    assert (row["subject"], row["subject_id"], row["account_id"]) == ("device", "d1", "a")
    (label,) = rows(ledger, tables.labels)
    assert (label["subject"], label["subject_id"], label["name"], label["until"]) == (
        "device",
        "d1",
        "odd",
        None,
    )
