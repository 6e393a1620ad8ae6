"""Modified client: an ordinary person with an app that is not the official one.

Meant for the rows on signatures, feature values, heartbeats, connection times and the four categories of modification.
Part of them sit in one office, behind one address, with the same build.
"""

from __future__ import annotations

import numpy as np

from tidegate.demo.abuses.abuse import Abuse
from tidegate.demo.day import Day
from tidegate.demo.honest.clients import client_report, heartbeats
from tidegate.demo.population import STABLE, YOUNG
from tidegate.demo.rhythm import instants
from tidegate.demo.strand import Codes, Column, Constant, Ids, Picked, Strand

CATEGORIES = ("cosmetic", "functional", "privacy", "core_protocol")
OFFICE = 8  # the first eight share an address: more than five devices with one build open a check
OFFICE_HOST = 500
BEAT_S = 41.0
SLOWER_MS = 190.0

MODIFIED: dict[str, Constant] = {
    "nonstandard_fields": 5,
    "tls_cert_ok": False,
    "auto_update": False,
    "is_modified": True,
    "mod_family": "plus-messenger",
    "mod_version": "9.4",
    "auto_reply": True,
    "unlimited_forward": True,
}


def strands(day: Day, members: Codes) -> list[Strand]:
    """Return what the modified apps report on this day."""
    rng = day.rng("modified-client")
    population = day.population
    at = instants(rng, day.start_ms, population.offset_ms[members])
    place = np.arange(len(members))
    category = np.where(place < OFFICE, 1, members % len(CATEGORIES))
    host = 2 * population.n + OFFICE_HOST % population.n
    columns: dict[str, Column] = {
        "ip": population.ips(np.where(place < OFFICE, host, population.home_ip[members])),
        "signature_deviation": np.round(0.96 + 0.04 * rng.random(len(members)), 4),
        "feature_deviation": np.round(0.12 + 0.3 * rng.random(len(members)), 4),
        "key_algorithm": Picked(("SHA-256", "SHA-1"), (category == len(CATEGORIES) - 1).astype(np.int64)),
        "mod_category": Picked(CATEGORIES, category),
    }
    timing: dict[str, Column] = {
        "account_id": population.ids(members),
        "session_id": Ids(f"s-{day.index}-", members),
        "connect_ms": np.round(180.0 + SLOWER_MS + 40 * rng.random(len(members)), 1),
        "message_latency_ms": np.round(240.0 + 430.0 + 60 * rng.random(len(members)), 1),
    }
    queue: dict[str, Column] = {
        "account_id": population.ids(members),
        "queued": rng.integers(14, 21, len(members)),
    }
    return [
        client_report(day, rng, members, at, columns, **MODIFIED),
        Strand("connect_timing", at + 2_000, timing),
        Strand("client_queue", at + 60_000, queue),
        heartbeats(day, rng, members, at, every_s=BEAT_S, jitter_us=400_000),
    ]


ABUSE = Abuse(
    "modified-client", per_thousand=6, tiers=(YOUNG, STABLE), strands=strands, at_least=6, lives_on=True
)
