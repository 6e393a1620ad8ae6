"""What official clients tell the server about themselves, and a telemetry panel of a few of them."""

from __future__ import annotations

import numpy as np

from tidegate.demo.day import Day
from tidegate.demo.honest.everyone import people, some_of
from tidegate.demo.rhythm import HOUR_MS, instants
from tidegate.demo.strand import Codes, Column, Constant, Ids, Picked, Strand

REPORTING = 0.25  # share of the clients that report on a day: a client reports every four days or so
TIMED = 0.10  # share whose connection is timed on a day
PANEL = (
    0.01  # share that sends heartbeats and integrity checks: a sample, as every client would drown the rest
)
ROOTED = 0.01
VERSIONS = ("26.8.1", "26.8.0", "26.7.2", "26.6.0")
BEATS = 20  # heartbeats a panel session sends
BEAT_S = 30.0
CHECKS = 4  # integrity checks of a panel client a day: one in six hours

OFFICIAL: dict[str, Constant] = {
    "signature_deviation": 0.0,
    "nonstandard_fields": 0,
    "key_algorithm": "SHA-256",
    "tls_cert_ok": True,
    "auto_update": True,
    "is_modified": False,
    "auto_reply": False,
    "unlimited_forward": False,
    "via_unofficial_api": False,
}


def strands(day: Day) -> list[Strand]:
    """Return reports, timings and the telemetry of the panel."""
    rng = day.rng("clients")
    official = np.setdiff1d(people(day), day.unofficial, assume_unique=True)
    who = some_of(rng, official, REPORTING)
    timed = some_of(rng, official, TIMED)
    panel = some_of(rng, official, PANEL)
    return [
        client_report(day, rng, *_while_awake(day, rng, who)),
        _device_report(day, rng, *_while_awake(day, rng, who[::4])),
        _timing(day, rng, *_while_awake(day, rng, timed)),
        heartbeats(day, rng, *_while_awake(day, rng, panel), every_s=BEAT_S, jitter_us=60_000),
        _integrity_checks(day, panel[day.population.registered_ms[panel] < day.start_ms]),
    ]


def client_report(
    day: Day,
    rng: np.random.Generator,
    who: Codes,
    at: Codes,
    columns: dict[str, Column] | None = None,
    **constants: Constant,
) -> Strand:
    """Return client_report events of the official app, unless ``columns`` or ``constants`` say otherwise."""
    filled: dict[str, Column] = {
        "account_id": day.population.ids(who),
        "device_id": day.population.device_ids(who),
        "ip": day.population.ips(day.population.home_ip[who]),
        "app_version": Picked(VERSIONS, (rng.random(len(who)) ** 3 * len(VERSIONS)).astype(np.int64)),
        "feature_deviation": np.round(rng.random(len(who)) * 0.03, 4),
        **(columns or {}),
    }
    return Strand("client_report", at, filled, OFFICIAL | constants)


def heartbeats(
    day: Day, rng: np.random.Generator, who: Codes, at: Codes, *, every_s: float, jitter_us: int
) -> Strand:
    """Return ``BEATS`` heartbeats per client; ``client_ts`` strays by up to ``jitter_us`` from the interval."""
    owner = np.repeat(who, BEATS)
    beat = np.tile(np.arange(1, BEATS + 1), len(who))
    ts = np.repeat(at, BEATS) + (beat * every_s * 1000).astype(np.int64)
    stray = rng.integers(-jitter_us, jitter_us + 1, len(ts))
    columns: dict[str, Column] = {
        "account_id": day.population.ids(owner),
        "device_id": day.population.device_ids(owner),
        "session_id": Ids(f"s-{day.index}-", owner),
        "client_ts": ts * 1000 + stray,
    }
    return Strand("client_heartbeat", ts, columns, {"interval_s": every_s})


def _while_awake(day: Day, rng: np.random.Generator, who: Codes) -> tuple[Codes, Codes]:
    at = instants(rng, day.start_ms, day.population.offset_ms[who])
    here = day.population.present(who, at)
    return who[here], at[here]


def _device_report(day: Day, rng: np.random.Generator, who: Codes, at: Codes) -> Strand:
    ram = np.array([1024, 3072, 4096, 6144, 8192])[(rng.random(len(who)) ** 0.6 * 5).astype(np.int64)]
    columns: dict[str, Column] = {
        "account_id": day.population.ids(who),
        "device_id": day.population.device_ids(who),
        "ram_mb": ram,
        "is_rooted": rng.random(len(who)) < ROOTED,
        "screen_anomaly_rate": np.round(rng.random(len(who)) * 0.08, 4),
        "cpu_isa_deviation": np.round(rng.random(len(who)) * 0.15, 4),
    }
    return Strand("device_report", at, columns, {"params_total": 12, "params_wrong": 0})


def _timing(day: Day, rng: np.random.Generator, who: Codes, at: Codes) -> Strand:
    columns: dict[str, Column] = {
        "account_id": day.population.ids(who),
        "session_id": Ids(f"s-{day.index}-", who),
        "connect_ms": np.round(140 + rng.standard_exponential(len(who)).clip(0, 3) * 40, 1),
        "message_latency_ms": np.round(180 + rng.standard_exponential(len(who)).clip(0, 3) * 60, 1),
    }
    return Strand("connect_timing", at, columns, {"client_version": VERSIONS[0]})


def _integrity_checks(day: Day, who: Codes) -> Strand:
    owner = np.repeat(who, CHECKS)
    ts = (
        day.start_ms
        + np.tile(np.arange(CHECKS), len(who)) * (24 // CHECKS * HOUR_MS)
        + owner * 1_009 % HOUR_MS
    )
    columns: dict[str, Column] = {
        "account_id": Ids("a", owner),
        "device_id": day.population.device_ids(owner),
    }
    return Strand("integrity_check", ts, columns, {"ok": True})
