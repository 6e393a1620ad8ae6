"""What a homeserver only tells when asked: reports of its users, and who registered. Polled, each told once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from tidegate.adapters.matrix.admin import SynapseAdmin
from tidegate.adapters.matrix.callbacks import Event, short

_CATEGORIES = (
    ("harassment", ("harass", "abus", "bully", "threat", "stalk", "insult")),
    ("illegal", ("illegal", "csam", "child", "terror", "drug", "weapon", "fraud", "scam")),
    ("spam", ("spam", "advert", "promo", "unsolicited", "flood")),
)


class Cursors(Protocol):
    """Remembers how far each list was read; it must survive a restart."""

    def taken(self, name: str) -> int:
        """Return how many rows of a list were taken."""

    def keep_taken(self, name: str, count: int) -> None:
        """Remember how many rows of a list were taken."""


Take = Callable[[list[Event]], Awaitable[None]]


class Poller:
    """Reads lists of the homeserver from where it left off and hands what is new to `take`, as events."""

    def __init__(self, admin: SynapseAdmin, cursors: Cursors, take: Take) -> None:
        self._admin = admin
        self._cursors = cursors
        self._take = take

    async def poll(self, now_ms: int) -> int:
        """Read all lists to their ends; return how many events there were.

        A row is taken again if we die before the cursor is kept: its event has the same id and changes nothing.
        """
        events = await self._drain("event_reports", self._event_reports, partial(report, now_ms=now_ms))
        people = await self._drain("user_reports", self._user_reports, partial(report, now_ms=now_ms))
        return (
            events
            + people
            + await self._drain("users", self._admin.users, partial(registration, now_ms=now_ms))
        )

    async def _event_reports(self, start: int) -> list[dict[str, Any]]:
        return await self._admin.reports("event_reports", start)

    async def _user_reports(self, start: int) -> list[dict[str, Any]]:
        return await self._admin.reports("user_reports", start)

    async def _drain(
        self,
        name: str,
        page: Callable[[int], Awaitable[list[dict[str, Any]]]],
        translate: Callable[[dict[str, Any]], Event | None],
    ) -> int:
        count = 0
        while rows := await page(start := self._cursors.taken(name)):
            events = [event for row in rows if (event := translate(row)) is not None]
            if events:
                await self._take(events)
            self._cursors.keep_taken(name, start + len(rows))
            count += len(events)
        return count


def report(row: dict[str, Any], now_ms: int) -> Event | None:
    """Return a report of a message or of a user as an event; None where nobody is reported."""
    reported = row.get("target_user_id") or row.get("sender")
    reporter, number = row.get("user_id"), row.get("id")
    if not isinstance(reported, str) or not isinstance(reporter, str) or type(number) is not int:
        return None
    kind = "user" if "target_user_id" in row else "event"
    event: Event = {
        "event_id": f"mx-report-{kind}-{number}",
        "type": "report_filed",
        "ts": now_ms,
        "report_id": f"mx-{kind}-{number}",
        "account_id": short(reported),
        "reporter_id": short(reporter),
        "category": category(row.get("reason")),
        "via": "report_button",
    }
    message = row.get("event_id")
    return event | {"message_id": short(message)} if isinstance(message, str) else event


def category(reason: object) -> str:
    """Return the category a reporter's words point to; the words themselves are not kept.

    >>> category("This is SPAM!"), category("he threatens me"), category(None)
    ('spam', 'harassment', 'other')
    """
    words = reason.casefold() if isinstance(reason, str) else ""
    return next((name for name, stems in _CATEGORIES if any(stem in words for stem in stems)), "other")


def registration(row: dict[str, Any], now_ms: int) -> Event | None:
    """Return who registered, and when, as a profile: the moment itself may lie further back than late events may."""
    name, created = row.get("name"), row.get("creation_ts")
    if not isinstance(name, str) or type(created) is not int:
        return None
    registered = created if created > 10**11 else created * 1000  # older versions give seconds
    return {
        "event_id": f"mx-user-{short(name)}"[:128],
        "type": "account_profile",
        "ts": now_ms,
        "account_id": short(name),
        "registered_at": min(registered, now_ms),
    }
