"""Rules put into other states than the one they were written in, by revision."""

import json

import pytest
from tests.engine.worlds import T0, event, judge, policy_of, rule, sanction

import tidegate as tg
from tidegate.engine import Engine
from tidegate.errors import FileError, ParameterError
from tidegate.events import decode_lines

SUSPEND = sanction("suspend")
policy = policy_of(
    rule("active", measures=(tg.Measure(SUSPEND),)),
    rule("shadow", state="shadow", measures=(tg.Measure(SUSPEND),)),
    rule("draft", state="draft"),
)


def decided(revised):
    """The decision about a message, and the rules in shadow that would have fired."""
    message = event("message_sent", T0)
    data = judge(revised, [message])[0]
    judged = Engine(revised).step(decode_lines([json.dumps({"event_id": "e", **message}).encode()]).block)
    return data, list(judged.closer[0].shadow) if judged.closer else []


@pytest.mark.parametrize(
    ("states", "fired", "shadow", "verdict"),
    [
        ({}, ["active"], ["shadow"], "deny"),
        ({"active": "shadow"}, [], ["active", "shadow"], "allow"),
        ({"active": "retired"}, [], ["shadow"], "allow"),
        ({"active": "draft", "shadow": "active"}, ["shadow"], [], "deny"),
        ({"shadow": "retired"}, ["active"], [], "deny"),
        ({"draft": "active"}, ["active", "draft"], ["shadow"], "deny"),
    ],
)
def test_a_rule_is_judged_by_the_state_it_was_put_in(states, fired, shadow, verdict):
    data, seen = decided(policy.revise({f"state:{name}": state for name, state in states.items()}))
    assert ([f["rule"] for f in data["fired"]], seen, data["verdict"]) == (fired, shadow, verdict)


def test_states_are_part_of_the_fingerprint_as_far_as_they_are_others():
    retired = policy.revise({"state:active": "retired"})
    assert retired.digest != policy.digest
    assert retired.revise({"state:active": "active"}).digest == policy.digest
    assert policy.revise({"state:active": "active"}).digest == policy.digest


def test_a_rule_keeps_its_area_in_another_state():
    retired = policy.revise({"state:active": "retired"})
    assert retired.area_of(retired.rules[0]) == policy.area_of(policy.rules[0]) == "sheet"


def test_what_a_retired_rule_counted_is_remembered_for_its_return():
    retired = policy.revise({"state:active": "retired"})
    engine = Engine.restore(retired, Engine(policy).state())
    Engine.restore(policy, engine.state())


@pytest.mark.parametrize(
    ("name", "state", "says"),
    [
        ("state:nonsense", "active", "there is no rule"),
        ("state:active", "asleep", "there is no state `asleep`"),
    ],
)
def test_what_cannot_be_put_in_a_state_is_named(name, state, says):
    with pytest.raises(Exception, match=says) as caught:
        policy.revise({name: state})
    assert not isinstance(caught.value, FileError)


def test_a_quota_has_no_state():
    from tidegate.policies.loading import load_policy

    messenger = load_policy("messenger")
    with pytest.raises(ParameterError, match="quota has no state"):
        messenger.revise({f"state:{messenger.quotas[0].id}": "retired"})
