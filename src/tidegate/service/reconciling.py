"""Answers that stood in for a decision, and what was decided in the end: noted in log and books, listed for whoever was answered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from tidegate.errors import TidegateError
from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.ledger import Ledger
    from tidegate.ledger.rows import Row
    from tidegate.service.judging import Judging
    from tidegate.service.work import Work

MARK = "fallback"  # its name in the journal
HELD = 10_000  # that wait to be noted while that cannot be done
FLUSH_S = 1.0
_log = logging.getLogger("tidegate.fallback")
_Found = tuple[str, str, str]  # id of an event, what was answered, what was decided


class _Decided(msgspec.Struct):
    """What is looked at of a decision."""

    event_id: str
    verdict: str


_decided = msgspec.json.Decoder(_Decided).decode


class Reconciling:
    """Takes in late work once it is judged. A part of the server; without books the newest are held in memory."""

    def __init__(self, judging: Judging, ledger: Callable[[], Ledger | None] = lambda: None) -> None:
        self._judging = judging
        self._ledger = ledger
        self._verdict: str = judging.settings.fallback_verdict
        self._held: deque[Row] = deque(maxlen=HELD)  # where there are no books
        self._unmarked: list[_Found] = []  # not in the log yet
        self._unnoted: deque[_Found] = deque(maxlen=HELD)  # not in the books yet
        self._noting = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.count = 0  # since the start, as the next
        self.differing = 0
        judging.on_late = self.take

    def take(self, work: Work) -> None:
        """Take in work that was answered late, now that it is judged; what failed was never an event."""
        for outcome in work.outcomes[len(work.answered or ()) :]:
            if isinstance(outcome, bytes):
                decision = _decided(outcome)
                self.count += 1
                self.differing += decision.verdict != self._verdict
                found = (decision.event_id, self._verdict, decision.verdict)
                self._unmarked.append(found)
                self._unnoted.append(found)

    async def listed(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Return those behind a number, the oldest first; raise an error of the database where it does not answer."""
        from tidegate.ledger import fallbacks

        await self._note()
        ledger = self._ledger()
        if ledger is None:
            rows = [row for row in self._held if row["number"] > after][:limit]
        else:
            rows = await asyncio.to_thread(_read, ledger, lambda c: fallbacks.listed(c, after, limit))
        return [row | {"differs": row["answered"] != row["decided"]} for row in rows]

    async def start(self) -> None:
        """Begin to note them."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Note what is left, once what was taken is judged."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(Problem):
            await self._judging.call(lambda _: None)
        await self._mark()
        await self._note_logged()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self._mark()
            await self._note_logged()

    async def _note_logged(self) -> None:
        try:
            await self._note()
        except Exception as error:  # noqa: BLE001  of whichever database: they wait
            _log.error("what was answered before it was decided is not noted: %s", type(error).__name__)

    async def _note(self) -> None:
        """Note in the books what is not there yet."""
        async with self._noting:
            found = list(self._unnoted)
            if not found:
                return
            ledger = self._ledger()
            if ledger is None:
                first = self._held[-1]["number"] + 1 if self._held else 1
                for number, (event, said, verdict) in enumerate(found, first):
                    row = {"number": number, "event_id": event, "answered": said, "decided": verdict}
                    self._held.append(row)
            else:
                await asyncio.to_thread(_write, ledger, found)
            for one in found:  # others may have come, and pushed some of these out
                if self._unnoted and self._unnoted[0] is one:
                    self._unnoted.popleft()

    async def _mark(self) -> None:
        if not self._unmarked:
            return
        found, self._unmarked = self._unmarked, []
        data = {
            "answered": self._verdict,
            "events": [event for event, _, _ in found],
            "decided": [verdict for _, _, verdict in found],
        }
        differing = sum(said != verdict for _, said, verdict in found)
        _log.warning("answered before decided", extra={"events": len(found), "differing": differing})
        try:
            await self._judging.call(lambda engine: engine.mark(MARK, data))
        except (OSError, TidegateError, Problem):
            self._unmarked = (found + self._unmarked)[:HELD]


def _read(ledger: Ledger, what: Callable[[Any], list[Row]]) -> list[Row]:
    with ledger.reading() as connection:
        return what(connection)


def _write(ledger: Ledger, found: Sequence[_Found]) -> None:
    from tidegate.ledger import fallbacks

    with ledger.writing() as connection:
        fallbacks.note(connection, found)
