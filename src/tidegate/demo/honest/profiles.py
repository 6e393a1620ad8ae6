"""What the platform knows when the week begins: accounts, devices, shared addresses, links and baselines."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.markets import COUNTRIES, ZONES
from tidegate.demo.population import ARRIVING, BUSINESS, Population
from tidegate.demo.strand import Codes, Picked, Strand

# Baselines of the platform: what the demo's own honest traffic comes to, and the shares the catalogue calls normal.
MESSAGES_PER_MINUTE = 1.6
CONNECT_MS = 180.0
LATENCY_MS = 240.0
GROUP_REPORT_RATE = 0.007
LINK_CLICK_RATE = 0.15
PROMOTION_REPORT_RATE = 0.004


def strands(day: Day) -> list[Strand]:
    """Return the profiles with which the platform starts, on the first day only."""
    if day.index:
        return []
    population = day.population
    settled = np.flatnonzero(population.tier != ARRIVING)
    once = np.array([day.start_ms])
    baseline = Strand(
        "baseline_profile",
        once,
        {},
        {
            "connect_ms": CONNECT_MS,
            "message_latency_ms": LATENCY_MS,
            "avg_message_rate": MESSAGES_PER_MINUTE,
            "group_report_rate": GROUP_REPORT_RATE,
            "link_ctr": LINK_CLICK_RATE,
            "promo_report_rate": PROMOTION_REPORT_RATE,
        },
    )
    shared, members = np.unique(population.mobile_ip, return_counts=True)
    carriers = shared[members > 1]
    at_start = np.full(population.n, day.start_ms)
    return [
        baseline,
        account_profiles(population, settled, at_start[: len(settled)], known_since=True),
        Strand(
            "device_profile",
            at_start[: len(settled)],
            {
                "device_id": population.device_ids(settled),
                "imei_hash": [f"i{code:08x}" for code in settled.tolist()],
            },
        ),
        Strand(
            "ip_profile",
            at_start[: len(carriers)],
            {"ip": population.ips(carriers)},
            {"is_shared": True, "anonymity": 0.0},
        ),
    ]


def account_profiles(population: Population, accounts: Codes, ts: Codes, *, known_since: bool) -> Strand:
    """Return account_profile events; with ``registered_at`` only if ``known_since`` (else the registration says it)."""
    business = population.tier[accounts] == BUSINESS
    market = population.market[accounts]
    since = {"registered_at": population.registered_ms[accounts]} if known_since else {}
    return Strand(
        "account_profile",
        ts,
        {
            "account_id": population.ids(accounts),
            **since,
            "tz": Picked(ZONES, market),
            "market": Picked(COUNTRIES, market),
            "home_countries": Picked([[country] for country in COUNTRIES], market),
            "official_business": business,
            "verified_business": business,
            "is_identified": business,
        },
    )
