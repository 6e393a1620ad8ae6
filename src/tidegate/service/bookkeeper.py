"""The thread that feeds the ledger: batches as they are judged, several in one transaction where it lags behind.

Judging never waits for the database. Where the database fails, the same batch is tried again; where too much has gathered
meanwhile, it is dropped and read from the journal once the database is back. So decisions go on, and the books become right.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from operator import attrgetter
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tidegate.clock import monotonic_s
from tidegate.errors import TidegateError
from tidegate.service.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tidegate.ledger import Ledger
    from tidegate.ledger.happened import Happened
    from tidegate.service.judging import Judging

TOGETHER = 5000  # decisions in one transaction
GATHER_S = 0.1  # how long decisions may wait for others to be on record with them
HELD_MAX = 200_000  # decisions waiting in memory; beyond, they are read from the journal later
AGAIN_S = 0.5  # after a failure of the database
WAIT_S = 10.0  # how long a request waits for its own act to be on record
QUESTION_S = 5.0  # how long a question waits for what was answered before it
_log = logging.getLogger("tidegate.ledger")
_DOWN = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout, TidegateError, OSError)


@dataclass
class _Batch:
    happened: Sequence[Happened]
    position: int


@dataclass
class _Marker:
    """Somebody waits until everything before it is on record."""

    done: Callable[[bool], None]


class Bookkeeper:
    """Feeds one ledger from one judging thread. A part of the server: started once it is ready, stopped before it closes."""

    def __init__(self, judging: Judging, open_ledger: Callable[[], Ledger]) -> None:
        self.judging = judging
        self._open_ledger = open_ledger
        self._ledger: Ledger | None = None
        self.position = 0  # of the newest event that the ledger knows
        self.behind = False  # whether something was dropped and is still to be read from the journal
        self.failing = False  # whether the database refused the last time
        self.rebuilding = False  # whether the read model is being made anew
        self.left_out = 0  # decisions that the ledger could not take in, since the start
        self._queue: SimpleQueue[_Batch | _Marker | None] = SimpleQueue()
        self._held = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._catching_up: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger, once started."""
        assert self._ledger is not None, "the ledger is asked for before it was opened"
        return self._ledger

    async def start(self) -> None:
        """Take in what the journal has and the ledger has not, then everything that comes."""
        self._loop = asyncio.get_running_loop()
        self._ledger = await asyncio.to_thread(self._open_ledger)
        self.position = await asyncio.to_thread(lambda: self.ledger.position)
        if self.position > await self.judging.call(lambda engine: engine.position):
            # what comes next would have numbers that the books know already
            _log.error("the books know more events than the journal has: they are made anew from it")
            await asyncio.to_thread(self.ledger.clear)
            self.position = 0
        await self._catch_up()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()
        await self.flush()

    async def stop(self) -> None:
        """Take in what has gathered; what cannot be is read from the journal at the next start."""
        self._stopping.set()
        self._queue.put(None)
        if self._catching_up is not None:
            self._catching_up.cancel()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        if self._watch in self.judging.watchers:
            self.judging.watchers.remove(self._watch)
        if self._ledger is not None:
            self._ledger.close()

    async def flush(self, wait_s: float = WAIT_S) -> bool:
        """Wait until all that was judged before is on record; False where that takes too long."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()

        def settle(recorded: bool) -> None:  # noqa: FBT001  a callback
            if not future.done():
                future.set_result(recorded)

        self._queue.put(_Marker(lambda recorded: _tell(loop, settle, recorded)))
        try:
            return await asyncio.wait_for(future, wait_s)
        except TimeoutError:
            return False

    async def up_to_date(self) -> None:
        """Wait a moment until what was answered before is on record; not where the books lag far behind, or fail."""
        if self._held and not (self.failing or self.behind):
            await self.flush(QUESTION_S)

    def begin_rebuild(self) -> None:
        """Begin to make the read model anew; what goes wrong is said in the log and made good from the journal."""
        self.rebuilding = True
        self._catching_up = asyncio.ensure_future(self._rebuild_logged(self._catching_up))

    async def _rebuild_logged(self, before: asyncio.Task[None] | None) -> None:
        try:
            if before is not None:  # what it takes in behind the clearing would hide all that comes before
                await asyncio.wait({before})
            await self.rebuild()
        except (*_DOWN, Problem) as error:
            self._fail(error)

    async def rebuild(self) -> None:
        """Make the read model anew from the journal, while judging goes on; lists are short until it is done."""

        def leave(
            _: object,
        ) -> None:  # on the judging thread: what comes from now on is read from the journal
            self.behind = True

        self.rebuilding = True
        try:
            await self.judging.call(leave)
            while not await self.flush():  # noqa: ASYNC110  what is taken in behind the clearing: see above
                await asyncio.sleep(AGAIN_S)
            await asyncio.to_thread(self.ledger.clear)
            self.position = 0
            await self._catch_up()
            await self.flush()
        finally:
            self.rebuilding = False

    # catching up ---------------------------------------------------------------------------------------------
    async def _catch_up(self) -> None:
        """Read the journal in parts, between batches, and be told of all to come from where it ends."""
        while True:
            after = self.position
            found = await self.judging.call(partial(self._part, after))
            if found is None:
                return
            await asyncio.to_thread(self._take_in, found, found[-1].position)

    def _part(self, after: int, engine: Any) -> list[Happened] | None:  # noqa: ANN401  the live engine
        """Return the next decisions of the journal (called on the judging thread).

        None at its end: the last ones are queued, so that they come before the batches of which we are told from now on.
        """
        history = iter(engine.history(after))
        found = list(islice(history, TOGETHER))
        for one in history:  # what belongs to one event stays together
            if one.position != found[-1].position:
                return found
            found.append(one)
        self.behind = False
        self._put(_Batch(found, engine.position))
        if self._watch not in self.judging.watchers:
            self.judging.watchers.append(self._watch)
        return None

    # being told ----------------------------------------------------------------------------------------------
    def _watch(self, answers: Any, _block: object) -> None:  # noqa: ANN401  Answers of the journal
        """Take what became of a batch (called on the judging thread)."""
        if self.behind or not answers.happened:
            return
        if self._held > HELD_MAX:
            self.behind = True
            _log.error("the ledger lags too far behind; it will be fed from the journal")
            return
        self._put(_Batch(answers.happened, answers.position))

    def _put(self, batch: _Batch) -> None:
        with self._lock:
            self._held += len(batch.happened)
        self._queue.put(batch)

    def _run(self) -> None:
        ending = False
        while not ending:
            batches, markers, ending = self._gather()
            recorded = self._record(batches)
            for marker in markers:
                marker.done(recorded)
            lags = self.behind and not self.rebuilding and not ending
            if recorded and lags and self._loop is not None:
                _tell(self._loop, self._begin_catching_up)

    def _gather(self) -> tuple[list[_Batch], list[_Marker], bool]:
        """Return what has gathered, up to what one transaction takes; True: it is time to end.

        It waits for more a moment, since a transaction costs as much for one decision as for many; not where somebody waits.
        """
        batches: list[_Batch] = []
        markers: list[_Marker] = []
        size = 0
        one = self._queue.get()
        until = monotonic_s() + GATHER_S
        while True:
            if one is None:
                return batches, markers, True
            if isinstance(one, _Marker):
                markers.append(one)
            else:
                batches.append(one)
                size += len(one.happened)
            if size >= TOGETHER:
                return batches, markers, False
            left = 0.0 if markers else until - monotonic_s()
            try:
                one = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except Empty:
                return batches, markers, False

    def _record(self, batches: list[_Batch]) -> bool:
        """Take batches into the ledger, however often it has to be tried; False where the server stops first."""
        if not batches:
            return not self.failing
        happened = [one for batch in batches for one in batch.happened]
        taken = self._take_in(happened, batches[-1].position)
        if taken:
            with self._lock:
                self._held -= len(happened)
        return taken

    def _take_in(self, happened: Sequence[Happened], position: int) -> bool:
        """Take decisions into the ledger, however often it has to be tried; False where the server stops first.

        Decisions that the ledger cannot take in at all are left out and said in the log, so that they do not stop the others.
        """
        while True:
            try:
                self._project(happened, position)
            except _DOWN as error:
                self._fail(error)
                if self._stopping.wait(AGAIN_S):
                    return False
                continue
            except Exception as error:  # noqa: BLE001  said in the log; one decision must not stop the books
                groups = [list(group) for _, group in groupby(happened, attrgetter("position"))]
                if len(groups) > 1:
                    each = [self._take_in(group, group[0].position) for group in groups]
                    return all(each) and self._take_in([], position)
                self.left_out += len(happened)
                _log.exception(
                    "what happened at position %d is not on record: %s", position, type(error).__name__
                )
                if not happened:
                    return True
                happened = []
                continue
            return True

    def _project(self, happened: Sequence[Happened], position: int) -> None:
        self.ledger.project(happened, position)
        self.position = max(self.position, position)
        self.failing = False

    def _fail(self, error: Exception) -> None:
        if not self.failing:
            _log.error("the ledger cannot be written, trying again: %s", type(error).__name__)
        self.failing = True

    def _begin_catching_up(self) -> None:
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.ensure_future(self._catch_up())


def _tell(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(function, *arguments)
