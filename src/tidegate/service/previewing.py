"""Previews of revisions: one at a time, on a thread; what came out is kept with the revision."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tidegate.errors import ReviewError, TidegateError
from tidegate.journal import read_journal
from tidegate.ledger import revisions as book
from tidegate.review.preview import preview
from tidegate.service.acting import ledger_of

if TYPE_CHECKING:
    from tidegate.policy import Policy
    from tidegate.service.state import Service

DAY_MS = 86_400_000
WAIT_S = 10.0  # a request waits so long; what takes longer is asked for again
RUNNING, DONE, FAILED = "running", "done", "failed"
_log = logging.getLogger("tidegate.preview")


@dataclass
class Previews:
    """The preview under way, if there is one."""

    service: Service
    _task: asyncio.Task[None] | None = None
    _stopped: bool = field(default=False)

    async def begin(
        self, revision_id: str, in_force: Policy, proposed: Policy, now: int, days: int, warm_up_days: int
    ) -> None:
        """Begin a preview and wait a while for it; raise ReviewError where another one is under way."""
        if self._task is not None and not self._task.done():
            raise ReviewError("another preview is under way", kind="conflict", hint="try again in a while")
        asked = {"days": days, "warm_up_days": warm_up_days}
        await self._keep(revision_id, {"state": RUNNING} | asked)
        since = now - days * DAY_MS
        job = self._run(revision_id, in_force, proposed, since, since - warm_up_days * DAY_MS, asked)
        self._task = asyncio.ensure_future(job)
        await asyncio.wait({self._task}, timeout=WAIT_S)

    async def stop(self) -> None:
        """Give up the one under way."""
        self._stopped = True
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(
        self,
        revision_id: str,
        in_force: Policy,
        proposed: Policy,
        since: int,
        from_ms: int,
        asked: dict[str, int],
    ) -> None:
        custody = self.service.custody
        cipher = custody.cipher if custody is not None else None
        folder = self.service.settings.data

        def judge() -> dict[str, Any]:
            journal = read_journal(folder, cipher)
            return preview(journal, in_force, proposed, since, from_ms=from_ms, stop=lambda: self._stopped)

        try:
            found = {"state": FAILED if self._stopped else DONE} | asked | await asyncio.to_thread(judge)
        except (TidegateError, OSError) as error:
            _log.warning("a preview failed: %s", type(error).__name__)
            problem = error.problem if isinstance(error, TidegateError) else "the journal cannot be read"
            found = {"state": FAILED, "problem": problem} | asked
        await self._keep(revision_id, found)

    async def _keep(self, revision_id: str, found: dict[str, Any]) -> None:
        ledger = ledger_of(self.service)

        def keep() -> None:
            with ledger.writing() as connection:
                book.change(connection, revision_id, preview=found)

        await asyncio.to_thread(keep)
