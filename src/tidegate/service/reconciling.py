"""Answers that stood in for a decision, and what was decided in the end: noted in the log, listed for whoever was answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import TidegateError
from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from tidegate.service.judging import Judging
    from tidegate.service.work import Work

MARK = "fallback"  # its name in the journal
KEPT = 10_000  # of the newest, to be listed
FLUSH_S = 1.0
_log = logging.getLogger("tidegate.fallback")


class _Decided(msgspec.Struct):
    """What is looked at of a decision."""

    event_id: str
    verdict: str


_decided = msgspec.json.Decoder(_Decided).decode


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One event that was answered before it was decided; `number` counts them since the server started."""

    number: int
    event_id: str
    answered: str
    decided: str

    @property
    def differs(self) -> bool:
        """Whether the sender was told something else."""
        return self.answered != self.decided


class Reconciling:
    """Takes in late work once it is judged. A part of the server."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._verdict: str = judging.settings.fallback_verdict
        self._newest: deque[Reconciled] = deque(maxlen=KEPT)
        self._unmarked: list[Reconciled] = []
        self._task: asyncio.Task[None] | None = None
        self.count = 0
        self.differing = 0
        judging.on_late = self.take

    def take(self, work: Work) -> None:
        """Take in work that was answered late, now that it is judged; what failed was never an event."""
        for outcome in work.outcomes[len(work.answered or ()) :]:
            if isinstance(outcome, bytes):
                decision = _decided(outcome)
                self.count += 1
                found = Reconciled(self.count, decision.event_id, self._verdict, decision.verdict)
                self.differing += found.differs
                self._newest.append(found)
                self._unmarked.append(found)

    def listed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Return those behind a number, the oldest first."""
        return [asdict(one) | {"differs": one.differs} for one in self._newest if one.number > after][:limit]

    async def start(self) -> None:
        """Begin to note them in the log."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Note what is left."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._mark()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self._mark()

    async def _mark(self) -> None:
        if not self._unmarked:
            return
        found, self._unmarked = self._unmarked, []
        data = {
            "answered": self._verdict,
            "events": [one.event_id for one in found],
            "decided": [one.decided for one in found],
        }
        differing = sum(one.differs for one in found)
        _log.warning("answered before decided", extra={"events": len(found), "differing": differing})
        try:
            await self._judging.call(lambda engine: engine.mark(MARK, data))
        except (OSError, TidegateError, Problem):
            self._unmarked = found + self._unmarked[: KEPT - len(found)]
