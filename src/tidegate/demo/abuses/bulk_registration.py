"""Bulk registration: a ring of accounts made within hours from one address and two devices, with virtual numbers.

Meant for the rows on registrations per address and per device, on number types and on numbers from another country.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.day import Day
from tidegate.demo.honest.registrations import CREATED_MS, enrolment
from tidegate.demo.markets import COUNTRIES, MARKETS
from tidegate.demo.population import ARRIVING, Population
from tidegate.demo.rhythm import DAY_MS, HOUR_MS
from tidegate.demo.strand import Codes, Column, Constant, Ids, Picked, Strand

RING = 10  # accounts made in one go
DEVICES = 2
FIRST_HOST = 1_000  # addresses of hosts, after those of VPN exits
EVERY_MS = (180_000, 700_000)


def prepare(rng: np.random.Generator, population: Population, members: Codes) -> Population:
    """Bring each ring together: its accounts register a few minutes apart, in the first half of some day."""
    ring = np.arange(len(members)) // RING
    first = rng.integers(0, population.days, ring[-1] + 1) * DAY_MS + rng.integers(
        HOUR_MS, 10 * HOUR_MS, ring[-1] + 1
    )
    step = rng.integers(*EVERY_MS, len(members))
    registered_ms = population.registered_ms.copy()
    for number in range(len(first)):
        inside = ring == number
        registered_ms[members[inside]] = population.start_ms + first[number] + np.cumsum(step[inside])
    return replace(population, registered_ms=registered_ms)


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return the attempts of the ring that gathers on this day, each after one that failed."""
    rng = day.rng("bulk-registration")
    population = day.population
    begins = population.registered_ms[members] - CREATED_MS
    today = (begins >= day.start_ms) & (begins < day.end_ms)
    who, at, ring = members[today], begins[today], (np.arange(len(members)) // RING)[today]
    elsewhere = (population.market[who] + 3) % len(MARKETS)
    columns: dict[str, Column] = {
        "device_id": Ids("d9-", ring * DEVICES + np.arange(len(ring)) % DEVICES),
        "ip": population.ips(2 * population.n + FIRST_HOST % population.n + ring),
        "ip_country": Picked(COUNTRIES, elsewhere),
        "ip_lat": np.array([market.latitude for market in MARKETS])[elsewhere],
        "ip_lon": np.array([market.longitude for market in MARKETS])[elsewhere],
    }
    failed: dict[str, Column] = {
        "attempt_id": day.take("ra-", len(who)),
        "session_id": Ids("s-try-", who),
        "number": population.numbers(who),
        "number_country": Picked(COUNTRIES, population.market[who]),
        **columns,
    }
    virtual: dict[str, Constant] = {
        "number_type": "virtual",
        "ip_anonymity": 0.9,
        "is_public_vpn": True,
        "network_type": "wired",
    }
    return [
        Strand("registration_attempt", at - 60_000, failed, {**virtual, "outcome": "failed"}),
        *enrolment(day, who, at, rng, columns, **virtual),
    ]


ABUSE = Abuse(
    "bulk-registration", per_thousand=8, tiers=(ARRIVING,), strands=strands, at_least=6, prepare=prepare
)
