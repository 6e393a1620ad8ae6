"""The thread that owns the live engine: rounds of work, each decoded, made durable and judged as one batch."""

from __future__ import annotations

import logging
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from tidegate.clock import monotonic_s, now_ms
from tidegate.errors import EventError, TidegateError
from tidegate.events import decode_lines
from tidegate.events.json_columns import LineDecoder
from tidegate.events.json_text import LINE_BYTES_MAX, too_long
from tidegate.service.ahead import without_future
from tidegate.service.work import Call, Work
from tidegate.windows import COMPILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tidegate.events import Decoded
    from tidegate.service.judging import Judging, Live
    from tidegate.service.work import Outcomes

ROUND_EVENTS = 2048  # about 10 ms of judging: what arrives meanwhile waits no longer
LOOK_S = 1.0  # between looks at whether a checkpoint is due or done, while nothing comes
BUSY = 5  # times as long between checkpoints while work waits
FEW = 3  # lines that are decoded faster one by one than as columns
_REFUSALS = (OSError, TidegateError)  # the journal could not be written: nothing has changed
_FORGOTTEN = EventError(
    "an event with this id was decided on, longer ago than decisions are kept",
    field="event_id",
    hint="give every event an id of its own",
)
_FIRST = b'{"event_id":"-","type":"message_sent","ts":"2026-03-02T09:30:00Z","account_id":"-"}\n'
_log = logging.getLogger("tidegate.judging")

Finished = tuple[list[Work], list[tuple[Call, Any, Exception | None]]]


class JudgeThread:
    """Takes lists of work from the queue until it finds None there; then writes a checkpoint and closes the engine."""

    def __init__(
        self, queue: SimpleQueue[list[Work | Call] | None], open_engine: Callable[[], Live], judging: Judging
    ) -> None:
        self._queue = queue
        self._open = open_engine
        self._judging = judging
        self._backlog: deque[Work | Call] = deque()
        self._decoder = LineDecoder() if COMPILED else None
        self._ending = False
        self._under_way: list[Work] = []
        self._since_checkpoint = 0
        self._writing = False
        self._checkpointed = monotonic_s()

    def run(self) -> None:
        """Open the engine, work, close it."""
        try:
            self._warm()
            self._engine = self._open()
        except Exception as error:  # noqa: BLE001  told to whoever waits for the engine
            self._judging.fail(error)
            self._judging.opened(None, error)
            self._judging.ended()
            return
        self._judging.metrics.decided.position = self._engine.position
        self._judging.metrics.decided.checkpointed = self._engine.checkpointed
        self._judging.opened(self._engine, None)
        try:
            self._work()
            self._engine.checkpoint()
        except Exception as error:  # noqa: BLE001  what the memory holds is in doubt now: recovery will tell
            _log.exception("judging failed")
            self._judging.fail(error)
            self._judging.finished(self._fail(error), [])
        finally:
            self._engine.close()
            self._judging.ended()

    def _warm(self) -> None:
        """Read an event both ways: what is set up at the first one takes as long as an answer may."""
        decode_lines([_FIRST])
        if self._decoder is not None:
            self._decoder.decode(_FIRST, 0, rows=1, file="", first_line=1)

    def _fail(self, error: Exception) -> list[Work]:
        """Return all work taken from the queue, as failed; what is still in the queue the loop fails itself."""
        works = self._under_way + [work for work in self._backlog if isinstance(work, Work)]
        for work in works:
            work.failed = error
        return works

    # rounds --------------------------------------------------------------------------------------------------
    def _work(self) -> None:
        while self._fill():
            works, calls = self._round()
            self._under_way = []
            if works or calls:
                self._judging.finished(works, calls)
            self._keep_state()

    def _fill(self) -> bool:
        """Take in what has arrived, waiting for it where there is nothing to do; False at the end."""
        if not self._backlog and not self._ending:
            try:
                self._take(
                    self._queue.get(timeout=LOOK_S if self._since_checkpoint or self._writing else None)
                )
            except Empty:
                return True
        while not self._ending:
            try:
                self._take(self._queue.get_nowait())
            except Empty:
                break
        return bool(self._backlog) or not self._ending

    def _take(self, arrived: list[Work | Call] | None) -> None:
        if arrived is None:
            self._ending = True
        else:
            self._backlog.extend(arrived)

    def _round(self) -> Finished:
        """Do one call, or one batch of work; return what is finished."""
        if not self._backlog:
            return [], []
        first = self._backlog[0]
        if isinstance(first, Call):
            self._backlog.popleft()
            return [], [self._call(first)]
        if first.decoded is not None or first.events > ROUND_EVENTS:
            self._backlog.popleft()
            self._under_way = [first]
            return self._part(first), []
        return self._small(), []

    def _call(self, call: Call) -> tuple[Call, Any, Exception | None]:
        try:
            return call, call.function(self._engine), None
        except Exception as error:  # noqa: BLE001  goes to the caller
            return call, None, error

    def _small(self) -> list[Work]:
        """Judge as many small works as make a round, as one batch."""
        works: list[Work] = []
        events = 0
        while self._backlog and events < ROUND_EVENTS:
            work = self._backlog[0]
            if isinstance(work, Call) or work.decoded is not None or work.events > ROUND_EVENTS:
                break
            works.append(work)
            events += work.events
            self._backlog.popleft()
        self._under_way = works
        try:
            outcomes = self._lines(b"".join([work.text for work in works]), events)
        except _REFUSALS as error:
            for work in works:
                work.failed = error
            return works
        if len(works) == events:
            for work, outcome in zip(works, outcomes, strict=True):
                work.outcomes = [outcome]
            return works
        at = 0
        for work in works:
            work.outcomes = outcomes[at : at + work.events]
            at += work.events
        return works

    def _part(self, work: Work) -> list[Work]:
        """Judge the next part of a large work; the rest waits behind the others."""
        try:
            if work.decoded is not None:
                part = work.decoded[work.cursor]
                rows = len(part.block) + len(part.rejected)
                first = len(work.outcomes) + 1
                work.outcomes.extend(self._judged(part, first, rows))
                work.cursor += 1
            else:
                text = work.next_slice()
                work.outcomes.extend(self._lines(text, text.count(b"\n")))
        except _REFUSALS as error:
            work.failed = error
            return [work]
        if work.complete:
            return [work]
        self._backlog.append(work)
        return []

    def _lines(self, text: bytes, count: int) -> Outcomes:
        """Judge lines; return the outcome of each."""
        if len(text) > LINE_BYTES_MAX and count == 1:
            return [too_long(len(text))]
        if self._decoder is None or count <= FEW:
            return self._judged(decode_lines(text.split(b"\n")[:-1]), 1, count)
        return self._judged(
            self._decoder.decode(text, 0, rows=count, file="", first_line=1).decoded, 1, count
        )

    def _judged(self, decoded: Decoded, first: int, count: int) -> Outcomes:
        """Make events durable and judge them; return the outcome of each line from number `first` on."""
        block, beyond = without_future(decoded.block, now_ms(), self._judging.settings.ahead_days)
        lines: list[Any] = []
        refused: list[Any] = [*decoded.rejected, *beyond]
        if len(block):
            begun = monotonic_s()
            answers = self._engine.take(block)
            self._judging.metrics.decided.add(answers, block, monotonic_s() - begun)
            lines = answers.lines
            refused += answers.refused
            self._since_checkpoint += len(block)
            for watch in tuple(self._judging.watchers):  # parts that stop leave it meanwhile
                watch(answers, block)
        if len(lines) == count and not refused and None not in lines:
            return lines
        outcomes: Outcomes = [None] * count
        for number, line in zip(block.lines.tolist(), lines, strict=True):
            outcomes[number - first] = line or _FORGOTTEN
        for one in refused:
            outcomes[one.line - first] = one.error
        return outcomes

    # state ---------------------------------------------------------------------------------------------------
    def _keep_state(self) -> None:
        """Write a checkpoint from time to time, so that recovery stays short."""
        limits = self._judging.settings
        self._writing = self._engine.settle()
        self._judging.metrics.decided.checkpointed = self._engine.checkpointed
        if not self._since_checkpoint:
            return
        waited = monotonic_s() - self._checkpointed
        # it takes a processor for some seconds: rather when nobody waits
        due_s = (
            limits.checkpoint_s if not self._backlog and self._queue.empty() else BUSY * limits.checkpoint_s
        )
        if self._since_checkpoint < limits.checkpoint_events and waited < due_s:
            return
        self._engine.checkpoint(wait=False)
        self._since_checkpoint, self._checkpointed = 0, monotonic_s()
