"""Values that are computed only where a rule asks for them: no decision tells."""

import json
import random

import pytest
from tests.engine.worlds import T0, figure, message, policy_of

import tidegate as tg
from tidegate.engine import Engine
from tidegate.engine.plan import make_plan
from tidegate.events import MessageSent, decode_lines

M = MessageSent
SENT = tg.events(M)
COUNT = SENT.count().per(M.account_id).over(tg.hours(1))
to_two = SENT.top(M.recipient_id, 2).per(M.account_id).over(tg.hours(1))


def concentrated(given, limit=0.5):
    return tg.Rule(
        id="few", title="Mostly to two people", on=(M,), when=to_two / COUNT > figure(limit, "few"), given=given,
        reason="{observed} of {limit}", labels=(tg.Label("seen"),),
    )  # fmt: skip


def besides(observed):
    """A rule that asks for a value everywhere."""
    return tg.Rule(
        id="always",
        title="At every event",
        on=(M,),
        when=observed > figure(0.2, "always"),
        reason="{observed}",
    )


def traffic(seed, n=400):
    rng = random.Random(seed)
    ts = T0
    for _ in range(n):
        ts += rng.choice([0, 1_000, 60_000, 500_000])
        fields = {"is_reply": rng.random() < 0.3} if rng.random() < 0.8 else {}
        if rng.random() < 0.9:
            fields["recipient_id"] = f"r{int(rng.expovariate(0.5))}"
        yield message(ts - rng.choice([0, 0, 90_000]), rng.choice("abc"), **fields)


def decisions(policy, events, rule):
    engine = Engine(policy)
    lines = [json.dumps({"event_id": f"e{n}", **e}).encode() for n, e in enumerate(events)]
    seen = []
    for start in range(0, len(lines), 50):
        block = decode_lines(lines[start : start + 50]).block
        judged = engine.step(block)
        for i in range(len(block)):
            fired = [f for f in judged.closer[i].fired if f.rule == rule] if i in judged.closer else []
            seen.append((fired, rule in judged.patterns[judged.pattern[i]]))
    return seen


def level_of(policy):
    (kernel,) = [k for k in make_plan(policy, lateness_ms=1).kernels if k.family == "samples"]
    return kernel.level


GIVENS = {
    "count": COUNT >= 5,
    "may be unknown": ~M.is_reply,
    "both": (COUNT >= 3) & (SENT.where(~M.is_reply).count().per(M.account_id).over(tg.hours(1)) > 2),
}


@pytest.mark.parametrize("given", GIVENS.values(), ids=GIVENS)
@pytest.mark.parametrize("seed", range(4))
def test_decisions_are_those_of_a_policy_that_asks_for_the_value_everywhere(given, seed):
    events = list(traffic(seed))
    lazy = decisions(policy_of(concentrated(given)), events, "few")
    assert lazy == decisions(policy_of(concentrated(given), besides(to_two)), events, "few")
    assert any(fired for fired, _ in lazy)
    assert any(undecided for _, undecided in lazy)


def test_a_value_is_asked_for_on_the_condition_of_every_rule_that_compares_it():
    first = concentrated(COUNT >= 50)
    second = tg.Rule(
        id="second",
        title="Again",
        on=(M,),
        when=to_two > figure(1.5, "second"),
        given=~M.is_reply,
        reason="{observed}",
    )
    events = list(traffic(9))
    both = decisions(policy_of(first, second), events, "second")
    assert both == decisions(policy_of(second, besides(to_two)), events, "second")
    assert any(fired for fired, _ in both)


def test_only_what_every_rule_asks_for_on_a_condition_waits_for_it():
    given = COUNT >= 5
    assert level_of(policy_of(concentrated(given))) == 1
    assert level_of(policy_of(concentrated(None))) == 0
    assert level_of(policy_of(concentrated(given), besides(to_two))) == 0
    assert level_of(policy_of(concentrated(given & (to_two > 3)))) == 0
    assert level_of(policy_of(concentrated(tg.labelled("seen", M.account_id)))) == 0


def test_who_examines_an_event_sees_the_value_all_the_same():
    engine = Engine(policy_of(concentrated(COUNT >= 50)))
    lines = [
        json.dumps({"event_id": f"e{n}", **message(T0 + n, recipient_id="r")}).encode() for n in range(2)
    ]
    first, second = (decode_lines([line]).block for line in lines)
    engine.step(first)
    _, (reading,) = engine.examine(second)
    assert (reading.observed, reading.outcome) == (1.0, "not fired")
