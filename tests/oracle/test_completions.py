"""Bounds against their definition: the least and the most over every way in which what is not said may have been."""

import itertools
import random

import pytest
from tests.oracle.observe import UNKNOWN, Bounds, Reading, Running, observe

from tidegate import Parameter, events, greatest, least, minutes
from tidegate.events import BroadcastBatch, LoginAttempt

L, S = LoginAttempt, BroadcastBatch
T = 1_772_443_800_000
SIZES = (0, 5, 40)
FLAGS = (True, False)

of_ann = events(L).where(L.is_vpn)
RUNS = {
    "run": events(L).run(L.ok).per(L.account_id),
    "run of some": of_ann.run(L.ok).per(L.account_id),
    "run before": of_ann.run_before(L.ok).per(L.account_id),
}
SUM = events(S).where(S.batch_id == "up").sum(S.recipient_count, places=0).per(S.account_id).over(minutes(10))

AMONG = {  # counts over fields of their own, so that any of them may be any of its values, whatever the others are
    "ok": events(L).where(L.ok),
    "vpn": events(L).where(L.is_vpn),
    "proxy": events(L).where(L.is_proxy),
}
OK, VPN, PROXY = (among.count().per(L.account_id).over(minutes(10)) for among in AMONG.values())
ALL = events(L).count().per(L.account_id).over(minutes(10))
FACTOR = Parameter(0.5, low=-2, high=2, unit="factor", why="-", name="factor")
ARITHMETIC = {
    "a difference by a figure": (OK - VPN) / 4,
    "a difference by a figure below 0": (OK - VPN) / -4,
    "a difference by a count": (OK - VPN) / ALL,
    "a difference by another count and 1": (OK - VPN) / (PROXY + 1),
    "a figure by a difference": 12 / (OK - VPN - 7),
    "a figure by what may be 0": 12 / (OK - VPN),
    "times a figure": 3 * OK,
    "times a figure below 0": OK * -1.5,
    "times a parameter": FACTOR * (OK - 2),
    "times none": (OK - VPN) * 0,
    "a count by a difference": OK * (VPN - 3),
    "a product of differences": (OK - 2) * (VPN - PROXY),
    "less than nothing": -OK,
    "a difference the other way round": -(OK - VPN),
    "distance": abs(OK - VPN),
    "distance from nothing": abs(-2 * OK),
    "least": least(OK - VPN, PROXY / 2, 2),
    "greatest": greatest(OK - VPN, 1 - PROXY),
    "a sum of three": OK + VPN + PROXY,
    "a difference of three": OK - VPN - PROXY,
    "whole": ((OK - VPN) / 2).floor(),
}
DEVICES = events(L).where(L.ok).distinct(L.device_id).per(L.account_id).over(minutes(10))


def told(value, on, stream):
    table, _ = observe([Reading("it", value, on)], stream, Running())
    return [row["it"] for row in table]


def completions(stream, choices):
    """Every stream in which all that is left out of `stream` is said."""
    gaps = [(i, name) for i, event in enumerate(stream) for name in choices if name not in event]
    for values in itertools.product(*(choices[name] for _, name in gaps)):
        whole = [dict(event) for event in stream]
        for (i, name), value in zip(gaps, values, strict=True):
            whole[i][name] = value
        yield whole


def drawn(rng, kind, choices, gaps):
    """Six events of one account, of which so many fields are left out."""
    stream = [
        {"type": kind.type_name, "ts": T + 1000 * n, "account_id": "ann"}
        | {name: rng.choice(values) for name, values in choices.items()}
        for n in range(6)
    ]
    for i, name in rng.sample(list(itertools.product(range(6), choices)), gaps):
        del stream[i][name]
    return stream


def spread(value, kind, stream, choices):
    """The bounds by definition, event by event."""
    tables = [told(value, (kind,), whole) for whole in completions(stream, choices)]
    assert not any(isinstance(cell, Bounds) for table in tables for cell in table)
    return [_ends(cells) for cells in zip(*tables, strict=True)]


def _ends(cells):
    """What is known of a value that may be any of these; nothing where one of them is not known."""
    low, high = (UNKNOWN, UNKNOWN) if UNKNOWN in cells else (min(cells), max(cells))
    return low if low == high else Bounds(low, high)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("name", RUNS)
def test_a_run_lies_between_the_shortest_and_the_longest_that_it_may_be(name, seed):
    choices = {"ok": FLAGS, "is_vpn": FLAGS}
    stream = drawn(random.Random(f"{name} {seed}"), L, choices, 4)
    value = RUNS[name].ever()
    assert told(value, (L,), stream) == spread(value, L, stream, choices)


@pytest.mark.parametrize("seed", range(15))
def test_different_members_lie_between_those_that_count_and_those_that_may_count(seed):
    choices = {"ok": FLAGS, "device_id": ("d", "e", None, "new", "newer", "newest")}
    stream = drawn(random.Random(seed), L, choices | {"device_id": ("d", "e")}, 3)
    assert told(DEVICES, (L,), stream) == spread(DEVICES, L, stream, choices)


@pytest.mark.parametrize("seed", range(15))
def test_a_sum_lies_between_what_counts_and_what_may_count(seed):
    choices = {"batch_id": ("up", "down")}
    stream = drawn(random.Random(seed), S, choices | {"recipient_count": SIZES}, 0)
    for event in stream[seed % 3 :: 3]:
        del event["batch_id"]
    assert told(SUM, (S,), stream) == spread(SUM, S, stream, choices)


def test_an_amount_that_is_not_said_may_be_any():
    stream = [
        {
            "type": "broadcast_batch",
            "ts": T + n,
            "account_id": "ann",
            "batch_id": way,
            "recipient_count": size,
        }
        for n, (way, size) in enumerate([("up", 5), ("up", 7), ("down", 9), ("up", 1)])
    ]
    del stream[1]["recipient_count"]
    endless = float("inf")
    assert told(SUM, (S,), stream) == [5, Bounds(5, endless), Bounds(5, endless), Bounds(6, endless)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ARITHMETIC)
def test_what_is_worked_out_of_counts_lies_between_the_least_and_the_most_that_it_may_be(name, seed):
    choices = {"ok": FLAGS, "is_vpn": FLAGS, "is_proxy": FLAGS}
    stream = drawn(random.Random(f"{name} {seed}"), L, choices, 5)
    assert told(ARITHMETIC[name], (L,), stream) == spread(ARITHMETIC[name], L, stream, choices)


SIGNED = {
    "up or down": events(S).sum(S.recipient_count - 6, places=0),
    "those of a batch": events(S).where(S.batch_id == "up").sum(6 - S.recipient_count, places=0),
}


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("name", SIGNED)
def test_a_sum_of_amounts_below_nothing_lies_between_its_bounds_too(name, seed):
    choices = {"batch_id": ("up", "down")}
    stream = drawn(random.Random(seed), S, choices | {"recipient_count": SIZES}, 0)
    for event in stream[seed % 3 :: 3]:
        del event["batch_id"]
    value = SIGNED[name].per(S.account_id).over(minutes(10))
    assert told(value, (S,), stream) == spread(value, S, stream, choices)
