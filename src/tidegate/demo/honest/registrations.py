"""Accounts that arrive during the week: attempt, code, account, profile."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people
from tidegate.demo.honest.profiles import account_profiles
from tidegate.demo.markets import COUNTRIES, ZONES
from tidegate.demo.strand import Codes, Column, Constant, Ids, Strand

CODE_SENT_MS, CODE_TYPED_MS, CREATED_MS, PROFILED_MS = 8_000, 45_000, 90_000, 91_000
TYPOS = 0.06  # share of people who mistype the first code


def strands(day: Day) -> list[Strand]:
    """Return the registrations that begin on this day."""
    rng = day.rng("registrations")
    begins = day.population.registered_ms - CREATED_MS
    arriving = people_between(day, begins)
    return enrolment(day, arriving, begins[arriving], rng)


def people_between(day: Day, begins_ms: Codes) -> Codes:
    """Return the honest accounts whose registration begins on this day."""
    everyone = people(day)
    result: Codes = everyone[(begins_ms[everyone] >= day.start_ms) & (begins_ms[everyone] < day.end_ms)]
    return result


def enrolment(
    day: Day,
    accounts: Codes,
    begins_ms: Codes,
    rng: np.random.Generator,
    columns: dict[str, Column] | None = None,
    **constants: Constant,
) -> list[Strand]:
    """Return the whole registration of ``accounts``; ``columns`` and ``constants`` replace fields of the attempt."""
    population = day.population
    session = Ids("s-reg-", accounts)
    numbers = population.numbers(accounts)
    attempt: dict[str, Column] = {
        "attempt_id": day.take("ra-", len(accounts)),
        "session_id": session,
        "number": numbers,
        **circumstances(day, accounts),
        **(columns or {}),
    }
    typed: dict[str, Column] = {"session_id": session, "number": numbers}
    mistyped = rng.random(len(accounts)) < TYPOS
    wrong: dict[str, Column] = {
        "session_id": Ids("s-reg-", accounts[mistyped]),
        "number": population.numbers(accounts[mistyped]),
    }
    fixed: dict[str, Constant] = {
        "number_type": "mobile",
        "ip_anonymity": 0.0,
        "is_public_vpn": False,
        "network_type": "wifi",
        "outcome": "created",
    }
    created: dict[str, Column] = {
        "account_id": population.ids(accounts),
        "number": numbers,
        "device_id": attempt["device_id"],
        "ip": attempt["ip"],
    }
    requested: dict[str, Constant] = {"channel": "sms", "cause": "normal", "delivered": True}
    return [
        Strand("registration_attempt", begins_ms, attempt, fixed | constants),
        Strand("verification_code_requested", begins_ms + CODE_SENT_MS, typed, requested),
        Strand(
            "verification_code_attempt",
            begins_ms[mistyped] + CODE_TYPED_MS - 20_000,
            wrong,
            {"correct": False},
        ),
        Strand("verification_code_attempt", begins_ms + CODE_TYPED_MS, typed, {"correct": True}),
        Strand("account_registered", begins_ms + CREATED_MS, created, {"merged_into": None}),
        account_profiles(population, accounts, begins_ms + PROFILED_MS, known_since=False),
    ]


def circumstances(day: Day, accounts: Codes) -> dict[str, Column]:
    """Return where and on what an account registers: at home, on its own device, with a number of its country."""
    population = day.population
    market = population.market[accounts]
    country = [COUNTRIES[code] for code in market.tolist()]
    latitude, longitude = population.latitude[accounts], population.longitude[accounts]
    return {
        "number_country": list(country),
        "number_lat": latitude,
        "number_lon": longitude,
        "device_id": population.device_ids(accounts),
        "platform": ["ios" if code % 4 == 0 else "android" for code in accounts.tolist()],
        "ip": population.ips(population.home_ip[accounts]),
        "ip_country": list(country),
        "ip_lat": latitude,
        "ip_lon": longitude,
        "tz": [ZONES[code] for code in market.tolist()],
    }
