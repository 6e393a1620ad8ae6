"""Delivers what is due: at least once, to each receiver in order per account, however often the process dies.

A delivery is marked as sent after the receiver has said so. What failed waits for its time, and with it everything later
about the same account; where there is none (a measure against an address alone), about the same measure. A receiver that
fails several times in a row is left alone for a while, longer each time, and then asked by one delivery.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tidegate.ledger.tables_enforcement import announcements, deliveries, webhooks
from tidegate.service.enforcement.announcer import DEAD, SENT, WAITING
from tidegate.service.enforcement.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.ledger.database import Database
    from tidegate.service.enforcement.sender import Outcome, Sender
    from tidegate.service.enforcement.webhook_book import WebhookBook

TOGETHER = 16  # attempts under way at one receiver
TOGETHER_IN_ALL = 64
FAILURES = 5  # in a row, after which a receiver is left alone for a while
REST_MS, REST_MS_MAX = 1_000, 300_000
KEPT_MS = 30 * 86_400_000  # deliveries that were made are shown for so long
Whom = tuple[str | None, str]  # an account; else a measure, with the account None


@dataclass
class _Receiver:
    """How a receiver has been doing since the process started."""

    failures: int = 0
    busy: int = 0
    rests_until: int = 0

    def room(self, now: int) -> int:
        """Return how many attempts may be begun."""
        if self.failures >= FAILURES:
            return 0 if now < self.rests_until else 1 - self.busy
        return TOGETHER - self.busy

    def noted(self, now: int, *, delivered: bool) -> None:
        """Learn from an attempt."""
        self.failures = 0 if delivered else self.failures + 1
        rest = min(REST_MS_MAX, REST_MS * 2 ** min(max(0, self.failures - FAILURES), 20))
        self.rests_until = now + rest


class Dispatcher:
    """`chance` gives numbers from 0 to 1, for the waits; `ended` is called after every attempt."""

    def __init__(
        self,
        database: Database,
        book: WebhookBook,
        sender: Sender,
        now: Callable[[], int],
        chance: Callable[[], float],
        backoff: Backoff | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._book = book
        self._sender = sender
        self._now = now
        self._chance = chance
        self._backoff = backoff or Backoff()
        self._ended = ended
        self._receivers: dict[str, _Receiver] = {}
        self._under_way: dict[asyncio.Task[None], tuple[str, Whom, int]] = {}

    def start_due(self) -> int:
        """Begin the attempts that are due, as many as may be under way; return how many were begun."""
        begun = 0
        taken = {(hook, seq) for hook, _, seq in self._under_way.values()}
        busy = {(hook, whom) for hook, whom, _ in self._under_way.values()}
        for webhook_id in self._enabled():
            receiver = self._receivers.setdefault(webhook_id, _Receiver())
            room = min(receiver.room(self._now()), TOGETHER_IN_ALL - len(self._under_way))
            if room <= 0:
                continue
            for row in self._due(webhook_id):
                whom = _whom(row)
                if (webhook_id, whom) in busy or (webhook_id, row.seq) in taken:
                    continue
                receiver.busy += 1
                task = asyncio.ensure_future(self._attempt(row, receiver))
                self._under_way[task] = (webhook_id, whom, row.seq)
                task.add_done_callback(self._over)
                begun += 1
                room -= 1
                if not room:
                    break
        return begun

    async def settle(self) -> None:
        """Wait until no attempt is under way."""
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    @property
    def under_way(self) -> int:
        """How many attempts are under way."""
        return len(self._under_way)

    def tidy(self) -> None:
        """Drop deliveries that were made long ago."""
        d = deliveries.c
        with self._database.writing() as connection:
            old = sa.delete(deliveries).where(d.state == SENT, d.ended_at < self._now() - KEPT_MS)
            connection.execute(old)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task)
        self._ended()

    def _enabled(self) -> list[str]:
        w = webhooks.c
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(w.id).where(w.enabled).order_by(w.id)))

    def _due(self, webhook_id: str) -> list[sa.Row[Any]]:
        """Return the deliveries that are due and come first among those about the same, in order."""
        d, a, told = deliveries.c, announcements.c, announcements.alias("earlier_announcement").c
        e = deliveries.alias("earlier").c
        earlier = (e.webhook_id == d.webhook_id, e.state == WAITING, e.seq < d.seq)
        of_account = sa.select(e.seq).where(*earlier, e.account_id == d.account_id)
        of_measure = sa.select(e.seq).where(
            *earlier, d.account_id.is_(None), told.measure_id == a.measure_id, told.seq == e.seq
        )
        first = (~of_account.exists(), ~of_measure.exists())
        query = (
            sa.select(deliveries, a.measure_id, webhooks.c.url)
            .join_from(deliveries, webhooks, d.webhook_id == webhooks.c.id)
            .join(announcements, a.seq == d.seq)
            .where(d.webhook_id == webhook_id, d.state == WAITING, d.next_at <= self._now(), *first)
            .order_by(d.next_at, d.seq)
            .limit(2 * TOGETHER)
        )
        with self._database.reading() as connection:
            return list(connection.execute(query))

    async def _attempt(self, row: sa.Row[Any], receiver: _Receiver) -> None:
        try:
            announcement = self._book.announcement(row.seq)
            if announcement is None:  # erased in the meantime
                return
            outcome = await self._sender.send(row.url, self._book.signing_keys(row.webhook_id), announcement)
            receiver.noted(self._now(), delivered=outcome.delivered)
            self._note(row, outcome)
        except LookupError:
            return  # the webhook was removed in the meantime
        finally:
            receiver.busy -= 1

    def _note(self, row: sa.Row[Any], outcome: Outcome) -> None:
        attempts = row.attempts + 1
        now = self._now()
        values: dict[str, Any] = {"attempts": attempts, "status": outcome.status, "error": outcome.error}
        if outcome.delivered:
            values |= {"state": SENT, "ended_at": now}
        else:
            wait = None if outcome.gone else self._backoff.wait_ms(attempts, self._chance, outcome.asked_s)
            values |= {"state": DEAD, "ended_at": now} if wait is None else {"next_at": now + wait}
        d = deliveries.c
        with self._database.writing() as connection:
            same = (d.webhook_id == row.webhook_id, d.seq == row.seq, d.state == WAITING)
            connection.execute(sa.update(deliveries).where(*same).values(values))
            if outcome.gone:
                connection.execute(
                    sa.update(webhooks).where(webhooks.c.id == row.webhook_id).values(enabled=False)
                )


def _whom(row: sa.Row[Any]) -> Whom:
    return row.account_id, "" if row.account_id is not None else row.measure_id
