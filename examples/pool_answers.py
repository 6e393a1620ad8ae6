"""What is known of the accounts of a labelled pool besides events: the list of their organisation, and answers of the platform.

Facts are left out at the rates of pool_assumptions.py, each account by its own chance.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from import_message_log import Event
from pool_accounts import SILENT_MS, TRAIL_MS, Account
from pool_assumptions import Assumed, Told
from pool_events import event, has_banned
from real_accounts import AT_MS

HEAD = (
    "number",
    "account_id",
    "registered_at",
    "last_active",
    "interactions_90d",
    "avatar",
    "signature",
    "warnings",
    "reachable",
)


def write_list(
    path: Path, accounts: Iterable[Account], incidents: Counter[str], assumed: Assumed, seed: int
) -> None:
    """Write the pool as its organisation has it: a row an account, with the few facts that somebody noted."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(HEAD)
        for one in accounts:
            told, noted = Told(one.id, seed), {}
            exchanged = [*one.sent, *one.received]
            if one.registered_ms is not None and told("list registered", assumed.list_registered):
                noted["registered_at"] = _day(one.registered_ms)
            if exchanged and told("list active", assumed.list_last_active):
                noted["last_active"] = _day(max(exchanged))
            if told("list interactions", assumed.list_interactions):
                noted["interactions_90d"] = str(sum(ts >= AT_MS - SILENT_MS for ts in exchanged))
            if told("list profile", assumed.list_profile):
                noted["avatar"], noted["signature"] = map(_yes, told.profile(assumed, fake=one.fake))
            if told("list warnings", assumed.list_warnings):
                noted["warnings"] = str(incidents[one.id])
            if told("list reachable", assumed.list_reachable):
                noted["reachable"] = _yes(not one.invalid or told("stale", assumed.list_stale))
            table.writerow([one.number, one.id, *(noted.get(name, "") for name in HEAD[2:])])


def _day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).date().isoformat()


def _yes(holds: bool) -> str:  # noqa: FBT001  a cell
    return "yes" if holds else "no"


def answers_of(
    accounts: Iterable[Account], incidents: Counter[str], assumed: Assumed, seed: int
) -> Iterator[Event]:
    """Yield what the platform answers when it is asked about each account, a moment before the screening."""
    accounts = list(accounts)
    first = {one.group: one for one in reversed(accounts) if one.fake}
    for one in accounts:
        told = Told(one.id, seed)
        banned_device = one.linked == "device" or (
            one.fake and bool(one.logins) and has_banned(first[one.group], assumed, seed)
        )
        for kind, facts in _answers(
            one, told, incidents[one.id], assumed, banned_device=banned_device
        ).items():
            if told(kind, assumed.answered):
                yield event(one, kind, AT_MS - 1, kind, number=one.number, **facts)
        if told("lookup.login_history", assumed.answered):
            yield from _trail(one, told, assumed)


def _answers(
    one: Account, told: Told, incidents: int, assumed: Assumed, *, banned_device: bool
) -> dict[str, Event]:
    exchanged = [*one.sent, *one.received]
    registered = {} if one.registered_ms is None else {"registered_at": one.registered_ms}
    avatar, signature = told.profile(assumed, fake=one.fake)
    via = "device" if banned_device else "ip"
    linked = banned_device or one.linked == "address"
    return {
        "lookup.registration": {"is_reachable": not one.invalid, "is_registered": True, "is_suspended": False, **registered},
        "lookup.profile": {"has_avatar": avatar, "has_signature": signature},
        "lookup.interactions": {
            "last_interaction": max(exchanged, default=None),
            "interactions_90d": sum(ts >= AT_MS - SILENT_MS for ts in exchanged),
        },
        "lookup.violations": {"incident_count": incidents},
        "lookup.ban_links": {"via": via, "banned_id": f"banned-{one.id}", **({} if banned_device else {"ip": f"ip-{one.id}-home"})}
        if linked else {"banned_id": None},
    }  # fmt: skip


def _trail(one: Account, told: Told, assumed: Assumed) -> Iterator[Event]:
    for i, login in enumerate(one.logins):
        if login.ts > AT_MS - TRAIL_MS:
            facts: Event = {"device_id": login.device} if told(f"device {i}", assumed.field_told) else {}
            if told(f"country {i}", assumed.field_told):
                facts["region"] = f"{login.country}/{login.city}" if assumed.region_is_city else login.country
            if told(f"known {i}", assumed.known_told):
                facts["known_device"] = login.known
            yield event(one, f"trail-{i}", login.ts, "lookup.login_history", number=one.number, **facts)
