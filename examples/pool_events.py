"""What a platform saw of the accounts of a labelled pool: registrations, logins, messages, bans; as events, some fields left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from import_message_log import Event, EventMaker
from pool_accounts import Account, messages_left
from pool_assumptions import Assumed, Told
from real_accounts import AT_MS, COLLEGE, DAY_MS, RealAccounts

BANNED_MS = 60 * DAY_MS  # how long ago the accounts were banned with which others are linked
BAN = {"kind": "sanction.permanent-ban-account", "cause": "msg.promo-over-500-day-manual"}
FARM_DEVICES = 4  # of its group that a banned fake was seen on
WARM_UP_MS = 7 * DAY_MS  # as the importer has it for people who knew each other before


def events_of(accounts: list[Account], real: RealAccounts, assumed: Assumed, seed: int) -> list[Event]:
    """Return what a platform saw, in order of time: registrations, logins, messages, bans of others."""
    oldest = min(messages[0].ts for messages in real.messages.values())
    found = list(_messages(accounts, real))
    for one in accounts:
        told = Told(one.id, seed)
        found += _introduction(one, told, oldest, assumed)
        found += _logins(one, told, assumed) if told("logins", assumed.login_told) else []
        found += _bot_messages(one) if one.fake else []
    found += _banned(accounts, assumed, seed)
    return sorted(found, key=lambda event: event["ts"])  # type: ignore[arg-type, return-value]


def _messages(accounts: Iterable[Account], real: RealAccounts) -> Iterator[Event]:
    """The messages of people, with what follows from them."""
    makers: dict[str, EventMaker] = {}
    for log, prefix, message in messages_left(accounts, real):
        if prefix not in makers:
            warm_up = 0 if log is COLLEGE else WARM_UP_MS
            makers[prefix] = EventMaker(prefix, warm_up, received=True, profile={"tz": log.zone})
        yield from makers[prefix].events(message)


def _introduction(one: Account, told: Told, oldest: int, assumed: Assumed) -> Iterator[Event]:
    """The registration where it lies within the events, else what is on record."""
    device = one.logins[0].device if one.logins else f"{one.id}-0"
    if one.registered_ms is not None and one.registered_ms >= oldest:
        yield event(
            one,
            "registration",
            one.registered_ms - 1,
            "account_registered",
            number=one.number,
            device_id=device,
        )
    else:
        devices = {"known_devices": [device]} if told("devices", assumed.devices_told) else {}
        yield event(one, "record", oldest, "account_profile", number=one.number, **devices)


def _logins(one: Account, told: Told, assumed: Assumed) -> Iterator[Event]:
    for i, login in enumerate(one.logins):
        facts = {"ip": f"ip-{one.id}-{login.city}"}
        if told(f"device {i}", assumed.field_told):
            facts["device_id"] = login.device
        if told(f"country {i}", assumed.field_told):
            facts["ip_country"] = login.country
        yield event(one, f"login-{i}", login.ts, "login_attempt", ok=True, **facts)


def _bot_messages(one: Account) -> Iterator[Event]:
    """What the bot did: A writes to a stranger, C passes something on to one, T answers somebody."""
    for i, (ts, action) in enumerate(zip(one.sent, one.bot.actions if one.bot else "", strict=False)):
        other = f"x-{one.id}-{i}"
        if action == "T":
            yield event(one, f"in-{i}", ts, "message_received", from_id=other)
        answers = {
            "recipient_is_contact": action == "T",
            "is_reply": action == "T",
            "is_forward": action == "C",
        }
        yield event(
            one,
            f"out-{i}",
            ts,
            "message_sent",
            recipient_id=other,
            group_id=None,
            is_broadcast=False,
            **answers,
        )


def _banned(accounts: Iterable[Account], assumed: Assumed, seed: int) -> Iterator[Event]:
    """Accounts outside the pool that were banned, on devices and addresses that accounts of the pool have too."""
    groups = defaultdict(list)
    for one in accounts:
        if one.fake:
            groups[one.group].append(one)
        elif one.linked == "device":
            yield from _ban(one, "device", device_id=one.logins[-1].device if one.logins else f"{one.id}-0")
        elif one.linked == "address":
            yield from _ban(one, "address", ip=f"ip-{one.id}-home")
            if Told(one.id, seed)("shared", assumed.shared_told):
                yield event(
                    one, "shared", AT_MS - BANNED_MS, "ip_profile", ip=f"ip-{one.id}-home", is_shared=True
                ) | {"account_id": None}
    for group, members in groups.items():
        if has_banned(members[0], assumed, seed):
            for i in range(FARM_DEVICES):
                yield from _ban(members[0], f"farm-{i}", device_id=f"farm {group}-{i}")


def has_banned(first: Account, assumed: Assumed, seed: int) -> bool:
    """Whether a group of fakes, named by its first, had a member banned."""
    return Told(first.id, seed)("farm", assumed.farm_banned)


def _ban(one: Account, what: str, **place: str) -> Iterator[Event]:
    banned = {"account_id": f"banned-{one.id}"}
    yield event(one, f"banned-{what}", AT_MS - BANNED_MS, "login_attempt", ok=True, **place) | banned
    yield (
        event(
            one,
            f"ban-{what}",
            AT_MS - BANNED_MS + 1,
            "sanction_applied",
            sanction_id=f"ban-{one.id}-{what}",
            **BAN,
        )
        | banned
    )


def event(one: Account, what: str, ts: int, event_type: str, **fields: object) -> Event:
    """Return an event of an account; `what` names it among those of the account."""
    return {"event_id": f"{one.id}:{what}", "type": event_type, "ts": ts, "account_id": one.id, **fields}
