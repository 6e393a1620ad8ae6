"""Logins: from home or on the move, now and then mistyped, abroad or through a VPN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.markets import COUNTRIES, MARKETS
from tidegate.demo.rhythm import instants
from tidegate.demo.strand import Codes, Column, Constant, Ids, Picked, Strand

DAILY = 0.7  # share of the accounts that log in on a day; sessions of apps last
ON_SECOND_DEVICE = 0.3  # of the logins of people who have one
MISTYPED = 0.03
THROUGH_VPN = 0.004
RENAMES = 0.004  # share of accounts that change name or picture on a day
NETWORKS = ("wifi", "mobile", "public_wifi")
NETWORK_OF_TWENTY = (
    2,
    *(1,) * 7,
    *(0,) * 12,
)  # of twenty logins one comes over public Wi-Fi, seven over mobile


def strands(day: Day) -> list[Strand]:
    """Return the day's logins and changed profiles."""
    rng = day.rng("logins")
    population = day.population
    who = some_of(rng, people(day), DAILY)
    at = instants(rng, day.start_ms, population.offset_ms[who])
    here = population.present(who, at)
    who, at = who[here], at[here]
    on_second = population.second_device[who] & (rng.random(len(who)) < ON_SECOND_DEVICE)
    behind_vpn = (rng.random(len(who)) < THROUGH_VPN) & ~on_second
    plain = ~on_second & ~behind_vpn
    mistyped = plain & (rng.random(len(who)) < MISTYPED)
    return [
        login(day, who[mistyped], at[mistyped] - 15_000, ok=False),
        login(day, who[plain], at[plain]),
        login(
            day,
            who[on_second],
            at[on_second],
            {"device_id": population.device_ids(who[on_second], second=True)},
        ),
        _through_vpn(day, rng, who[behind_vpn], at[behind_vpn]),
        _renames(day, rng),
    ]


def login(
    day: Day, who: Codes, at: Codes, columns: dict[str, Column] | None = None, **constants: Constant
) -> Strand:
    """Return login_attempt events from home on the account's own device, unless ``columns`` or ``constants`` differ."""
    population = day.population
    at = np.maximum(at, day.start_ms)
    kind = np.array(NETWORK_OF_TWENTY)[(at // 977 + who) % len(NETWORK_OF_TWENTY)]
    ip = np.where(kind == 1, population.mobile_ip[who], population.home_ip[who])
    filled: dict[str, Column] = {
        "login_id": day.take("lg-", len(who)),
        "account_id": population.ids(who),
        "device_id": population.device_ids(who),
        "ip": population.ips(ip),
        "network_type": Picked(NETWORKS, kind),
        **places(day, who),
        **(columns or {}),
    }
    fixed: dict[str, Constant] = {"ok": True, "is_vpn": False, "is_proxy": False, "tls_version": "1.3"}
    return Strand("login_attempt", at, filled, fixed | {"number_type": "mobile"} | constants)


def places(day: Day, who: Codes, market: Codes | None = None) -> dict[str, Column]:
    """Return country and coordinates of the login: home, or the main city of ``market``."""
    population = day.population
    if market is None:
        countries = Picked(COUNTRIES, population.market[who])
        return {
            "ip_country": countries,
            "ip_lat": population.latitude[who],
            "ip_lon": population.longitude[who],
        }
    latitude: NDArray[np.float64] = np.array([each.latitude for each in MARKETS])[market]
    longitude: NDArray[np.float64] = np.array([each.longitude for each in MARKETS])[market]
    return {"ip_country": Picked(COUNTRIES, market), "ip_lat": latitude, "ip_lon": longitude}


def _through_vpn(day: Day, rng: np.random.Generator, who: Codes, at: Codes) -> Strand:
    exit_market = (day.population.market[who] + rng.integers(1, len(MARKETS), len(who))) % len(MARKETS)
    host = day.population.ips(2 * day.population.n + exit_market)
    return login(day, who, at, {**places(day, who, exit_market), "ip": host}, is_vpn=True)


def _renames(day: Day, rng: np.random.Generator) -> Strand:
    who = some_of(rng, people(day), RENAMES)
    at = instants(rng, day.start_ms, day.population.offset_ms[who])
    here = day.population.present(who, at)
    columns: dict[str, Column] = {
        "account_id": Ids("a", who[here]),
        "field": Picked(("name", "avatar", "signature"), rng.integers(0, 3, int(here.sum()))),
    }
    return Strand("profile_changed", at[here], columns)
