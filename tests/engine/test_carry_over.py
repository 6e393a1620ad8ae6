"""A memory handed to another engine is the memory read back from bytes, and nothing of it is shared with the one before."""

from itertools import islice

import msgspec
import pytest
from tests.engine.worlds import policy_of, rule

import tidegate as tg
from tidegate.demo import Traffic
from tidegate.errors import PolicyError
from tidegate.events import decode_lines
from tidegate.policies.loading import load_policy

EVENTS = [
    msgspec.json.encode(event) for event in islice(Traffic(seed=7, accounts=200, days=1).events(), 1200)
]


def taken(engine, first, behind):
    judged = engine.step(decode_lines(EVENTS[first:behind]).block)
    return {i: decision.data({}) for i, decision in judged.closer.items()}


def test_it_is_the_memory_read_from_bytes_and_goes_its_own_way():
    policy = load_policy("messenger")
    before, other = tg.Engine(policy), tg.Engine(policy)
    taken(before, 0, 900)
    state = before.state()
    before.carry_over(other)
    assert other.state() == state
    found = taken(before, 900, 1200)
    assert found
    assert other.state() == state, "what the one before goes on to see is not seen"
    read = tg.Engine.restore(policy, state)
    assert taken(other, 900, 1200) == taken(read, 900, 1200) == found
    assert other.state() == read.state()


def test_an_engine_that_remembers_other_things_takes_none(monkeypatch):
    policy = policy_of(rule("every"))
    before, other = tg.Engine(policy), tg.Engine(policy)
    monkeypatch.setitem(other.__dict__, "remembered", {"3 pairs of ip and ": "things"})
    with pytest.raises(PolicyError, match=r"remembers other things: .*`pairs of ip and value`"):
        before.carry_over(other)


def test_a_memory_that_is_put_together_later_is_that_of_its_time():
    engine = tg.Engine(load_policy("messenger"))
    taken(engine, 0, 900)
    state, later = engine.state(), engine.snapshot()
    assert taken(engine, 900, 1200)
    engine.tidy()
    assert later.packed() == state
    assert engine.state() != state
