"""Screenings that come again, and the end of those whose time is up. A part of the service: it looks at the clock once in a while.

A schedule that was due while the server was down runs once, however often it was due. A run is the same job as any other, of the
last list of its pool; the screening before it is compared with.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from tidegate.errors import TidegateError
from tidegate.service.problem import Problem
from tidegate.service.screenings.recurrence import QUARTER
from tidegate.service.screenings.schedule_book import Schedule, ScheduleBook

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tidegate.service.screenings.recurrence import Recurrence
    from tidegate.service.screenings.screening import Screening
    from tidegate.service.screenings.screenings import Screenings, Upload
    from tidegate.service.screenings.terms import Terms

PART = "screening schedules"  # its name among the parts of a service
LOOK_S = 20.0  # how often it is looked whether something is due: schedules have minutes
_ID_BYTES = 8
_log = logging.getLogger("tidegate.screenings")


class Schedules:
    """`position` tells up to which event of the journal evidence counts; `now` is the wall clock in ms."""

    def __init__(
        self,
        screenings: Screenings,
        position: Callable[[], Awaitable[int]],
        now: Callable[[], int],
        *,
        look_s: float = LOOK_S,
    ) -> None:
        self.screenings = screenings
        self.book = ScheduleBook(screenings.book.database)
        self._position = position
        self.now = now
        self._look_s = look_s
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Begin: with what came due while the server was down."""
        self._task = asyncio.create_task(self._main())

    async def stop(self) -> None:
        """End; what comes due meanwhile is done after the next start."""
        self._stopping.set()
        if self._task is not None:
            await self._task  # what it is at comes to its end: a run that is half entered would have no list

    def add(self, pool: str, recurrence: Recurrence, *, keep_days: int, by: str) -> Schedule | None:
        """Keep a schedule; None where the pool has one of this kind already."""
        now = self.now()
        schedule = Schedule(
            secrets.token_hex(_ID_BYTES), now, by, pool, recurrence.every, recurrence.day, recurrence.hour, recurrence.minute,
            recurrence.zone, keep_days, recurrence.next_after(now),
        )  # fmt: skip
        return schedule if self.book.add(schedule) else None

    async def step(self) -> None:
        """Have screened what is due, erase what has been kept long enough. What fails is left for the next time, the rest goes on."""
        for schedule in await asyncio.to_thread(self.book.due, self.now()):
            if self._stopping.is_set():
                return
            with _tried_again("a schedule waits"):
                await self._run(schedule)
        with _tried_again("retention waits"):
            await asyncio.to_thread(self.erase_outlived)

    def erase_outlived(self) -> int:
        """Erase the screenings whose time is up; return how many."""
        part = self.screenings
        ids = part.book.outlived(part.settings.screenings_keep_days * 86_400_000)
        for screening_id in ids:
            part.note("retention", "erase", screening_id, reason="the time it is kept for is over")
            part.erase(screening_id)
        return len(ids)

    # in the task ----------------------------------------------------------------------------------------------
    async def _main(self) -> None:
        while not self._stopping.is_set():
            with _tried_again("schedules wait"):
                await self.step()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._look_s)

    async def _run(self, schedule: Schedule) -> None:
        """Put the run that is due in the queue; a schedule whose pool has no list any more says so."""
        following = schedule.recurrence.next_after(self.now())
        source = await asyncio.to_thread(self.screenings.book.with_list, schedule.pool)
        upload = None if source is None else await asyncio.to_thread(self._copied, source)
        if source is None or upload is None:
            why = f"no list of the pool `{schedule.pool}` is kept: upload one"
            await asyncio.to_thread(self.book.ran, schedule, following, screening_id=None, problem=why)
            _log.warning("a schedule has no list", extra={"schedule": schedule.id})
            return
        entered = await self._enter(schedule, source, upload)
        await asyncio.to_thread(self.book.ran, schedule, following, screening_id=entered, problem=None)

    def _copied(self, source: Screening) -> Upload | None:
        upload = self.screenings.upload()
        try:
            upload.copy(source)
        except (FileNotFoundError, TidegateError):
            upload.drop()
            return None
        except BaseException:
            upload.drop()
            raise
        return upload

    async def _enter(self, schedule: Schedule, source: Screening, upload: Upload) -> str:
        """Return the id of the run: the one of an earlier attempt, where the server died behind it."""
        assert source.sealed is not None
        sealed = msgspec.structs.replace(upload.sealed, notify=source.sealed.notify)
        request = hashlib.sha256(f"{schedule.id}\x1f{schedule.next_at}".encode()).hexdigest()
        stands: dict[str, Any] = {"purpose": source.purpose, "basis": source.basis}
        try:
            position = await self._position()
            entered = await asyncio.to_thread(
                self.screenings.enter, upload.id, sealed, terms_of(schedule, source), **stands,
                by=f"schedule:{schedule.id}", position=position, request=request, pool=schedule.pool, schedule_id=schedule.id,
                keep_days=schedule.keep_days,
            )  # fmt: skip
        except BaseException:
            upload.drop()
            raise
        if entered:
            return upload.id
        upload.drop()
        before = await asyncio.to_thread(self.screenings.book.of_request, request)
        assert before is not None, "a request that was there already has a screening"
        return before.id


@contextmanager
def _tried_again(what: str) -> Iterator[None]:
    """Say in the log what cannot be done now: no room, a database that is away, an engine that starts or stops."""
    try:
        yield
    except (SQLAlchemyError, TidegateError, OSError, Problem) as error:
        _log.warning(what, extra={"error": type(error).__name__})


def terms_of(schedule: Schedule, source: Screening) -> Terms:
    """Return the terms of a run: those of its list, as of when it runs; the audit of a quarter checks everything (sops.quarterly-audit).

    The list is as old as it was: it was uploaded for `source`, or for the one that had it first.
    """
    terms = source.terms
    list_at = source.created_at if terms.list_at_ms is None else terms.list_at_ms
    terms = msgspec.structs.replace(terms, at_ms=None, list_at_ms=list_at)
    return msgspec.structs.replace(terms, dimensions=(), mode="fine") if schedule.every == QUARTER else terms
