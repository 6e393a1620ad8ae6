"""Limits of an address for registrations: a quarter lower by night, its own where many are known to share it."""

import pytest
from tests.policies.messenger.worlds import HOUR, MINUTE, T0, at, attempt, event, last, numbers, outcome

ACCOUNTS = "reg.ip-over-2-accounts-24h"
REQUESTS = "reg.ip-over-5-requests-24h"
DENSE = "reg.table-ip-high-5-per-24h"


NIGHT = [
    ("05:59:59.999", 2),
    ("06:00:00.000", 3),
    ("06:00:01.000", 3),
    ("23:59:59.999", 3),
    ("00:00:00.000", 2),
]


@pytest.mark.parametrize(("clock", "fires_at"), NIGHT)
def test_at_night_in_the_zone_of_the_address_limits_are_a_quarter_lower_and_whole(clock, fires_at):
    night = at(f"2026-03-03T{clock}+01:00")
    world = [attempt(night - (3 - i) * MINUTE, f"n{i}", tz="Europe/Rome") for i in range(fires_at - 1)]
    seen = last([*world, attempt(night, "last", tz="Europe/Rome")])
    assert ACCOUNTS in seen.fired
    assert seen.fired[ACCOUNTS]["limit"] == fires_at - 1
    assert bool(seen.fired[ACCOUNTS]["modifiers"]) == (fires_at == 2)


def test_at_night_five_become_three_rounded_down():
    night = at("2026-03-03T02:00:00+00:00")
    world = [attempt(night + i * MINUTE, "n", tz="UTC") for i in range(3)]
    seen = last(world)
    assert DENSE in seen.fired
    assert seen.fired[DENSE]["limit"] == 3
    assert REQUESTS not in seen.fired
    assert last([*world, attempt(night + 3 * MINUTE, "n", tz="UTC")]).fired[REQUESTS]["limit"] == 3


def test_without_a_zone_the_night_is_not_applied():
    night = at("2026-03-03T02:00:00+00:00")
    assert outcome(ACCOUNTS, [attempt(night + i, f"n{i}") for i in range(2)]) == "rests"
    given = [attempt(night + i, f"n{i}", local_hour=2, tz="Asia/Tokyo") for i in range(2)]
    assert outcome(ACCOUNTS, given) == "fires", "what the event says wins over the zone"


SHARED = event("ip_profile", T0 - HOUR, None, ip="i", is_shared=True)


def test_an_address_that_is_known_to_be_shared_has_limits_of_its_own():
    assert ACCOUNTS not in last([SHARED, *numbers(20, step=MINUTE)]).fired
    seen = last([SHARED, *numbers(21, step=MINUTE)])
    assert (seen.fired[ACCOUNTS]["observed"], seen.fired[ACCOUNTS]["limit"]) == (21, 20)
    assert ACCOUNTS in last([SHARED | {"is_shared": False}, *numbers(3)]).fired
    assert ACCOUNTS not in last(numbers(3, network_type="public_wifi")).fired
