"""Similarity of large sets is estimated: within the error it states. (Small sets are exact: see `readings.nested`.)"""

import random

import pytest
from tests.oracle.naive import World
from tests.oracle.observe import Reading, Running, observe

from tidegate import events
from tidegate.events import GroupJoined as G

ERROR = 0.0625  # standard error of 256 hashes, at most


@pytest.mark.parametrize("shared", [0, 300, 900, 1500])
def test_the_estimate_stays_within_four_standard_errors(shared):
    chance = random.Random(shared)
    members = {"g1": range(1500), "g2": range(1500 - shared, 3000 - shared)}
    joins = [(f"a{m}", g) for g, those in members.items() for m in those]
    chance.shuffle(joins)
    joins += [("judge", "g1"), ("judge", "g2")]
    stream = [
        {"type": "group_joined", "ts": 10**12 + i, "account_id": a, "group_id": g}
        for i, (a, g) in enumerate(joins)
    ]
    other = events(G).previous(G.group_id).per(G.account_id).ever()
    alike = Reading("alike", events(G).similarity(G.account_id, to=other).per(G.group_id).ever(), (G,))
    table, _ = observe([alike], stream, Running(777))
    exact = World(stream).value(alike.value, len(stream) - 1)
    assert exact == pytest.approx((shared + 1) / (3000 - shared + 1), abs=0.01)
    assert table[-1]["alike"] == pytest.approx(exact, abs=4 * ERROR)
