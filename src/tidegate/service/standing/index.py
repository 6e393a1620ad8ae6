"""The thread that knows whose token is whose: fed from the journal, then from batches as they are judged.

Until it has caught up, and whenever it lags, nothing is told: who is missing in an answer would seem to have no account.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from tidegate.errors import TidegateError
from tidegate.journal.entries import Events
from tidegate.journal.reading import read_journal
from tidegate.ledger import standing
from tidegate.ledger.fitting import clean
from tidegate.ledger.happened import ID_CHARS
from tidegate.service.access.blind_index import normal_form

if TYPE_CHECKING:
    from tidegate.events import EventBlock
    from tidegate.ledger.database import Database
    from tidegate.screening.providers.blinding import TokenKey
    from tidegate.service.access.custody import Custody
    from tidegate.service.judging import Judging

HELD_MAX = 200_000  # pairs waiting in memory; beyond, they are read from the journal later
TOGETHER = 2000  # tokens made and written in one transaction
SILENT_EVENTS = 100_000  # that may pass without a number before the position is written down
REMEMBERED = 100_000  # numbers whose token need not be made again
AGAIN_S = 0.5  # after a failure of the database
WAIT_S = 30.0  # how long an erasure waits for the thread to let go of what it holds
_log = logging.getLogger("tidegate.standing")
REPEATED = b',"duplicate":true}\n'
Pairs = list[tuple[str, str, int]]  # number, account, event time


class StandingIndex:
    """Tokens of the numbers in one data folder. `ready`: all that the journal says is in it, or on its way there."""

    def __init__(self, judging: Judging, custody: Custody, key: TokenKey) -> None:
        self._judging = judging
        self._custody = custody
        self._token = lru_cache(REMEMBERED)(key.token)
        self._queue: SimpleQueue[tuple[Pairs, int] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._held = 0
        self._queued = 0  # the last position that was queued
        self._caught_up = self._behind = False
        self._anew = threading.Event()
        self._let_go = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.tokens = 0

    @property
    def ready(self) -> bool:
        """Whether answers are whole."""
        return self._caught_up and not self._behind

    @property
    def _database(self) -> Database:
        return self._custody.database

    async def start(self) -> None:
        """Take in what the journal has, then what is judged from now on."""
        self._judging.watchers.append(self._watch)
        self._thread = threading.Thread(target=self._run, name="standing", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop; what is not written is read from the journal at the next start."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        with suppress(ValueError):
            self._judging.watchers.remove(self._watch)

    async def forget(self, _account_id: str, _names: Mapping[str, str]) -> None:
        """Let go of all that is in hand and begin anew behind what is written: the log has the other name by now."""
        self._let_go.clear()
        self._anew.set()
        self._queue.put(None)
        if self._thread is None or not self._thread.is_alive():
            return
        if not await asyncio.to_thread(self._let_go.wait, WAIT_S):
            raise TidegateError(
                "the index of standings is not done with what it has in hand", hint="order it again"
            )

    # being told ----------------------------------------------------------------------------------------------
    def _watch(self, answers: Any, block: EventBlock) -> None:  # noqa: ANN401  Answers of the journal
        """Take the numbers of a batch (called on the judging thread)."""
        if self._behind:
            return
        pairs = _pairs(block, answers.lines)
        if not pairs and answers.position - self._queued < SILENT_EVENTS:
            return
        if self._held > HELD_MAX:
            self._behind = True
            _log.error("the index of standings lags too far behind; it will be fed from the journal")
            return
        with self._lock:
            self._held += len(pairs)
        self._queued = answers.position
        self._queue.put((pairs, answers.position))

    def _run(self) -> None:
        failing = False
        while not self._stopping.is_set():
            try:
                self._catch_up()
                failing = False
                self._follow()
            except Exception as error:  # noqa: BLE001  said in the log; what cannot be indexed must not be told as if it were
                self._caught_up = False
                if not failing:
                    _log.error(
                        "the index of standings cannot be kept, trying again: %s", type(error).__name__
                    )
                failing = True
                self._look_up(AGAIN_S)

    def _catch_up(self) -> None:
        """Read the journal from where the index ends. What is judged meanwhile waits in the queue, and may come twice."""
        self._caught_up = self._behind = False
        with self._database.reading() as connection:
            position, self.tokens = standing.position_of(connection), standing.count(connection)
        for entry in read_journal(self._custody.folder, self._custody.cipher, after=position):
            if self._stopping.is_set() or self._look_up():
                return
            if isinstance(entry, Events):
                self._write(_pairs(entry.block), entry.position + len(entry.block))
        self._caught_up = True

    def _follow(self) -> None:
        """Take batches as they come, until something has to be read from the journal."""
        while self._caught_up and not self._stopping.is_set() and not self._look_up():
            batch = self._queue.get()
            pairs, position = batch if batch is not None else ([], 0)
            while batch is not None and len(pairs) < TOGETHER:
                try:
                    batch = self._queue.get_nowait()
                except Empty:
                    break
                if batch is not None:
                    pairs, position = pairs + batch[0], batch[1]
            with self._lock:
                self._held -= len(pairs)
            if position and not self._anew.is_set():
                self._write(pairs, position)
            if self._behind and self._queue.empty():
                return

    def _look_up(self, wait_s: float = 0.0) -> bool:
        """Return whether everything is to be begun anew, and if so, let go of what is in hand."""
        if wait_s:
            self._stopping.wait(wait_s)
        if not self._anew.is_set():
            return False
        self._anew.clear()
        self._token.cache_clear()
        with suppress(Empty):
            while True:
                batch = self._queue.get_nowait()
                with self._lock:
                    self._held -= len(batch[0]) if batch is not None else 0
        self._let_go.set()
        return True

    def _write(self, pairs: Pairs, position: int) -> None:
        """Write who was named last with which number, and that all is known up to a position."""
        latest: dict[str, tuple[str, int]] = {}
        for number, account, ts in pairs:
            if number not in latest or ts >= latest[number][1]:
                latest[number] = account, ts
        held = [(self._token(number), account, ts) for number, (account, ts) in latest.items()]
        with self._database.writing() as connection:
            parts = range(0, max(len(held), 1), TOGETHER)
            new = sum(standing.note(connection, held[at : at + TOGETHER], position) for at in parts)
        self.tokens += new


def _pairs(block: EventBlock, answers: Sequence[bytes | None] | None = None) -> Pairs:
    """Return the numbers in events that name an account too; with their answers, of those alone that the log took in."""
    number, account = block.texts("number"), block.texts("account_id")
    at = np.flatnonzero((number.places >= 0) & (account.places >= 0))
    if answers is not None:
        at = np.array([i for i in at.tolist() if _taken_in(answers[i])], np.int64)
    if not len(at):
        return []
    told = zip(number.take(at).listed(), account.take(at).listed(), block.ts[at].tolist(), strict=True)
    return [(normal_form("number", n), clean(a, ID_CHARS), ts) for n, a, ts in told]


def _taken_in(answer: bytes | None) -> bool:
    """Whether an event was neither refused nor a repetition, which may say other things than the first time."""
    return answer is not None and not answer.endswith(REPEATED)
