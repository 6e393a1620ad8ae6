"""Expressions that nobody thought of: any operators over any features, bounds and all, against the definitions."""

import random

import pytest
from tests.oracle import worlds
from tests.oracle.naive import World
from tests.oracle.observe import Reading, Running, differences, observe
from tests.oracle.readings import ALL
from tests.oracle.readings.kinds import L, M
from tests.oracle.readings.signed import SIGNED

from tidegate import all_of, any_of, events, greatest, hours, least, when
from tidegate.expr import Kind
from tidegate.features import Feature
from tidegate.features.aggregate import Changes, Count, Distinct, RunLength

LARGE = "net bytes"  # amounts whose products pass what a reading shows
COUNTED = [
    r.value
    for r in (*ALL, *SIGNED)
    if isinstance(r.value, Feature) and {M, L} <= set(r.on) and isinstance(r.value.aggregate, Count | Distinct | Changes | RunLength)
]  # fmt: skip
NUMBERS = [*COUNTED, *(r.value for r in SIGNED if {M, L} <= set(r.on) and r.name != LARGE)]
FLAGS = [M.is_forward, M.is_broadcast, M.message_type == "link", M.batch_id.is_null(), M.media_bytes >= 1000]
FIGURES = (-3, -1, 0, 0.5, 2, 7)


def number(rng, depth):
    """An expression that is a number; never a bare figure."""
    if not depth:
        return rng.choice(NUMBERS)
    one = number(rng, depth - 1)
    other = number(rng, depth - 1) if rng.random() < 0.7 else rng.choice(FIGURES)
    made = {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other if other is not FIGURES[2] else other / one,
        "least": lambda: least(one, other),
        "greatest": lambda: greatest(one, other),
        "abs": lambda: abs(one),
        "floor": (one / 3).floor,
        "or else": lambda: one.or_else(rng.choice(FIGURES)),
        "when": lambda: when(flag(rng, depth - 1), one, other),
    }
    return made[rng.choice(list(made))]()


def flag(rng, depth):
    """An expression that is true or false."""
    if not depth:
        return rng.choice(FLAGS)
    one, other = number(rng, depth - 1), rng.choice((number(rng, depth - 1), rng.choice(FIGURES)))
    made = {
        "<": lambda: one < other,
        ">=": lambda: one >= other,
        "==": lambda: one == other,
        "!=": lambda: one != other,
        "not": lambda: ~flag(rng, depth - 1),
        "and": lambda: all_of(flag(rng, depth - 1), flag(rng, depth - 1)),
        "or": lambda: any_of(flag(rng, depth - 1), flag(rng, depth - 1)),
    }
    return made[rng.choice(list(made))]()


def drawn(rng):
    """A number, a flag, or how many messages of the account a flag held for."""
    made = rng.choice((number, flag))(rng, 3)
    if made.kind is Kind.FLAG and rng.random() < 0.4:
        return events(M).where(made).count().per(M.account_id).over(hours(1))
    return made


@pytest.mark.parametrize("seed", range(16))
def test_any_operators_over_any_features_make_what_they_are_defined_to_make(seed):
    rng = random.Random(seed)
    readings = [Reading(f"r{n}", drawn(rng), (M,)) for n in range(12)]
    stream = worlds.seeded(seed, 100, holes=rng.choice((1, 2, 6)))
    running = Running(
        rng.choice((1, 7, 777)), rng.choice((1, 7, 512)), rng.choice((0, 3)), rng.choice((0, 1))
    )
    got, _ = observe(readings, stream, running)
    found = differences(readings, got, World(stream).table(readings))
    told = {r.name: r.value.describe() for r in readings}
    assert not found, "\n".join(f"{line}\n    {told[line.split(': ')[1]]}" for line in found[:3])
