"""Every value of every feature, at every event of small random worlds, against the definitions. Zero tolerance."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.oracle import worlds
from tests.oracle.naive import World
from tests.oracle.observe import Reading, Running, differences, observe, policy_of
from tests.oracle.readings import ALL, COUNTS
from tests.oracle.readings.signed import SIGNED

from tidegate import Engine, all_of, events, hours, minutes
from tidegate.events import MessageSent as M
from tidegate.features import Ever, Feature

POLICY = policy_of(ALL)
small = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    phases=(
        Phase.explicit,
        Phase.generate,
    ),  # shrinking takes minutes: add Phase.shrink to look into a failure
    suppress_health_check=list(HealthCheck),
)
runnings = st.builds(
    Running,
    block=st.sampled_from([1, 7, 777, 4096]),
    rows=st.sampled_from([1, 7, 512]),
    restart=st.sampled_from([0, 0, 1, 3]),
    tidy=st.sampled_from([0, 1, 3]),
)


def agree(readings, stream, running, policy=None):
    got, _ = observe(readings, stream, running, policy)
    found = differences(readings, got, World(stream).table(readings))
    assert not found, "\n".join(found[:5])


@small
@given(worlds.streams(), runnings)
def test_all_features_of_one_policy_are_what_they_are_defined_to_be(stream, running):
    agree(ALL, stream, running, POLICY)


@small
@given(worlds.streams(), st.lists(st.sampled_from(ALL), min_size=1, max_size=4, unique=True), runnings)
def test_a_feature_does_not_depend_on_the_company_it_keeps(stream, readings, running):
    agree(readings, stream, running)


@pytest.mark.parametrize(
    "running",
    [Running(1, 1, 13, 5), Running(7, 7, 5, 3), Running(777, 512, 1, 1), Running(4096, 7)],
    ids=["one by one", "by seven", "one block", "small chunks"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_longer_stream_cut_in_any_way_gives_the_same(seed, running):
    agree(ALL, worlds.seeded(seed, 250), running, POLICY)


def test_conditions_beyond_the_lanes_of_one_kernel_are_counted_too():
    over = [
        events(M).where(M.media_bytes > k).count().per(M.account_id).over(hours(1)) for k in range(-9, 12)
    ]
    both = [all_of(M.is_forward, M.media_bytes > k) for k in range(20)]
    more = [events(M).where(c).count().per(M.account_id).over(minutes(10)) for c in both]
    readings = [Reading(f"over {i}", value, (M,)) for i, value in enumerate([*over, *more])]
    agree(readings, worlds.seeded(3, 150), Running(block=7))


@small
@given(worlds.streams(), runnings)
def test_sums_of_what_comes_and_goes_are_what_they_are_defined_to_be(stream, running):
    agree(SIGNED, stream, running)


@pytest.mark.parametrize("holes", [0, 1, 6])
def test_streams_with_few_or_many_holes(holes):
    agree(ALL, worlds.seeded(4, 200, holes=holes), Running(block=777), POLICY)


def test_a_flood_of_ties_and_late_events():
    stream = worlds.seeded(5, 300, steps=(0, 0, 0, 1), late=(0, 0, 1, 2, 300_000))
    agree(COUNTS, stream, Running(block=7))


def _forgets(expression):
    return not any(isinstance(node, Feature) and isinstance(node.window, Ever) for node in expression.walk())


@pytest.mark.parametrize(
    "readings", [ALL, [r for r in ALL if _forgets(r.value)]], ids=["all", "nothing for ever"]
)
def test_ids_of_entities_long_gone_are_used_again_without_a_trace(readings, monkeypatch):
    freed = []
    tidy = Engine.tidy
    monkeypatch.setattr(Engine, "tidy", lambda engine: freed.append(tidy(engine)))
    stream = worlds.seeded(6, 300, ages=6 * 86_400_000, steps=(*worlds.STEPS, 259_200_000, 259_200_000))
    agree(readings, stream, Running(block=20, rows=7, restart=4, tidy=1))
    assert sum(freed) > 20


def test_members_of_a_set_keep_their_ids_while_they_are_in_it():
    people = events(M).distinct(M.recipient_id).per(M.account_id)
    readings = [Reading("hour", people.over(hours(1)), (M,)), Reading("day", people.over(hours(24)), (M,))]
    stream = [
        {"type": "message_sent", "ts": 10**12 + i * 900_000, "account_id": "ann", "recipient_id": f"r{i}"}
        for i in range(300)
    ]
    agree(readings, stream, Running(block=3, tidy=1))
