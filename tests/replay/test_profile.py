"""A profile adds up, and tells what a rule has for itself from what it shares."""

import json
from dataclasses import replace

import pytest
from tests.policies.messenger.worlds import T0

import tidegate as tg
from tidegate.events import MessageSent, decode_lines
from tidegate.policies.messenger import policy as messenger
from tidegate.replay.profile import profile

MINUTE = tg.minutes(1)


class Shares(tg.RuleSet):
    """Three rules: two that share a count, one with members of its own."""

    area = "messaging"
    sent = tg.events(MessageSent).count().per(MessageSent.account_id).over(MINUTE)
    people = (
        tg.events(MessageSent).distinct(MessageSent.recipient_id).per(MessageSent.account_id).over(MINUTE)
    )
    five = tg.Parameter(5, low=1, high=9, unit="messages", why="a test")
    nine = tg.Parameter(9, low=1, high=9, unit="messages", why="a test")
    some = tg.Rule(id="some", title="Some", on=(MessageSent,), when=sent > five, reason="{observed}")
    more = tg.Rule(id="more", title="More", on=(MessageSent,), when=sent * 2 > nine, reason="{observed}")
    wide = tg.Rule(id="wide", title="Wide", on=(MessageSent,), when=people > five, reason="{observed}")


POLICY = tg.Policy(name="shares", version="1", rule_sets=(Shares,))


def blocks(count=4_000, rows=500):
    lines = [
        json.dumps(
            {
                "event_id": f"e{n}",
                "type": "message_sent",
                "ts": T0 + 50 * n,
                "account_id": f"a{n % 50}",
                "recipient_id": f"b{n}",
            }
        ).encode()
        for n in range(count)
    ]
    return [decode_lines(lines[at : at + rows]).block for at in range(0, count, rows)]


@pytest.fixture(scope="module")
def found():
    return profile(POLICY, blocks())


def test_the_parts_add_up_to_the_whole(found):
    assert found.ns == pytest.approx(sum(k.ns for k in found.kernels) + sum(found.passes.values()))
    assert found.bytes >= sum(k.bytes for k in found.kernels) > 0
    assert (found.events, found.timed) == (4_000, 2_500)
    assert all(k.ns >= 0 for k in found.kernels)


def test_a_shared_feature_is_listed_once_with_all_its_users(found):
    assert sorted(kernel.users for kernel in found.kernels) == [("some", "more"), ("wide",)]


def test_only_what_nothing_else_reads_is_a_rules_own(found):
    cost = {rule.id: rule for rule in found.rules}
    assert [(cost[i].kernels, cost[i].own_kernels) for i in ("some", "more", "wide")] == [
        (1, 0),
        (1, 0),
        (1, 1),
    ]
    assert cost["wide"].own_ns > sum(k.ns for k in found.kernels if k.users == ("wide",))
    assert cost["more"].own_instructions == cost["some"].own_instructions + 1, "the product"
    assert found.rules[0].id == "wide"


def test_it_tells_how_far_it_is():
    seen = []
    profile(POLICY, blocks(1_000, 100), seen.append)
    assert seen == list(range(100, 1_100, 100))


def test_every_kernel_of_the_messenger_policy_has_a_user():
    found = profile(messenger, blocks(600, 200))
    assert [kernel.about for kernel in found.kernels if not kernel.users] == []
    assert {rule.id for rule in found.rules} == {rule.id for rule in messenger.judged}
    assert all(rule.own_instructions <= rule.instructions for rule in found.rules)
    assert json.dumps(found.data())


def test_what_a_measure_asks_belongs_to_its_rule():
    slow = tg.Sanction(
        id="slow", title="Slow", effect="deny", capability=("send",), lasting=tg.hours(1), level=1
    )
    asked = Shares.sent * 3 + Shares.sent * 7 > 20
    rules = {
        name: replace(Shares.some, id=name, measures=(tg.Measure(slow, given=given),))
        for name, given in (("always", None), ("asked", asked))
    }
    own = {
        name: profile(
            tg.Policy(name="p", version="1", rule_sets=(type("One", (tg.RuleSet,), {"area": "a", name: rule}),)),
            blocks(600, 200),
        ).rules[0].own_instructions
        for name, rule in rules.items()
    }  # fmt: skip
    assert own["asked"] == own["always"] + 4, "two products, a sum and a comparison"
