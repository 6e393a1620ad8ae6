"""Acts of people: checked, sent the way of all events, on record when the answer leaves, and in the audit log.

One act at a time is under way, so that of two people who decide the same thing the second one hears what the first decided.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import sqlalchemy as sa
from fastapi import Header, Request

from tidegate import clock
from tidegate.errors import ReviewError
from tidegate.ledger import tables
from tidegate.review.act import Act
from tidegate.service.bookkeeper import Bookkeeper
from tidegate.service.problem import Problem, of_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tidegate.ledger import Ledger
    from tidegate.review.act import Event
    from tidegate.service.access.grant import Grant
    from tidegate.service.state import Service

T = TypeVar("T")
DAY_MS = 86_400_000

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="the same key again does nothing again; any text that no other request of yours has",
    ),
]


@dataclass
class Acting:
    """What an act needs while it is under way."""

    service: Service
    act: Act
    repeated: bool  # the same key has done this before: there is nothing left to do

    async def read(self, question: Callable[[sa.Connection], T]) -> T:
        """Return the answer of the ledger to a question, asked on a thread."""
        return await asked(self.service, question)

    def require_same(self, *, same: bool) -> None:
        """Raise Problem where the key was used for a request that asked for something else than this one."""
        if self.repeated and not same:
            raise Problem(
                422,
                "key-used",
                "this key was used for another request",
                field="Idempotency-Key",
                hint="give every request a key of its own",
            )

    async def carry_out(self, events: Sequence[Event], *, what: str, subject: str | None) -> None:
        """Have events judged and on record, and the act in the audit log; raise Problem where one is refused.

        `subject` is the account that the act is about.
        """
        if self.repeated:
            return
        await self._enter(what, events, subject)
        for answer in await self.service.judging.submit(events):
            if answer.error is not None:
                await self._enter(f"{what}.refused", events, subject)
                raise of_error(answer.error)
        bookkeeper: Any = self.service.parts["ledger"]
        if not await bookkeeper.flush():
            raise Problem(
                503, "not-on-record", "it was decided and holds, but is not on record yet", retry_after_s=2
            )

    async def _enter(self, what: str, events: Sequence[Event], subject: str | None) -> None:
        """Write the act to the audit log, before it is done: how things stand, and what the events are to make of them."""
        custody = self.service.custody
        if custody is None:
            return
        before = await self.read(lambda connection: standing(connection, events))
        after = [{name: value for name, value in event.items() if name != "extra"} for event in events]
        await asyncio.to_thread(
            custody.audit.write,
            self.act.actor,
            what,
            subject=subject,
            reason=self.act.reason,
            before=before,
            after={"events": after},
        )


@asynccontextmanager
async def acting(
    request: Request, grant: Grant, reason: str, key: str | None = None
) -> AsyncIterator[Acting]:
    """Give somebody their turn to act."""
    service: Service = request.app.state.service
    async with _turn(request):
        at = await moment(service)
        act = Act(grant.actor, at, reason, _number(request, grant, key))
        repeated = key is not None and await service.judging.decision(f"{act.number}-1") is not None
        yield Acting(service, act, repeated)


def standing(connection: sa.Connection, events: Sequence[Event]) -> dict[str, list[dict[str, Any]]]:
    """Return how the measures, cases and appeals stand that events are about."""
    about = {"sanction_id": tables.measures, "review_id": tables.cases, "appeal_id": tables.appeals}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, table in about.items():
        ids = {event[name] for event in events if event.get(name) is not None}
        rows = (
            connection.execute(sa.select(table).where(table.c.id.in_(sorted(ids)))).mappings() if ids else ()
        )
        if listed := [{key: value for key, value in dict(row).items() if value is not None} for row in rows]:
            found[str(table.name)] = listed
    return found


async def moment(service: Service) -> int:
    """Return the event time that it is now: that of the clock, never before the newest event.

    Where events lie more than a day back (a log of the past is being judged), it is the time of the newest one: an event
    of today would make all that follow too late. Where they come some hours late, it goes on from the newest one with the
    clock, as long as this process has seen that one come.
    """
    newest = await service.judging.call(lambda live: int(live.engine.newest))
    now, seen = clock.now_ms(), service.metrics.decided
    if newest and now - newest > DAY_MS:
        return newest
    if seen.newest_ms == newest and seen.newest_at:
        now = min(now, newest + max(0, now - seen.newest_at))
    return max(now, newest)


async def asked(service: Service, question: Callable[[sa.Connection], T]) -> T:
    """Return the answer of the ledger to a question, asked on a thread; it knows of all that was answered before."""
    ledger = ledger_of(service)
    bookkeeper = service.parts.get("ledger")
    if isinstance(bookkeeper, Bookkeeper):
        await bookkeeper.up_to_date()

    def ask() -> T:
        with ledger.reading() as connection:
            return question(connection)

    return await asyncio.to_thread(ask)


def known(found: T | None, what: str, id_: str, *, field: str = "") -> T:
    """Return what was found; raise ReviewError where nothing has this id. `field` is called after `what` unless it is given."""
    if found is None:
        raise ReviewError(f"there is no {what} `{id_}`", field=field or f"{what}_id", kind="missing")
    return found


def ledger_of(service: Service) -> Ledger:
    """Return the ledger; raise Problem where the server has none."""
    if service.ledger is None:
        raise Problem(503, "not-ready", "this server keeps no books", retry_after_s=2)
    return service.ledger


def _turn(request: Request) -> asyncio.Lock:
    state = request.app.state
    if not hasattr(state, "turn"):
        state.turn = asyncio.Lock()
    lock: asyncio.Lock = state.turn
    return lock


def _number(request: Request, grant: Grant, key: str | None) -> str:
    """Return what ids of the act's events begin with; the same for the same key of the same caller to the same address."""
    if key is None:
        return f"act-{uuid.uuid4().hex}"
    # a slash within an id is half of a surrogate pair in the path: `path_ids`
    text = f"{grant.key_id}\x1f{request.url.path}\x1f{key}".encode("utf-8", "surrogatepass")
    return f"act-{hashlib.blake2b(text, digest_size=16).hexdigest()}"
