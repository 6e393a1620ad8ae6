"""Accounts in use on two devices at once, over months: sessions one after the other on each device, against a walk over them all."""

import random

import pytest
from tests.policies.messenger.worlds import DAY, HOUR, MINUTE, T0, event, judge, what_it_does

AT_ONCE = "login.concurrent-two-devices"
LONGEST = 30 * DAY


def used(rng, device, days, again):
    """Sessions on a device, one after the other, with pauses or without; with `again` some go by the name of an earlier one."""
    events, ts, number = [], rng.randrange(20 * HOUR), 0
    while ts < days * DAY:
        number += not (again and rng.random() < 0.3)
        name = f"{device}-{number}"
        ends = ts + rng.choice([HOUR, 5 * HOUR, DAY, 11 * DAY, 25 * DAY]) + rng.randrange(HOUR)
        events.append((ts, device, "open", name, True))
        events.append((ends, device, "close", name, rng.random() < 0.7))
        ts = ends + 1 + rng.choice([0, 0, 0, 3 * HOUR, 2 * DAY])
    return events


def world(seed, *, again=False):
    """What happened on three devices in 100 days, by time; a close may leave out its device."""
    rng = random.Random(seed)
    return sorted(one for device in "ABC" for one in used(rng, device, 100, again))


def in_use(happened):
    """How many devices are in use at each event: on those a session is open, for no longer than it may be."""
    since = {}
    for ts, device, state, _, _ in happened:
        if state == "open":
            since[device] = ts
        else:
            since.pop(device)
        yield sum(ts - begun < LONGEST for begun in since.values())


def judged(happened):
    told = [
        event(
            "session_state", T0 + ts, state=state, session_id=name, **({"device_id": device} if says else {})
        )
        for ts, device, state, name, says in happened
    ]
    return [what_it_does(AT_ONCE, seen) for seen in judge(told) if seen.event_id is not None]


@pytest.mark.parametrize("seed", range(6))
def test_sessions_over_the_edge_of_the_window_leave_their_devices_in_use(seed):
    happened = world(seed)
    expected = ["fires" if devices >= 2 else "rests" for devices in in_use(happened)]
    assert judged(happened) == expected
    assert {"fires", "rests"} == set(expected)


@pytest.mark.parametrize("seed", range(3))
def test_a_session_that_is_opened_again_makes_no_device_more(seed):
    happened = world(seed, again=True)
    for found, devices in zip(judged(happened), in_use(happened), strict=True):
        assert found != "fires" or devices >= 2


@pytest.mark.parametrize("others", [0, 1])
def test_a_session_whose_end_arrives_before_its_beginning_leaves_no_device_in_use(others):
    late = [
        *[event("session_state", T0 - MINUTE, state="open", session_id="s0", device_id="A")] * others,
        event("session_state", T0 + 2 * MINUTE, state="close", session_id="s1", device_id="B"),
        event("session_state", T0, state="open", session_id="s1", device_id="B"),
        *[event("session_state", T0 + HOUR, state="close", session_id="s0", device_id="A")] * others,
        event("session_state", T0 + 2 * HOUR, state="open", session_id="s2", device_id="C"),
        event("session_state", T0 + 3 * HOUR, state="open", session_id="s3", device_id="B"),
    ]
    assert [what_it_does(AT_ONCE, seen) for seen in judge(late, arrival=True)][-2:] == ["rests", "fires"]


@pytest.mark.parametrize("late", ["s1", "s2"])
def test_a_beginning_that_arrives_late_makes_no_device_of_one_two(late):
    told = [
        event("session_state", T0 + 4 * MINUTE, state="open", session_id="s2", device_id="A"),
        event("session_state", T0, state="open", session_id=late, device_id="A"),
        event("session_state", T0 + 5 * MINUTE, state="close", session_id="s1", device_id="A"),
        event("session_state", T0 + HOUR, state="open", session_id="s2", device_id="A"),
        event("session_state", T0 + 2 * HOUR, state="close", session_id="s2", device_id="A"),
        event("session_state", T0 + 3 * HOUR, state="open", session_id="s3", device_id="B"),
    ]
    assert [what_it_does(AT_ONCE, seen) for seen in judge(told, arrival=True)] == ["rests"] * 6


def test_sessions_that_go_on_after_their_end_are_in_use_again():
    told = [
        event("session_state", T0 + i * MINUTE, state=state, session_id=device, device_id=device)
        for i, (device, state) in enumerate(
            [("A", "open"), ("A", "close"), ("B", "open"), ("B", "close"), ("A", "open"), ("B", "open")]
        )
    ]
    assert [what_it_does(AT_ONCE, seen) for seen in judge(told)] == ["rests"] * 5 + ["fires"]
