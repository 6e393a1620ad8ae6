"""What fires at events without an account: kept until an account is made of it, in memory, and no longer than it counts."""

import json

import pytest
from tests.engine.worlds import DAY, HOUR, T0, event, judge, message, policy_of, rule

import tidegate as tg
from tidegate.events import RegistrationAttempt, decode_lines

POLICY = policy_of({"registration": (rule("tried", on=RegistrationAttempt, prior=tg.Prior(0.5)),)})
TRIED = event("registration_attempt", T0, None, number="n", device_id="d")
MADE = event("account_registered", T0 + HOUR, number="n", device_id="d")


def test_a_policy_that_judges_no_event_of_the_account_has_its_score_all_the_same():
    found = judge(POLICY, [TRIED, MADE, message(T0 + 2 * HOUR), message(T0 + DAY - 1), message(T0 + DAY)])
    assert [seen["score"] for seen in found] == [0.5, 0.5, 0.5, 0.5, 0.0]


@pytest.mark.parametrize("made", [[], [MADE]])
def test_it_is_forgotten_when_it_no_longer_counts(made):
    engine = tg.Engine(POLICY)
    empty = {entity: {} for entity in engine.judge.register.records}
    step(engine, TRIED, *made)
    records = engine.judge.register.records
    assert {entity: len(held) for entity, held in records.items() if held} == {
        "account" if made else "number": 1
    }
    engine.tidy()
    assert records != empty, "it counts for another day"
    step(engine, message(T0 + 2 * DAY, "other"))
    engine.tidy()
    assert records == empty


def step(engine, *events):
    lines = [json.dumps({"event_id": f"e{e['ts']}", **e}).encode() for e in events]
    engine.step(decode_lines(lines).block)
