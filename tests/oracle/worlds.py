"""Streams of events in small worlds: few entities, many ties, late events, gaps of days, changes of the clock, holes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from tests.oracle.observe import LATENESS, Raw

from tidegate.events import REGISTRY

MISSING = object()
Choose = Callable[[tuple[Any, ...]], Any]

ACCOUNTS = ("ann", "bob", "eve")
DEVICES, IPS, LINKS, GROUPS, BATCHES = (
    ("d1", "d2"),
    ("10.0.0.1", "10.0.0.2"),
    ("l1", "l2", "l3"),
    ("g1", "g2"),
    ("b1", "b2"),
)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "No/Where",
)
STARTS = (  # just before clocks change somewhere, in ms
    1_774_695_600_000,  # 2026-03-28 11:00 UTC: Berlin springs forward the next night
    1_772_928_000_000,  # 2026-03-08 00:00 UTC: New York springs forward
    1_792_828_800_000,  # 2026-10-24 08:00 UTC: Berlin falls back
    1_775_300_000_000,  # 2026-04-04: Lord Howe falls back by half an hour, Chatham by an hour
)
STEPS = (
    0,
    0,
    0,
    1,
    999,
    1000,
    10_000,
    59_999,
    60_000,
    60_000,
    599_999,
    600_000,
    3_540_000,
    3_600_000,
    86_340_000,
    86_400_000,
    259_200_000,
)
LATE = (0, 0, 0, 0, 0, 0, 1, 1000, 60_000, LATENESS.ms - 1, LATENESS.ms)


def _lists(options: tuple[str, ...]) -> tuple[Any, ...]:
    a, b = options[:2]
    return ([], [a], [b], [a, b], [b, b], list(options))


FLAGS = (True, False)
FINGERPRINTS = ("0000000000000000", "00000000000000ff", "ffffffffffffffff", "00FF13a27be09c44")
VECTORS = ([1.0, 0.0], [0.6, 0.8], [-3.0, 4.0], [0.0, 0.0], [1.0, 2.0, 3.0], [])
BYTES = (0, 1, 2, 1000, 2**40)
KINDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "message_sent": {
        "account_id": ACCOUNTS,
        "recipient_id": ACCOUNTS,
        "device_id": DEVICES,
        "ip": IPS,
        "is_forward": FLAGS,
        "is_broadcast": FLAGS,
        "recipient_is_contact": FLAGS,
        "message_type": ("text", "link"),
        "link_hashes": _lists(LINKS),
        "batch_id": BATCHES,
        "media_bytes": BYTES,
    },
    "broadcast_batch": {
        "account_id": ACCOUNTS,
        "batch_id": BATCHES,
        "recipient_ids": _lists(ACCOUNTS),
        "recipient_count": (0, 3, 100_000),
        "content_fp": FINGERPRINTS,
    },
    "login_attempt": {
        "account_id": ACCOUNTS,
        "device_id": DEVICES,
        "ip": IPS,
        "number": ("+491", "+492"),
        "ok": FLAGS,
        "ip_country": ("DE", "US"),
        "ip_lat": (52.5, 40.7, -89.0, 0.0),
        "ip_lon": (13.4, -74.0, 179.9, -180.0),
    },
    "report_filed": {
        "account_id": ACCOUNTS,
        "reporter_id": ACCOUNTS,
        "category": ("spam", "other"),
        "link_hash": LINKS,
        "group_id": GROUPS,
        "batch_id": BATCHES,
    },
    "group_joined": {"account_id": ACCOUNTS, "group_id": GROUPS, "method": ("link", "invite")},
    "account_profile": {
        "account_id": ACCOUNTS,
        "tz": ZONES,
        "registered_at": STARTS,
        "behaviour_vector": VECTORS,
    },
    "account_registered": {"account_id": ACCOUNTS, "number": ("+491", "+492")},
    "client_report": {
        "account_id": ACCOUNTS,
        "device_id": DEVICES,
        "app_version": ("1.0", "2.0"),
        "is_modified": FLAGS,
    },
    "payment_attempted": {"account_id": ACCOUNTS, "amount": (0.1, 0.2, 12.34, "99999999.99", 0)},
}
WEIGHTED = ("message_sent",) * 5 + ("login_attempt",) * 3 + ("group_joined",) * 2 + tuple(KINDS)


def event(choose: Choose, kind: str, ts: int, holes: int) -> Raw:
    """One event; of `holes` + 10 values of a field one or two are holes: missing or null."""
    made = {"type": kind, "ts": ts}
    for name, options in KINDS[kind].items():
        whole = choose((*(True,) * 10, *(MISSING, None)[:holes], *(MISSING, None)[:holes]))
        value = choose(options) if whole is True else whole
        if value is not MISSING:
            made[name] = value
    return made


def stream(
    choose: Choose,
    n: int,
    *,
    late: tuple[int, ...] = LATE,
    holes: int = 2,
    steps: tuple[int, ...] = STEPS,
    ages: int = 0,
) -> list[Raw]:
    """A stream of n events, none later than the lateness. `ages`: after so many ms all entities are new ones."""
    newest, made = choose(STARTS), []
    for _ in range(n):
        newest += choose(steps)
        one = event(choose, choose(WEIGHTED), newest - choose(late), holes)
        made.append(renamed(one, f".{newest // ages}") if ages else one)
    return made


def renamed(one: Raw, suffix: str) -> Raw:
    """The event with all ids of entities changed."""
    fields = REGISTRY[one["type"]].fields()
    return {
        name: _renamed(value, suffix) if name in fields and fields[name].entity else value
        for name, value in one.items()
    }


def _renamed(value: Any, suffix: str) -> Any:
    if isinstance(value, list):
        return [f"{v}{suffix}" for v in value]
    return value if value is None else f"{value}{suffix}"


@st.composite
def streams(draw: Any, n: int = 40) -> list[Raw]:
    """Strategy of short streams."""
    return stream(lambda options: draw(st.sampled_from(options)), draw(st.integers(1, n)))


def seeded(seed: int, n: int, **more: Any) -> list[Raw]:
    """A long stream, the same for a seed on every machine."""
    return stream(random.Random(seed).choice, n, **more)
